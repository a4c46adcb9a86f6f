"""Listens to a department's broker and keeps every message on disk before it is acknowledged.

Killed at any moment it loses nothing: what it has acknowledged is in the spool, and the broker
sends the rest again. A message may come twice, which the change log counts as unchanged.
"""

import base64
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from paho.mqtt.client import MQTTMessage, topic_matches_sub

from connectors.contracts.streams import MqttServer
from connectors.protocols.base import SourceError
from connectors.protocols.broker import Session
from connectors.protocols.spool import Spool, SpoolError, State
from connectors.protocols.sql import settle

GROUP = 1000  # messages that share one write to disk, at most
WAIT_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
PAUSE_SECONDS = (1.0, 30.0)
LARGEST_PAYLOAD = 1 << 20
SHOWN_PAYLOAD = 1 << 10

Say = Callable[[str], None]


def spool_of(server: MqttServer) -> Spool:
    """Return the spool of a broker's messages."""
    return Spool(Path(settle(server.spool)))


def shelf(topic_filter: str) -> str:
    """Return the folder of a topic filter's messages within the spool."""
    return topic_filter.replace("/", ".")


@dataclass
class Collector:
    """Collects the messages of all topics of one broker's session, whatever they hold."""

    server: MqttServer
    say: Say
    messages: int = 0
    _pause: float = PAUSE_SECONDS[0]
    _since: str = ""
    _noted: float = field(default=float("-inf"))

    def __post_init__(self) -> None:
        self.spool = spool_of(self.server)

    def run(self, stopped: Callable[[], bool]) -> None:
        """Listen until ``stopped``; a lost broker or a full disk is waited for.

        Raises:
            SpoolBusyError: another collector is at work.
        """
        with self.spool.owned():
            while not stopped():
                try:
                    self.spool.probe()  # a full disk shall not have the broker send in vain
                    with self._session() as session:
                        self._listen(session, stopped)
                except (SourceError, SpoolError) as error:
                    self._wait_after(error, stopped)
            self._note(listening=False, reason="采集进程已停止", now=True)

    def drain(self, idle_seconds: float, most_seconds: float) -> None:
        """Take what waits at the broker, until it is silent for a moment, and seal it.

        Raises:
            SpoolBusyError: a collector is at work.
            SourceError: the broker cannot be reached; what came before is sealed.
            SpoolError: the disk is full.
        """
        with self.spool.owned():
            deadline = time.monotonic() + most_seconds
            try:
                with self._session() as session:
                    self._listen(session, _Silence(self, idle_seconds, deadline))
            finally:
                self.spool.recover()

    def _session(self) -> Session:
        return Session(self.server)

    def _listen(self, session: Session, stopped: Callable[[], bool]) -> None:
        self._pause = PAUSE_SECONDS[0]
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self.say(f"listening for {', '.join(self.server.topics)}")
        self._note(listening=True, now=True)
        while not stopped():
            session.wait(WAIT_SECONDS)
            while session.more_at_hand() and len(session.arrived) < GROUP:
                session.wait(0)
            self._keep(session)
            self.spool.rotate()
            self.spool.answer_seal_request()
            self._note(listening=True)
        self.spool.rotate(everything=True)

    def _keep(self, session: Session) -> None:
        """Write down what arrived, and only then acknowledge it."""
        if not session.arrived:
            return
        for message in session.arrived:
            topic, line = _written(message)
            for wanted in self._filters_of(topic):
                self.spool.append(shelf(wanted), line)
        self.spool.sync()
        self.messages += len(session.arrived)
        session.acknowledge()

    def _filters_of(self, topic: str) -> list[str]:
        found = [each for each in self.server.topics if topic_matches_sub(each, topic)]
        if not found:
            self.say(f"nobody wants topic {topic!r}: a subscription of an earlier contract?")
        return found

    def _wait_after(self, error: Exception, stopped: Callable[[], bool]) -> None:
        """Say what is wrong and pause, longer each time; requests to seal are answered."""
        reason = str(error)
        if isinstance(error, SpoolError):
            reason += "；已停止确认，消息留在代理中"
        self.say(f"FAILED: {reason}")
        self._note(listening=False, reason=reason, now=True)
        until = time.monotonic() + self._pause * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        self._pause = min(self._pause * 2, PAUSE_SECONDS[1])
        while not stopped() and time.monotonic() < until:
            self._note(listening=False, reason=reason)
            self._tidy()
            time.sleep(0.2)

    def _tidy(self) -> None:
        """Seal what is safe; on a full disk even that may have to wait."""
        try:
            self.spool.recover()
            self.spool.answer_seal_request()
        except (OSError, SpoolError):
            return

    def _note(self, *, listening: bool, reason: str | None = None, now: bool = False) -> None:
        if now or time.monotonic() - self._noted > HEARTBEAT_SECONDS:
            self._noted = time.monotonic()
            state = State(listening, self._since, time.time(), self.messages, reason)
            self.spool.write_state(state)


class _Silence:
    """Says stop when no message came for a moment, or when it takes too long."""

    def __init__(self, collector: Collector, idle_seconds: float, deadline: float) -> None:
        self._collector = collector
        self._idle = idle_seconds
        self._deadline = deadline
        self._last = (collector.messages, time.monotonic())

    def __call__(self) -> bool:
        now = time.monotonic()
        if self._collector.messages != self._last[0]:
            self._last = (self._collector.messages, now)
        return now > self._deadline or now - self._last[1] > self._idle


def _written(message: MQTTMessage) -> tuple[str, bytes]:
    """Return a message's topic and its line in the spool."""
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = "?"
    line = {"at": datetime.now(UTC).isoformat(), "topic": topic, "retained": message.retain}
    size = len(message.payload)
    if size > LARGEST_PAYLOAD:
        line["fault"] = f"too_large: 消息 {size:,} 字节，超过上限 {LARGEST_PAYLOAD:,}"
        line["payload"] = message.payload[:SHOWN_PAYLOAD].decode("utf-8", "backslashreplace")
        return topic, json.dumps(line, ensure_ascii=False).encode()
    try:
        line["payload"] = message.payload.decode("utf-8")
    except UnicodeDecodeError:
        line["fault"] = "undecodable: 不是合法的 UTF-8"
        line["payload"] = base64.b64encode(message.payload).decode()
    return topic, json.dumps(line, ensure_ascii=False).encode()
