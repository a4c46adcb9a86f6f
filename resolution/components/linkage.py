"""Urban components by code, or by class and place where the code is missing.

A component that was moved keeps its code and is the same. One that was retired and replaced on the
spot is another one. Two of a class that stand in one place with codes of their own may be one
surveyed twice: a steward decides.
"""

from dataclasses import dataclass

import polars as pl

from resolution.clusters import decided
from resolution.clusters.exact import OWN_RECORD, RECORD

BY_CODE = "exact_component_code"
BY_PLACE = "same_class_and_place"
SAME_PLACE_M = 2.0  # a survey is as exact as this
ONE_SPOT_M = 0.5  # two things of a class do not stand nearer
METRES_PER_DEGREE = 110_700.0  # of latitude, at 22.5° north
METRES_PER_DEGREE_EAST = 102_900.0
GONE = ("废弃", "丢失")
EVEN_ODDS = 0.5


@dataclass(frozen=True)
class Linked:
    """``clusters``: each record's cluster, rule and probability; ``review``: what to decide."""

    clusters: pl.DataFrame
    review: pl.DataFrame


def link(records: pl.DataFrame, decisions: pl.DataFrame) -> Linked:
    """Cluster records that name components.

    Takes the columns of ``resolve.component_record`` (places in degrees) and what stewards decided.
    """
    rows = records.sort("source_system", "source_key").with_row_index("row").with_columns(
        cluster=pl.when(pl.col("identifier").is_not_null())
        .then(pl.col("row").min().over("identifier"))
        .otherwise("row"),
        rule=pl.when(pl.col("identifier").is_not_null())
        .then(pl.lit(BY_CODE))
        .otherwise(pl.lit(OWN_RECORD)),
        x=pl.col("longitude").cast(pl.Float64) * METRES_PER_DEGREE_EAST,
        y=pl.col("latitude").cast(pl.Float64) * METRES_PER_DEGREE,
    )  # fmt: skip
    pairs = _near(rows)
    rows = _found_by_place(rows, pairs)
    rulings = decided.with_rows(decisions, rows)
    doubtful = _surveyed_twice(rows, pairs, rulings)
    rows = decided.in_rows(rows, rulings)
    clusters = rows.with_columns(record=RECORD).select(
        "source_system",
        "source_key",
        cluster=pl.col("record").min().over("cluster"),
        rule="rule",
        probability=pl.lit(1.0),
    )
    return Linked(clusters, doubtful)


def _near(rows: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of records of one class within :data:`SAME_PLACE_M`, and their ``distance``."""
    placed = rows.drop_nulls(["x", "y", "class_code"]).select(
        "row", "class_code", "x", "y",
        column=(pl.col("x") // SAME_PLACE_M).cast(pl.Int64),
        line=(pl.col("y") // SAME_PLACE_M).cast(pl.Int64),
    )  # fmt: skip
    around = pl.DataFrame({"dx": [-1, 0, 1]}).join(pl.DataFrame({"dy": [-1, 0, 1]}), how="cross")
    neighbours = placed.join(around, how="cross").with_columns(
        column=pl.col("column") + pl.col("dx"), line=pl.col("line") + pl.col("dy")
    )
    met = placed.join(neighbours, on=["class_code", "column", "line"], suffix="_other")
    across, along = pl.col("x") - pl.col("x_other"), pl.col("y") - pl.col("y_other")
    distance = (across**2 + along**2).sqrt()
    return (
        met.with_columns(distance=distance)
        .filter((pl.col("row") != pl.col("row_other")) & (pl.col("distance") <= SAME_PLACE_M))
        .select("row", "row_other", "distance")
    )


def _found_by_place(rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Let records without a code join the one component of their class that is there."""
    coded = rows.filter(pl.col("identifier").is_not_null())
    there = (
        pairs.join(coded, on="row", how="anti")
        .join(coded.select(row_other="row", into="cluster"), on="row_other")
        .group_by("row")
        .agg(pl.col("into").first(), several=pl.col("into").n_unique() > 1)
        .filter(~pl.col("several"))
        .drop("several")
    )
    found = pl.col("into").is_not_null()
    return (
        rows.join(there, on="row", how="left", maintain_order="left")
        .with_columns(
            cluster=pl.coalesce("into", "cluster"),
            rule=pl.when(found).then(pl.lit(BY_PLACE)).otherwise("rule"),
        )
        .drop("into")
    )


def _surveyed_twice(rows: pl.DataFrame, pairs: pl.DataFrame, rulings: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of components in use that stand on one spot and that nobody decided yet."""
    state = pl.col("state").fill_null("")
    used = rows.filter(~state.is_in(GONE)).select("row", "cluster", record=RECORD)
    spots = (
        pairs.filter((pl.col("row") < pl.col("row_other")) & (pl.col("distance") <= ONE_SPOT_M))
        .join(used, on="row")
        .join(used, left_on="row_other", right_on="row", suffix="_other")
        .filter(pl.col("cluster") != pl.col("cluster_other"))
    )
    known = pl.concat(
        [
            rulings.select(row="one", row_other="other"),
            rulings.select(row="other", row_other="one"),
        ]
    )
    return spots.join(known, on=["row", "row_other"], how="anti").select(
        left="record",
        right="record_other",
        reason=pl.lit("in_doubt"),
        probability=pl.lit(EVEN_ODDS),
        records=pl.lit(1),
        benefit=1.0 - pl.col("distance") / (2 * ONE_SPOT_M),
    )
