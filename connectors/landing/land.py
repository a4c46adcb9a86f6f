"""From an extraction to a finished raw file with every row examined and entered in the ledger."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from connectors.contracts import Contract
from connectors.landing.ahead import StalledError, ahead
from connectors.landing.batch import Batch, Findings
from connectors.landing.drift import NO_CODE_LISTS, CodeLists, UnknownCodes, changed_types
from connectors.landing.gathering import gathered
from connectors.landing.ledger import Ledger
from connectors.landing.profile import Profile
from connectors.landing.raw_file import RawFileWriter
from connectors.landing.row_check import Rejected, RowCheck, may_hold_nul
from connectors.landing.row_hash import row_hashes, value_hashes
from connectors.landing.watermark import Watermark
from connectors.protocols.base import (
    FAULT,
    FAULT_TEXT,
    READ_SECONDS,
    BatchHeldError,
    Extraction,
    SourceError,
)

Piece = tuple[pa.RecordBatch, pa.Array, pa.Array]


def land(
    ledger: Ledger,
    run_id: str,
    contract: Contract,
    extraction: Extraction,
    code_lists: CodeLists = NO_CODE_LISTS,
) -> Batch:
    """Read one extraction to its end and keep it.

    ``code_lists``: which codes the contract's lists know; what they do not know is drift.

    Raises:
        BatchHeldError: its rows cannot be told apart; the batch is held, its file kept.
        SourceError: the source failed; the batch is marked failed, the next run reads again.
    """
    began = perf_counter()
    batch_id = ledger.start(run_id, contract, extraction)
    path = _raw_path(ledger.landing, contract, batch_id)
    examination = Examination(contract, code_lists)
    names = [column.name for column in contract.columns]
    writer = RawFileWriter(path, names, [FAULT, FAULT_TEXT])
    try:
        for piece in ahead(examination.pieces(extraction)):
            writer.write(*piece)
        raw = writer.close()
    except BatchHeldError as held:
        writer.abandon()
        kept = _keep(extraction.original, path)
        ledger.hold_unreadable(batch_id, str(held), held.lines, kept)
        ledger.note_drift(batch_id, contract, extraction.drift)
        raise
    except StalledError:
        writer.abandon()
        reason = f"{extraction.source_ref} 超过 {READ_SECONDS} 秒没有给出数据"
        ledger.fail(batch_id, reason)
        raise SourceError(reason) from None
    except SourceError as error:
        writer.abandon()
        ledger.fail(batch_id, str(error))
        raise
    except BaseException:
        writer.abandon()
        raise
    before = ledger.types(contract) if extraction.types else {}
    whole = (extraction.mode or contract.extract.mode) == "snapshot"
    drift = [
        *extraction.drift,
        *changed_types(contract.columns, extraction.types, before, whole=whole),
        *examination.codes.result(),
    ]
    batch = Batch(
        batch_id,
        contract,
        raw.path,
        received=raw.rows,
        rejected=len(examination.rejected),
        complete=not (examination.repeated or examination.unnamed),
        seconds=perf_counter() - began,
        mode=extraction.mode,
        drift=tuple(drift),
    )
    findings = Findings(
        raw_bytes=raw.size,
        raw_sha256=raw.sha256,
        cursor_to=extraction.cursor_to or examination.watermark.value(),
        drift=drift,
        note=examination.note,
        rejected=examination.rejected,
        profile=examination.profile.result(),
        types=extraction.types,
    )
    ledger.extracted(batch, findings)
    return batch


@dataclass
class Examination:
    """Looks at every piece of a batch exactly once, while it streams by."""

    contract: Contract
    code_lists: CodeLists = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    rows: int = 0
    unnamed: int = 0  # rows that could not be parsed, so that nobody knows whose they are

    def __post_init__(self) -> None:
        self.check = RowCheck(self.contract)
        self.profile = Profile(self.contract.columns)
        self.watermark = Watermark(self.contract)
        self.codes = UnknownCodes(self.contract.columns, self.code_lists)
        self.pages: list[NDArray[np.int64]] = []

    def pieces(self, extraction: Extraction) -> Iterator[Piece]:
        """Yield what the raw file needs of each piece: rows, their numbers, their hashes."""
        names = [column.name for column in self.contract.columns]
        sent = ahead(extraction.rows, stall_seconds=READ_SECONDS)
        for batch, lengths in gathered(sent):
            frame = pl.DataFrame(pl.from_arrow(batch))
            values = value_hashes(frame, names)
            self._examine(frame, values, nul=may_hold_nul(batch))
            first = self.rows + 1
            numbers = np.arange(first, first + frame.height, dtype=np.int64)
            self.rows += frame.height
            hashes = row_hashes(values)
            if extraction.paged:
                self.pages += np.split(hashes, np.cumsum(lengths)[:-1])
            yield batch, pa.array(numbers), pa.array(hashes)

    @property
    def repeated(self) -> int:
        """Rows that came again on another page; a row twice on one page is the source's own."""
        if not self.pages:
            return 0
        distinct = [np.unique(page) for page in self.pages]
        return sum(map(len, distinct)) - len(np.unique(np.concatenate(distinct)))

    @property
    def note(self) -> str | None:
        """What people should know of the batch although it is not held for it."""
        repeated = self.repeated
        reasons = {f"分页重复 {repeated} 行": repeated}
        if self.contract.extract.mode == "snapshot":
            reasons[f"{self.unnamed} 行无法解析、不知其主键"] = self.unnamed
        found = "，".join(reason for reason, count in reasons.items() if count)
        return f"{found}，快照不完整，不关闭消失的主键" if found else None

    def _examine(self, frame: pl.DataFrame, values: pl.DataFrame, *, nul: bool) -> None:
        self.watermark.see(frame)
        story = self.check.story(frame, nul=nul)
        if story is not None:
            self.rejected += self.check.rejected(frame, story, self.rows + 1)
            self.unnamed += _unnamed(frame, self.contract.key)
            good = story.is_null()
            frame, values = frame.filter(good), values.filter(good)
        self.profile.see(frame, values)
        self.codes.see(frame)


def _unnamed(frame: pl.DataFrame, key: Sequence[str]) -> int:
    """Count the rows that could not be parsed and whose key is not known either."""
    if FAULT not in frame.columns:
        return 0
    unknown = pl.col(FAULT).is_not_null() & pl.all_horizontal(pl.col(key).is_null())
    return int(frame.select(unknown.sum()).item())


def _raw_path(landing: Path, contract: Contract, batch_id: int) -> Path:
    day = date.today().isoformat()  # noqa: DTZ011 - the district's own calendar
    return landing / contract.department / contract.table / day / f"{batch_id}.parquet"


def _keep(original: Path | None, raw: Path) -> Path | None:
    """Keep a file that cannot be taken apart, as it was received."""
    if original is None:
        return None
    kept = raw.with_suffix(f".received{original.suffix}")
    part = kept.with_name(kept.name + ".part")
    shutil.copyfile(original, part)
    part.rename(kept)
    return kept
