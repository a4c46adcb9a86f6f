"""Urban components: which records are one thing on the street."""

from hub.pipeline.resolving.records import decisions, queue, records
from hub.warehouse.tables import Tables
from resolution.components.linkage import BY_CODE, link

COLUMNS = ("class_code", "state", "longitude", "latitude")


def resolve_components(tables: Tables) -> None:
    """Cluster the records of components, and queue those that may have been surveyed twice."""
    rows = records(tables, "component", BY_CODE, *COLUMNS)
    linked = link(rows, decisions(tables, "component"))
    tables.replace("component_cluster", linked.clusters)
    queue(tables, "component", linked.review)
