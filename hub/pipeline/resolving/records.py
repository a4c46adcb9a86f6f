"""The staged records of an entity, each with the exact code that it carries or carried last."""

import polars as pl

from hub.warehouse.tables import Tables

# A record that no longer gives its code is still linked by the one it gave before.
REMEMBERED = """
with remembered as (
    select distinct on (source_system, source_key)
        link.source_system, link.source_key, known.identifier as remembered
    from resolve.{entity}_record as record
    inner join resolve.{entity}_crosswalk as link using (source_system, source_key)
    inner join resolve.{entity}_registry as known using ({entity}_id)
    where record.identifier is null and link.valid_to is null and link.rule = '{rule}'
    order by link.source_system, link.source_key, known.registered_at desc, known.identifier
)

select {columns}, coalesce(record.identifier, remembered) as identifier
from resolve.{entity}_record as record
left join remembered using (source_system, source_key)
"""
NOTHING_REMEMBERED = "select {columns}, record.identifier from resolve.{entity}_record as record"
FORGET_QUEUE = "delete from resolve.review_queue where entity = '{entity}'"
DECIDED = """
select distinct on (left_record, right_record)
    left_record as left, right_record as right, decision
from resolve.link_decision where entity = '{entity}'
order by left_record, right_record, decision_id desc
"""


def records(
    tables: Tables, entity: str, rule: str, *columns: str, joined: str = ""
) -> pl.DataFrame:
    """Return record, ``identifier`` and other columns; ``rule`` names links by exact code.

    Columns without a prefix are those of the record; ``joined`` brings in what others come from.
    """
    state = (f"resolve.{entity}_crosswalk", f"resolve.{entity}_registry")
    linked_before = all(tables.exists(table) for table in state)
    query = REMEMBERED if linked_before else NOTHING_REMEMBERED
    wanted = ("source_system", "source_key", *columns)
    named = ", ".join(name if "." in name else f"record.{name}" for name in wanted)
    return tables.read(query.format(entity=entity, rule=rule, columns=named) + joined)


def decisions(tables: Tables, entity: str) -> pl.DataFrame:
    """Return what stewards decided of pairs of records: ``left``, ``right``, ``decision``."""
    return tables.read(DECIDED.format(entity=entity))


def queue(tables: Tables, entity: str, review: pl.DataFrame) -> None:
    """Put what a steward should look at into the queue, in the place of what was there."""
    tables.execute(FORGET_QUEUE.format(entity=entity))
    rows = review.sort("benefit", "left", "right", descending=[True, False, False])
    tables.append(
        "review_queue",
        rows.select(
            pl.lit(entity).alias("entity"),
            left_record="left",
            right_record="right",
            reason="reason",
            probability="probability",
            records=pl.col("records").cast(pl.Int64),
            benefit="benefit",
        ),
    )
