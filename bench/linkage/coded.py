"""How right the clusters of legal persons and components are."""

from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage.rightness import rightness
from bench.linkage.truth import records
from hub.warehouse.tables import one_transaction

CLUSTERS = "select source_system, source_key, cluster from resolve.{entity}_cluster"


def figures(address: str, truth: Path) -> dict[str, dict[str, Any]]:
    """Return the figures by entity, of the clusters that the last build found."""
    things = {"legal_person": _legal_persons(truth), "component": _components(truth)}
    with one_transaction(address) as tables:
        return {
            entity: rightness(tables.read(CLUSTERS.format(entity=entity)), meant)
            for entity, meant in things.items()
        }


def _components(truth: Path) -> pl.DataFrame:
    return records(truth, "city_management.component")


def _legal_persons(truth: Path) -> pl.DataFrame:
    """Return the credit code of the legal person that each record is of.

    A business is known to the truth by a number of its own, a small place by the business in it, a
    party organisation by the code of the unit that it is in; what has no code is itself.
    """
    business = pl.read_parquet(truth / "business.parquet").select(
        thing="business_id", code=pl.coalesce("credit_code", "business_id")
    )
    places = pl.read_parquet(truth / "small_place.parquet").select(
        thing="place_id", business="business_id"
    )
    parties = pl.read_parquet(truth / "party_organisation.parquet").select(
        thing="organisation_code", code="unit_credit_code"
    )
    of_place = places.join(business, left_on="business", right_on="thing")
    named = pl.concat([business, of_place.select("thing", "code"), parties])
    coded = [
        records(truth, source).join(named, on="thing").drop_nulls("code")
        for source in ("market_regulation.business", "grid.small_place",
                       "party_building.organisation")
    ]  # fmt: skip
    social = records(truth, "civil_affairs.social_organisation")
    return pl.concat(
        [*(each.select("source_system", "source_key", thing="code") for each in coded), social]
    )
