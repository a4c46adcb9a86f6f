"""City management's sensors: their broker, the platform that publishes, and the hub's collector.

The broker and the platform belong to the simulated department; the collector is the hub's own.
"""

import sys
from collections.abc import Callable

from connectors.protocols.spool import Spool
from hub.settings import Settings
from hub.stack import environment, health
from hub.stack.mosquitto import STOP_SIGNAL, BrokerUser, MosquittoBroker
from hub.stack.secrets import secret_file
from hub.stack.service import Service
from hub.stack.sources import district

NAMES = BROKER, COLLECTOR, PLATFORM = "iot_broker", "collector", "iot"
DEPARTMENT = "city_management"
STATUS = "iot/platform/status"


def broker(settings: Settings) -> MosquittoBroker:
    """Return the broker with its two users: the hub reads, the platform writes."""
    users = (
        BrokerUser(
            environment.IOT_READER,
            secret_file(settings, "iot_password"),
            ["topic read iot/#"],
        ),
        BrokerUser(
            environment.IOT_PLATFORM,
            secret_file(settings, "iot_platform_password"),
            ["topic write iot/#"],
        ),
    )
    return MosquittoBroker(
        settings.home / BROKER,
        settings.port_iot_broker,
        users,
        host=settings.host(BROKER),
        bind=settings.bind,
    )


def services(settings: Settings) -> list[Service]:
    """Return the three services in the order in which they start."""
    child = environment.child_environment(settings)
    server = broker(settings)
    platform_password = secret_file(settings, "iot_platform_password")
    return [
        Service(
            name=BROKER,
            title="城管物联 MQTT",
            command=server.command(),
            is_ready=server.is_ready,
            port_setting=f"port_{BROKER}",
            stop_signal=STOP_SIGNAL,
        ),
        Service(
            name=COLLECTOR,
            title="collector of city management's sensors",
            command=[sys.executable, "-m", "hub", "collect", DEPARTMENT],
            environment=child,
            is_ready=_collects(settings),
        ),
        Service(
            name=PLATFORM,
            title="城管物联平台",
            command=[
                *(sys.executable, "-m", "simulator", "serve", "iot"),
                *("--home", str(district(settings))),
                *("--host", server.host, "--port", str(server.port)),
                *("--user", environment.IOT_PLATFORM, "--password-file", str(platform_password)),
            ],
            environment=child,
            is_ready=health.mqtt_status(settings, STATUS, '"online"'),
        ),
    ]


def _collects(settings: Settings) -> Callable[[], bool]:
    """Return a question: does a collector listen at this moment, by its own heartbeat?"""
    spool = Spool(settings.home / "spool" / DEPARTMENT)
    return lambda: bool((state := spool.read_state()) and state.is_listening_now())
