"""Ask this machine's Celery worker for a sign of life through the queue; exit 1 without one.

Run by the orchestrator's interpreter, which has Celery. ``celery inspect ping`` asks the same but
loads all of Airflow first, which is ten times the work.
"""

import os
import shlex
import socket
import subprocess
import sys

from celery import Celery  # type: ignore[import-not-found]  # not in our own environment

PATIENCE = 20.0  # seconds


def answers() -> bool:
    """Tell whether the worker answers; the environment is that of Airflow's processes."""
    command = shlex.split(os.environ["AIRFLOW__CELERY__BROKER_URL_CMD"])
    broker = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    worker = f"celery@{socket.gethostname()}"
    return bool(Celery(broker=broker).control.ping([worker], timeout=PATIENCE))


if __name__ == "__main__":
    sys.exit(0 if answers() else 1)
