"""A batch as the ledger and its raw file know it, with people's corrections laid over its rows."""

# ruff: noqa: S608 - the only names put into statements are those of validated contracts
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from connectors.contracts import Contract
from connectors.landing import raw_file
from connectors.landing.row_hash import row_hashes, value_hashes
from connectors.landing.statements import Statements
from connectors.protocols.base import Mode

Corrections = Mapping[int, Mapping[str, str | None]]


@dataclass(frozen=True)
class StoredBatch:
    """The rows of a batch as they count today, and the batch's place in time.

    ``received``: rows, whatever became of them. ``moment``: when it had been read. ``complete``: a
    snapshot that shows every row, so that what it lacks is gone. ``rejected``: numbers (from 1) of
    the rows that stay out. ``corrections``: by row number, the values that people put in place of
    what was received.
    """

    batch_id: int
    contract: Contract
    path: Path
    mode: Mode
    received: int
    complete: bool
    moment: datetime
    rejected: NDArray[np.int64]
    corrections: Corrections

    @property
    def cursor(self) -> str | None:
        """The column that tells a newer version of a key from an older one."""
        return self.contract.cursor if self.mode in {"cursor", "backfill"} else None

    @property
    def closes_unseen(self) -> bool:
        """Whether a key that this batch does not show is gone."""
        return self.mode == "snapshot" and self.complete

    @cached_property
    def columns(self) -> list[str]:
        """The columns of its rows: those of the contract when it was read, and of corrections."""
        received = raw_file.text_columns(self.path)
        added = [name for row in self.corrections.values() for name in row]
        return list(dict.fromkeys([*received, *added]))

    def hashes(self) -> NDArray[np.int64]:
        """Return the row hashes in the order received."""
        hashes = raw_file.read_hashes(self.path)
        if self._corrected is None:
            return hashes
        hashes = hashes.copy()
        hashes[self._corrected_at] = self._corrected[raw_file.ROW_HASH].to_numpy()
        return hashes

    def read(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return whole columns in the order received."""
        frame = raw_file.read_columns(self.path, columns)
        if self._corrected is None:
            return frame
        corrected = self._corrected.select(columns)
        rows = pl.Series(self._corrected_at)
        return frame.with_columns(frame[n].scatter(rows, corrected[n]) for n in columns)

    def keys(self) -> pl.DataFrame:
        """Return the keys of all rows; parts that may be empty are "" where nothing came."""
        return self._comparable(self.read(self.contract.key))

    @cached_property
    def key_hashes(self) -> NDArray[np.uint64]:
        """A hash of each row's key; of millions of keys, the text is never held at once."""
        if self._corrected is not None:
            return self.keys().hash_rows().to_numpy()
        every = np.ones(raw_file.count_rows(self.path), dtype=np.bool_)
        pieces = raw_file.read_rows(self.path, self.contract.key, every)
        frames = (self._comparable(pl.DataFrame(pl.from_arrow(piece))) for piece in pieces)
        none = np.empty(0, dtype=np.uint64)
        return np.concatenate([none, *(frame.hash_rows().to_numpy() for frame in frames)])

    def _comparable(self, keys: pl.DataFrame) -> pl.DataFrame:
        loose = [c.name for c in self.contract.columns if c.primary_key and not c.required]
        return keys.with_columns(pl.col(loose).fill_null("")) if loose else keys

    def pieces(self, columns: Sequence[str], wanted: NDArray[np.bool_]) -> Iterator[pa.RecordBatch]:
        """Yield ``columns`` and the hash of the rows that ``wanted`` marks, corrected ones last."""
        names = [*columns, raw_file.ROW_HASH]
        if self._corrected is None:
            yield from raw_file.read_rows(self.path, names, wanted)
            return
        received = wanted.copy()
        received[self._corrected_at] = False
        yield from raw_file.read_rows(self.path, names, received)
        corrected = self._corrected.filter(pl.Series(wanted[self._corrected_at]))
        table = corrected.select(names).to_arrow(compat_level=pl.CompatLevel.oldest())
        kinds = [(n, pa.int64() if n == raw_file.ROW_HASH else pa.string()) for n in names]
        yield from table.cast(pa.schema(kinds)).to_batches()

    @cached_property
    def _corrected_at(self) -> NDArray[np.int64]:
        return np.array(sorted(self.corrections), dtype=np.int64) - 1

    @cached_property
    def _corrected(self) -> pl.DataFrame | None:
        """The corrected rows, whole, with their new hashes."""
        if not self.corrections:
            return None
        wanted = np.zeros(raw_file.count_rows(self.path), dtype=np.bool_)
        wanted[self._corrected_at] = True
        received = pl.DataFrame(
            pl.from_arrow(
                pa.Table.from_batches(raw_file.read_rows(self.path, self.columns, wanted))
            )
        )
        rows = [
            {**row, **self.corrections[int(at) + 1]}
            for at, row in zip(self._corrected_at, received.iter_rows(named=True), strict=True)
        ]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(self.columns, pl.String))
        hashes = row_hashes(value_hashes(frame, self.columns))
        return frame.with_columns(pl.Series(raw_file.ROW_HASH, hashes))


def stored_batch(db: Statements, landing: Path, contract: Contract, batch_id: int) -> StoredBatch:
    """Read one batch from the ledger."""
    (found,) = _read(db, landing, contract, f"batch_id = {batch_id}")
    return found


def landed_batches(
    db: Statements, landing: Path, contract: Contract, since: datetime | None = None
) -> Iterator[StoredBatch]:
    """Yield the landed batches of a table in the order of their places in time."""
    later = f" and extracted_at >= '{since.isoformat()}'" if since else ""
    yield from _read(
        db,
        landing,
        contract,
        f"department = '{contract.department}' and table_name = '{contract.table}'"
        f" and status = 'landed'{later}",
    )


def lost_files(db: Statements, landing: Path, contract: Contract) -> list[Path]:
    """Return the raw files of landed batches that are gone or are not what was written."""
    files = db.rows(
        "select raw_file, raw_sha256 from ops.batch where department = $1 and table_name = $2"
        " and status = 'landed' order by batch_id",
        contract.department,
        contract.table,
    )
    return [landing / path for path, digest in files if not is_whole(landing / path, digest)]


def is_whole(path: Path, digest: str) -> bool:
    """Tell whether a kept file is what was written."""
    return path.is_file() and raw_file.sha256(path) == digest


def _read(
    db: Statements, landing: Path, contract: Contract, condition: str
) -> Iterator[StoredBatch]:
    batches = db.rows(
        "select batch_id, raw_file, mode, received, complete, extracted_at from ops.batch"
        f" where {condition} order by extracted_at, batch_id"
    )
    for batch_id, path, mode, received, complete, moment in batches:
        rejected = db.column(
            "select row_number from quality.rejected_record"
            f" where batch_id = {batch_id} and status <> 'released'"
        )
        yield StoredBatch(
            batch_id=batch_id,
            contract=contract,
            path=landing / path,
            mode=mode,
            received=received,
            complete=complete,
            moment=moment,
            rejected=rejected,
            corrections=_corrections(db, batch_id),
        )


def _corrections(db: Statements, batch_id: int) -> dict[int, Any]:
    rows = db.rows(
        "select row_number, correction::text from quality.rejected_record"
        " where batch_id = $1 and status = 'released' and correction <> '{}'",
        batch_id,
    )
    return {number: json.loads(correction) for number, correction in rows}
