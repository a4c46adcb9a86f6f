"""Groups found by shared keys: rows that share any key, directly or through others, are one."""

import polars as pl


def by_shared_keys(rows: pl.DataFrame, keys: list[str]) -> pl.Series:
    """Return for each row the smallest ``row`` of its group; null keys join nobody.

    Takes ``row`` (numbers) and key columns. Labels spread from key to key until none changes: as
    many passes as the longest chain of keys within a group, usually three or four.
    """
    held = pl.concat(
        rows.select("row", key=pl.col(column).hash(seed=at), given=pl.col(column).is_not_null())
        .filter("given")
        .drop("given")
        for at, column in enumerate(keys)
    )
    shared = held.filter(pl.len().over("key") > 1)
    label = shared.select("row", label="row").unique().sort("row")
    while True:
        met = shared.join(label, on="row").select("row", pl.col("label").min().over("key"))
        spread = met.group_by("row").agg(pl.col("label").min()).sort("row")
        # a label is itself a row, whose own label may be smaller by now
        spread = spread.join(
            spread.select(label="row", better="label"),
            on="label",
            how="left",
            maintain_order="left",
        ).select("row", label="better")
        if spread.equals(label):
            break
        label = spread
    found = rows.select("row").join(label, on="row", how="left", maintain_order="left")
    return found.select(pl.coalesce("label", "row").alias("label")).to_series()
