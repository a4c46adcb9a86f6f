"""Gathers small batches, such as pages, into pieces that are worth the price of a look."""

from collections.abc import Iterator

import pyarrow as pa

PIECE_BYTES = 2 << 20  # less than a database hands over at once: that is passed on as it is

Piece = tuple[pa.RecordBatch, list[int]]


def gathered(batches: Iterator[pa.RecordBatch], piece_bytes: int = PIECE_BYTES) -> Iterator[Piece]:
    """Yield the rows of ``batches`` in pieces of about so many bytes or more, in their order.

    Beside each piece: how many rows each batch in it had. Only batches of one schema are joined.
    """
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if waiting and batch.schema != waiting[0].schema:
            yield _joined(waiting)
            waiting, size = [], 0
        waiting.append(batch)
        size += batch.nbytes
        if size >= piece_bytes:
            yield _joined(waiting)
            waiting, size = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> Piece:
    lengths = [batch.num_rows for batch in batches]
    return (batches[0] if len(batches) == 1 else pa.concat_batches(batches)), lengths
