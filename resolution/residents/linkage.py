"""The whole way from records to persons: exact rules, candidates, weights, joining."""

import json
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path

import polars as pl
import yaml

from resolution.clusters import decided
from resolution.clusters.exact import RECORD
from resolution.clusters.joining import Limits, join_clusters
from resolution.residents.candidates import candidate_pairs, profiles
from resolution.residents.comparisons import Weights
from resolution.residents.dates import differ
from resolution.residents.exact import exact_clusters
from resolution.residents.features import features
from resolution.residents.model import score
from resolution.residents.review import contradicted, doubtful

HERE = Path(__file__).parent
PROBABILISTIC = "probabilistic"
NO_DECISIONS = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "decision": pl.String})


@dataclass(frozen=True)
class Linked:
    """``clusters``: each record's cluster, rule and probability; ``review``: what to decide."""

    clusters: pl.DataFrame
    review: pl.DataFrame


@cache
def thresholds() -> dict[str, float]:
    """Return the table of thresholds, in bits."""
    table: dict[str, float] = yaml.safe_load((HERE / "thresholds.yaml").read_text())
    return table


@cache
def usual_weights() -> Weights:
    """Return the weights that hold until a district has trained its own."""
    weights: Weights = json.loads((HERE / "weights.json").read_text())
    return weights


def in_exact_clusters(records: pl.DataFrame) -> pl.DataFrame:
    """Return features of records with ``cluster`` and ``rule``, by the exact rules only."""
    rows = features(records)
    return rows.join(exact_clusters(rows), on="row", maintain_order="left")


def link(
    records: pl.DataFrame, weights: Weights | None = None, decisions: pl.DataFrame = NO_DECISIONS
) -> Linked:
    """Cluster records that name people.

    Takes the columns of ``resolve.resident_record`` and ``home_code``, in any order; weights of
    :func:`resolution.residents.model.train`; and what stewards decided (``left``, ``right``: record
    as ``source_system:source_key``, ``decision``). ``clusters`` is as
    :func:`resolution.clusters.exact.by_identifier` returns it.
    """
    rows = in_exact_clusters(_ordered(records))
    rulings = decided.with_rows(decisions, rows)
    rows = decided.in_rows(rows, rulings)
    numbered = rows.filter(pl.col("identifier").is_not_null())["cluster"].unique()
    pairs = candidate_pairs(rows, numbered)
    apart = decided.forbidden(rows, rulings)
    pairs = pairs.join(apart, on=["left", "right"], how="anti")
    known = profiles(rows, pl.concat([pairs["left"], pairs["right"]]).unique())
    weighed = _possible(score(weights or usual_weights(), len(numbered), known, pairs), known)
    limits = Limits(thresholds()["link"], thresholds()["lead"])
    members = rows.select("cluster", "source_system")
    joined = join_clusters(weighed, members, numbered, sources_that_hold_once(rows), limits)
    joined = _without_conflicts(joined, rows, apart)
    review = pl.concat([doubtful(rows, weighed, joined, limits.link), contradicted(rows, rulings)])
    return Linked(_told(rows, joined), review)


def _ordered(records: pl.DataFrame) -> pl.DataFrame:
    """Sort records: what comes of them may not depend on the order in which they come."""
    few = pl.col("source_system").cast(pl.Categorical)
    by_key = records.with_columns(few).sort("source_key", "source_system")
    return by_key.with_columns(pl.col("source_system").cast(pl.String))


def sources_that_hold_once(rows: pl.DataFrame) -> dict[str, float]:
    """Return the sources that hold hardly anybody twice, and the bits against a second record."""
    held = (
        rows.filter(pl.col("identifier").is_not_null())
        .select(pl.col("source_system").cast(pl.Categorical), "cluster")
        .group_by("source_system", "cluster")
        .len()
        .group_by("source_system")
        .agg(twice=(pl.col("len") > 1).mean())
    )
    rare = held.filter(pl.col("twice") < thresholds()["rarely_twice"])
    return {source: -log2(max(twice, 1e-4)) for source, twice in rare.iter_rows()}


def _possible(weighed: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Drop pairs whose birth dates cannot be of one person, and what is far from any doubt."""
    born = known.group_by("cluster").agg(pl.col("born").first())
    both = weighed.filter(pl.col("weight") >= thresholds()["review"]).join(
        born, left_on="left", right_on="cluster"
    ).join(born, left_on="right", right_on="cluster", suffix="_right")  # fmt: skip
    return both.filter(~differ(pl.col("born"), pl.col("born_right")).fill_null(False)).select(
        "left", "right", "weight"
    )


def _without_conflicts(
    joined: pl.DataFrame, rows: pl.DataFrame, apart: pl.DataFrame
) -> pl.DataFrame:
    """Let go clusters that came by way of others to whom they cannot belong."""
    of_cluster = rows.filter(pl.col("cluster").is_in(joined["cluster"].implode())).group_by(
        "cluster"
    ).agg(pl.col("born").drop_nulls().first())  # fmt: skip
    into = rows.filter(pl.col("cluster").is_in(joined["joined"].implode())).group_by(
        joined="cluster"
    ).agg(born_there=pl.col("born").drop_nulls().first())  # fmt: skip
    torn = (
        joined.join(of_cluster, on="cluster")
        .join(into, on="joined")
        .filter(differ(pl.col("born"), pl.col("born_there")).fill_null(False))
    )
    now = joined.select(right="cluster", other="joined")
    told_apart = (
        joined.join(apart, left_on="cluster", right_on="left")
        .join(now, on="right", how="left")
        .filter(pl.col("joined") == pl.coalesce("other", "right"))
    )
    let_go = pl.concat([torn["cluster"], told_apart["cluster"]])
    return joined.filter(~pl.col("cluster").is_in(let_go.implode()))


def _told(rows: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Return each record's final cluster, named after its first record."""
    told = rows.join(joined, on="cluster", how="left", maintain_order="left")
    first = pl.col("row").min().over(pl.coalesce("joined", "cluster"))
    moved = pl.col("weight").is_not_null()
    return told.with_columns(record=RECORD).select(
        "source_system",
        "source_key",
        cluster=pl.col("record").gather(first),
        rule=pl.when(moved).then(pl.lit(PROBABILISTIC)).otherwise("rule"),
        probability=pl.when(moved).then(1 / (1 + 2.0 ** -pl.col("weight"))).otherwise(1.0),
    )
