"""What a steward should look at: pairs in doubt, and decisions that new evidence contradicts."""

import polars as pl

from resolution.clusters.decided import DIFFERENT, SAME
from resolution.clusters.exact import RECORD
from resolution.residents.dates import differ

IN_DOUBT = "in_doubt"
CONTRADICTED = {SAME: "decided_same_yet_contradicted", DIFFERENT: "decided_different_yet_alike"}
QUEUE = {
    "left": pl.String, "right": pl.String, "reason": pl.String, "probability": pl.Float64,
    "records": pl.UInt32, "benefit": pl.Float64,
}  # fmt: skip
SPREAD = 4.0  # bits from the threshold at which a decision is worth half as much


def doubtful(
    rows: pl.DataFrame, weighed: pl.DataFrame, joined: pl.DataFrame, threshold: float
) -> pl.DataFrame:
    """Return pairs of clusters that evidence brings near each other and that stayed apart.

    One row per pair: a record of each (``left``, ``right``), ``probability``, the ``records`` that
    would move, and ``benefit``: these records, counted the less the further from the threshold.
    """
    now = joined.select("cluster", "joined")
    size = rows.group_by("cluster").len("records")
    apart = (
        weighed.join(now, left_on="left", right_on="cluster", how="left")
        .join(now, left_on="right", right_on="cluster", how="left", suffix="_right")
        .filter(pl.coalesce("joined", "left") != pl.coalesce("joined_right", "right"))
        .join(size, left_on="left", right_on="cluster")
    )
    near = 2.0 ** (-(pl.col("weight") - threshold).abs() / SPREAD)
    ends = pl.concat([apart["left"], apart["right"]]).unique()
    record = rows.filter(pl.col("row").is_in(ends.implode())).select("row", record=RECORD)
    return (
        apart.with_columns(benefit=pl.col("records") * near)
        .join(record, left_on="left", right_on="row")
        .join(record, left_on="right", right_on="row", suffix="_right")
        .select(
            left="record",
            right="record_right",
            reason=pl.lit(IN_DOUBT),
            probability=1 / (1 + 2.0 ** -pl.col("weight")),
            records="records",
            benefit="benefit",
        )
        .cast(QUEUE)  # type: ignore[arg-type]
    )


def contradicted(rows: pl.DataFrame, rulings: pl.DataFrame) -> pl.DataFrame:
    """Return decided pairs whose records now say the opposite, first in the queue.

    The same: they carry two numbers, or birth dates that cannot be of one person. Different: they
    carry one number.
    """
    ends = pl.concat([rulings["one"], rulings["other"]]).unique()
    said = rows.filter(pl.col("row").is_in(ends.implode())).select(
        "row", "identifier", "born", record=RECORD
    )
    pairs = rulings.join(said, left_on="one", right_on="row").join(
        said, left_on="other", right_on="row", suffix="_other"
    )
    two_dates = differ(pl.col("born"), pl.col("born_other"))
    one_number = pl.col("identifier") == pl.col("identifier_other")
    against = (
        pl.when(pl.col("decision") == SAME)
        .then(~one_number.fill_null(True) | two_dates.fill_null(False))
        .otherwise((pl.col("decision") == DIFFERENT) & one_number.fill_null(False))
    )
    return (
        pairs.filter(against)
        .select(
            left="record",
            right="record_other",
            reason=pl.col("decision").replace_strict(CONTRADICTED, return_dtype=pl.String),
            probability=pl.lit(None, pl.Float64),
            records=pl.lit(2),
            benefit=pl.lit(float("inf")),
        )
        .cast(QUEUE)  # type: ignore[arg-type]
    )
