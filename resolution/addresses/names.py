"""Names: aliases become the names in use, names of communities become codes."""

import polars as pl

NAMED = ("road", "compound")


def standard(parsed: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Replace old and popular names; adds ``by_alias``.

    ``aliases`` has ``level`` (road or compound), ``alias`` and ``name``. A longer name may begin
    with an alias of a compound (沙嘴旧村三坊 with 沙嘴旧村).
    """
    rows = parsed.with_columns(by_alias=pl.lit(False))
    for level in NAMED:
        known = aliases.filter(pl.col("level") == level).unique("alias")
        if known.is_empty():
            continue
        by_length = known.sort(pl.col("alias").str.len_chars(), "alias", descending=True)
        renamed = pl.col(level).str.replace_many(
            by_length["alias"].to_list(), by_length["name"].to_list(), leftmost=True
        )
        taken = pl.col(level).str.contains_any(by_length["alias"].to_list())
        taken = taken & ~pl.col(level).is_in(by_length["name"].to_list())
        rows = rows.with_columns(
            pl.when(taken).then(renamed).otherwise(level).alias(level),
            by_alias=pl.col("by_alias") | taken.fill_null(False),
        )
    return rows


def coded(parsed: pl.DataFrame, communities: pl.DataFrame) -> pl.DataFrame:
    """Add ``community_code``: by the community's name, and the street's where two share a name.

    ``communities`` has ``community`` (without 社区), ``street`` (may be null) and
    ``community_code``.
    """
    by_street = communities.drop_nulls("street").select("street", "community", "community_code")
    by_street = _one_code(by_street, ["street", "community"])
    by_name = _one_code(communities.select("community", "community_code"), ["community"])
    rows = parsed.join(by_street, on=["street", "community"], how="left", maintain_order="left")
    rows = rows.join(
        by_name, on="community", how="left", maintain_order="left", suffix="_by_name"
    ).with_columns(pl.coalesce("community_code", "community_code_by_name"))
    return rows.drop("community_code_by_name")


def _one_code(names: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return the names that one community has."""
    found = names.drop_nulls(keys).unique().group_by(keys).agg(pl.col("community_code"))
    return found.filter(pl.col("community_code").list.len() == 1).with_columns(
        pl.col("community_code").list.first()
    )
