"""The sensors' stream at a real broker: a stock client hears it, and no restart loses a message."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from hub.settings import LOOPBACK, Settings
from hub.stack import streams
from hub.stack.secrets import ensure_secrets, secret_file
from hub.stack.waiting import wait_until
from simulator.faults import catalogue
from simulator.faults.orders import OrderBook
from simulator.truth.place import today
from tests.support.departments import SimulatedServer
from tests.support.home import home_beside

pytestmark = pytest.mark.integration


class Broker:
    """The stack's own broker with a stock subscriber beside it, and the platform to start."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        services = {service.name: service for service in streams.services(settings)}
        self.platform = SimulatedServer(services[streams.PLATFORM], folder / "platform.log")
        self._heard: list[subprocess.Popen[bytes]] = []

    def mosquitto_sub(self, *arguments: str) -> list[str]:
        """Return the command of the stock client; it finds user and password in its own file."""
        password = secret_file(self.settings, "iot_password").read_text().strip()
        (self.folder / "mosquitto_sub").write_text(f"-u hub\n-P {password}\n")
        port = str(self.settings.port_iot_broker)
        environment = ["env", f"XDG_CONFIG_HOME={self.folder}"]
        return [*environment, "mosquitto_sub", "-h", LOOPBACK, "-p", port, *arguments]

    def listen(self, name: str) -> Path:
        """Have a stock client write down everything that comes, from now on."""
        heard = self.folder / f"{name}.jsonl"
        command = self.mosquitto_sub("-q", "1", "-t", "iot/+/+/+", "-i", name)
        with heard.open("wb") as out:
            self._heard.append(subprocess.Popen(command, stdout=out))
        return heard

    def stop(self) -> None:
        """End what was started."""
        self.platform.stop()
        for client in self._heard:
            client.terminate()
            client.wait(10)


@pytest.fixture
def own(hub_home: Settings, district: Path) -> Iterator[Settings]:
    """A home beside that of the other departments, so that no other platform publishes here."""
    settings = home_beside(hub_home, "iot_alone")
    stream = Path("systems/city_management/stream")
    shutil.copytree(district / stream, settings.district / stream)
    ensure_secrets(settings)
    yield settings
    shutil.rmtree(settings.home)


@pytest.fixture
def broker(own: Settings, tmp_path: Path) -> Iterator[Broker]:
    server = streams.broker(own)
    server.create()
    server.start()
    running = Broker(own, tmp_path)
    yield running
    running.stop()
    server.stop()
    server.remove()


def sent(settings: Settings) -> pl.DataFrame:
    folder = settings.district / "systems/city_management/stream"
    return pl.read_parquet(folder / f"{today()}.parquet")


def is_all_published(settings: Settings) -> bool:
    progress = settings.district / "published" / "iot.json"
    return progress.exists() and json.loads(progress.read_text())["row"] == len(sent(settings))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_mosquitto_sub_hears_every_message_of_the_day(broker: Broker) -> None:
    heard = broker.listen("early")
    broker.platform.start()
    wanted = sent(broker.settings)["payload"].to_list()
    wait_until(lambda: len(lines(heard)) >= len(wanted), "the day's messages", timeout=60)
    assert sorted(lines(heard)) == sorted(wanted)


def test_a_newcomer_hears_the_last_readings_of_some_sensors(broker: Broker) -> None:
    broker.platform.start()
    kept = sent(broker.settings).filter("retain").group_by("topic", maintain_order=True).last()
    wait_until(lambda: is_all_published(broker.settings), "the day", timeout=60)
    command = broker.mosquitto_sub("-t", "iot/+/+/telemetry", "-C", str(len(kept)), "-W", "20")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.splitlines()) == sorted(kept["payload"])


def test_nobody_listens_or_speaks_without_a_password(broker: Broker) -> None:
    port = str(broker.settings.port_iot_broker)
    anonymous = ["mosquitto_sub", "-h", LOOPBACK, "-p", port, "-t", "#", "-W", "5"]
    done = subprocess.run(anonymous, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "not authorised" in done.stderr


def test_a_broken_line_makes_the_platform_send_the_last_minute_again(broker: Broker) -> None:
    heard = broker.listen("witness")
    OrderBook(broker.settings.district, "iot").add(
        catalogue.order("iot", "cut_connection", {}, times=2)
    )
    broker.platform.start()
    wanted = set(sent(broker.settings)["payload"])
    wait_until(lambda: set(lines(heard)) >= wanted, "the day's messages", timeout=60)
    assert len(lines(heard)) > len(sent(broker.settings))


def test_alarms_come_twice_on_order(broker: Broker) -> None:
    heard = broker.listen("twice")
    OrderBook(broker.settings.district, "iot").add(catalogue.order("iot", "send_twice", {}))
    broker.platform.start()
    alarms = sent(broker.settings).filter(pl.col("topic").str.ends_with("alarm"))
    count = len(sent(broker.settings)) + len(alarms)
    wait_until(lambda: len(lines(heard)) >= count, "the day's messages", timeout=60)
    assert len(lines(heard)) == count
