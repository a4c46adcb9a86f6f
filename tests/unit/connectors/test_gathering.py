"""Gathering: pages are examined many at a time, and nothing of them changes."""

import pyarrow as pa
import pytest

from connectors.landing.gathering import gathered


def page(*codes: str, column: str = "code") -> pa.RecordBatch:
    return pa.record_batch({column: list(codes)})


def told(batches: list[pa.RecordBatch], piece_bytes: int) -> list[tuple[list[str], list[int]]]:
    pieces = gathered(iter(batches), piece_bytes)
    return [(piece.column(0).to_pylist(), lengths) for piece, lengths in pieces]


@pytest.mark.parametrize(
    ("piece_bytes", "expected"),
    [
        (1, [(["a", "b"], [2]), (["c"], [1]), (["d", "e"], [2])]),
        (1 << 20, [(["a", "b", "c", "d", "e"], [2, 1, 2])]),
    ],
    ids=["large batches stay as they are", "small ones are joined"],
)
def test_rows_keep_their_order_and_each_piece_says_what_it_is_made_of(
    piece_bytes: int, expected: list[tuple[list[str], list[int]]]
) -> None:
    assert told([page("a", "b"), page("c"), page("d", "e")], piece_bytes) == expected


def test_batches_of_another_shape_begin_a_new_piece() -> None:
    mixed = [page("a"), page("b"), page("c", column="other"), page("d")]
    assert told(mixed, 1 << 20) == [(["a", "b"], [1, 1]), (["c"], [1]), (["d"], [1])]


def test_empty_batches_and_no_batches_are_no_trouble() -> None:
    assert told([], 1) == []
    assert told([page("a").slice(1), page("b")], 1 << 20) == [(["b"], [0, 1])]
