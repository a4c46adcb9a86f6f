"""Redis: the queue between Airflow's scheduler and its workers, where these are several."""

import socket
from pathlib import Path

from hub.settings import Settings
from hub.stack.secrets import read_secret, secret_file, write_private
from hub.stack.service import Service

SECRET = "redis_password"  # noqa: S105 - the name of a secret, not one


def service(settings: Settings) -> Service:
    """Return the server; ready when it lets us in and answers."""
    return Service(
        name="redis",
        title="Redis",
        command=["redis-server", str(_configuration_file(settings))],
        is_ready=lambda: _answers(settings),
        port_setting="port_redis",
    )


def prepare_files(settings: Settings) -> None:
    """Write the server's configuration; the password is in it, so only its owner may read it."""
    folder = settings.home / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"bind {settings.bind}",
        f"port {settings.port_redis}",
        f"dir {folder}",
        "appendonly yes",  # a queued task survives a restart
        f"requirepass {read_secret(settings, SECRET)}",
    ]
    write_private(_configuration_file(settings), "\n".join(lines) + "\n")


def broker_url_command(settings: Settings) -> str:
    """Return the command that prints the broker's address, the password in it."""
    address = f"{settings.host('redis')}:{settings.port_redis}/0"
    secret = secret_file(settings, SECRET)
    return f"""sh -c 'printf redis://:%s@{address} "$(cat "{secret}")"'"""


def _configuration_file(settings: Settings) -> Path:
    return settings.home / "redis" / "redis.conf"


def _answers(settings: Settings) -> bool:
    host, port = settings.host("redis"), settings.port_redis
    question = f"AUTH {read_secret(settings, SECRET)}\r\nPING\r\n".encode()
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(question)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(64), b""))
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
