"""``python -m simulator``."""

import sys

from simulator.cli import app
from simulator.errors import SimulatorError

try:
    app(prog_name="python -m simulator")
except SimulatorError as error:
    sys.exit(f"simulator: {error}")
