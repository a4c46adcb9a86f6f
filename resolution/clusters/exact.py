"""Records that carry the same exact code are one thing; a record without a code stands alone."""

import polars as pl

KEY = ("source_system", "source_key")
RECORD = pl.format("{}:{}", *KEY)  # a record's name
OWN_RECORD = "own_record"


def by_identifier(records: pl.DataFrame, rule: str) -> pl.DataFrame:
    """Cluster records by their ``identifier``.

    Takes ``source_system``, ``source_key`` and ``identifier`` (null: none that can be used);
    returns one row per record: the record, ``cluster``, ``rule`` and ``probability``. A cluster is
    named after its first record, so that neither the order of rows nor anything personal shows.
    """
    coded = pl.col("identifier").is_not_null()
    return records.select(
        *KEY,
        cluster=pl.when(coded).then(RECORD.min().over("identifier")).otherwise(RECORD),
        rule=pl.when(coded).then(pl.lit(rule)).otherwise(pl.lit(OWN_RECORD)),
        probability=pl.lit(1.0),
    )
