"""Arrow record batches as PostgreSQL's binary COPY: whole columns at a time, no Python per row.

A tuple of the format is the number of its fields, then for each field its length in bytes
(-1: null) and its bytes, all big-endian. Lengths are computed for a whole column, and Arrow joins
lengths and values into rows.
"""

import struct

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
EPOCH = 946_684_800_000_000  # 2000-01-01 in microseconds, from which PostgreSQL counts moments
EIGHT_BYTES = np.dtype([("length", ">i4"), ("value", ">i8")])
NULL = b""


def tuples(batch: pa.RecordBatch) -> memoryview:
    """Return the rows of a batch of ``string``, ``int64`` and ``timestamp('us', tz)`` columns."""
    count = struct.pack(">h", batch.num_columns)
    parts: list[pa.Array | pa.Scalar] = [pa.scalar(count, pa.binary())]
    for column in batch.columns:
        parts += _text(column) if pa.types.is_string(column.type) else [_number(column)]
    rows = pc.binary_join_element_wise(*parts, pa.scalar(NULL, pa.binary()))
    _, offsets, data = rows.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)
    return memoryview(data)[ends[rows.offset] : ends[rows.offset + len(rows)]]


def _text(column: pa.Array) -> list[pa.Array]:
    lengths = pc.binary_length(column).fill_null(-1).to_numpy().astype(">i4")
    filled = column.fill_null("") if column.null_count else column
    return [_fixed(lengths), filled.cast(pa.binary())]


def _number(column: pa.Array) -> pa.Array:
    fields = np.empty(len(column), dtype=EIGHT_BYTES)
    fields["length"] = 8
    fields["value"] = column.cast(pa.int64()).fill_null(0).to_numpy()
    if pa.types.is_timestamp(column.type):
        fields["value"] -= EPOCH
    numbers = _fixed(fields)
    if column.null_count:
        return pc.if_else(column.is_null(), pa.scalar(struct.pack(">i", -1), pa.binary()), numbers)
    return numbers


def _fixed(values: NDArray[np.generic]) -> pa.Array:
    """Return values of one width as binary; Arrow takes their memory as it is."""
    width, count = values.dtype.itemsize, len(values)
    offsets = np.arange(0, width * count + 1, width, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.binary(), count, buffers)
