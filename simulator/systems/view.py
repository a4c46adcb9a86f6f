"""A table of a departmental system as a view on the truth."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from simulator.dirt.soil import Rules, repeat_rows, soil
from simulator.randomness import stream
from simulator.tables import settings
from simulator.truth.district import IDENTITY, District


@dataclass(frozen=True)
class View:
    """One table: ``rows`` yields clean rows in the system's own columns, one per row ``of`` truth.

    ``key`` names its key; with a ``numbering`` prefix the system numbers its rows itself,
    repeated ones too, else the rows bring their key. ``headers`` are the names under which
    columns are served, where these differ; ``stamp`` is the column of the last change, if any:
    by office hours, or ``live``, at the moment when the truth changed.
    """

    system: str
    table: str
    key: str
    rows: Callable[[District], pl.DataFrame]
    of: str
    numbering: str | None = None
    stamp: str | None = None
    live: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def look(
        self, district: District, seed: int, part: str = "", first: int = 1
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return what the system shows of a part's truth, and the ledger of its dirty cells.

        ``first`` is the number of the part's first row, if the system numbers its rows.
        """
        rng = stream(seed, "dirt", self.system, self.table, *([part] if part else []))
        rules: Rules = settings("dirt")[self.system].get(self.table, {})
        rows = repeat_rows(self.rows(district), rules, rng)
        rows, ledger = soil(self.numbered(rows, first), self.key, rules, rng)
        return rows, self.entered(ledger)

    def numbered(self, rows: pl.DataFrame, first: int = 1) -> pl.DataFrame:
        """Return rows under the system's own numbers from ``first`` on, if it numbers them."""
        if self.numbering is None:
            return rows
        number = pl.int_range(first, pl.len() + first).cast(pl.String).str.zfill(7)
        return rows.select((self.numbering + number).alias(self.key), pl.all())

    def entered(self, ledger: pl.DataFrame) -> pl.DataFrame:
        """Return entries of the ledger with the system and table they are about."""
        return ledger.select(
            pl.lit(self.system).alias("system"), pl.lit(self.table).alias("table"), pl.all()
        )

    def records(
        self, district: District, rows: pl.DataFrame, ledger: pl.DataFrame, day: date
    ) -> pl.DataFrame:
        """Return who is who: each record's ``key``, the truth's ``id``, ``since`` and ``until``."""
        ids = district[self.of][IDENTITY[self.of]]
        first = pl.DataFrame({"key": rows[self.key].head(len(ids)), "id": ids})
        copies = ledger.filter(pl.col("kind") == "duplicate").select(key="dirty", first="clean")
        again = copies.join(
            first.rename({"key": "first"}), on="first", how="left", maintain_order="left"
        )
        return pl.concat([first, again.select("key", "id")]).with_columns(
            since=pl.lit(day), until=pl.lit(None, pl.Date)
        )


def office_hours() -> pl.Expr:
    """Return a time of day per row that depends on its place only: fine steps for a cursor."""
    return pl.duration(seconds=pl.int_range(pl.len()) * 7919 % 36_000 + 28_800)


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
