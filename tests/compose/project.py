"""One compose project: what a person would type, from a clean checkout."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.compose.engine import run

READY_WITHIN = 1200.0
DATABASE = "postgres"


@dataclass(frozen=True)
class Project:
    """A checkout and the environment in which compose is called."""

    folder: Path
    environment: dict[str, str]
    name: str = "hub-compose-test"

    def compose(self, *arguments: str, timeout: float = 1800) -> str:
        """Run ``docker-compose <arguments>``, which must end well."""
        return run(*self._command(*arguments), environment=self.environment, timeout=timeout)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``docker-compose <arguments>`` and go on."""
        return subprocess.Popen(
            self._command(*arguments),
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """Return what the engine says about the project's containers."""
        label = f"label=com.docker.compose.project={self.name}"
        wanted = [label, f"label=com.docker.compose.service={service}"] if service else [label]
        filters = [part for each in wanted for part in ("--filter", each)]
        ids = self.docker("ps", "-aq", *filters).split()
        if not ids:
            return []
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids))
        return found

    def wait_until_healthy(self) -> None:
        """Wait until every container is healthy, or has ended well where it is a step."""
        deadline = time.monotonic() + READY_WITHIN
        while late := [name for each in self.containers() for name in _trouble(each)]:
            assert time.monotonic() < deadline, f"not ready: {late}\n{self._last_words(late[0])}"
            time.sleep(3)

    def docker(self, *arguments: str) -> str:
        """Run ``docker <arguments>``, which must end well."""
        return run("docker", *arguments, environment=self.environment)

    def inside(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of a service, however it ends."""
        return subprocess.run(
            ["docker", "exec", self.containers(service)[0]["Id"], *command],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def secret(self, name: str) -> str:
        """Return a secret, as an administrator would look it up."""
        return self.inside(DATABASE, "cat", f"/var/lib/hub/secrets/{name}").stdout.strip()

    @contextmanager
    def warehouse(self) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        """Ask the warehouse through its published port, as the pipeline's role."""
        with psycopg.connect(
            host="127.0.0.1",
            port=int(self.environment["HUB_PORT_POSTGRES"]),
            dbname="warehouse",
            user="hub",
            password=self.secret("hub_password"),
            autocommit=True,
        ) as connection:
            yield lambda text: connection.execute(text.encode()).fetchall()

    def _command(self, *arguments: str) -> list[str]:
        file = str(self.folder / "docker-compose.yml")
        return ["docker-compose", "-p", self.name, "-f", file, *arguments]

    def _last_words(self, name: str) -> str:
        done = subprocess.run(
            ["docker", "logs", "--tail", "40", name],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


def _trouble(container: dict[str, Any]) -> list[str]:
    state, name = container["State"], container["Name"].lstrip("/")
    if state["Status"] == "exited" and state["ExitCode"] == 0:
        return []
    if state.get("Health", {}).get("Status") == "healthy":
        return []
    return [name]
