"""Residents: which records of all departments are one person."""

import polars as pl

from hub.pipeline.resolving.records import records
from hub.warehouse.tables import Tables
from resolution.clusters.exact import by_identifier

RULE = "exact_id_number"


def resolve_residents(tables: Tables) -> None:
    """Cluster the records that name people."""
    rows = records(tables, "resident", RULE, "may_found")
    clusters = by_identifier(rows, RULE)
    known = pl.col("may_found").any().over("cluster")
    of_somebody = clusters.with_columns(rows["may_found"]).filter(known).drop("may_found")
    tables.replace("resident_cluster", of_somebody)
