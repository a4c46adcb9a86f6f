"""Puts a part of a district together, community by community."""

import polars as pl

from simulator.truth import (
    businesses,
    care,
    cases,
    centres,
    components,
    compounds,
    homes,
    organisations,
    party,
    people,
    projects,
    register,
    requests,
    schools,
    sensors,
    small_places,
    visits,
)
from simulator.truth.place import Part, Place, today

District = dict[str, pl.DataFrame]
IDENTITY = {
    # what tells one row of a thing from another, for as long as the district lives
    "person": "person_id",
    "building": "building_code",
    "grid": "grid_code",
    "component": "component_code",
    "business": "business_id",
    "student": "person_id",
    "past_student": "person_id",
    "compound": "compound_id",
    "social_organisation": "credit_code",
    "party_organisation": "organisation_code",
    "party_member": "person_id",
    "old_age_benefit": "person_id",
    "family_doctor_contract": "contract_id",
    "chronic_followup": "visit_id",
    "grid_resident": "person_id",
    "grid_house": "house_code",
    "small_place": "place_id",
    "visit": "visit_id",
    "request": "request_id",
    "case": "case_id",
    "sensor": "device_id",
    "alarm": "alarm_id",
    "centre": "centre_code",
    "booking": "booking_id",
    "project": "project_id",
}


def generate(part: Part) -> District:
    """Return the truth of a street, or of a slice of one, as one table per thing."""
    each = [_community(place) for place in part.places]
    district = {name: pl.concat([tables[name] for tables in each]) for name in each[0]}
    if part.opens_street:
        committee = party.secretaries(
            party.street_committee(part.places[0]), district["party_member"], district["person"]
        )
        district["party_organisation"] = pl.concat([committee, district["party_organisation"]])
    return district


def _pupils(place: Place, person: pl.DataFrame, years_ago: int) -> pl.DataFrame:
    year = schools.school_year(today()) - years_ago
    return schools.pupils(person, homes.community(place), year, place.rng(f"pupils {year}"))


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
    fact, request = requests.generate(place, (dwelling, building, person))
    component = components.components(place, grid, areas)
    sensor = sensors.sensors(place, component, building)
    business = businesses.businesses(place, building, adult, enterprise)
    house = register.houses(place, dwelling, household)
    small = small_places.small_places(place, building, person, business)
    centre = centres.centres(place, building)
    visit = visits.of_year(place, visits.Ground(grid, house, small, person))
    return {
        "community": homes.community(place),
        "grid": grid,
        "building": building,
        "dwelling": dwelling,
        "household": household,
        "person": person,
        "enterprise": enterprise,
        "business": business,
        "student": _pupils(place, person, 0),
        "past_student": _pupils(place, person, 1),
        "compound": compounds.compounds(place, building, household),
        "social_organisation": social,
        "party_organisation": party.secretaries(branch, member, person),
        "party_member": member,
        "old_age_benefit": care.old_age_benefits(place, person),
        "family_doctor_contract": contract,
        "chronic_followup": care.followups(contract, place.rng("follow-ups"), today()),
        "component": component,
        "sensor": sensor,
        "alarm": sensors.alarms(place, sensor),
        "grid_house": house,
        "small_place": small,
        "visit": visit,
        "grid_resident": register.residents(place, person, visit),
        "fact": fact,
        "request": request,
        "case": cases.generate(place, (dwelling, building, person)),
        "centre": centre,
        "booking": centres.bookings_of_year(place, centre, person),
        "project": projects.of_year(place, centre, person),
    }
