"""Lands what the collector has kept: each sealed segment of a table is one batch, once.

Where no collector runs, the messages that wait at the broker are fetched right here; its durable
session keeps them in between.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.contracts import Column, StreamContract
from connectors.protocols.base import (
    BATCH_ROWS,
    BatchHeldError,
    Drift,
    Extraction,
    Since,
    SourceError,
    fault_batch,
)
from connectors.protocols.collector import Collector, shelf, spool_of
from connectors.protocols.json_rows import Rows, loads
from connectors.protocols.spool import SpoolBusyError, SpoolError

# Columns that every message has beside the fields of its payload, as ``physicalName``.
TOPIC, PAYLOAD = "$topic", "$payload"

IDLE_SECONDS, MOST_SECONDS = 1.0, 300.0
SEAL_SECONDS = 15.0
KEPT_SECONDS = 7 * 86_400.0  # landed segments stay for a week, for people to look at


class MqttSource:
    """Reads the sealed segments of one table, oldest first."""

    def __init__(self, contract: StreamContract) -> None:
        self._contract = contract
        self._spool = spool_of(contract.server)

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction per segment that was not landed before.

        Raises:
            SourceError: at the end, when nobody listens or the broker cannot be reached.
        """
        trouble = self._bring_in()
        landed = {name for name, _ in since.files}
        for path in self._spool.sealed(shelf(self._contract.extract.object)):
            if path.name in landed:
                _forget(path)
                continue
            batch = Extraction(path.name, iter(()), source_sha256=_sha256(path), original=path)
            batch.rows = read_segment(path, self._contract.columns, batch.drift)
            yield batch
        if trouble:
            raise SourceError(trouble)

    def _bring_in(self) -> str | None:
        """Have everything sealed that has come so far; return what is wrong with the collector."""
        try:
            Collector(self._contract.server, say=lambda _: None).drain(IDLE_SECONDS, MOST_SECONDS)
        except SpoolBusyError:
            return self._ask_collector()
        except (SourceError, SpoolError) as error:
            return str(error)
        return None

    def _ask_collector(self) -> str | None:
        if not self._spool.ask_to_seal(SEAL_SECONDS):
            return "采集进程没有应答"
        state = self._spool.read_state()
        if state is None or not state.is_fresh():
            return "采集进程没有报告状态（可能已停止，或磁盘已满）"
        return None if state.listening else f"采集进程没有在接收：{state.reason}"


def read_segment(
    path: Path, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    """Yield the messages of a segment; one whose payload is no JSON object is a faulty row."""
    rows = Rows(columns, drift)
    extra = {column.physical_name for column in columns} & {TOPIC, PAYLOAD}
    names = [column.name for column in columns]
    with path.open(encoding="utf-8", newline="\n") as file:
        while lines := list(islice(file, BATCH_ROWS)):
            found, faults = _parsed(lines, extra)
            if found:
                yield rows.batch(found)
            if faults:
                yield fault_batch(names, faults)
    try:
        rows.finish()
    except BatchHeldError:
        # A few messages need not show every column; one under another name is still noted.
        drift[:] = [one for one in drift if one.kind != "missing"]


def _parsed(lines: list[str], extra: set[str]) -> tuple[list[Any], list[tuple[str, str]]]:
    found: list[Any] = []
    faults: list[tuple[str, str]] = []
    for line in lines:
        message = json.loads(line)
        text = message["payload"]
        if "fault" in message:
            faults.append((message["fault"], text))
            continue
        try:
            payload = loads(text)
        except (json.JSONDecodeError, RecursionError):
            faults.append(("broken_line: 不是合法的 JSON", text))
            continue
        if isinstance(payload, dict):
            about = {TOPIC: message["topic"], PAYLOAD: text}
            found.append({**payload, **{name: about[name] for name in extra}})
        else:
            faults.append(("broken_line: 不是 JSON 对象", text))
    return found, faults


def _forget(path: Path) -> None:
    if time.time() - path.stat().st_mtime > KEPT_SECONDS:
        path.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
