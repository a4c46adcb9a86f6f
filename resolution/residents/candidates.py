"""Which clusters are worth comparing: those that share a phone, a home, or birth date and name."""

import polars as pl

from resolution.residents.features import BUILDING, COMMUNITY, HOMES, homes
from resolution.residents.names import with_sounds_and_shapes

CROWD = 40  # a key that more clusters share says nothing of a person (a hostel, an office's phone)


def candidate_pairs(rows: pl.DataFrame, numbered: pl.Series) -> pl.DataFrame:
    """Return pairs of clusters ``left`` and ``right``, the left one always without a number.

    Takes rows with ``cluster``; ``numbered`` holds the clusters that have a number. Two clusters
    with a number are two persons and never compared.
    """
    is_open = ~pl.col("cluster").is_in(numbered.implode())
    rows = rows.select("cluster", "born", "surname", "name", "phone", *HOMES)
    asking = pl.concat(_keys(rows.filter(is_open))).unique()
    wanted = asking.select("key").unique()
    answering = pl.concat(part.join(wanted, on="key", how="semi") for part in _keys(rows)).unique()
    crowded = answering.group_by("key").len().filter(pl.col("len") > CROWD)
    met = (
        asking.join(crowded, on="key", how="anti")
        .rename({"cluster": "left"})
        .join(answering.rename({"cluster": "right"}), on="key")
    )
    open_right = ~pl.col("right").is_in(numbered.implode())
    once = (pl.col("left") < pl.col("right")) | ~open_right
    return met.filter((pl.col("left") != pl.col("right")) & once).select("left", "right").unique()


def _keys(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Return ``cluster`` and ``key`` of each kind of key."""
    born = pl.col("born").hash(seed=1)
    keys = {
        "phone": pl.col("phone").hash(seed=2),
        "surname": born + pl.col("surname").hash(seed=3),
        "name": born + pl.col("name").str.tail(1).hash(seed=4),
        **{home: pl.col(home).hash(seed=5) for home in HOMES},
    }
    return [
        rows.filter(pl.col(column).is_not_null()).select("cluster", key=key)
        for column, key in keys.items()
    ]


def profiles(rows: pl.DataFrame, clusters: pl.Series) -> pl.DataFrame:
    """Return what is known of these clusters together, one row per cluster and name it goes by.

    ``unique_id``, ``cluster``, ``name`` with ``sound`` and ``shape``, ``surname``, ``sex``,
    ``born``, and lists: ``phones``, ``homes``, ``buildings``, ``communities``.
    """
    of_these = rows.filter(pl.col("cluster").is_in(clusters.implode()))
    known = of_these.group_by("cluster").agg(
        pl.col("sex").drop_nulls().first(),
        pl.col("born").drop_nulls().first(),
        phones=pl.col("phone").drop_nulls().unique().sort(),
    )
    places = homes(of_these, "cluster").group_by("cluster").agg(homes=pl.col("home").sort())
    named = of_these.select("cluster", "name", "surname").unique()
    full = pl.col("name").is_not_null()
    named = named.filter(full | ~full.any().over("cluster"))
    together = named.join(known, on="cluster").join(places, on="cluster", how="left")
    return with_levels(together.sort("cluster", "name", "surname"))


def with_levels(named: pl.DataFrame) -> pl.DataFrame:
    """Add ``unique_id``, how names sound and look, and the larger places of ``homes``."""
    return (
        with_sounds_and_shapes(named)
        .with_columns(pl.col("homes").fill_null([]))
        .with_columns(
            buildings=pl.col("homes").list.eval(pl.element().str.head(BUILDING).unique()),
            communities=pl.col("homes").list.eval(pl.element().str.head(COMMUNITY).unique()),
        )
        .with_row_index("unique_id")
    )
