"""Calling our own verbs as separate processes: the same as a person or Airflow would."""

import os
import subprocess
import sys

from hub.settings import REPOSITORY, Settings
from hub.stack.child import run_logged
from hub.stack.environment import hub_environment


def call_hub(settings: Settings, *arguments: str) -> None:
    """Run ``hub <arguments>`` quietly, its output in a log; raises with its last words."""
    run_logged(
        f"`hub {' '.join(arguments)}`",
        _command(*arguments),
        settings.logs / f"{arguments[0]}.log",
        environment=os.environ | hub_environment(settings),
        folder=REPOSITORY,
    )


def show_hub(settings: Settings, *arguments: str) -> bool:
    """Run ``hub <arguments>`` with its output on this screen; tell whether it succeeded."""
    done = subprocess.run(
        _command(*arguments),
        cwd=REPOSITORY,
        env=os.environ | hub_environment(settings),
        check=False,
    )
    return done.returncode == 0


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hub", *arguments]
