"""Looks at every row once, vectorised: can it be kept in the change log at all?

Only structure is judged here (ARCHITECTURE §3): a row needs its key and its required columns, and
text that PostgreSQL can hold. Odd values are for staging, volumes and shares for the gate.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa

from connectors.contracts import Contract
from connectors.protocols.base import FAULT, FAULT_TEXT

Values = TypeVar("Values", pl.Series, pl.Expr)

NUL = "\x00"
SHOWN_NUL = "␀"  # jsonb cannot hold NUL; the raw file keeps it
NO_KEY = "key_missing: 主键各列均为空"


@dataclass(frozen=True)
class Rejected:
    """One bad row: where it stood, the rule it broke, why (no values), and what was received."""

    row_number: int
    rule: str
    reason: str
    payload: str


class RowCheck:
    """Finds the rows of one table that must be rejected."""

    def __init__(self, contract: Contract) -> None:
        self._names = [column.name for column in contract.columns]
        self._needed = {
            column.name: (
                "key_missing: 主键列" if column.primary_key else "required_missing: 必填列"
            )
            + f" {column.business_name}（{column.name}）为空"
            for column in sorted(contract.columns, key=lambda column: not column.primary_key)
            if column.required
        }
        self._key = contract.key

    def story(self, frame: pl.DataFrame, *, nul: bool) -> pl.Series | None:
        """Return ``rule: reason`` for each row, null for good rows; ``None`` when all are good.

        ``nul``: whether there may be NUL characters at all (see :func:`may_hold_nul`).
        """
        empty = {self._needed[name]: _blank(frame[name]) for name in self._needed}
        if self._needed.keys().isdisjoint(self._key):
            keyless = frame.select(pl.all_horizontal(_blank(pl.col(n)) for n in self._key))
            empty = {NO_KEY: keyless.to_series(), **empty}
        names = self._names if nul else []
        dirty = [n for n in names if frame[n].str.contains(NUL, literal=True).any()]
        faults = frame[FAULT] if FAULT in frame.columns else None
        if not dirty and faults is None and not any(mask.any() for mask in empty.values()):
            return None
        stories = [] if faults is None else [pl.lit(faults)]
        stories += [
            pl.when(pl.col(name).str.contains(NUL, literal=True)).then(
                pl.lit(f"undecodable: {name} 列含有 NUL 字符")
            )
            for name in dirty
        ]
        stories += [pl.when(pl.lit(mask)).then(pl.lit(reason)) for reason, mask in empty.items()]
        story = frame.select(pl.coalesce(stories).alias("story")).to_series()
        return story if story.is_not_null().any() else None

    def rejected(
        self, frame: pl.DataFrame, story: pl.Series, first_number: int
    ) -> Sequence[Rejected]:
        """Describe the rows that have a story; ``frame`` begins with row ``first_number``."""
        bad = frame.with_columns(story=story).with_row_index("number", first_number)
        bad = bad.filter(pl.col("story").is_not_null())
        return [self._describe(row) for row in bad.iter_rows(named=True)]

    def _describe(self, row: dict[str, str | int | None]) -> Rejected:
        rule, _, reason = str(row["story"]).partition(": ")
        text = row.get(FAULT_TEXT)
        content = {"raw": text} if text is not None else {n: row[n] for n in self._names}
        shown = {
            n: v.replace(NUL, SHOWN_NUL) if isinstance(v, str) else v for n, v in content.items()
        }
        payload = json.dumps(shown, ensure_ascii=False)
        return Rejected(int(row["number"] or 0), rule, reason, payload)


def unkeepable(contract: Contract, rows: pl.DataFrame) -> str | None:
    """Say why rows cannot be kept even if somebody wants them in; ``None``: they can."""
    blank = rows.select(_blank(pl.col(name)) for name in contract.key)
    for column in contract.columns:
        if column.primary_key and column.required and blank[column.name].any():
            return f"主键列 {column.business_name}（{column.name}）为空"
    if blank.select(pl.all_horizontal(pl.all())).to_series().any():
        return "主键各列均为空"
    for name in rows.columns:
        if rows[name].str.contains(NUL, literal=True).any():
            return f"{name} 列含有 NUL 字符"
    return None


def may_hold_nul(batch: pa.RecordBatch) -> bool:
    """Tell whether a zero byte stands anywhere in the text of a batch: a glance at its buffers."""
    return any(_has_zero(column) for column in batch.columns if pa.types.is_string(column.type))


def _has_zero(column: pa.Array) -> bool:
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return False
    window = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.frombuffer(data, dtype=np.uint8)[window[0] : window[-1]]
    return bool(len(text)) and not text.min()


def _blank(values: Values) -> Values:
    return values.is_null() | (values.str.strip_chars() == "").fill_null(value=False)
