"""A stream over a real broker: whatever is killed, what was acknowledged is landed, once."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.contracts import StreamContract, load_contracts
from connectors.protocols.mqtt import MqttSource
from hub.pipeline import ingest as pipeline
from hub.settings import LOOPBACK
from hub.stack.waiting import wait_until
from tests.support import broker as mqtt
from tests.support import contracts as given
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration
STREAM = {"object": mqtt.TOPIC, "mode": "stream"}


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[mqtt.Broker]:
    with mqtt.running_broker(tmp_path) as running:
        monkeypatch.setenv("BROKER_PASSWORD_FILE", str(tmp_path / "hub.password"))
        yield running


@pytest.fixture
def publisher(broker: mqtt.Broker) -> Iterator[mqtt.Publisher]:
    with mqtt.Publisher(broker.port, "secret of platform") as ready:
        yield ready


@dataclass
class Stream:
    """The hub's side: its contract, its warehouse, its collector."""

    contracts: Path
    spool: Path
    landing: Path
    warehouse: Warehouse
    collector: mqtt.CollectorProcess
    said: list[str]

    def ingest(self) -> int:
        """Land what has come; return the exit code."""
        job = pipeline.Job(
            dsn=self.warehouse.dsn(),
            landing=self.landing,
            data_docs=self.landing / "docs",
            run_id=pipeline.new_run_id(),
            trigger="test",
            say=self.said.append,
        )
        return pipeline.ingest(job, pipeline.chosen(self.contracts, ["parks"]))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()

    def landed(self) -> set[str]:
        return {i for (i,) in self.ask("select id from raw.parks__tree where _recorded_to is null")}

    def batches(self) -> list[tuple[int, ...]]:
        return self.ask(
            "select received, appended, unchanged, rejected, held from ops.batch order by batch_id"
        )


@pytest.fixture
def stream(broker: mqtt.Broker, clean_warehouse: Warehouse, tmp_path: Path) -> Iterator[Stream]:
    spool = tmp_path / "spool"
    tree = given.table(mqtt.COLUMNS, extract=STREAM)
    contracts = given.write(tmp_path / "contracts", tree, server=mqtt.server(broker, spool))
    password = tmp_path / "hub.password"
    collector = mqtt.CollectorProcess(contracts, password, tmp_path / "collector.log")
    yield Stream(contracts, spool, tmp_path / "landing", clean_warehouse, collector, [])
    collector.stop()


def test_messages_are_landed_as_they_came_and_only_once(
    stream: Stream, publisher: mqtt.Publisher
) -> None:
    assert stream.ingest() == 0  # the durable session begins
    publisher.send([1, 2, 2, 3], note="井盖")
    publisher.raw("iot/d1/alarm", b"{not json")
    publisher.raw("iot/d1/alarm", b"\xff\xfe")
    publisher.raw("iot/d1/alarm", b"[1]")
    assert stream.ingest() == 0
    assert stream.batches() == [(7, 3, 1, 3, 0)]
    assert stream.ask("select id, value, topic, payload from raw.parks__tree where id = 'm3'") == [
        ("m3", "3", "iot/d1/alarm", json.dumps({"msgId": "m3", "value": 3, "note": "井盖"}))
    ]
    assert stream.ask("select rule from quality.rejected_record order by 1") == [
        ("broken_line",), ("broken_line",), ("undecodable",),
    ]  # fmt: skip
    assert stream.ingest() == 0
    assert len(stream.batches()) == 1, "the same segment is never landed twice"


def test_a_message_sent_again_later_is_unchanged(stream: Stream, publisher: mqtt.Publisher) -> None:
    stream.ingest()
    publisher.send([1, 2])
    stream.ingest()
    publisher.send([2, 3])
    stream.ingest()
    assert stream.batches() == [(2, 2, 0, 0, 0), (2, 1, 1, 0, 0)]


def test_a_running_collector_hands_over_what_it_has(
    stream: Stream, publisher: mqtt.Publisher
) -> None:
    stream.collector.start()
    publisher.send(range(100))
    wait_until(lambda: _ids_in(stream.spool) == set(publisher.taken), "the messages", timeout=30)
    assert stream.ingest() == 0
    assert stream.landed() == set(publisher.taken)
    other = mqtt.CollectorProcess(stream.contracts, stream.spool, stream.collector.log)
    with pytest.raises(Exception, match="ended"):
        other.start()
    assert "another collector" in stream.collector.said()


def test_nothing_acknowledged_is_lost_when_the_collector_is_killed_in_a_burst(
    stream: Stream, publisher: mqtt.Publisher
) -> None:
    stream.collector.start()
    stream.collector.stop()
    burst = threading.Thread(target=publisher.send, args=[range(6000)])
    burst.start()
    for wanted in (300, 1500, 3000):
        stream.collector.start()
        wait_until(lambda n=wanted: _kept(stream.spool) > n, "the burst", timeout=60, pause=0)
        stream.collector.kill()
        _tear_last_line(stream.spool)
    stream.collector.start()
    burst.join()
    wait_until(lambda: _ids_in(stream.spool) == set(publisher.taken), "the rest", timeout=60)
    assert stream.ingest() == 0
    assert len(stream.landed()) == 6000
    assert stream.landed() == set(publisher.taken)
    assert all(r == a + u + x + h for r, a, u, x, h in stream.batches())


def _kept(spool: Path) -> int:
    """Messages in the spool, about."""
    return sum(path.stat().st_size for path in spool.glob("*/*")) // 150


def _tear_last_line(spool: Path) -> None:
    """Leave half a line where the killed process was writing."""
    for path in spool.glob("*/*.open"):
        with path.open("ab") as file:
            file.write(b'{"at": "2026-11-')


def test_messages_wait_for_the_collector_while_the_broker_is_restarted(
    broker: mqtt.Broker, stream: Stream, publisher: mqtt.Publisher
) -> None:
    stream.collector.start()
    stream.collector.stop()
    publisher.send(range(1500))
    broker.stop()
    broker.start()
    publisher.send(range(1500, 1600))
    stream.collector.start()
    wait_until(lambda: _ids_in(stream.spool) == set(publisher.taken), "the rest", timeout=60)
    assert stream.ingest() == 0
    assert stream.landed() == set(publisher.taken)


def test_a_killed_broker_is_waited_for_and_what_was_kept_before_is_landed(
    broker: mqtt.Broker, stream: Stream, publisher: mqtt.Publisher
) -> None:
    stream.collector.start()
    wait_until(lambda: broker.has_saved, "the broker's own file", timeout=30)
    publisher.send(range(500))
    wait_until(lambda: _ids_in(stream.spool) == set(publisher.taken), "the messages", timeout=60)
    assert stream.ingest() == 0  # everything up to here is acknowledged and on our disk
    burst = threading.Thread(target=publisher.send, args=[range(500, 1500)])
    burst.start()
    wait_until(lambda: len(publisher.taken) > 900, "the burst", timeout=60, pause=0.01)
    broker.kill()
    wait_until(lambda: "FAILED" in stream.collector.said(), "its word", timeout=60)
    broker.start()
    burst.join()
    wait_until(lambda: stream.collector.said().count("listening") == 2, "its return", timeout=60)
    kept = _ids_in(stream.spool)
    publisher.send(range(500, 1500))  # a platform sends again what the dead broker may have lost
    wait_until(lambda: _ids_in(stream.spool) == set(publisher.taken), "the rest", timeout=60)
    assert stream.ingest() == 0
    assert kept <= stream.landed()
    assert stream.landed() == set(publisher.taken)


def _ids_in(spool: Path) -> set[str]:
    """The messages that are whole in the spool at this moment."""
    texts = [path.read_text() for path in list(spool.glob("*/*")) if path.exists()]
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    whole = [json.loads(line) for line in lines if line.endswith("}\n")]
    return {json.loads(message["payload"])["msgId"] for message in whole}


def test_a_full_disk_stops_the_acknowledgements_and_heals(
    stream: Stream, publisher: mqtt.Publisher
) -> None:
    stream.collector.start()
    stream.collector.limit_files("5000")  # not one of these fits
    publisher.send(range(50), note="x" * 6_000)
    wait_until(lambda: "已停止确认" in stream.collector.said(), "its word", timeout=30)
    assert stream.ingest() == pipeline.SOURCE_FAILED
    assert any("没有在接收" in line for line in stream.said)
    before = stream.collector.said().count("listening")
    stream.collector.limit_files("unlimited")
    wait_until(
        lambda: stream.collector.said().count("listening") > before, "its return", timeout=60
    )
    wait_until(lambda: _ids_in(stream.spool) == set(publisher.taken), "the rest", timeout=30)
    assert stream.ingest() == 0
    assert stream.landed() == set(publisher.taken)


def test_without_a_broker_the_department_fails_clearly_and_what_was_kept_is_landed(
    broker: mqtt.Broker, stream: Stream, publisher: mqtt.Publisher
) -> None:
    stream.collector.start()
    publisher.send(range(10))
    wait_until(lambda: len(_ids_in(stream.spool)) == 10, "the messages", timeout=30)
    stream.collector.kill()
    broker.stop()
    assert stream.ingest() == pipeline.SOURCE_FAILED
    assert len(stream.landed()) == 10
    assert any("无法连接消息代理" in line for line in stream.said)


def test_wrong_passwords_and_forbidden_topics_are_told_without_the_password(
    broker: mqtt.Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("hunter2")

    def reason(**more: Any) -> str:
        tree = given.table(mqtt.COLUMNS, extract={**STREAM, **more.pop("extract", {})})
        server = mqtt.server(broker, tmp_path / "spool", **more)
        contract = load_contracts(given.write(tmp_path / "c", tree, server=server))[0]
        assert isinstance(contract, StreamContract)
        return str(MqttSource(contract)._bring_in())

    monkeypatch.setenv("BROKER_PASSWORD_FILE", str(wrong))
    refused = reason()
    assert f"消息代理 {LOOPBACK}:{broker.port} 拒绝登录" in refused
    assert "hunter2" not in refused
    monkeypatch.setenv("BROKER_PASSWORD_FILE", str(tmp_path / "hub.password"))
    assert "无法连接消息代理" in reason(tls="verify")
