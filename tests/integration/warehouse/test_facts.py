"""What happened reaches core once, whatever is built again, corrected, replayed, rolled back."""

from typing import Any

import psycopg
import pytest

from hub.pipeline.build import build
from hub.pipeline.publish import publish, rollback
from tests.integration.warehouse.activity import HERMIT, TOLD, activity
from tests.integration.warehouse.district import GRID_1, GRID_2, OLD_WANG, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Rows = list[tuple[Any, ...]]
REQUESTS = "select request_number, type_level_3, hours_to_close from core.fct_request order by 1"
KEPT = "select task_number, xmin::text from staging.stg_requests__request"
IDENTITY = "(select resident_id from core_private.resident_identity where id_number = '{}')"


def ask(warehouse: Warehouse, query: str) -> Rows:
    with warehouse.connect() as connection:
        return connection.execute(query).fetchall()


def build_and_publish(warehouse: Warehouse) -> None:
    """Build, say that the checks passed, publish."""
    build_id = build(warehouse.settings).build_id
    with warehouse.connect() as connection:
        connection.execute(
            "update ops.build set checked_at = now() where build_id = %s", [build_id]
        )
    publish(warehouse.dsn())


def revise(connection: psycopg.Connection[Any]) -> None:
    """Change the change log as landing does: R1 corrected, R2 taken back, R3 replayed.

    The replayed version lies where its batch lies; a watermark on times would not see it.
    """
    connection.execute(
        "update raw.requests__request set _recorded_to = now() where task_num = 'R1'"
    )
    connection.execute(
        "insert into raw.requests__request select (jsonb_populate_record(log, jsonb_build_object("
        " 'sub_type_name', '生活噪声', '_row_hash', 77, '_recorded_from', now(),"
        " '_recorded_to', null))).* from raw.requests__request as log where task_num = 'R1'"
    )
    connection.execute("delete from raw.requests__request where task_num = 'R2'")
    connection.execute(
        "update raw.requests__request set dispose_end_time = '2026-11-10 12:00:00', _row_hash = 78"
        " where task_num = 'R3'"
    )


@pytest.fixture(scope="module")
def story(empty_warehouse: Warehouse) -> dict[str, Rows]:
    """What readers and staging held after each chapter."""
    told = {}
    land(empty_warehouse, activity(), TOLD)
    build_and_publish(empty_warehouse)
    told["first"], told["kept first"] = ask(empty_warehouse, REQUESTS), ask(empty_warehouse, KEPT)
    told["facts"] = ask(
        empty_warehouse,
        "select minutes_to_assign, is_assigned_in_time, hours_to_close, is_closed_in_time,"
        " grid_code, located_grid_code, resident_id = " + IDENTITY.format(OLD_WANG)
        + " from core.fct_request where request_number in ('R3', 'R4') order by request_number",
    )  # fmt: skip
    told["others"] = others(empty_warehouse)
    with empty_warehouse.connect() as connection:
        revise(connection)
    build_and_publish(empty_warehouse)
    told["second"], told["kept second"] = ask(empty_warehouse, REQUESTS), ask(empty_warehouse, KEPT)
    rollback(empty_warehouse.dsn())
    told["rolled back"] = ask(empty_warehouse, REQUESTS)
    build_and_publish(empty_warehouse)
    told["third"] = ask(empty_warehouse, REQUESTS)
    return told


def others(warehouse: Warehouse) -> Rows:
    """One row of each other fact and relation, as counted by hand in ``activity``."""
    hermit = IDENTITY.format(HERMIT)
    return [
        *ask(
            warehouse,
            "select inspection_number, is_rectified_in_time, days_to_rectify::float"
            " from core.fct_inspection where has_hazard order by 1",
        ),
        *ask(
            warehouse,
            "select has_lapsed, days_left from core.fct_service_contract"
            f" where resident_id = {hermit}",
        ),
        *ask(
            warehouse,
            "select days_since_previous, is_overdue from core.fct_followup"
            f" where is_latest and resident_id = {hermit}",
        ),
        *ask(
            warehouse,
            "select minutes_to_dismiss::float, hours_to_verify::float, is_false_alarm,"
            " component_id is not null from core.fct_sensor_alarm",
        ),
        *ask(
            warehouse,
            "select count(*), count(*) filter (where is_used), min(days_ahead), min(community_code)"
            " from core.fct_booking",
        ),
        *ask(warehouse, "select days_to_finish, paid_share::float from core.fct_project"),
        *ask(
            warehouse,
            f"select role, rule, resident_id = {hermit} from core.bridge_resident_small_place"
            " where place_number = 'P1'",
        ),
        *ask(
            warehouse,
            f"select masked_name, rule, resident_id = {hermit}"
            " from core.bridge_legal_representative where resident_id is not null",
        ),
        *ask(
            warehouse,
            "select entity, said_code, other_code, department from core.place_disagreement",
        ),
    ]


def test_a_request_knows_who_asked_where_and_whether_it_was_answered_in_time(
    story: dict[str, Rows],
) -> None:
    assert [tuple(map(str, row)) for row in story["facts"]] == [
        ("30.00", "True", "6.00", "True", GRID_1, GRID_1, "True"),
        ("240.00", "False", "None", "False", GRID_1, GRID_1, "True"),
    ]


def test_every_other_fact_and_relation_is_the_one_counted_by_hand(story: dict[str, Rows]) -> None:
    assert story["others"] == [
        ("V3", False, None),
        ("V4", True, 4.0),
        (True, -20),
        (92, True),
        (5.0, 2.0, True, True),
        (2, 1, 2, GRID_1[:12]),
        (30, 0.9),
        ("operator", "name_and_phone", True),
        ("蒋*", "operator_of_the_place", True),
        ("urban_component", GRID_1, GRID_2, "city_management"),
    ]


def test_a_correction_a_replay_and_a_withdrawal_change_their_own_rows_only(
    story: dict[str, Rows],
) -> None:
    first, second = dict_of(story["first"]), dict_of(story["second"])
    assert {key for key in first if first[key] != second.get(key)} == {"R1", "R2", "R3"}
    assert "R2" not in second
    assert second["R1"][0] == "生活噪声"
    assert float(second["R3"][1]) == 3.0


def test_what_did_not_change_is_not_cleaned_again(story: dict[str, Rows]) -> None:
    before, after = dict_of(story["kept first"]), dict_of(story["kept second"])
    assert {key for key in after if after[key] == before[key]} == {"R4"}


def test_rolling_back_shows_the_facts_before_and_loses_nothing(story: dict[str, Rows]) -> None:
    assert story["rolled back"] == story["first"]
    assert story["third"] == story["second"]


def dict_of(rows: Rows) -> dict[str, tuple[Any, ...]]:
    assert len({key for key, *_ in rows}) == len(rows)
    return {key: tuple(rest) for key, *rest in rows}
