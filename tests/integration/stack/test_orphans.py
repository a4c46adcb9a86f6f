"""A test run that is killed leaves no server behind, whichever kind."""

import multiprocessing
import time
from collections.abc import Callable

import pytest

from hub.settings import Settings
from hub.stack import sources, streams
from hub.stack.private_server import PrivateServer
from hub.stack.secrets import ensure_secrets
from hub.stack.waiting import wait_until
from tests.support.home import home_beside

pytestmark = pytest.mark.integration

SERVERS: dict[str, Callable[[Settings], PrivateServer]] = {
    "postgres": sources.police_cluster,
    "mariadb": lambda settings: sources.mariadb_server(settings, "requests"),
    "mosquitto": streams.broker,
}


def start_and_stay(server: PrivateServer) -> None:
    server.start()
    time.sleep(600)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_ends_with_the_process_that_started_it(hub_home: Settings, kind: str) -> None:
    settings = home_beside(hub_home, "orphans")
    ensure_secrets(settings)
    server = SERVERS[kind](settings)
    server.create()
    starter = multiprocessing.get_context("fork").Process(target=start_and_stay, args=[server])
    starter.start()
    try:
        wait_until(server.is_ready, "the server", timeout=60)
    finally:
        starter.kill()
        starter.join()
    wait_until(lambda: not server.is_ready(), "its end", timeout=60)
    server.remove()
