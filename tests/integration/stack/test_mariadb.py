from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from hub.settings import Settings
from hub.stack import secrets
from hub.stack.mariadb import MariaDBServer

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(hub_home: Settings) -> Iterator[MariaDBServer]:
    secrets.ensure_secrets(hub_home)
    password = secrets.secret_file(hub_home, "civil_affairs_admin_password")
    server = MariaDBServer(hub_home.home / "mariadb", hub_home.port_civil_affairs, password)
    server.create()
    server.start()
    yield server
    server.stop()
    server.remove()


def test_it_knows_nobody_but_the_administrator_with_the_generated_password(
    server: MariaDBServer, tmp_path: Path
) -> None:
    assert server.is_ready()
    for user in ("root", "mysql", ""):
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            pymysql.connect(host="127.0.0.1", port=server.port, user=user, password="")


def test_creating_it_again_keeps_what_is_there(server: MariaDBServer) -> None:
    assert server.create() is False
