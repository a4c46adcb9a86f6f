"""Reads a kept batch again, under the contract as it is now: the same rows, looked at afresh."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from connectors.contracts import Contract, FileContract
from connectors.landing import raw_file
from connectors.landing.drift import CodeLists
from connectors.landing.land import Examination
from connectors.landing.profile import ColumnProfile
from connectors.landing.raw_file import RawFileWriter
from connectors.landing.row_check import Rejected
from connectors.protocols.base import (
    FAULT,
    FAULT_TEXT,
    BatchHeldError,
    Drift,
    Extraction,
    Since,
)
from connectors.protocols.files import Entry, FileSource

PARQUET = ".parquet"


@dataclass(frozen=True)
class Reread:
    """What a kept batch holds when it is read today; ``path`` is its raw file with rows.

    ``complete``: whether a snapshot shows every row; ``None`` where rows were known before.
    """

    path: Path
    raw_bytes: int
    raw_sha256: str
    received: int
    complete: bool | None
    rejected: list[Rejected]
    profile: list[ColumnProfile]
    drift: list[Drift]


def is_readable(kept: Path) -> bool:
    """Tell whether a kept file holds rows, not a source file that could not be taken apart."""
    return kept.suffix == PARQUET


def reread(
    contract: Contract, kept: Path, batch_id: int, source_ref: str, code_lists: CodeLists
) -> Reread:
    """Examine the rows of a kept batch; a file kept as it was received is taken apart first.

    Raises:
        BatchHeldError: it still cannot be taken apart.
    """
    examination = Examination(contract, code_lists)
    if is_readable(kept):
        extraction = Extraction(source_ref, _rows(contract, kept))
        for _ in examination.pieces(extraction):
            pass
        size, digest = kept.stat().st_size, raw_file.sha256(kept)
        received, path, complete = examination.rows, kept, None
    else:
        with _taken_apart(contract, kept, source_ref) as extraction:
            path = kept.with_name(f"{batch_id}{PARQUET}")
            raw = _write(contract, path, examination, extraction)
        size, digest, received = raw.size, raw.sha256, raw.rows
        complete = not (examination.repeated or examination.unnamed)
    drift = [*extraction.drift, *examination.codes.result()]
    return Reread(
        path=path,
        raw_bytes=size,
        raw_sha256=digest,
        received=received,
        complete=complete,
        rejected=examination.rejected,
        profile=examination.profile.result(),
        drift=drift,
    )


def _rows(contract: Contract, kept: Path) -> Iterator[pa.RecordBatch]:
    names = [*(column.name for column in contract.columns), FAULT, FAULT_TEXT]
    every = np.ones(raw_file.count_rows(kept), dtype=np.bool_)
    return raw_file.read_rows(kept, names, every)


def _write(
    contract: Contract, path: Path, examination: Examination, extraction: Extraction
) -> raw_file.RawFile:
    names = [column.name for column in contract.columns]
    writer = RawFileWriter(path, names, [FAULT, FAULT_TEXT])
    try:
        for piece in examination.pieces(extraction):
            writer.write(*piece)
        return writer.close()
    except BaseException:
        writer.abandon()
        raise


@contextmanager
def _taken_apart(contract: Contract, kept: Path, name: str) -> Iterator[Extraction]:
    """Read a kept source file as its department's connector would."""
    if not isinstance(contract, FileContract):
        raise BatchHeldError(f"{contract.identifier} 的来源已不是文件，无法再读取 {name}")
    store = _KeptFile(kept, name, contract.extract.ok_flag)
    source = FileSource(contract, lambda: nullcontext(store), settle_seconds=0)
    extractions = source.extractions(Since())
    found = next(extractions, None)
    if found is None:
        raise BatchHeldError(f"文件名 {name} 已不符合契约的 extract.object")
    yield found
    extractions.close()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _KeptFile:
    """The one file of a held batch, as if it lay at its department again."""

    path: Path
    name: str
    ok_flag: str | None

    def list(self) -> list[Entry]:
        """Return the file, and the flag that it is whole."""
        status = self.path.stat()
        flags = [self.name + self.ok_flag] if self.ok_flag else []
        return [Entry(n, status.st_size, status.st_mtime) for n in (self.name, *flags)]

    def fetch(self, name: str, target: Path) -> None:
        """Copy the file."""
        shutil.copyfile(self.path, target)
