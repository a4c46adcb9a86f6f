"""The immutable raw file of a batch: every row as received, in Parquet.

Beside the contract's columns (text) it holds ``_fault`` and ``_fault_text`` for rows that could
not be parsed, ``_row_number`` (from 1, in the order received) and ``_row_hash``.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from connectors.protocols.base import FAULT, FAULT_TEXT

ROW_NUMBER = "_row_number"
ROW_HASH = "_row_hash"
OURS = {FAULT, FAULT_TEXT, ROW_NUMBER, ROW_HASH}
PART = ".part"
GROUP_ROWS = 131_072


@dataclass(frozen=True)
class RawFile:
    """A finished raw file."""

    path: Path
    sha256: str
    size: int
    rows: int


class RawFileWriter:
    """Writes ``<path>.part`` and renames it when all is on disk: there is never half a file."""

    def __init__(self, path: Path, columns: Sequence[str], faults: Sequence[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._part = path.with_name(path.name + PART)
        text = [(name, pa.string()) for name in (*columns, *faults)]
        self._schema = pa.schema([*text, (ROW_NUMBER, pa.int64()), (ROW_HASH, pa.int64())])
        self._file = _HashingFile(self._part.open("wb"))
        self._writer = pq.ParquetWriter(
            self._file,
            self._schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=False,  # zstd finds what repeats at half the price
            write_statistics=False,  # nobody asks; they cost more than everything else here
        )
        self._rows = 0

    def write(self, batch: pa.RecordBatch, numbers: pa.Array, hashes: pa.Array) -> None:
        """Append rows; columns that ``batch`` lacks (no faults) are null."""
        count = batch.num_rows
        text = [
            batch.column(name) if name in batch.schema.names else pa.nulls(count, pa.string())
            for name in self._schema.names[:-2]
        ]
        whole = pa.RecordBatch.from_arrays([*text, numbers, hashes], schema=self._schema)
        self._writer.write_batch(whole, row_group_size=GROUP_ROWS)
        self._rows += count

    def close(self) -> RawFile:
        """Flush to disk and give the file its name."""
        self._writer.close()
        self._file.sync()
        size = self._part.stat().st_size
        self._file.close()
        self._part.rename(self._path)
        _sync_folder(self._path.parent)
        return RawFile(self._path, self._file.digest(), size, self._rows)

    def abandon(self) -> None:
        """Remove what was written."""
        with contextlib.suppress(OSError, pa.ArrowException):  # a full disk may be the reason
            self._writer.close()
        with contextlib.suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)


def read_hashes(path: Path) -> NDArray[np.int64]:
    """Return the row hashes in the order of rows."""
    table = pq.ParquetFile(path).read(columns=[ROW_HASH])
    hashes: NDArray[np.int64] = table[ROW_HASH].to_numpy()
    return hashes


def sha256(path: Path) -> str:
    """Return the checksum of a kept file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_columns(path: Path) -> list[str]:
    """Return the names of the columns that were received, in their order."""
    return [name for name in pq.read_schema(path).names if name not in OURS]


def count_rows(path: Path) -> int:
    """Return how many rows were received."""
    rows: int = pq.read_metadata(path).num_rows
    return rows


def read_columns(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Return whole columns; one that the file lacks is null."""
    received = set(pq.read_schema(path).names)
    lacking = [name for name in columns if name not in received]
    if not lacking:
        return pl.read_parquet(path, columns=list(columns))
    found = pl.read_parquet(path, columns=[ROW_NUMBER, *(received & set(columns))])
    return found.with_columns(pl.lit(None, pl.String).alias(n) for n in lacking).select(columns)


def read_rows(
    path: Path, columns: Sequence[str], wanted: NDArray[np.bool_]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows that ``wanted`` marks; row groups without any are not read.

    A column that the file lacks is null.
    """
    file = pq.ParquetFile(path)
    present = [name for name in columns if name in file.schema_arrow.names]
    start = 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        mask = wanted[start : start + count]
        start += count
        if not mask.any():
            continue
        table = file.read_row_group(group, columns=present)
        for name in columns:
            if name not in present:
                table = table.append_column(name, pa.nulls(count, pa.string()))
        table = table.select(list(columns))
        yield from (table if mask.all() else table.filter(pa.array(mask))).to_batches()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _HashingFile:
    """A file for Parquet's writer that knows the SHA-256 of all that was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        self._hash.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def digest(self) -> str:
        return self._hash.hexdigest()
