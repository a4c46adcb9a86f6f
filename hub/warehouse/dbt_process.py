"""One dbt process for all parts of a build: to start it and to read the project takes seconds."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from hub.edition import CLEANING, edition
from hub.errors import HubError
from hub.settings import REPOSITORY, Settings
from hub.stack.secrets import read_secret
from hub.warehouse.dbt_nodes import Node, read_nodes

PROJECT = REPOSITORY / "dbt_project"
WORKER = "hub.warehouse.dbt_worker"
# Tests that also look at what is not selected would find it missing or old.
CAUTIOUS = ("--indirect-selection", "cautious")
# A task that is killed must not leave dbt writing into the schemas of the next build.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")
# What dbt gets of our own environment, beside what is meant for it.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")

Watch = Callable[[int, int], None]


def unseen(finished: int, total: int) -> None:
    """Let nobody know how many nodes are finished."""


class Dbt:
    """dbt at work on our project; it reads the project while whoever started it goes on."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home / "dbt"
        variables = _inherited() | environment(settings, self._home)
        self._log = (self._home / "logs" / "worker.log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [*DIE_WITH_PARENT, sys.executable, "-m", WORKER],
            cwd=PROJECT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._process.terminate()
        self._process.communicate()
        self._log.close()

    def build(
        self, selection: str | None = None, exclusion: str | None = None, watch: Watch = unseen
    ) -> list[Node]:
        """Run ``dbt build`` on the whole project or a part; return every node with its outcome.

        ``selection`` and ``exclusion`` are in dbt's syntax; a part may turn out empty. ``watch``
        is told after each node how many are finished, and of how many.

        Raises :class:`HubError` when dbt could not start building at all (a model that does not
        compile, no connection) or did not come to its end.
        """
        target = self._home / "target"
        (target / "run_results.json").unlink(missing_ok=True)
        arguments = [
            *("--log-format-file", "text", "--log-level-file", "info"),
            *("build", "--exclude-resource-type", "unit_test"),
            *(("--select", *selection.split(), *CAUTIOUS) if selection else ()),
            *(("--exclude", *exclusion.split()) if exclusion else ()),
        ]
        error, success = self._ask(arguments, watch)
        if error:
            raise HubError(f"dbt did not end its work: {_last_words(error)}")
        nodes = read_nodes(target) if (target / "run_results.json").exists() else []
        if not success and not any(node.blocks for node in nodes):
            raise HubError("dbt did not end its work: it was interrupted; build again")
        return nodes

    def _ask(self, arguments: list[str], watch: Watch) -> tuple[str | None, bool]:
        """Have dbt do something; return what kept it from that, and whether all of it succeeded."""
        assert self._process.stdin and self._process.stdout  # noqa: S101 - both are pipes
        with suppress(BrokenPipeError):
            print(json.dumps(arguments), file=self._process.stdin, flush=True)
            for line in self._process.stdout:
                told = json.loads(line)
                if "error" in told:
                    return told["error"], told["success"]
                watch(told["finished"], told["total"])
        self._log.seek(0)
        return self._log.read() or "its process ended", False


def _inherited() -> dict[str, str]:
    """Return what dbt gets of our variables: it looks through them for every line it logs."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return kept | {name: value for name, value in os.environ.items() if name.startswith("HUB_DBT_")}


def environment(settings: Settings, home: Path) -> dict[str, str]:
    """Return the variables that dbt needs beside the process's own; makes ``home`` ready for it."""
    (home / "logs").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)  # dbt's artefacts quote the database's errors, and with them data
    return {
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
        "DBT_ENV_SECRET_HUB_PASSWORD": read_secret(settings, "hub_password"),
        "HUB_DBT_HOST": settings.host("postgres"),
        "HUB_PORT_POSTGRES": str(settings.port_postgres),
        "HUB_CLEANING_EDITION": edition(PROJECT, CLEANING),
    }


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if "Error" in line), max(len(lines) - 3, 0))
    return " ".join(re.sub(r"^\d\d:\d\d:\d\d\s+", "", line) for line in lines[start : start + 4])
