"""Every fault of the sensors' platform, through a real broker: where it ends, and that it heals."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from hub.pipeline.ingest import Job, chosen, ingest, new_run_id
from hub.settings import LOOPBACK
from simulator.faults.catalogue import known, order
from simulator.faults.orders import OrderBook
from simulator.servers.mqtt import Place, Platform
from tests.support import broker as mqtt
from tests.support import contracts as given
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

FIELDS = {"unit": "unit", "moment": "ts", "gateway_moment": "gwTs", "payload": "$payload"}
COLUMNS = [*mqtt.COLUMNS[:2], *(given.column(name, sent) for name, sent in FIELDS.items())]
MESSAGES = 30
QUICK = {"slow": {"seconds": 0.1}}
ENDS = {  # the state of the batch, and the kind of drift that is noted
    "slow": ("landed", None),
    "skew_clock": ("landed", None),
    "cut_connection": ("none landed", None),
    "out_of_order": ("landed", None),
    "drop_column": ("landed", None),  # a few messages need not show every field
    "add_column": ("landed", "added"),
    "rename_column": ("held", "renamed"),
    "send_twice": ("landed", None),
    "truncate_message": ("held", None),
}


@dataclass
class Sensors:
    """A platform that publishes the same messages as often as it is told, and the hub."""

    home: Path
    port: int
    contracts: Path
    warehouse: Warehouse

    def publish(self, fault: str | None = None) -> None:
        """Send everything (again), perhaps under a fault; give up where a fault never ends."""
        book = OrderBook(self.home, "iot")
        book.clear()
        if fault:
            book.add(order("iot", fault, QUICK.get(fault, {})))
        (self.home / "published" / "iot.json").unlink(missing_ok=True)
        platform = Platform(self.home, LOOPBACK, self.port, "platform", "secret of platform")
        tries = iter(range(3 if fault == "cut_connection" else 100))
        all_sent = threading.Event()

        def stopped() -> bool:
            if platform._read() == Place("2026-11-21", MESSAGES):
                all_sent.set()
            return all_sent.is_set() or next(tries, None) is None

        platform.run(stopped)
        book.clear()

    def pull(self) -> int:
        """Land what has come."""
        folder = self.home / "hub"
        job = Job(self.warehouse.dsn(), folder / "landing", folder / "docs", new_run_id(), "test",
                  print)  # fmt: skip
        return ingest(job, chosen(self.contracts, ["parks"]))

    def open_rows(self) -> list[tuple[str, ...]]:
        """Which messages stand, with what content."""
        return self.ask("select id, payload from raw.parks__tree where _recorded_to is null"
                        " order by id")  # fmt: skip

    def ask(self, query: str) -> list[tuple[str, ...]]:
        """Query the warehouse."""
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def sensors(
    clean_warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sensors]:
    stream = tmp_path / "systems" / "city_management" / "stream"
    stream.mkdir(parents=True)
    payloads = [
        json.dumps({"msgId": f"m{n}", "value": n, "unit": "A", "ts": 1_795_000_000_000 + n,
                    "gwTs": "2026-11-21 00:00:00"}, separators=(",", ":"))
        for n in range(MESSAGES)
    ]  # fmt: skip
    rows = pl.DataFrame({"topic": "iot/d1/alarm", "payload": payloads, "retain": False})
    rows.write_parquet(stream / "2026-11-21.parquet")
    with mqtt.running_broker(tmp_path) as broker:
        monkeypatch.setenv("BROKER_PASSWORD_FILE", str(tmp_path / "hub.password"))
        tree = given.table(COLUMNS, extract={"object": mqtt.TOPIC, "mode": "stream"})
        server = mqtt.server(broker, tmp_path / "spool")
        contracts = given.write(tmp_path / "contracts", tree, server=server)
        yield Sensors(tmp_path, broker.port, contracts, clean_warehouse)


def test_somebody_has_said_what_becomes_of_every_fault() -> None:
    assert ENDS.keys() == known("iot").keys()


@pytest.mark.parametrize("fault", ENDS)
def test_a_fault_ends_where_it_should_and_the_next_messages_heal(
    sensors: Sensors, fault: str
) -> None:
    sensors.pull()  # the durable session begins
    sensors.publish(fault)
    sensors.pull()
    states, kind = ENDS[fault]
    statuses = [status for (status,) in sensors.ask("select status from ops.batch")] or ["none"]
    assert set(statuses) <= set(states.split())
    assert (kind,) in [*sensors.ask("select kind from quality.drift"), (None,)]

    sensors.publish()
    assert sensors.pull() == 0 or statuses == ["held"], "a held segment stays until it is decided"
    expected = pl.read_parquet(sensors.home / "systems/city_management/stream/*.parquet")
    assert [payload for _, payload in sensors.open_rows()] == sorted(
        expected["payload"], key=lambda payload: json.loads(payload)["msgId"]
    )
    assert sensors.ask(
        "select 1 from ops.batch where status not in ('landed', 'held', 'failed')"
        " or status <> 'failed' and received <> appended + unchanged + rejected + held"
    ) == []  # fmt: skip
