"""``python3 -m hub.bootstrap``: install the environments (``env``) or lock them (``lock``)."""

import argparse
import os
import sys
from pathlib import Path

from hub.bootstrap import environments, locks, packages
from hub.bootstrap.report import BootstrapError, say

REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Do what the command line says; returns the exit code."""
    asked, extra = _parser().parse_known_args(arguments)
    venvs = Path(os.environ.get("HUB_VENVS") or REPOSITORY / ".hub" / "venvs").absolute()
    installer = environments.Installer(venvs, REPOSITORY)
    try:
        if asked.verb == "lock":
            packages.ensure(["hub"])
            installer.ensure_uv()
            locks.compile_locks(asked.names, venvs, REPOSITORY, extra)
        else:
            packages.ensure(asked.names)
            installer.ensure(asked.names)
    except BootstrapError as error:
        say(f"✗ {error}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m hub.bootstrap", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    env = verbs.add_parser("env", help="install environments from requirements/<name>.txt")
    env.add_argument("names", nargs="+", choices=environments.NAMES)
    lock = verbs.add_parser("lock", help="resolve requirements/<name>.in; the rest goes to uv")
    lock.add_argument("names", nargs="+", choices=("uv", *environments.NAMES))
    return parser


sys.exit(main(sys.argv[1:]))
