"""Shows broken contracts as an import error in Airflow, while the other departments' DAGs go on.

A DAG file that raises loses all its DAGs, so the faults are raised here, in a file without any.
"""

from airflow.sdk.exceptions import AirflowException

from dags.catalogue import departments

_faults = departments()[1]
if _faults:
    raise AirflowException("contracts to mend:\n" + "\n".join(_faults))
