"""The process supervisor: writes its configuration, starts it, speaks to it, ends it.

supervisord runs in the background and is driven over a unix socket. Programs do not start by
themselves: ``hub up`` starts them in order, and supervisord restarts what crashes from then on.
"""

import hashlib
import os
import subprocess
import sys
import xmlrpc.client
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

from hub.errors import HubError
from hub.settings import Settings
from hub.stack import leftovers
from hub.stack.child import tail
from hub.stack.secrets import write_private
from hub.stack.service import Service
from hub.stack.waiting import wait_until

LONGEST_SOCKET_PATH = 90  # the kernel allows 107 bytes, supervisord adds its process id
UP = ("RUNNING", "STARTING", "BACKOFF")


class Supervisor:
    """The supervisor of one hub home."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.home / "run"
        self.logs = settings.logs
        self.configuration = self.folder / "supervisord.conf"
        self.pid_file = self.folder / "supervisord.pid"
        self.pids = self.folder / "pids"
        self.socket = _socket(self.folder)

    def is_running(self) -> bool:
        """Tell whether our supervisord answers."""
        try:
            return bool(self._ask("getState")["statename"])
        except (OSError, xmlrpc.client.Error):
            return False

    def start(self, services: Sequence[Service]) -> None:
        """Start supervisord with all ``services`` known and stopped.

        What an earlier supervisord that was killed left behind is ended first.
        """
        self.end_leftovers()
        self.write(services)
        self._ensure_socket_folder()
        log = self.logs / "supervisord.log"
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.configuration)],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise HubError(f"supervisord did not start: {done.stderr.strip() or tail(log)}")
        wait_until(self.is_running, f"supervisord (log: {log})", timeout=10)

    def write(self, services: Sequence[Service]) -> list[str]:
        """Write the configuration; return the names of services that differ from what was there."""
        for folder in (self.folder, self.pids, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        changed = []
        for service in services:
            script = self._script(service)
            text = service.script(self.pids / service.name)
            if not script.exists() or script.read_text() != text:
                write_private(script, text)
                changed.append(service.name)
        write_private(self.configuration, self._render(services))
        return changed

    def states(self) -> dict[str, str]:
        """Return the state of every program: RUNNING, STOPPED, STARTING, BACKOFF, FATAL …"""
        return {each["name"]: each["statename"] for each in self._ask("getAllProcessInfo")}

    def process_ids(self) -> dict[str, int]:
        """Return the process id of every program that runs."""
        return {each["name"]: each["pid"] for each in self._ask("getAllProcessInfo") if each["pid"]}

    def is_up(self, name: str) -> bool:
        """Tell whether a program runs, or is being (re)started."""
        return self.states().get(name) in UP

    def start_service(self, service: Service, timeout: float = 300) -> None:
        """Start one service, unless it runs, and wait until it is ready for use."""
        if not self.is_up(service.name):
            self._ask("startProcess", service.name, False)
        log = self.logs / f"{service.name}.log"
        try:
            wait_until(
                service.is_ready,
                service.title,
                timeout=timeout,
                alive=lambda: self.states().get(service.name) not in ("FATAL", "EXITED"),
                pause=0.3,
            )
        except HubError as error:
            raise HubError(f"{error}; its log {log} ends with:\n{tail(log)}") from None

    def stop_services(self, names: Sequence[str], timeout: float = 60) -> None:
        """Stop programs, all at the same time, and wait until they have ended."""
        known = self.states()
        for name in (name for name in names if known.get(name) in UP):
            self._ask("stopProcess", name, False)
        wait_until(
            lambda: not any(self.states().get(name) in (*UP, "STOPPING") for name in names),
            f"the end of {', '.join(names)}",
            timeout=timeout,
        )

    def shut_down(self) -> None:
        """Stop supervisord itself, once its programs are stopped, and make sure nothing is left."""
        if self.is_running():
            pid = int(self._ask("getPID"))
            self._ask("shutdown")
            wait_until(lambda: not leftovers.lives(pid), "the end of supervisord", timeout=60)
        self.end_leftovers()
        if self.socket.parent != self.folder:
            with suppress(OSError):
                self.socket.parent.rmdir()

    def reread(self) -> None:
        """Have a running supervisord take over services that were added or removed."""
        added, changed, removed = self._ask("reloadConfig")[0]
        for name in (*changed, *removed):
            self._ask("stopProcessGroup", name)
            self._ask("removeProcessGroup", name)
        for name in (*changed, *added):
            self._ask("addProcessGroup", name)

    def end_leftovers(self) -> None:
        """End the process groups that are recorded as ours and still live."""
        leftovers.end_recorded(self.pid_file, *sorted(self.pids.glob("*")))

    def _ensure_socket_folder(self) -> None:
        """Make sure that the socket's folder is ours: below ``/tmp`` anybody could have made it."""
        folder = self.socket.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.geteuid() or folder.is_symlink():
            raise HubError(f"{folder} belongs to somebody else; remove it, or use another HUB_HOME")

    def _script(self, service: Service) -> Path:
        return self.folder / f"{service.name}.sh"

    def _render(self, services: Sequence[Service]) -> str:
        head: dict[str, dict[str, Any]] = {
            "unix_http_server": {"file": self.socket, "chmod": "0600"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": (
                    "supervisor.rpcinterface:make_main_rpcinterface"
                )
            },
            "supervisord": {
                "logfile": self.logs / "supervisord.log",
                "pidfile": self.pid_file,
                "childlogdir": self.logs,
                # Servers drop to accounts of their own; Airflow and ours run as whoever started us.
                **({"user": "root"} if os.geteuid() == 0 else {}),
            },
        }
        sections = head | {f"program:{each.name}": self._program(each) for each in services}
        return "\n".join(
            f"[{title}]\n" + "".join(f"{key}={_quoted(value)}\n" for key, value in body.items())
            for title, body in sections.items()
        )

    def _program(self, service: Service) -> dict[str, Any]:
        return {
            "command": f'/bin/sh "{self._script(service)}"',
            "autostart": "false",
            "autorestart": "true",
            "startsecs": 2,
            "startretries": 8,
            "stopsignal": service.stop_signal.name.removeprefix("SIG"),
            "stopwaitsecs": service.patience,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": self.logs / f"{service.name}.log",
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": 2,
        }

    def _ask(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as server:
            return getattr(server.supervisor, method)(*arguments)


def _socket(folder: Path) -> Path:
    socket = folder / "supervisor.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/hub-{os.geteuid()}-{mark}") / "supervisor.sock"  # noqa: S108  mode 700


def _quoted(value: object) -> str:
    return str(value).replace("%", "%%")
