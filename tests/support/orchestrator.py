"""Python run in Airflow's own environment, which the tests do not share."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from hub.settings import REPOSITORY, settings

# A database and an API that nobody may reach: reading DAGs must not need either.
NOWHERE = {
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////nonexistent/airflow.db",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
}


def environment(home: Path, **extra: str) -> dict[str, str]:
    """Return a clean environment in which ``dags`` and ``connectors`` can be imported."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(REPOSITORY),
        "AIRFLOW_HOME": str(home),
        **NOWHERE,
        **extra,
    }


def python() -> str:
    """Return the interpreter of the orchestrator environment."""
    return str(settings().venvs / "orchestrator" / "bin" / "python")


def run_python(code: str, env: Mapping[str, str], timeout: float = 60) -> str:
    """Run ``code`` and return what it printed; its error output is in the failure."""
    done = subprocess.run(
        [python(), "-c", code],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
