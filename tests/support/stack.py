"""The whole stack in a home of its own, driven as a person would: by the ``hub`` command."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg

from hub.settings import REPOSITORY, Settings
from hub.warehouse.connection import dsn


@dataclass(frozen=True)
class Stack:
    """A home whose stack ``hub up`` has started."""

    settings: Settings

    def hub(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run ``hub <arguments>`` in this home, whatever becomes of it."""
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=REPOSITORY,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def succeed(self, *arguments: str, timeout: float = 600) -> str:
        """Run ``hub <arguments>``, which must end well; returns what it printed."""
        done = self.hub(*arguments, timeout=timeout)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def status(self) -> dict[str, Any]:
        """Return what ``hub status --json`` prints."""
        return dict(json.loads(self.succeed("status", "--json")))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse as its pipeline."""
        with psycopg.connect(dsn("hub", hub=self.settings)) as connection:
            return connection.execute(query.encode()).fetchall()

    def processes(self) -> list[psutil.Process]:
        """Return supervisord and everything below it; empty when it does not run."""
        note = self.settings.home / "run" / "supervisord.pid"
        if not note.exists():
            return []
        supervisord = psutil.Process(int(note.read_text()))
        return [supervisord, *supervisord.children(recursive=True)]
