"""How right clusters are: precision and recall over pairs of records, and clusters that mix."""

import polars as pl

KEY = ["source_system", "source_key"]


def rightness(clusters: pl.DataFrame, truth: pl.DataFrame) -> dict[str, float | None]:
    """Compare clusters with the truth, over all pairs of records that either puts together.

    Takes ``cluster`` and ``thing`` by record. ``over_merged_per_cluster`` is the share of clusters
    that hold records of more than one thing. Shares of no pairs at all are ``None``.
    """
    rows = clusters.join(truth, on=KEY)
    both = _pairs(rows, "cluster", "thing")
    mixed = rows.group_by("cluster").agg(several=pl.col("thing").n_unique() > 1)["several"]
    return {
        "records": len(rows),
        "clusters": len(mixed),
        "precision": _share(both, _pairs(rows, "cluster")),
        "recall_of_all_pairs": _share(both, _pairs(rows, "thing")),
        "over_merged": int(mixed.sum()),
        "over_merged_per_cluster": round(float(mixed.mean() or 0.0), 8),
    }


def recall_by_agreement(
    clusters: pl.DataFrame, truth: pl.DataFrame, stated: pl.DataFrame, attributes: list[list[str]]
) -> dict[str, float]:
    """Return recall over pairs that share two identifying attributes or more, and over the rest.

    ``stated`` has the records' values; an attribute is a list of columns of which any may agree
    with any (an address may be stated by code and in words).
    """
    rows = clusters.join(truth, on=KEY).join(stated, on=KEY).with_row_index("row")
    pairs = rows.join(rows, on="thing", suffix="_other").filter(pl.col("row") < pl.col("row_other"))
    shared = pl.sum_horizontal(
        pl.any_horizontal(
            (pl.col(one) == pl.col(f"{other}_other")).fill_null(value=False)
            for one in columns
            for other in columns
        ).cast(pl.Int8)
        for columns in attributes
    )
    found = pairs.select(enough=shared >= 2, found=pl.col("cluster") == pl.col("cluster_other"))
    enough, rest = found.filter("enough")["found"], found.filter(~pl.col("enough"))["found"]
    return {
        "pairs": len(enough),
        "recall": round(float(enough.mean() or 0.0), 6),
        "other_pairs": len(rest),
        "recall_of_other_pairs": round(float(rest.mean() or 0.0), 6),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _pairs(rows: pl.DataFrame, *by: str) -> int:
    sizes = rows.group_by(*by).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())
