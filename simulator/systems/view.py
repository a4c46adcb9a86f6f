"""A table of a departmental system as a view on the truth."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from simulator.dirt.soil import Rules, repeat_rows, soil
from simulator.randomness import stream
from simulator.tables import settings
from simulator.truth.district import District


@dataclass(frozen=True)
class View:
    """One table: ``rows`` yields clean rows in the system's own columns.

    ``key`` names its key; with a ``numbering`` prefix the system numbers its rows itself,
    repeated ones too, else the rows bring their key. ``headers`` are the names under which
    columns are served, where these differ.
    """

    system: str
    table: str
    key: str
    rows: Callable[[District], pl.DataFrame]
    numbering: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def look(self, district: District, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return what the system shows, and the ledger of its dirty cells."""
        rng = stream(seed, "dirt", self.system, self.table)
        rules: Rules = settings("dirt")[self.system].get(self.table, {})
        rows = repeat_rows(self.rows(district), rules, rng)
        if self.numbering is not None:
            number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(7)
            rows = rows.select((self.numbering + number).alias(self.key), pl.all())
        rows, ledger = soil(rows, self.key, rules, rng)
        return rows, ledger.select(
            pl.lit(self.system).alias("system"), pl.lit(self.table).alias("table"), pl.all()
        )


def person_columns(district: District, of: str, *columns: str) -> pl.DataFrame:
    """Return a truth table about people with some of their person columns beside it."""
    people = district["person"].select("person_id", *columns)
    return district[of].join(people, on="person_id", maintain_order="left")


def community_names(district: District) -> pl.Expr:
    """Return ``community_code`` as the community's name."""
    places = district["community"]
    return pl.col("community_code").replace(places["community_code"], places["community_name"])


def sex_code() -> pl.Expr:
    """Return sex as GB/T 2261.1 code."""
    return pl.when(pl.col("male")).then(pl.lit("1")).otherwise(pl.lit("2"))
