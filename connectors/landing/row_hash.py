"""The fingerprint of a row's content, by which the change log knows a changed row."""

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl
import polars_hash as plh
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


@cache
def weight(column: str) -> int:
    """Return the odd 64-bit number that stands for a column's name in every row hash."""
    digest = hashlib.sha256(column.encode()).digest()
    return int.from_bytes(digest[:8], "little") | 1


def value_hashes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return xxh3 of every value (UInt64), null where the value is null."""
    return frame.select(plh.col(name).nchash.xxh3_64() for name in columns)


def row_hashes(values: pl.DataFrame) -> NDArray[np.int64]:
    """Combine the hashes of a row's values, each weighted by its column's name.

    The order of columns does not matter, a null is not an empty string, and a new column that
    is null leaves every hash as it was.
    """
    total, weighted = np.zeros((2, values.height), dtype=np.uint64)
    for column in values.iter_columns():
        known = column.fill_null(0) if column.null_count() else column  # filling copies it anyway
        np.multiply(known.to_numpy(), np.uint64(weight(column.name)), out=weighted)
        total += weighted
    return total.view(np.int64)
