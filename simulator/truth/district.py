"""Puts a district together, community by community."""

import polars as pl

from simulator.truth import care, components, homes, organisations, party, people
from simulator.truth.place import Place, places, today

District = dict[str, pl.DataFrame]
IDENTITY = {
    # what tells one row of a thing from another, for as long as the district lives
    "person": "person_id",
    "building": "building_code",
    "grid": "grid_code",
    "component": "component_code",
    "social_organisation": "credit_code",
    "party_organisation": "organisation_code",
    "party_member": "person_id",
    "old_age_benefit": "person_id",
    "family_doctor_contract": "contract_id",
    "chronic_followup": "visit_id",
}


def generate(scale: str, seed: int) -> District:
    """Return the truth of a scale (``community`` or ``street``) as one table per thing."""
    parts = [_community(place) for place in places(scale, seed)]
    district = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    district["party_organisation"] = pl.concat(
        [
            party.secretaries(
                party.street_committee(), district["party_member"], district["person"]
            ),
            district["party_organisation"],
        ]
    )
    return district


def _community(place: Place) -> District:
    grid, areas = homes.grids(place)
    building = homes.buildings(place, grid, areas)
    dwelling = homes.dwellings(place, building)
    household = people.households(place, dwelling)
    person = people.people(place, household)
    adult = people.adults(person)
    enterprise = organisations.enterprises(place, building)
    social = organisations.social_organisations(place, building, adult)
    branch = party.organisations(place, grid, enterprise, social)
    member = party.members(place, adult, branch)
    contract = care.family_doctor_contracts(place, person)
    return {
        "community": homes.community(place),
        "grid": grid,
        "building": building,
        "dwelling": dwelling,
        "household": household,
        "person": person,
        "enterprise": enterprise,
        "social_organisation": social,
        "party_organisation": party.secretaries(branch, member, person),
        "party_member": member,
        "old_age_benefit": care.old_age_benefits(place, person),
        "family_doctor_contract": contract,
        "chronic_followup": care.followups(contract, place.rng("follow-ups"), today()),
        "component": components.components(place, grid, areas),
    }
