"""The supervisor with small services of our own."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hub.errors import HubError
from hub.settings import Settings
from hub.stack import health
from hub.stack.ports import free_port
from hub.stack.service import Service
from hub.stack.start import refuse_taken_ports
from hub.stack.supervisor import Supervisor
from hub.stack.waiting import wait_until

pytestmark = pytest.mark.integration


def web(port: int, name: str = "web") -> Service:
    """A server with a child of its own, which holds nothing but a process."""
    program = (
        "import subprocess, http.server as h;"
        "subprocess.Popen(['sleep', '300']);"
        f"h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    )
    return Service(
        name=name,
        title="a small server",
        command=[sys.executable, "-c", program],
        environment={"GREETING": "it's 100% safe; $(touch /nowhere)"},
        is_ready=health.page(port, "/", ""),
        port_setting="port_superset",
    )


@pytest.fixture
def home() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="hub-test-", dir="/tmp") as folder:
        yield Settings(home=Path(folder), port_superset=free_port())


@pytest.fixture
def service(home: Settings) -> Service:
    return web(home.port_superset)


@pytest.fixture
def supervisor(home: Settings, service: Service) -> Iterator[Supervisor]:
    supervisor = Supervisor(home)
    supervisor.start([service])
    yield supervisor
    supervisor.shut_down()


def pid_of(supervisor: Supervisor, service: Service) -> int:
    return int((supervisor.pids / service.name).read_text())


def group_of(pid: int) -> list[int]:
    return [
        each.pid
        for each in psutil.process_iter()
        if each.status() != psutil.STATUS_ZOMBIE and os.getpgid(each.pid) == pid
    ]


def test_a_crashed_service_comes_back(supervisor: Supervisor, service: Service) -> None:
    supervisor.start_service(service)
    first = pid_of(supervisor, service)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid_of(supervisor, service) != first, "a new process", timeout=15)
    wait_until(service.is_ready, "the server", timeout=15)


def test_shutting_down_leaves_no_process_of_any_group(
    supervisor: Supervisor, service: Service
) -> None:
    supervisor.start_service(service)
    group = pid_of(supervisor, service)
    assert len(group_of(group)) == 2
    supervisor.stop_services([service.name])
    supervisor.shut_down()
    assert group_of(group) == []
    assert not supervisor.is_running()


def test_what_a_killed_supervisor_leaves_behind_is_ended_at_the_next_start(
    supervisor: Supervisor, service: Service
) -> None:
    supervisor.start_service(service)
    group = pid_of(supervisor, service)
    os.kill(int(supervisor.pid_file.read_text()), signal.SIGKILL)
    wait_until(lambda: not supervisor.is_running(), "the end of supervisord", timeout=5)
    assert group_of(group), "orphans are left"
    supervisor.start([service])
    assert group_of(group) == []
    supervisor.start_service(service)
    assert service.is_ready()


def test_a_process_that_only_has_a_recorded_number_is_left_alone(
    supervisor: Supervisor, service: Service
) -> None:
    # Another program got the number that an old note names.
    stranger = psutil.Popen(["sleep", "300"], start_new_session=True)
    try:
        note = supervisor.pids / "old"
        note.write_text(str(stranger.pid))
        os.utime(note, (stranger.create_time() - 3600,) * 2)
        supervisor.shut_down()
        assert stranger.is_running()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_service_that_cannot_start_shows_its_last_words(home: Settings) -> None:
    broken = Service(
        name="broken",
        title="a broken server",
        command=[sys.executable, "-c", "raise SystemExit('no such table')"],
        is_ready=lambda: False,
    )
    supervisor = Supervisor(home)
    supervisor.start([broken])
    try:
        with pytest.raises(HubError, match=r"(?s)a broken server.*no such table"):
            supervisor.start_service(broken, timeout=3)
    finally:
        supervisor.shut_down()


def test_a_long_path_to_the_home_is_no_obstacle(home: Settings) -> None:
    deep = home.model_copy(update={"home": home.home / ("long" * 20) / ("path" * 20)})
    service = web(home.port_superset)
    supervisor = Supervisor(deep)
    supervisor.start([service])
    try:
        supervisor.start_service(service)
        assert service.is_ready()
    finally:
        supervisor.shut_down()
    assert not supervisor.socket.parent.exists()


def test_a_taken_port_is_reported_with_its_use_its_holder_and_the_way_out(
    home: Settings, service: Service
) -> None:
    taken = socket.create_server(("127.0.0.1", home.port_superset))
    with taken, pytest.raises(HubError) as caught:
        refuse_taken_ports([service], home)
    message = str(caught.value)
    assert f"port {home.port_superset} for a small server is taken by " in message
    assert f"(pid {os.getpid()})" in message
    assert "HUB_PORT_SUPERSET=<port> make up" in message
