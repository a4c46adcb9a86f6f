"""What stewards decided about pairs of records: the same, different, or unknown.

A decision is about two records, wherever they lie: it holds for every cluster that they come to be
part of, until the steward decides otherwise.
"""

import polars as pl

from resolution.clusters.exact import RECORD

SAME, DIFFERENT, UNKNOWN = "same", "different", "unknown"
STEWARD = "steward"


def with_rows(decisions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return decisions on records that are there, as row numbers ``one`` and ``other``.

    Takes ``left``, ``right`` (record names) and ``decision``, and rows with ``row`` and their keys.
    """
    named = pl.concat([decisions["left"], decisions["right"]]).unique()
    keys = named.str.splitn(":", 2).struct.field("field_1")
    at = rows.filter(pl.col("source_key").is_in(keys.implode())).select("row", record=RECORD)
    return (
        decisions.join(at.rename({"row": "one"}), left_on="left", right_on="record")
        .join(at.rename({"row": "other"}), left_on="right", right_on="record")
        .select("one", "other", "decision")
    )


def in_rows(rows: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Return rows with ``cluster`` and ``rule`` as decided: parted first, then united.

    Of two records in one cluster that are different, the later one stands alone.
    """
    if decided.is_empty():
        return rows
    parted = _of(decided, rows, DIFFERENT).filter(pl.col("cluster") == pl.col("cluster_other"))
    # the cluster keeps the row that it is named after
    later, earlier = pl.max_horizontal("one", "other"), pl.min_horizontal("one", "other")
    leaving = parted.select(pl.when(later == pl.col("cluster")).then(earlier).otherwise(later))
    alone = pl.col("row").is_in(leaving.to_series().implode())
    rows = rows.with_columns(
        cluster=pl.when(alone).then("row").otherwise("cluster"),
        rule=pl.when(alone).then(pl.lit(STEWARD)).otherwise("rule"),
    )
    united = _of(decided, rows, SAME)
    if united.is_empty():
        return rows
    ends = pl.concat([united["cluster"], united["cluster_other"]]).unique().sort()
    pair = united.with_row_index("pair")
    linked = pl.concat(
        [pair.select(row="cluster", key="pair"), pair.select(row="cluster_other", key="pair")]
    )
    label = pl.DataFrame({"cluster": ends, "into": _components(linked, ends)})
    named = pl.concat([united["one"], united["other"]])
    return (
        rows.join(label, on="cluster", how="left", maintain_order="left")
        .with_columns(
            cluster=pl.coalesce("into", "cluster"),
            rule=pl.when(pl.col("row").is_in(named.implode()))
            .then(pl.lit(STEWARD))
            .otherwise("rule"),
        )
        .drop("into")
    )


def forbidden(rows: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of clusters, both ways round, that no evidence may join."""
    apart = _of(decided, rows, DIFFERENT, UNKNOWN)
    pairs = apart.select(left="cluster", right="cluster_other").filter(
        pl.col("left") != pl.col("right")
    )
    return pl.concat([pairs, pairs.select(left="right", right="left")]).unique()


def _of(decided: pl.DataFrame, rows: pl.DataFrame, *kinds: str) -> pl.DataFrame:
    cluster = rows.select("row", "cluster")
    return (
        decided.filter(pl.col("decision").is_in(kinds))
        .join(cluster, left_on="one", right_on="row")
        .join(cluster, left_on="other", right_on="row", suffix="_other")
    )


def _components(linked: pl.DataFrame, clusters: pl.Series) -> pl.Series:
    """Return for each cluster the smallest one that decisions lead to."""
    label = pl.DataFrame({"row": clusters, "label": clusters})
    while True:
        of_pair = linked.join(label, on="row").group_by("key").agg(pl.col("label").min())
        spread = (
            linked.join(of_pair, on="key").group_by("row").agg(pl.col("label").min()).sort("row")
        )
        if spread["label"].equals(label["label"]):
            return label["label"]
        label = spread
