"""What an operator may tune in the DAGs: environment variables, read when a file is parsed."""

import os
from datetime import timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

TIMEZONE = "Asia/Shanghai"

HOME = Path(os.environ.get("HUB_HOME", REPOSITORY / ".hub"))
CONTRACTS = Path(os.environ.get("HUB_CONTRACTS_DIR", REPOSITORY / "connectors" / "contracts"))

# The command every task calls.
COMMAND = os.environ.get("HUB_COMMAND", str(HOME / "bin" / "hub"))

# When the warehouse is built from whatever has been reported, even if a department is missing.
DEADLINE = os.environ.get("HUB_DEADLINE", "0 6 * * *")

# First pause before a source is asked again; it doubles with every further try.
RETRY_DELAY = timedelta(seconds=float(os.environ.get("HUB_RETRY_DELAY_SECONDS", "20")))
RETRIES = 2

# Three tries of an hour each end before a 06:00 deadline when a department starts at 02:00.
INGEST_TIMEOUT = timedelta(seconds=float(os.environ.get("HUB_INGEST_TIMEOUT_SECONDS", "3600")))
BUILD_TIMEOUT = timedelta(hours=2)
STEP_TIMEOUT = timedelta(minutes=30)
SHORT_TIMEOUT = timedelta(minutes=5)

# How long a build waits for a department that is being pulled at this moment.
STRAGGLER_WAIT = timedelta(seconds=float(os.environ.get("HUB_STRAGGLER_WAIT_SECONDS", "3600")))
