"""A batch on its way: what is known of it between extraction and merge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.contracts import Contract
from connectors.landing.profile import ColumnProfile
from connectors.landing.row_check import Rejected
from connectors.protocols.base import Drift, Mode


@dataclass(frozen=True)
class Batch:
    """A batch as it stands between extraction and merge.

    ``complete``: a snapshot shows every row, so that what it lacks is gone. ``seconds`` is what
    reading it took. ``mode``: how it was read, unless as its contract says.
    """

    batch_id: int
    contract: Contract
    raw_file: Path
    received: int
    rejected: int
    complete: bool = True
    seconds: float = 0.0
    mode: Mode | None = None
    drift: tuple[Drift, ...] = ()

    @property
    def read_as(self) -> Mode:
        """How the batch was read, and so what it may close."""
        return self.mode or self.contract.extract.mode

    @property
    def accepted(self) -> int:
        """Rows that may enter the change log."""
        return self.received - self.rejected


@dataclass(frozen=True)
class Findings:
    """What extraction found out about a batch; ``types`` are those that the source declares."""

    raw_bytes: int
    raw_sha256: str
    cursor_to: str | None
    drift: Sequence[Drift]
    note: str | None
    rejected: Sequence[Rejected]
    profile: Sequence[ColumnProfile]
    types: Mapping[str, str]
