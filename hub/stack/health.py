"""Is a service really there? Each answer comes from a page or a listing, not from an open port."""

import asyncio
import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

from hub.settings import LOOPBACK, Settings
from hub.stack.environment import HEALTH_USER, IOT_READER
from hub.stack.secrets import secret_file


def page(port: int, path: str, contains: str) -> Callable[[], bool]:
    """Return a question: does this page answer 200, with this text in it?"""

    def ask() -> bool:
        status, text = _get(port, path)
        return status == 200 and contains in text

    return ask


def airflow_part(settings: Settings, part: str) -> Callable[[], bool]:
    """Return a question: does Airflow's monitor call this part (``scheduler`` …) healthy?"""

    def ask() -> bool:
        host = settings.host("airflow_api_server")
        status, text = _get(settings.port_airflow, "/api/v2/monitor/health", host)
        return status == 200 and json.loads(text)[part]["status"] == "healthy"

    return ask


def _get(port: int, path: str, host: str = LOOPBACK) -> tuple[int, str]:
    """Fetch a page; status 0 when nobody answers. Asked several times a second, so kept light."""
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


def sftp_listing(settings: Settings, folder: str) -> Callable[[], bool]:
    """Return a question: can the hub log in to health's SFTP server and list this folder?"""
    return lambda: asyncio.run(_lists(settings, folder))


async def _lists(settings: Settings, folder: str) -> bool:
    import asyncssh

    host_key = asyncssh.read_public_key(secret_file(settings, "health_host_key_public"))
    try:
        async with (
            asyncssh.connect(
                LOOPBACK,
                settings.port_health,
                username=HEALTH_USER,
                client_keys=[str(secret_file(settings, "health_private_key"))],
                known_hosts=([host_key], [], []),
                config=None,
                agent_path=None,
                connect_timeout=5,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            return bool(await sftp.listdir(folder))
    except (OSError, asyncssh.Error, TimeoutError):
        return False


def mqtt_status(settings: Settings, topic: str, contains: str) -> Callable[[], bool]:
    """Return a question: does the sensors' broker keep a message of this topic with this text?"""
    return lambda: contains in _retained(settings, topic)


def _retained(settings: Settings, topic: str) -> str:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    found: list[str] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect_timeout = 2
    password = secret_file(settings, "iot_password").read_text().strip()
    client.username_pw_set(IOT_READER, password)
    client.on_message = lambda _c, _d, message: found.append(message.payload.decode())
    try:
        client.connect(settings.host("iot_broker"), settings.port_iot_broker)
        asked = False
        for _ in range(30):
            if found or client.loop(0.1):
                break
            if client.is_connected() and not asked:
                client.subscribe(topic)
                asked = True
    except OSError:
        return ""
    client.disconnect()
    return "".join(found)
