"""What people see: Superset's configuration, and its dashboards, roles and texts as files."""
