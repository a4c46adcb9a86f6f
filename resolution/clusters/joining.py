"""Joins clusters by the weight of their evidence, best first, without ever mixing two things.

A cluster that is anchored (it has a code of its own) takes in others but never another anchored
one. The rest join their best candidate only if it leads the second clearly.
"""

from dataclasses import dataclass

import polars as pl

ROUNDS = 4  # who was just taken in may bring others in


@dataclass(frozen=True)
class Limits:
    """Bits of evidence: from where on to link, and how far the best must lead the second."""

    link: float
    lead: float


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against joining clusters.

    ``edges``: ``left`` (never anchored), ``right``, ``weight``; ``sources``: ``cluster`` and
    ``source_system``; ``once``: for each source that holds everything once, the bits that speak
    against a second record of one thing.
    """

    edges: pl.DataFrame
    sources: pl.DataFrame
    once: dict[str, float]
    limits: Limits


def join_clusters(
    pairs: pl.DataFrame,
    members: pl.DataFrame,
    anchored: pl.Series,
    once: dict[str, float],
    limits: Limits,
) -> pl.DataFrame:
    """Return ``cluster``, the ``joined`` cluster it is part of now, and the ``weight`` of that.

    Takes pairs (``left``, ``right``, ``weight``), what sources the clusters are of (``cluster``,
    ``source_system``), the anchored clusters, and the bits of :class:`Evidence`. Only clusters that
    went into another one are returned.
    """  # fmt: skip
    both_ways = pl.concat([pairs, pairs.select(left="right", right="left", weight="weight")])
    edges = both_ways.filter(~pl.col("left").is_in(anchored.implode()))
    clusters = pl.concat([pairs["left"], pairs["right"]]).unique()
    of_these = pl.col("cluster").is_in(clusters.implode())
    sources = members.filter(of_these & pl.col("source_system").is_in(list(once))).unique()
    evidence = Evidence(edges, sources, once, limits)
    state = pl.DataFrame({"cluster": clusters}).with_columns(
        joined=pl.col("cluster"),
        weight=pl.lit(None, pl.Float64),
        anchored=pl.col("cluster").is_in(anchored.implode()),
    )
    for choose in (_into_anchored, _with_each_other):
        for _ in range(ROUNDS):
            links = choose(evidence, state)
            if links.is_empty():
                break
            state = _applied(state, links)
    return state.filter(pl.col("weight").is_not_null()).select("cluster", "joined", "weight")


def _into_anchored(evidence: Evidence, state: pl.DataFrame) -> pl.DataFrame:
    """Return which group (``left``) goes into which anchored one (``right``) in this round.

    Each takes in one of a source at a time, the best; the others ask again in the next round.
    """
    best = _best(evidence, state).filter("to_anchored")
    clear = pl.col("weight") - pl.col("second").fill_null(-float("inf")) >= evidence.limits.lead
    best = best.filter(clear)
    of_source = best.join(_held(evidence, state), left_on="left", right_on="joined")
    rank = pl.col("weight").rank("ordinal", descending=True)
    late = of_source.sort("left").filter(rank.over("right", "source_system") > 1)
    return best.join(late, on="left", how="anti")


def _with_each_other(evidence: Evidence, state: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of groups that are each other's best: the later goes into the earlier one."""
    best = _best(evidence, state).filter(~pl.col("to_anchored"))
    mutual = best.join(best.select(left="right", right="left"), on=["left", "right"], how="semi")
    return mutual.filter(pl.col("left") > pl.col("right"))


def _best(evidence: Evidence, state: pl.DataFrame) -> pl.DataFrame:
    """Return each free group's best candidate that is good enough, and the second's weight."""
    of = state.select("cluster", "joined", "anchored")
    weighed = (
        evidence.edges.join(of, left_on="left", right_on="cluster")
        .join(of, left_on="right", right_on="cluster", suffix="_right")
        .filter(~pl.col("anchored") & (pl.col("joined") != pl.col("joined_right")))
        .group_by(left="joined", right="joined_right")
        .agg(pl.col("weight").max(), to_anchored=pl.col("anchored_right").any())
    )
    weighed = _less_if_twice(weighed, evidence, state).sort("left", "weight", "right")
    second = pl.col("weight").get(-2, null_on_oob=True)
    best = weighed.group_by("left", maintain_order=True).agg(
        pl.col("right", "weight", "to_anchored").last(), second=second
    )
    return best.filter(pl.col("weight") >= evidence.limits.link)


def _held(evidence: Evidence, state: pl.DataFrame) -> pl.DataFrame:
    """Return the sources of each group."""
    held = evidence.sources.join(state.select("cluster", "joined"), on="cluster")
    return held.select("joined", "source_system").unique()


def _less_if_twice(weighed: pl.DataFrame, evidence: Evidence, state: pl.DataFrame) -> pl.DataFrame:
    """Take off what speaks against it where one source holds both groups."""
    held = _held(evidence, state)
    against = pl.DataFrame(
        {"source_system": list(evidence.once), "against": list(evidence.once.values())},
        schema={"source_system": pl.String, "against": pl.Float64},
    )
    twice = (
        weighed.select("left", "right")
        .join(held, left_on="left", right_on="joined")
        .join(held.rename({"joined": "right"}), on=["right", "source_system"])
        .join(against, on="source_system")
        .group_by("left", "right")
        .agg(pl.col("against").sum())
    )
    return weighed.join(twice, on=["left", "right"], how="left").with_columns(
        weight=pl.col("weight") - pl.col("against").fill_null(0.0)
    )


def _applied(state: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    moved = links.select(joined="left", into="right", gained="weight", anchor="to_anchored")
    return state.join(moved, on="joined", how="left").select(
        "cluster",
        joined=pl.coalesce("into", "joined"),
        weight=pl.min_horizontal("weight", "gained"),
        anchored=pl.col("anchored") | pl.col("anchor").fill_null(False),
    )
