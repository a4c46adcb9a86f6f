"""The sensors' platform as a publisher: sends the messages of each day that comes, in order.

Which have been sent is written down, so that a restart goes on where it stopped. After a broken
line the platform sends the last minute again, as real ones do: nothing is lost, some comes twice.
"""

import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from simulator.faults.orders import Order, OrderBook
from simulator.randomness import stream
from simulator.tables import settings

CHUNK = 200
QOS = 1
PATIENCE_SECONDS = 10.0
POLL_SECONDS = 1.0
CLIENT_ID, STATUS = "iot-platform", "iot/platform/status"


@dataclass(frozen=True)
class Place:
    """How far the platform has come: the next row of a day's messages."""

    day: str = ""
    row: int = 0


@dataclass
class Platform:
    """Publishes a district's messages to the broker at ``host:port``."""

    home: Path
    host: str
    port: int
    user: str
    password: str
    _sent: deque[tuple[float, Place]] = field(default_factory=deque)
    _told: str = ""

    def __post_init__(self) -> None:
        self._book = OrderBook(self.home, "iot")
        self._progress = self.home / "published" / "iot.json"
        self._client = client = Client(CallbackAPIVersion.VERSION2, client_id=CLIENT_ID)
        client.username_pw_set(self.user, self.password)
        client.will_set(STATUS, _status("offline"), QOS, retain=True)

    def run(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Publish what there is, then wait for another day, until ``stopped``."""
        while not stopped():
            if not self._client.is_connected() and not self._connect():
                time.sleep(POLL_SECONDS)
                continue
            if not self._publish_next():
                time.sleep(POLL_SECONDS)
        self._client.publish(STATUS, _status("offline"), QOS, retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _connect(self) -> bool:
        """Connect; what was sent in the last minute will be sent again."""
        self._client.loop_stop()
        self._told = ""
        self._rewind()
        try:
            self._client.connect(self.host, self.port)
        except OSError:
            return False
        self._client.loop_start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._client.is_connected() and time.monotonic() < deadline:
            time.sleep(0.05)
        return self._client.is_connected()

    def _rewind(self) -> None:
        recent = time.monotonic() - settings("iot")["resend_seconds"]
        while self._sent and self._sent[0][0] < recent:
            self._sent.popleft()
        if self._sent:
            self._write(self._sent[0][1])
            self._sent.clear()

    def _publish_next(self) -> bool:
        """Publish the next chunk; tell whether there was one."""
        at = self._read()
        for path in sorted((self.home / "systems/city_management/stream").glob("*.parquet")):
            rows = pl.read_parquet(path.read_bytes())
            if path.stem < at.day or (path.stem == at.day and at.row >= len(rows)):
                continue
            row = at.row if path.stem == at.day else 0
            begin, end = Place(path.stem, row), Place(path.stem, min(row + CHUNK, len(rows)))
            if self._publish(rows[begin.row : end.row], begin):
                self._sent.append((time.monotonic(), begin))
                self._write(end)
            return True
        self._tell(_status("online", at.day))
        return False

    def _tell(self, status: str) -> None:
        """Leave a word for newcomers, when it is another than before."""
        if status != self._told:
            self._client.publish(STATUS, status, QOS, retain=True)
            self._told = status

    def _publish(self, rows: pl.DataFrame, begin: Place) -> bool:
        """Publish messages as the ordered faults have them; tell whether the broker took all."""
        orders = self._book.due(lambda _: True)
        for order in orders:
            if order.fault == "slow":
                time.sleep(order.arguments["seconds"])
        try:
            messages = [
                self._client.publish(topic, payload, QOS, retain)
                for topic, payload, retain in faulty(rows, orders, begin).iter_rows()
            ]
            if any(order.fault == "cut_connection" for order in orders):
                self._break()
                return False
            for message in messages:
                message.wait_for_publish(PATIENCE_SECONDS)
            return all(message.is_published() for message in messages)
        except (RuntimeError, ValueError):
            return False

    def _break(self) -> None:
        """Leave the line without a word, as a router does that restarts."""
        socket = self._client.socket()
        if socket is not None:
            socket.close()
        self._client.loop_stop()

    def _read(self) -> Place:
        try:
            return Place(**json.loads(self._progress.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Place()

    def _write(self, place: Place) -> None:
        self._progress.parent.mkdir(parents=True, exist_ok=True)
        part = self._progress.with_suffix(".part")
        part.write_text(json.dumps({"day": place.day, "row": place.row}), encoding="utf-8")
        part.replace(self._progress)


def faulty(rows: pl.DataFrame, orders: list[Order], begin: Place) -> pl.DataFrame:
    """Return messages (topic, payload, retain) with the ordered faults in them."""
    for order in orders:
        where = order.arguments
        match order.fault:
            case "send_twice":
                wanted = rows["topic"].str.ends_with(where["topic"])
                twice = pl.Series(range(len(rows))).filter(wanted)
                rows = pl.concat([rows, rows[twice]])
            case "out_of_order":
                rng = stream(int(where["seed"]), "out of order", begin.day, str(begin.row))
                rows = rows[rng.permutation(len(rows))]
            case "skew_clock":
                rows = rows.with_columns(payload=_skewed(int(where["minutes"])))
            case "rename_column":
                new = where["to"] or f"{where['column']}_new"
                rows = rows.with_columns(payload=_with_field(where["column"], f'"{new}":$1,'))
            case "drop_column":
                rows = rows.with_columns(payload=_with_field(where["column"], ""))
            case "add_column":
                added = f'{{"{where["column"]}":"{where["value"]}",'
                wider = pl.col("payload").str.replace("{", added, literal=True)
                rows = rows.with_columns(payload=wider)
            case "truncate_message":
                cut = (pl.col("payload").str.len_chars() * float(where["share"])).cast(pl.UInt32)
                rows = rows.with_columns(payload=pl.col("payload").str.head(cut))
    return rows


def _with_field(name: str, new: str) -> pl.Expr:
    """Return the payloads with ``new`` for a field (not the last); ``$1`` is its value."""
    return pl.col("payload").str.replace(rf'"{re.escape(name)}":("[^"]*"|[^,}}]*),', new)


def _skewed(minutes: int) -> pl.Expr:
    moment = pl.col("payload").str.extract(r'"ts":(-?\d+)').cast(pl.Int64) + minutes * 60_000
    return pl.col("payload").str.replace(r'"ts":-?\d+', pl.format('"ts":{}', moment))


def _status(state: str, day: str = "") -> str:
    """Say whether the platform is there, and up to which day everything has been sent."""
    return json.dumps({"synthetic": True, "state": state, "day": day})
