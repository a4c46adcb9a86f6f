"""The departmental systems as real servers over a generated district, for tests."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from hub.settings import Settings
from hub.stack import sources, streams
from hub.stack.accounts import as_account
from hub.stack.child import Child
from hub.stack.environment import source_environment
from hub.stack.secrets import ensure_secrets
from hub.stack.service import Service


class Server(Protocol):
    """What a test may do to a department: take its server away, and give it back."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class SimulatedServer:
    """A department served by the simulator's own program."""

    def __init__(self, service: Service, log: Path) -> None:
        command = _ending_with_us(service)
        self._child = Child(service.title, command, log, service.environment)
        self._is_ready = service.is_ready

    def start(self) -> None:
        self._child.start(self._is_ready)

    def stop(self) -> None:
        self._child.stop()


def _ending_with_us(service: Service) -> list[str]:
    """Return its command, ended with this process; one that changes its account is told there.

    A change of account would make the kernel forget what an outer program had asked for.
    """
    words = list(service.command)
    own = words[1:] if words[0] == "setpriv" else words
    return [*as_account(None, service.stop_signal), *own]


class Departments(dict[str, Server]):
    """The running servers by department; ``district`` is the folder they were generated from."""

    def __init__(self, settings: Settings) -> None:
        self.district = sources.district(settings)
        police = sources.police_cluster(settings)
        mariadb = {name: sources.mariadb_server(settings, name) for name in sources.MARIADB}
        police.create()
        for server in mariadb.values():
            server.create()
        super().__init__(police=police, **mariadb)
        streams.broker(settings).create()
        for service in (*sources.services(settings), *streams.services(settings)):
            if service.name not in self:
                self[service.name] = SimulatedServer(service, settings.logs / service.name)


@contextmanager
def running_departments(settings: Settings) -> Iterator[Departments]:
    """Generate, load and serve; the contracts' ``${…}`` variables point to these servers."""
    ensure_secrets(settings)
    sources.generate(settings)
    departments = Departments(settings)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for server in departments.values():
            stack.callback(server.stop)
            server.start()
        sources.load_police(settings)
        for system in sources.MARIADB:
            sources.load_mariadb(settings, system)
        for name, value in source_environment(settings).items():
            patch.setenv(name, value)
        yield departments
