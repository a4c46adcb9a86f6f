"""Which records are one legal person: codes first, then names, but nobody's namesake."""

import polars as pl
import pytest

from resolution.legal_persons.linkage import link

CODE, OTHER = "91440304PDY00001XW", "92440304PDY000175B"
NUMBER = "440399600000017"
BUILDING = "4403040050240100001"
COLUMNS = (
    "source_system", "source_key", "identifier", "credit_code", "organisation_code",
    "registration_number", "name", "building_code", "shop", "house_code",
)  # fmt: skip
NO_DECISIONS = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "decision": pl.String})
Record = dict[str, str]


def business(key: str, name: str, **stated: str) -> Record:
    code = {"identifier": stated["credit_code"]} if "credit_code" in stated else {}
    return {"source_system": "market_regulation.business", "source_key": key, "name": name} | {
        **code, **stated
    }  # fmt: skip


def place(key: str, name: str, shop: str) -> Record:
    row = {"source_system": "grid.small_place", "source_key": key, "name": name}
    return {**row, "building_code": BUILDING, "shop": shop}


def clusters(*records: Record, decisions: pl.DataFrame = NO_DECISIONS) -> list[set[str]]:
    rows = pl.DataFrame(records, schema=dict.fromkeys(COLUMNS, pl.String))
    told = link(rows, decisions).group_by("cluster").agg("source_key").sort("cluster")
    return [set(keys) for keys in told["source_key"]]


SHOP = business("1", "深圳市仿真小吃店", credit_code=CODE, building_code=BUILDING, shop="101")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(business("2", "甲", credit_code=CODE), id="one credit code"),
        pytest.param(business("2", "甲", organisation_code="PDY00001-X"), id="organisation code"),
        pytest.param(
            {**business("2", "仿真小吃店"), "credit_code": "914403O4PDY00001XX"},
            id="a mistyped credit code and the name",
        ),
        pytest.param(place("2", "仿真小吃店", "101"), id="name and shop"),
        pytest.param(place("2", "深圳市仿真小吃店", "102"), id="a name that nobody else has"),
    ],
)
def test_records_of_one_legal_person_meet(other: Record) -> None:
    assert clusters(SHOP, other) == [{"1", "2"}]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(business("2", "深圳市仿真小吃店", credit_code=OTHER), id="another code"),
        pytest.param(
            business("2", "深圳市仿真小吃店", registration_number=NUMBER),
            id="a register number that is not its own",
        ),
    ],
)
def test_namesakes_with_codes_of_their_own_stay_apart(other: Record) -> None:
    assert len(clusters(SHOP, other)) == 2


def test_the_shop_decides_between_namesakes() -> None:
    namesake = business("2", "仿真小吃店", credit_code=OTHER, building_code=BUILDING, shop="202")
    assert {"2", "3"} in clusters(SHOP, namesake, place("3", "仿真小吃店", "202"))


def test_a_name_that_two_bear_names_neither() -> None:
    namesake = business("2", "仿真小吃店", credit_code=OTHER, building_code=BUILDING, shop="202")
    assert {"3"} in clusters(SHOP, namesake, place("3", "仿真小吃店", "303"))


def test_a_register_number_lasts_when_the_code_is_lost() -> None:
    full = business("1", "甲", credit_code=CODE, registration_number=NUMBER)
    assert clusters(full, business("2", "乙", registration_number=NUMBER)) == [{"1", "2"}]


def test_a_steward_has_the_last_word() -> None:
    apart = pl.DataFrame(
        {
            "left": ["grid.small_place:2"],
            "right": ["market_regulation.business:1"],
            "decision": ["different"],
        }
    )
    assert len(clusters(SHOP, place("2", "仿真小吃店", "101"), decisions=apart)) == 2
