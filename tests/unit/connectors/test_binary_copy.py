"""PostgreSQL's binary COPY made from Arrow: byte for byte what the format says."""

import struct
from datetime import UTC, datetime

import pyarrow as pa

from connectors.landing import binary_copy


def field(content: bytes | None) -> bytes:
    """One field of a tuple: its length, then its bytes; null is the length -1."""
    return struct.pack(">i", -1) if content is None else struct.pack(">i", len(content)) + content


def test_rows_become_tuples_of_length_prefixed_fields() -> None:
    moment = datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)
    batch = pa.record_batch(
        {
            "name": pa.array(["沙头", None, ""], pa.string()),
            "number": pa.array([1, -2, None], pa.int64()),
            "moment": pa.array([moment] * 3, pa.timestamp("us", "UTC")),
        }
    )
    at = field(struct.pack(">q", 1_000_000))
    assert bytes(binary_copy.tuples(batch)) == b"".join(
        struct.pack(">h", 3) + field(name) + field(number) + at
        for name, number in [
            ("沙头".encode(), struct.pack(">q", 1)),
            (None, struct.pack(">q", -2)),
            (b"", None),
        ]
    )


def test_a_slice_of_a_batch_is_encoded_as_the_slice() -> None:
    batch = pa.record_batch({"name": pa.array(["a", None, "bcd", "e"], pa.string())})
    assert bytes(binary_copy.tuples(batch[1:3])) == (
        struct.pack(">h", 1) + field(None) + struct.pack(">h", 1) + field(b"bcd")
    )
    assert bytes(binary_copy.tuples(batch[:0])) == b""
