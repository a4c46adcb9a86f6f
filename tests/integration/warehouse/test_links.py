"""A person found to be one, found to be two after all, and a steward who has the last word."""

from dataclasses import dataclass

import pytest

from hub.pipeline.build import build
from hub.pipeline.links import Pair, decide, waiting
from tests.integration.warehouse import district
from tests.integration.warehouse.district import Row, Tables, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

HOME = "4403040050240100001000103"
POLICE, GRID = "police.resident:20", "grid.population:RY20"
Ids = dict[str, str]


@dataclass(frozen=True)
class Told:
    """What the warehouse says after a build: ids by record, and merges so far."""

    ids: Ids
    merges: list[tuple[str, str, str]]


def known_to_police(**stated: str) -> Row:
    row = {"xlh": "20", "xm": "钱多多", "csrq": "19930704", "fwbm": HOME, "zxbs": "0"}
    return {**row, "gxsj": "2026-11-20 08:00:00", **stated}


def with_police(row: Row) -> Tables:
    return {"police.resident": [*district.district()["police.resident"], row]}


def known_to_grid() -> Row:
    """The same name, a phone; nothing else that the police know."""
    row = {
        "ryid": "RY20",
        "sfzh": "",
        "xm": "钱多多",
        "lxfs": "15400000020",
        "sqdm": district.SHAZUI,
    }
    return {**row, "jddm": "440304004", "cjrq": "2026-11-18 10:00:00"}


@pytest.fixture(scope="module")
def story(empty_warehouse: Warehouse) -> list[Told]:
    """Unknown to be one; the police learn the phone; a steward parts them; built once more."""
    first = district.district()
    told = []

    def chapter(tables: Tables) -> None:
        land(empty_warehouse, tables)
        build(empty_warehouse.settings, selection="+resident_merge +resident_registry")
        told.append(tell(empty_warehouse))

    grid = {"grid.population": [*first["grid.population"], known_to_grid()]}
    chapter(first | grid | with_police(known_to_police()))
    chapter(with_police(known_to_police(lxdh="15400000020")))
    pair = Pair("resident", POLICE, GRID)
    decide(empty_warehouse.dsn(), pair, "different", "steward", "two namesakes")
    chapter({})
    chapter(with_police(known_to_police(lxdh="15400000020")))
    return told


def tell(warehouse: Warehouse) -> Told:
    with warehouse.connect() as connection:
        ids = connection.execute(
            "select source_system || ':' || source_key, resident_id from resolve.resident_crosswalk"
            " where valid_to is null"
        ).fetchall()
        merges = connection.execute(
            "select from_resident_id, into_resident_id, kind from resolve.resident_merge"
            " order by happened_at"
        ).fetchall()
    return Told(dict(ids), merges)


def test_two_records_that_share_a_name_are_two_persons(story: list[Told]) -> None:
    assert story[0].ids[POLICE] != story[0].ids[GRID]


def test_new_evidence_merges_them_under_the_older_id(story: list[Told]) -> None:
    older = min(story[0].ids[POLICE], story[0].ids[GRID])
    assert story[1].ids[POLICE] == story[1].ids[GRID] == older


def test_a_merge_is_recorded(story: list[Told]) -> None:
    newer, older = sorted((story[0].ids[POLICE], story[0].ids[GRID]), reverse=True)
    assert story[1].merges == [(newer, older, "merged")]


def test_an_unmerge_gives_both_their_ids_back(story: list[Told]) -> None:
    assert story[2].ids[POLICE] == story[0].ids[POLICE]
    assert story[2].ids[GRID] == story[0].ids[GRID]
    assert [kind for *_, kind in story[2].merges] == ["merged", "parted"]


def test_a_decision_holds_from_then_on(story: list[Told]) -> None:
    assert story[3] == story[2]


def test_nobody_else_changes(story: list[Told]) -> None:
    others = [
        {record: id_ for record, id_ in told.ids.items() if record not in {POLICE, GRID}}
        for told in story
    ]
    assert others == [others[0]] * len(story)


def test_history_of_both_is_kept(story: list[Told], empty_warehouse: Warehouse) -> None:
    moved = max((POLICE, GRID), key=lambda record: story[0].ids[record])
    with empty_warehouse.connect() as connection:
        links = connection.execute(
            "select resident_id, valid_to is null from resolve.resident_crosswalk"
            " where source_system || ':' || source_key = %s order by valid_from",
            [moved],
        ).fetchall()
    assert links == [
        (story[0].ids[moved], False),
        (story[1].ids[moved], False),
        (story[0].ids[moved], True),
    ]


def test_stewards_see_what_waits_without_identity_numbers(empty_warehouse: Warehouse) -> None:
    with empty_warehouse.connect() as connection:
        connection.execute(
            "insert into resolve.review_queue values ('legal_person',"
            f" 'others.student:G{district.SUN}', 'police.resident:7', 'in_doubt', 0.5, 1, 1)"
        )
    [line] = waiting(empty_warehouse.dsn(), "legal_person", limit=5)
    assert district.SUN not in line
    assert "police.resident:7" in line
