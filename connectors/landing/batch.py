"""A batch on its way: what is known of it between extraction and merge."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.contracts import Contract
from connectors.landing.profile import ColumnProfile
from connectors.landing.row_check import Rejected


@dataclass(frozen=True)
class Batch:
    """A batch as it stands between extraction and merge.

    ``complete``: a snapshot shows every row, so that what it lacks is gone. ``seconds`` is what
    reading it took.
    """

    batch_id: int
    contract: Contract
    raw_file: Path
    received: int
    rejected: int
    complete: bool = True
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        """Rows that may enter the change log."""
        return self.received - self.rejected


@dataclass(frozen=True)
class Findings:
    """What extraction found out about a batch."""

    raw_bytes: int
    raw_sha256: str
    cursor_to: str | None
    drift: Sequence[str]
    rejected: Sequence[Rejected]
    profile: Sequence[ColumnProfile]
