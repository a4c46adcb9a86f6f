"""The profile of a batch: what its accepted rows look like, column by column, in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.contracts import Column

# What counts as a date is lenient on purpose: staging reads all of these spellings.
DAY = (
    r"\d{4}(?:[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|年(?:0?[1-9]|1[0-2])月(?:0?[1-9]|[12]\d|3[01])日?)"
)
CLOCK = r"(?:上午|下午)?\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
EXCEL_SERIAL = r"[1-6]\d{4}(?:\.\d+)?"
COMPACT_TIME = r"\d{14}"
MOMENT = rf"^\s*(?:{DAY}(?:[ T]\s*{CLOCK})?|{COMPACT_TIME}|{EXCEL_SERIAL})\s*$"
WHOLE_NUMBER = r"^\s*[+-]?\d+(?:\.0+)?\s*$"
TRUTH = ["0", "1", "true", "false", "t", "f", "y", "n", "yes", "no", "是", "否"]

# Distinct values of a batch in several pieces are counted by marking each value's hash on a board
# (linear counting): within 0.3 % up to some millions, and no larger than this whatever the batch.
BOARD_CELLS = 1 << 20


@dataclass(frozen=True)
class ColumnProfile:
    """Counts of one column over the accepted rows; "" is the whole batch.

    A value is null here when nothing was sent: null or the empty string. ``type_ok`` is ``None``
    for text; the extremes are given for public (L1) columns only.
    """

    column: str
    rows: int
    nulls: int | None = None
    distinct: int | None = None
    type_ok: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_value: str | None = None
    max_value: str | None = None


class Profile:
    """Collects the profile of one batch, piece by piece."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._pieces: list[pl.DataFrame] = []
        self._boards = {c.name: np.zeros(BOARD_CELLS, dtype=np.bool_) for c in columns}
        self._exact: dict[str, int] = {}
        self._rows = 0

    def see(self, frame: pl.DataFrame, values: pl.DataFrame) -> None:
        """Add accepted rows and the hashes of their values."""
        self._rows += frame.height
        gaps = _gaps(frame, [column.name for column in self._columns])
        measures = [e for c in self._columns for e in _measures(c, gaps=c.name in gaps)]
        self._pieces.append(frame.select(measures))
        for column in values.iter_columns():
            sent = column
            if column.name in gaps:
                sent = column.filter(frame[column.name] != "")
            if len(self._pieces) == 1:  # holds as long as no other piece comes
                self._exact[column.name] = sent.n_unique()
            cells = sent.to_numpy().view(np.int64) & (BOARD_CELLS - 1)
            self._boards[column.name][cells] = True

    def result(self) -> list[ColumnProfile]:
        """Return the profile: the whole batch first, then every column."""
        whole = ColumnProfile("", self._rows)
        if not self._pieces:
            return [whole]
        return [whole, *self._by_column(pl.concat(self._pieces))]

    def _by_column(self, pieces: pl.DataFrame) -> list[ColumnProfile]:
        found = []
        for column in self._columns:
            part = pieces.select(pl.col(f"^{column.name} .*$").name.map(_measure_name))
            nulls = int(part["nulls"].sum())
            distinct = _estimated(self._boards[column.name])
            if len(self._pieces) == 1:
                distinct = self._exact[column.name]
            found.append(
                ColumnProfile(
                    column=column.name,
                    rows=self._rows,
                    nulls=nulls,
                    distinct=min(distinct, self._rows - nulls),
                    type_ok=None if column.logical_type == "string" else int(part["type_ok"].sum()),
                    min_length=part["min_length"].min(),  # type: ignore[arg-type]
                    max_length=part["max_length"].max(),  # type: ignore[arg-type]
                    min_value=_shown(column, part, "min"),
                    max_value=_shown(column, part, "max"),
                )
            )
        return found


def _measure_name(name: str) -> str:
    return name.rpartition(" ")[2]


def _gaps(frame: pl.DataFrame, names: Sequence[str]) -> set[str]:
    """Return the columns in which something was not sent; the others need no filter."""
    found = frame.select(pl.col(n).has_nulls() | (pl.col(n) == "").any() for n in names)
    return {name for name, gap in zip(names, found.row(0), strict=True) if gap}


def _measures(column: Column, *, gaps: bool) -> list[pl.Expr]:
    name = column.name
    sent = pl.col(name).filter(pl.col(name) != "") if gaps else pl.col(name)
    length = sent.str.len_chars()
    found = [
        (pl.len() - sent.len()).alias(f"{name} nulls"),
        length.min().alias(f"{name} min_length"),
        length.max().alias(f"{name} max_length"),
    ]
    if column.logical_type != "string":
        found.append(_type_ok(sent, column.logical_type).sum().alias(f"{name} type_ok"))
    if column.classification == "L1":
        comparable = _comparable(sent, column)
        found.append(comparable.min().alias(f"{name} min"))
        found.append(comparable.max().alias(f"{name} max"))
    return found


def _type_ok(sent: pl.Expr, logical_type: str) -> pl.Expr:
    if logical_type == "integer":
        return sent.str.contains(WHOLE_NUMBER)
    if logical_type == "number":
        return _number(sent).is_not_null()
    if logical_type == "boolean":
        return sent.str.strip_chars().str.to_lowercase().is_in(TRUTH)
    return sent.str.contains(MOMENT)


def _comparable(sent: pl.Expr, column: Column) -> pl.Expr:
    return _number(sent) if column.logical_type in {"integer", "number"} else sent


def _number(sent: pl.Expr) -> pl.Expr:
    number = sent.str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _shown(column: Column, part: pl.DataFrame, which: str) -> str | None:
    if column.classification != "L1":
        return None
    value = part[which].min() if which == "min" else part[which].max()
    return f"{value:.15g}" if isinstance(value, float) else value  # type: ignore[return-value]


def _estimated(board: NDArray[np.bool_]) -> int:
    empty = BOARD_CELLS - int(np.count_nonzero(board))
    return round(-BOARD_CELLS * log(empty / BOARD_CELLS)) if empty else BOARD_CELLS * 14
