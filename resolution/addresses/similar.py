"""Misspelt names: which known name is meant, by the trigrams that both have in common."""

import polars as pl

from resolution.addresses.grammar import any_of
from resolution.addresses.thresholds import thresholds

NUMBERS = r"[0-9A-Z]+"


def respelt(names: pl.Series, known: pl.Series) -> pl.DataFrame:
    """Return the names that are like exactly one known name: ``name``, ``meant``, ``similarity``.

    The numbers within both must be the same (19坊 is not 9坊), neither may be a 花园 where the
    other is a 大厦, and no other known name may be nearly as like. Similarity is Dice's: twice the
    common trigrams over all trigrams of both.
    """
    unknown = names.drop_nulls().unique().rename("name").to_frame()
    unknown = unknown.join(known.unique().rename("name").to_frame(), on="name", how="anti")
    ours, theirs = (
        _trigrams(unknown),
        _trigrams(known.drop_nulls().unique().rename("name").to_frame()),
    )
    common = ours.join(theirs, on=["numbers", "trigram"], suffix="_known")
    pairs = common.group_by("name", "name_known").agg(
        similarity=2 * pl.len() / (pl.col("size").first() + pl.col("size_known").first())
    )
    kind, kind_known = (
        pl.col(name).str.extract(f"({any_of('estate')})$") for name in ("name", "name_known")
    )
    pairs = pairs.filter(kind.eq(kind_known).fill_null(True))
    best = pairs.sort("similarity", "name_known", descending=[True, False]).group_by("name").agg(
        meant=pl.col("name_known").first(),
        similarity=pl.col("similarity").first(),
        next_best=pl.col("similarity").get(1, null_on_oob=True).fill_null(0.0),
    )  # fmt: skip
    alike = pl.col("similarity") >= thresholds().similarity
    alone = pl.col("similarity") - pl.col("next_best") >= thresholds().margin
    return best.filter(alike & alone).drop("next_best")


def _trigrams(names: pl.DataFrame) -> pl.DataFrame:
    """Return one row per name and distinct trigram, with ``numbers`` in it and ``size``."""
    letters = pl.concat_str(pl.lit("^^"), "name", pl.lit("$")).str.extract_all(".")
    rows = names.with_columns(
        numbers=pl.col("name").str.extract_all(NUMBERS).list.join("-"), letter=letters
    )
    rows = rows.explode("letter").with_columns(
        trigram=pl.concat_str(
            "letter",
            pl.col("letter").shift(-1).over("name"),
            pl.col("letter").shift(-2).over("name"),
        )
    )
    rows = rows.drop_nulls("trigram").select("name", "numbers", "trigram").unique()
    return rows.with_columns(size=pl.len().over("name"))
