"""Parquet files of the simulator: in small row groups, marked synthetic."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow.parquet as pq

ROWS_PER_GROUP = 10_000


class Tables:
    """Parquet files that grow part by part: one open writer per file, nothing kept in memory."""

    def __init__(self) -> None:
        self._writers: dict[Path, pq.ParquetWriter] = {}

    def __enter__(self) -> "Tables":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the files."""
        for writer in self._writers.values():
            writer.close()

    def append(self, rows: pl.DataFrame, path: Path) -> None:
        """Add rows to a file, whose first rows say which columns it has."""
        found = rows.to_arrow(compat_level=pl.CompatLevel.newest())  # without copying the text
        writer = self._writers.get(path)
        if writer is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # most values differ and nobody asks for a range: dictionaries and statistics cost time,
            # as would packing tighter what is read and written again every day
            writer = pq.ParquetWriter(
                path, found.schema, compression="lz4", use_dictionary=False, write_statistics=False
            )
            writer.add_key_value_metadata({"synthetic": "true"})
            self._writers[path] = writer
        writer.write_table(found, row_group_size=ROWS_PER_GROUP)


def write_parquet(rows: pl.DataFrame, path: Path) -> None:
    """Write a table at once."""
    with Tables() as tables:
        tables.append(rows, path)


def write_all(tables: Mapping[Path, pl.DataFrame]) -> None:
    """Write tables at once, several at a time; the first failure is raised."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(write_parquet, tables.values(), tables))
