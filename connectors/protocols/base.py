"""What a protocol is: from a validated contract to batches of rows, all values text as received.

A protocol yields :class:`Extraction` objects, one per batch of the ledger (a table read, or one
file), in the order in which they must be merged. Rows come as Arrow record batches whose columns
are the contract's column names, all ``utf8``; a row that could not be parsed is a row of nulls
with its story in the columns ``FAULT`` (``rule: reason``) and ``FAULT_TEXT`` (the text as
received), so that it is counted, kept and rejected like any other bad row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa

FAULT = "_fault"
FAULT_TEXT = "_fault_text"

CONNECT_SECONDS = 10
READ_SECONDS = 120
ATTEMPTS = 4

# How strictly rows have to fit is the gate's business; how large a piece is, is the protocol's.
BATCH_BYTES = 4 << 20
BATCH_ROWS = 65_536


# How a batch was read: as its contract's mode says, or on occasion otherwise (``keys``: only the
# keys of a cursor table, to learn which are gone; ``backfill``: a range of days once more).
Mode = Literal["snapshot", "cursor", "files", "stream", "keys", "backfill"]


class SourceError(Exception):
    """The department's system could not be read; the message (Chinese) says what and where."""


class BatchHeldError(Exception):
    """What came cannot be taken apart into rows of this table: the whole batch is held.

    ``lines`` counts the rows (or physical lines, where rows cannot be told) that are held.
    """

    def __init__(self, reason: str, lines: int = 0) -> None:
        super().__init__(reason)
        self.lines = lines


DriftKind = Literal["added", "missing", "renamed", "type", "code_list"]


@dataclass(frozen=True)
class Drift:
    """One difference between a source and its contract, about one column, in one sentence.

    ``column`` is named as the source or the contract's ``physicalName`` has it.
    """

    kind: DriftKind
    column: str
    note: str

    def __str__(self) -> str:
        return self.note


@dataclass(frozen=True)
class Days:
    """A range of days of a cursor column, the last one included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: str, last: str) -> "Days":
        """Make a range from two days as ``2026-01-31``."""
        return cls(date.fromisoformat(first), date.fromisoformat(last))


@dataclass(frozen=True)
class Since:
    """What was landed before: where the cursor stood, which files (name, SHA-256) were read.

    ``newest``: that of them which comes last by name, in its last version.
    ``days``: read this range again instead, wherever the cursor stands.
    """

    cursor: str | None = None
    files: frozenset[tuple[str, str]] = frozenset()
    newest: tuple[str, str] | None = None
    days: Days | None = None


@dataclass
class Extraction:
    """One batch about to be read. ``drift`` and ``types`` fill up while ``rows`` is consumed.

    ``types``: how the source itself types the contract's columns, where it does.

    ``original`` is the file that the rows come from; it is kept when the batch must be held
    because its rows cannot be told apart. ``paged``: rows were asked for page by page, so that a
    row seen twice means that another was not seen at all. ``mode``: read otherwise than the
    contract says; then ``cursor_to`` is where reading was told to end.
    """

    source_ref: str
    rows: Iterator[pa.RecordBatch]
    source_sha256: str | None = None
    original: Path | None = None
    cursor_from: str | None = None
    paged: bool = False
    mode: Mode | None = None
    cursor_to: str | None = None
    drift: list[Drift] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)


class Source(Protocol):
    """One small class per protocol, built from a contract."""

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield what is new since the last landed batch.

        Raises:
            SourceError: the system cannot be reached, refuses us, or answers nonsense.
            BatchHeldError: (while rows are consumed) the content is not this table.
        """
        ...


def fault_batch(names: Sequence[str], faults: Sequence[tuple[str, str]]) -> pa.RecordBatch:
    """Make a record batch of unparseable rows from pairs of (``rule: reason``, raw text).

    What is no Unicode in a raw text is shown as an escape (``\\ud800``).
    """
    texts = [text.encode("utf-8", "backslashreplace").decode() for _, text in faults]
    columns = [pa.nulls(len(faults), pa.string()) for _ in names]
    columns.append(pa.array([reason for reason, _ in faults], pa.string()))
    columns.append(pa.array(texts, pa.string()))
    return pa.record_batch(columns, names=[*names, FAULT, FAULT_TEXT])
