"""The local stack: databases, departmental systems, Airflow and Superset under one supervisor."""
