"""Ids stay with whom they were given to, whatever is built again, corrected, lost or found."""

from random import Random

import pytest

from hub.pipeline.build import build
from tests.integration.warehouse import district
from tests.integration.warehouse.district import Tables, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Ids = dict[str, str]
Record = tuple[str, str]
ENTITIES = ("resident", "building", "legal_person", "component")


@pytest.fixture(scope="module")
def shuffled(empty_warehouse: Warehouse) -> dict[Record, str]:
    """Ids of all records after a first build of the same rows in another order; leaves nothing."""
    tables = district.district()
    for rows in tables.values():
        Random(7).shuffle(rows)  # noqa: S311 - test data
    land(empty_warehouse, tables)
    build(empty_warehouse.settings, selection="+resolve")
    ids = every_id(empty_warehouse)
    empty_warehouse.clean()
    return ids


@pytest.fixture(scope="module")
def told(
    empty_warehouse: Warehouse,
    shuffled: dict[Record, str],
) -> list[dict[Record, str]]:
    """Ids of all records after: a first build, the same again, corrections, a return."""
    told = []
    for tables in (
        first := district.district(),
        {},
        corrected(),
        {"police.resident": first["police.resident"]},
    ):
        land(empty_warehouse, tables)
        build(empty_warehouse.settings, selection="+resolve")
        told.append(every_id(empty_warehouse))
    return told


@pytest.fixture(scope="module")
def story(told: list[dict[Record, str]]) -> list[Ids]:
    """The same for police registrations alone."""
    return [
        {key: id_ for (source, key), id_ in ids.items() if source == "police.resident"}
        for ids in told
    ]


def corrected() -> Tables:
    """The same registrations in another order, with these changes.

    1 is gone; 8's mistyped number is corrected; 9's ruined number becomes 3's; 2 loses its number;
    12 is new.
    """
    residents = {row["xlh"]: row for row in reversed(district.district()["police.resident"])}
    gone = residents.pop("1")
    residents["8"] |= {"gmsfhm": district.ZHOU}
    residents["9"] |= {"gmsfhm": district.ZHANG}
    residents["2"] |= {"gmsfhm": ""}
    new = {**gone, "xlh": "12", "gmsfhm": district.id_number("20110101", 99)}
    return {"police.resident": [new, *residents.values()]}


def every_id(warehouse: Warehouse) -> dict[Record, str]:
    standing = " union all ".join(
        f"select source_system, source_key, {entity}_id from resolve.{entity}_crosswalk"
        " where valid_to is null"
        for entity in ENTITIES
    )
    with warehouse.connect() as connection:
        return {(source, key): id_ for source, key, id_ in connection.execute(standing)}


def test_the_order_of_rows_decides_no_id(
    shuffled: dict[Record, str], told: list[dict[Record, str]]
) -> None:
    assert {id_[0] for id_ in shuffled.values()} >= set("RBLC")
    assert shuffled == told[0]


def test_building_again_changes_no_id(story: list[Ids]) -> None:
    assert story[1] == story[0]


def test_records_of_one_number_are_one_person(story: list[Ids]) -> None:
    assert story[0]["4"] == story[0]["5"]
    assert len(set(story[0].values())) == 10


def test_ids_carry_nothing_personal(story: list[Ids]) -> None:
    assert all(len(each) == 11 and each.startswith("R000000") for each in story[0].values())


def test_a_corrected_number_keeps_the_id(story: list[Ids]) -> None:
    assert story[2]["8"] == story[0]["8"]


def test_a_record_that_turns_out_to_be_somebody_known_moves_to_him(story: list[Ids]) -> None:
    assert story[2]["9"] == story[2]["3"] == story[0]["3"]


def test_a_record_that_loses_its_number_keeps_the_id(story: list[Ids]) -> None:
    assert story[2]["2"] == story[0]["2"]


def test_a_new_person_gets_an_id_that_nobody_had(story: list[Ids]) -> None:
    assert story[2]["12"] not in story[0].values()


def test_order_and_departures_change_nobody_elses_id(story: list[Ids]) -> None:
    others = {"3", "4", "5", "6", "7", "10", "11"}
    assert {key: story[2][key] for key in others} == {key: story[0][key] for key in others}


def test_who_comes_back_is_who_he_was(story: list[Ids]) -> None:
    assert "1" not in story[2]
    assert story[3]["1"] == story[0]["1"]


def test_history_of_a_link_is_kept(story: list[Ids], empty_warehouse: Warehouse) -> None:
    with empty_warehouse.connect() as connection:
        links = connection.execute(
            "select resident_id, valid_to is null from resolve.resident_crosswalk"
            " where source_system = 'police.resident' and source_key = '1' order by valid_from"
        ).fetchall()
    assert links == [(story[0]["1"], False), (story[0]["1"], True)]
