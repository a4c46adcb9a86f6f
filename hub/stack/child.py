"""A server run as a child of this process, for as long as a test or a preparation needs it."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hub.errors import HubError
from hub.stack.waiting import wait_until


@dataclass
class Child:
    """One program in a process group of its own; what it prints goes to ``log``."""

    title: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def start(self, is_ready: Callable[[], bool], timeout: float = 30) -> None:
        """Start the program and wait until ``is_ready``; raises with its last words otherwise."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                self.command,
                cwd="/",
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process = process
        try:
            wait_until(is_ready, self.title, timeout=timeout, alive=lambda: process.poll() is None)
        except HubError as error:
            self.stop()
            raise HubError(f"{error}; its log {self.log} ends with:\n{tail(self.log)}") from None

    def stop(self, patience: float = 20) -> None:
        """Ask the program to end, and end its whole process group when it does not."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None


def run_logged(  # noqa: PLR0913  one subprocess, spelled out
    title: str,
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str],
    folder: Path,
    stdin: str = "",
) -> None:
    """Run a program to its end, its output appended to ``log``, away from any terminal.

    Raises :class:`HubError` with ``title`` and its last words when it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            input=stdin.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    if done.returncode:
        raise HubError(f"{title} failed ({log}):\n{tail(log)}")


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def plain_environment() -> dict[str, str]:
    """Return an environment for servers: no PG* variables, locale or secrets of the caller."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
