"""Clusters by keys of falling sureness: a code of its own, then whatever else names a thing."""

import polars as pl

from resolution.clusters.exact import OWN_RECORD
from resolution.clusters.labels import by_shared_keys


def by_keys(rows: pl.DataFrame, code: str, rules: dict[str, str]) -> pl.DataFrame:
    """Return ``row``, ``cluster`` (the number of a row of it) and ``rule``.

    Takes ``row``, ``identifier`` and key columns; ``code`` names the rule by identifier, ``rules``
    the key column of each other rule, the surest first. Rows without an identifier go to the one
    cluster with an identifier that has their key; where several have it, the next key is asked. The
    rest keep together by the same keys. Two identifiers never come together.
    """
    coded = pl.col("identifier").is_not_null()
    known = rows.filter(coded).with_columns(cluster=pl.col("row").min().over("identifier"))
    rest = rows.filter(~coded)
    found = [known.select("row", "cluster", rule=pl.lit(code))]
    for rule, key in rules.items():
        answers = (
            known.select("cluster", key)
            .drop_nulls()
            .group_by(key)
            .agg(pl.col("cluster").min(), several=pl.col("cluster").n_unique() > 1)
            .filter(~pl.col("several"))
        )
        taken = rest.join(answers.drop("several"), on=key)
        found.append(taken.select("row", "cluster", rule=pl.lit(rule)))
        known = pl.concat([known, taken.select(known.columns)])
        rest = rest.join(taken, on="row", how="anti")
    return pl.concat([*found, _among_themselves(rest, rules)]).sort("row")


def _among_themselves(rest: pl.DataFrame, rules: dict[str, str]) -> pl.DataFrame:
    label = by_shared_keys(rest, list(rules.values()))
    clusters = rest.with_columns(cluster=label)
    rule = pl.coalesce(
        pl.when(pl.col(key).is_not_null() & (pl.len().over(key) > 1)).then(pl.lit(name))
        for name, key in rules.items()
    )
    return clusters.select("row", "cluster", rule=rule.fill_null(OWN_RECORD))
