"""Buildings: departments name them by one exact code."""

from hub.pipeline.resolving.records import records
from hub.warehouse.tables import Tables
from resolution.clusters.exact import by_identifier

RULE = "exact_building_code"


def resolve_buildings(tables: Tables) -> None:
    """Cluster the records of buildings by their code."""
    tables.replace("building_cluster", by_identifier(records(tables, "building", RULE), RULE))
