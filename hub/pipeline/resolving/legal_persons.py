"""Legal persons: which records of all departments are one."""

import polars as pl

from hub.pipeline.resolving.records import decisions, records
from hub.warehouse.tables import Tables
from resolution.legal_persons.linkage import BY_CODE, link

COLUMNS = (
    "credit_code", "organisation_code", "registration_number", "name", "may_found",
    "place.building_code as building_code", "place.shop as shop", "place.house_code as house_code",
)  # fmt: skip
PLACE = " left join resolve.address as place on place.address_text = record.address"


def resolve_legal_persons(tables: Tables) -> None:
    """Cluster the records that name legal persons; who is only a place's name is left out."""
    rows = records(tables, "legal_person", BY_CODE, *COLUMNS, joined=PLACE)
    clusters = link(rows, decisions(tables, "legal_person"))
    founding = rows.select("source_system", "source_key", "may_found")
    of_somebody = clusters.join(founding, on=["source_system", "source_key"]).filter(
        pl.col("may_found").any().over("cluster")
    )
    tables.replace("legal_person_cluster", of_somebody.drop("may_found"))
