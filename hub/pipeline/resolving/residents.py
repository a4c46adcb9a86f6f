"""Residents: which records of all departments are one person."""

import json

import polars as pl

from hub.pipeline.resolving.records import decisions, queue, records
from hub.warehouse.tables import Tables
from resolution.residents.comparisons import Weights
from resolution.residents.exact import BY_NUMBER
from resolution.residents.linkage import in_exact_clusters, link
from resolution.residents.model import train

COLUMNS = (
    "id_number", "id_number_rule", "name", "courtesy_name", "sex_code", "birth_date", "phone",
    "house_code", "may_found", "home.house_code as home_code",
)  # fmt: skip
HOME = " left join resolve.address as home on home.address_text = record.address"
NEWEST_WEIGHTS = """
select weights from resolve.linkage_weights where entity = 'resident'
order by trained_at desc limit 1
"""


def resolve_residents(tables: Tables) -> None:
    """Cluster the records that name people, and queue what a steward should look at.

    Clusters in which no record may stand for a person of its own (somebody who called once) are
    left out.
    """
    rows = read_records(tables)
    linked = link(rows, _weights(tables), decisions(tables, "resident"))
    founding = rows.select("source_system", "source_key", "may_found")
    of_somebody = (
        linked.clusters.join(founding, on=["source_system", "source_key"])
        .filter(pl.col("may_found").any().over("cluster"))
        .drop("may_found")
    )
    tables.replace("resident_cluster", of_somebody)
    queue(tables, "resident", linked.review)


def train_residents(tables: Tables) -> None:
    """Learn from this district's own records what an agreement is worth, and keep it."""
    weights = json.dumps(train(in_exact_clusters(read_records(tables))), ensure_ascii=False)
    trained = pl.DataFrame({"entity": ["resident"], "weights": [weights]})
    tables.append("linkage_weights", trained)


def read_records(tables: Tables) -> pl.DataFrame:
    """Return every record that names a person, with the dwelling that its address means."""
    return records(tables, "resident", BY_NUMBER, *COLUMNS, joined=HOME)


def _weights(tables: Tables) -> Weights | None:
    """Return the district's own weights, if it trained any."""
    kept = tables.read(NEWEST_WEIGHTS)["weights"].to_list()
    return json.loads(kept[0]) if kept else None
