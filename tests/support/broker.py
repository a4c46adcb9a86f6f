"""A real broker for tests, a publisher that knows what was taken, and the hub's own collector."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from hub.settings import LOOPBACK, REPOSITORY
from hub.stack.mosquitto import BrokerUser, MosquittoBroker
from hub.stack.ports import free_port
from hub.stack.waiting import wait_until
from tests.support import contracts as given

TOPIC = "iot/+/alarm"
COLUMNS = [
    given.key("id", "msgId"),
    given.column("value"),
    given.column("topic", "$topic"),
    given.column("payload", "$payload"),
]


@dataclass
class Broker(MosquittoBroker):
    """A broker that a test may kill."""

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._child and self._child._process
        os.killpg(self._child._process.pid, signal.SIGKILL)
        self._child.stop()

    @property
    def has_saved(self) -> bool:
        """Whether sessions and messages have reached its disk at least once."""
        return (self.data.resolve() / "mosquitto.db").exists()


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """Serve a broker with the users ``hub`` (reads) and ``platform`` (writes)."""
    users = []
    for name, rights in (("hub", "topic read iot/#"), ("platform", "topic readwrite iot/#")):
        password = folder / f"{name}.password"
        password.write_text(f"secret of {name}")
        users.append(BrokerUser(name, password, [rights]))
    broker = Broker(folder / "mosquitto", free_port(), users)
    broker.create()
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
        broker.remove()


@dataclass
class Publisher:
    """Sends messages and waits until the broker has taken them; again after a broken line."""

    port: int
    password: str
    taken: list[str] = field(default_factory=list)

    def send(self, numbers: Sequence[int], topic: str = "iot/d1/alarm", **more: Any) -> None:
        """Publish one message per number."""
        for n in numbers:
            self.raw(topic, json.dumps({"msgId": f"m{n}", "value": n, **more}).encode())
            self.taken.append(f"m{n}")

    def raw(self, topic: str, payload: bytes) -> None:
        """Publish a payload as it is."""
        while True:
            try:
                info = self._client.publish(topic, payload, qos=1)
                info.wait_for_publish(5)
                if info.is_published():
                    return
            except (OSError, RuntimeError, ValueError):
                pass
            self._connect()

    def __enter__(self) -> "Publisher":
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.loop_stop()
        self._client.disconnect()

    def _connect(self) -> None:
        if hasattr(self, "_client"):
            self._client.loop_stop()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set("platform", self.password)
        wait_until(self._reaches, "the broker", timeout=20)
        self._client.loop_start()
        wait_until(self._client.is_connected, "the broker's welcome", timeout=20)

    def _reaches(self) -> bool:
        try:
            return self._client.connect(LOOPBACK, self.port) == 0
        except OSError:
            return False


def server(broker: Broker, spool: Path, **more: Any) -> dict[str, Any]:
    """The contract's server; what it refers to is set by :func:`references`."""
    return {
        "type": "mqtt",
        "host": LOOPBACK,
        "port": broker.port,
        "user": "hub",
        "password": "${file:BROKER_PASSWORD_FILE}",
        "client_id": "hub-parks",
        "topics": [TOPIC],
        "tls": "none",
        "spool": str(spool),
        **more,
    }


class CollectorProcess:
    """``hub collect parks`` as a process of its own."""

    def __init__(self, contracts: Path, password_file: Path, log: Path) -> None:
        self._command = [sys.executable, "-m", "hub", "collect", "parks"]
        self._command += ["--contracts", str(contracts)]
        self._environment = os.environ | {"BROKER_PASSWORD_FILE": str(password_file)}
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def limit_files(self, size: str) -> None:
        """Let no file grow beyond a size (bytes, or ``unlimited``), as on a full disk."""
        assert self._process
        subprocess.run(["prlimit", f"--pid={self._process.pid}", f"--fsize={size}:"], check=True)

    def start(self) -> None:
        """Start it and wait until it listens."""
        before = self.said().count("listening")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=REPOSITORY,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        wait_until(
            lambda: self.said().count("listening") > before,
            "the collector",
            timeout=60,
            alive=lambda: self._process is not None and self._process.poll() is None,
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Ask it to end."""
        if self._process and psutil.pid_exists(self._process.pid):
            self._process.terminate()
            self._process.wait(20)
        self._process = None

    def said(self) -> str:
        """What it has printed so far."""
        return self.log.read_text() if self.log.exists() else ""
