"""Things that departments name by one exact code: buildings, components."""

from hub.pipeline.resolving.records import records
from hub.warehouse.tables import Tables
from resolution.clusters.exact import by_identifier

RULES = {
    "building": "exact_building_code",
    "component": "exact_component_code",
}


def resolve_coded(tables: Tables) -> None:
    """Cluster the records of each of these entities by their code."""
    for entity, rule in RULES.items():
        clusters = by_identifier(records(tables, entity, rule), rule)
        tables.replace(f"{entity}_cluster", clusters)
