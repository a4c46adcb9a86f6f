"""What ``hub status``, ``hub due`` and ``hub report`` read from a real ledger."""

import json
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from hub.cli import run as run_verbs
from hub.cli import status as status_verb
from hub.cli.main import app
from hub.warehouse.apply import apply_schema
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

status_verb.register(app)
run_verbs.register(app)

# 2026-11-20: a good night. 2026-11-21: police reports and is built, health is held after that.
LEDGER = """
insert into ops.contract (department, table_name, title, department_title, owner, fresh_within,
                          version)
values ('police', 'resident', '实有人口', '公安', '人口管理科', '100 years', '1.0.0'),
       ('police', 'building', '标准楼栋', '公安', '人口管理科', '100 years', '1.0.0'),
       ('health', 'contract', '家庭医生签约', '卫健', '信息中心', '100 years', '1.0.0');
insert into ops.run (run_id, trigger, business_date)
values ('n1', 'airflow', '2026-11-20'), ('n2', 'airflow', '2026-11-21');
insert into ops.batch (run_id, department, table_name, mode, contract_version, source_ref, status,
                       received, appended, unchanged, rejected, held, extracted_at)
values ('n1', 'health', 'contract', 'files', '1.0.0', 'a.csv', 'landed', 5, 5, 0, 0, 0,
        '2026-11-20 02:00+08'),
       ('n2', 'police', 'resident', 'cursor', '1.0.0', 'v_rk', 'landed', 10, 3, 6, 1, 0,
        '2026-11-21 02:00+08'),
       ('n2', 'police', 'building', 'snapshot', '1.0.0', 'v_ld', 'landed', 4, 0, 4, 0, 0,
        '2026-11-21 02:01+08'),
       ('n2', 'health', 'contract', 'files', '1.0.0', 'b.csv', 'held', 9, 0, 0, 2, 7,
        '2026-11-21 02:02+08');
insert into ops.department_report (run_id, department, outcome, reason, reported_at)
values ('n1', 'health', 'success', null, '2026-11-20 02:05+08'),
       ('n2', 'police', 'success', null, '2026-11-21 02:06+08'),
       ('n2', 'health', 'held', '行数骤减', '2026-11-21 02:30+08');
insert into ops.build (run_id, started_at, built_at, checked_at, published_at, status)
values ('n1', '2026-11-20 02:10+08', now(), now(), '2026-11-20 02:12+08', 'superseded'),
       ('n2', '2026-11-21 02:10+08', now(), now(), '2026-11-21 02:12+08', 'published');
insert into quality.check_result (build_id, layer, engine, check_name, severity, passed)
values (1, 'mart', 'dbt', 'old', 'error', false),
       (2, 'mart', 'dbt', 'unique', 'error', true),
       (2, 'mart', 'great_expectations', 'range', 'error', true),
       (2, 'mart', 'great_expectations', 'share', 'warn', false);
"""


@pytest.fixture
def empty(clean_warehouse: Warehouse) -> Warehouse:
    """A warehouse in which nothing has ever run."""
    return clean_warehouse


@pytest.fixture
def ledger(empty: Warehouse) -> Warehouse:
    """A warehouse with two nights in its ledger."""
    apply_schema(empty.dsn("hub"))
    with empty.connect("hub") as connection:
        connection.execute(LEDGER)
    return empty


def hub(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def status() -> dict[str, object]:
    result = hub("status", "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_the_status_is_one_json_object_with_exactly_these_parts(ledger: Warehouse) -> None:
    found = status()

    assert list(found) == ["departments", "build", "checks", "urls", "warehouse_dsn"]
    assert found["build"] == {"id": 2, "published_at": "2026-11-21T02:12:00+08:00"}
    assert found["checks"] == {"passed": 2, "failed": 0, "warned": 1}
    port = ledger.settings.port_airflow
    assert isinstance(found["urls"], dict)
    assert found["urls"]["airflow"] == f"http://127.0.0.1:{port}"
    assert set(found["urls"]) == {"airflow", "superset", "data_docs"}


def test_a_departments_counts_are_those_of_its_last_run_over_all_tables(ledger: Warehouse) -> None:
    assert status()["departments"] == [
        {
            "name": "health",
            "title": "卫健",
            "appended": 0,
            "unchanged": 0,
            "rejected": 2,
            "held": 7,
            "fresh_at": "2026-11-20T02:00:00+08:00",
            "stale": True,
            "stale_since": "2026-11-21T02:30:00+08:00",
            "reason": "行数骤减",
        },
        {
            "name": "police",
            "title": "公安",
            "appended": 3,
            "unchanged": 10,
            "rejected": 1,
            "held": 0,
            "fresh_at": "2026-11-21T02:01:00+08:00",
            "stale": False,
            "stale_since": None,
            "reason": None,
        },
    ]


def test_the_reader_can_use_the_printed_address_as_it_is_but_not_write(ledger: Warehouse) -> None:
    with psycopg.connect(str(status()["warehouse_dsn"])) as connection:
        assert connection.execute("select current_user").fetchone() == ("hub_reader",)
        assert (
            "hub_dashboards" not in Path(connection.info.get_parameters()["passfile"]).read_text()
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from ops.build")


def test_each_table_tells_its_speed_size_lag_and_how_its_source_differs(ledger: Warehouse) -> None:
    with ledger.connect("hub") as connection:
        connection.execute(
            "update ops.batch set seconds = 0.5, raw_bytes = 2500000, newest_at = now() - interval"
            " '90 minutes' where table_name = 'resident';"
            "insert into quality.drift select batch_id, 'added', 'bz', '多出的列：bz', 'warn'"
            " from ops.batch where table_name = 'resident'"
        )
    found = json.loads(hub("status", "--tables", "--json").stdout)["tables"]
    contract, building, resident = found
    assert (resident["rows_per_second"], resident["bytes"]) == (20, 2_500_000)
    assert 5400 <= resident["lag_seconds"] < 5500, "a cursor table lags behind its newest row"
    assert resident["drift"] == ["多出的列：bz"]
    assert building["last_success"] == "2026-11-21T02:01:00+08:00"
    assert building["lag_seconds"] > 0, "a snapshot lags since it was read"
    assert (contract["status"], contract["last_success"]) == ("held", "2026-11-20T02:00:00+08:00")

    shown = CliRunner(env={"COLUMNS": "220"}).invoke(app, ["status", "--tables"]).stdout
    assert "实有人口 police.resident" in shown
    assert "90 min" in shown
    assert "police.resident 多出的列：bz" in CliRunner().invoke(app, ["status"]).stdout


def test_before_the_first_run_the_status_is_empty(empty: Warehouse) -> None:
    found = status()

    assert found["departments"] == []
    assert found["build"] == {"id": None, "published_at": None}
    assert found["checks"] == {"passed": 0, "failed": 0, "warned": 0}


def test_people_see_who_is_stale_since_when_and_why(ledger: Warehouse) -> None:
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["status"]).stdout

    assert "卫健 health" in shown
    assert "stale since 2026-11-21 02:30: 行数骤减" in shown
    assert "2, published 2026-11-21 02:12" in shown
    assert "2 passed, 1 warned, 0 failed" in shown


def test_addresses_are_not_broken_on_a_narrow_terminal(ledger: Warehouse) -> None:
    shown = CliRunner(env={"COLUMNS": "40"}).invoke(app, ["status"]).stdout

    assert ledger.settings.secrets.joinpath("reader.pgpass").as_posix() in shown


def test_a_build_is_due_for_what_was_reported_after_the_last_published_one_began(
    ledger: Warehouse,
) -> None:
    result = hub("due")

    assert (result.exit_code, result.stdout) == (0, "reported: health held\n")


def test_no_build_is_due_when_nothing_was_reported_since(ledger: Warehouse) -> None:
    with ledger.connect("hub") as connection:
        connection.execute(
            "insert into ops.build (started_at, published_at, status)"
            " values ('2026-11-21 03:00+08', '2026-11-21 03:02+08', 'published')"
        )

    assert hub("due").exit_code == 12


def test_a_build_that_failed_leaves_everything_due(ledger: Warehouse) -> None:
    with ledger.connect("hub") as connection:
        connection.execute(
            "insert into ops.build (started_at, status) values ('2026-11-21 03:00+08', 'failed')"
        )

    assert hub("due").exit_code == 0


def test_nothing_is_due_before_the_first_report(empty: Warehouse) -> None:
    assert hub("due").exit_code == 12


def reports(warehouse: Warehouse, run_id: str) -> list[tuple[str, str, str | None, datetime]]:
    with warehouse.connect("hub") as connection:
        return connection.execute(
            "select department, outcome, reason, reported_at from ops.department_report"
            " where run_id = %s order by department",
            (run_id,),
        ).fetchall()


def test_an_ingest_that_died_silently_is_recorded_as_failed(empty: Warehouse) -> None:
    result = hub("report", "police", "--run-id", "n3", "--outcome", "failed")

    assert (result.exit_code, result.stdout) == (0, "failed\n")
    [(department, outcome, reason, _)] = reports(empty, "n3")
    assert (department, outcome) == ("police", "failed")
    assert reason == "拉取任务中断，未留下结果"


def test_what_ingest_said_itself_stays(ledger: Warehouse) -> None:
    result = hub("report", "health", "--run-id", "n2", "--outcome", "failed")

    assert result.stdout == "held\n"
    assert reports(ledger, "n2")[0][:3] == ("health", "held", "行数骤减")


def test_a_success_that_did_not_last_becomes_a_failure(ledger: Warehouse) -> None:
    result = hub("report", "police", "--run-id", "n2", "--outcome", "failed")

    assert result.stdout == "failed\n"
    assert [o for d, o, _, _ in reports(ledger, "n2") if d == "police"] == ["failed"]
