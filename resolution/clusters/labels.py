"""Groups found by shared keys: rows that share any key, directly or through others, are one."""

import polars as pl


def by_shared_keys(rows: pl.DataFrame, keys: list[str]) -> pl.Series:
    """Return for each row the smallest ``row`` of its group; null keys join nobody.

    Takes ``row`` (numbers) and key columns. Labels spread from key to key until none changes: as
    many passes as the longest chain of keys within a group, usually three or four.
    """
    label = rows["row"].alias("label")
    while True:
        found = label
        for key in keys:
            spread = pl.DataFrame({"key": rows[key], "label": found}).select(
                pl.when(pl.col("key").is_not_null())
                .then(pl.col("label").min().over("key"))
                .otherwise("label")
            )
            found = spread.to_series().alias("label")
        # a row's label is itself a row, whose own label may be smaller by now
        found = rows.select("row").with_columns(label=found).join(
            pl.DataFrame({"label": rows["row"], "better": found}), on="label", how="left",
            maintain_order="left",
        )["better"].alias("label")  # fmt: skip
        if found.equals(label):
            return label
        label = found
