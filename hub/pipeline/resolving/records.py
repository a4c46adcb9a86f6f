"""The staged records of an entity, each with the exact code that it carries or carried last."""

import polars as pl

from hub.warehouse.tables import Tables

# A record that no longer gives its code is still linked by the one it gave before.
REMEMBERED = """
with remembered as (
    select distinct on (source_system, source_key)
        link.source_system, link.source_key, known.identifier
    from resolve.{entity}_record as record
    inner join resolve.{entity}_crosswalk as link using (source_system, source_key)
    inner join resolve.{entity}_registry as known using ({entity}_id)
    where record.identifier is null and link.valid_to is null and link.rule = '{rule}'
    order by link.source_system, link.source_key, known.registered_at desc, known.identifier
)

select {columns}, coalesce(record.identifier, remembered.identifier) as identifier
from resolve.{entity}_record as record
left join remembered using (source_system, source_key)
"""
NOTHING_REMEMBERED = "select {columns}, record.identifier from resolve.{entity}_record as record"


def records(tables: Tables, entity: str, rule: str, *columns: str) -> pl.DataFrame:
    """Return record, ``identifier`` and other columns; ``rule`` names links by exact code."""
    linked_before = tables.exists(f"resolve.{entity}_crosswalk")
    query = REMEMBERED if linked_before else NOTHING_REMEMBERED
    wanted = ", ".join(f"record.{column}" for column in ("source_system", "source_key", *columns))
    return tables.read(query.format(entity=entity, rule=rule, columns=wanted))
