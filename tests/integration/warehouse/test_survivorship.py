"""Whose word counts: the value in use, its evidence, the findings that go back to departments."""

import pytest

from hub.pipeline.build import build
from tests.integration.warehouse.district import Tables, district, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def findings(empty_warehouse: Warehouse) -> list[Rows]:
    """Names that sources disagree about: first, the same again, after one of them was corrected."""
    told = []
    for tables in (district(), {}, corrected()):
        land(empty_warehouse, tables)
        build(empty_warehouse.settings)
        told.append(names_in_doubt(empty_warehouse))
    return told


def corrected() -> Tables:
    """Party building has learnt what the member is called; the grid officers have not."""
    members = district()["party_building.member"]
    members[1] |= {"xm": "欧阳三三"}
    return {"party_building.member": members}


def names_in_doubt(warehouse: Warehouse) -> Rows:
    return query(
        warehouse,
        "select finding_id, first_seen, evidence, department, closed_at is null"
        " from quality.finding where field = 'name' and entity = 'resident' order by evidence",
    )


def query(warehouse: Warehouse, text: str) -> Rows:
    with warehouse.connect() as connection:
        return connection.execute(text).fetchall()  # type: ignore[arg-type]


def test_a_disagreement_is_a_finding_for_the_authority_and_masked(findings: list[Rows]) -> None:
    assert [row[2:] for row in findings[0]] == [
        ("欧阳**（police.resident）；欧阳*（party_building.member）", "police", True),
        ("赵*（police.resident）；阿*（grid.population）", "police", True),
    ]


def test_building_again_keeps_its_number_and_the_time_it_was_first_seen(
    findings: list[Rows],
) -> None:
    assert findings[1] == findings[0]


def test_a_finding_closes_when_its_cause_is_gone_and_the_others_stay(findings: list[Rows]) -> None:
    assert [(*row[:4],) for row in findings[2]] == [(*row[:4],) for row in findings[0]]
    assert [row[4] for row in findings[2]] == [False, True]


def test_every_value_says_where_it_is_from(
    findings: list[Rows], empty_warehouse: Warehouse
) -> None:
    assert query(
        empty_warehouse,
        "select field, source_system, observed_on::text, rule from core_next.attribute_choice"
        " inner join core_private_next.resident_identity on resident_id = entity_id"
        " where name = '赵四' order by field",
    ) == [
        ("address", "grid.population", "2026-11-18", "fresh"),
        ("birth_date", "police.resident", "2026-11-20", "agreed"),
        ("id_number", "police.resident", "2026-11-20", "agreed"),
        ("name", "police.resident", "2026-11-20", "authority"),
        ("sex", "police.resident", "2026-11-20", "agreed"),
    ]


def test_evidence_is_masked_and_the_clear_values_are_apart(
    findings: list[Rows], empty_warehouse: Warehouse
) -> None:
    assert query(
        empty_warehouse,
        "select masked_value, value, source_system, is_chosen, agrees"
        " from core_next.attribute_evidence inner join core_private_next.attribute_evidence_value"
        " using (entity, entity_id, field, source_system, source_key, statement)"
        " where field = 'name' and entity = 'resident' order by source_system, source_key",
    ) == [
        ("阿*", "阿四", "grid.population", False, False),
        ("赵*", "赵四", "police.resident", True, True),
        ("赵*", "赵四", "police.resident", False, True),
    ]
