"""Parquet files: typed columns become text, each value as it would be written without loss."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.contracts import Column
from connectors.protocols.base import BATCH_ROWS, BatchHeldError, Drift
from connectors.protocols.columns import match

LARGEST_FOOTER = 64 << 20  # Thrift metadata beyond this is no table's


def read(path: Path, columns: Sequence[Column], drift: list[Drift]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of ``path``.

    Raises:
        BatchHeldError: no Parquet, a column missing, or of a type that has no text (lists,
            structures, bytes that are no UTF-8).
    """
    try:
        with pq.ParquetFile(path, thrift_string_size_limit=LARGEST_FOOTER) as file:
            yield from _rows(file, columns, drift)
    except (pa.ArrowException, OSError):
        raise BatchHeldError("不是可读的 Parquet 文件") from None


def _rows(
    file: pq.ParquetFile, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    sent = file.schema_arrow.names
    try:
        found = match(columns, sent, drift)
    except BatchHeldError as error:
        raise BatchHeldError(str(error), file.metadata.num_rows) from None
    names = [column.name for column in columns]
    for batch in file.iter_batches(BATCH_ROWS, columns=[sent[at] for at in found]):
        arrays = [
            _text(batch.column(sent[at]), column) for at, column in zip(found, columns, strict=True)
        ]
        yield pa.record_batch(arrays, names=names)


def _text(values: pa.Array, column: Column) -> pa.Array:
    try:
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        if pa.types.is_timestamp(values.type) and values.type.tz is not None:
            values = pc.cast(values, pa.timestamp(values.type.unit, "UTC"))
        return values.cast(pa.string())
    except pa.ArrowException:
        reason = f"{column.physical_name} 列的类型 {values.type} 不能写成文字"
        raise BatchHeldError(reason) from None
