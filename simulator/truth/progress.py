"""How far a matter has come: what is planned for it, and which of that has been reached.

The truth plans a matter's whole life when it arises. A day only lets it reach what falls on it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl


@dataclass(frozen=True)
class Stage:
    """A step of a matter's life: the column of its moment, the state it brings, its event."""

    column: str
    state: str
    event: str


def reached(rows: pl.DataFrame, stages: list[Stage], day: date) -> pl.DataFrame:
    """Return rows with ``state`` and ``updated_at`` as they are at the end of a day.

    The last stage in the list that was reached gives the state.
    """
    over = pl.lit(day + timedelta(days=1)).cast(pl.Datetime("us"))
    passed = [pl.col(stage.column) < over for stage in stages]
    states = [
        pl.when(has).then(pl.lit(stage.state)) for has, stage in zip(passed, stages, strict=True)
    ]
    moments = [pl.when(has).then(stage.column) for has, stage in zip(passed, stages, strict=True)]
    return rows.with_columns(
        state=pl.coalesce(reversed(states)), updated_at=pl.max_horizontal(moments)
    )


def known(column: str) -> pl.Expr:
    """Return a planned moment, once it has been reached."""
    return pl.when(pl.col(column) <= pl.col("updated_at")).then(column)
