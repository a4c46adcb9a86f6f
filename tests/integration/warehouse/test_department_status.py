"""``ops.department_status``: who is stale, and since when."""

from datetime import datetime, timedelta

import pytest

from hub.warehouse.apply import apply_schema
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Report = tuple[str, int]  # outcome, hours ago


@pytest.fixture
def ledger(clean_warehouse: Warehouse) -> Warehouse:
    apply_schema(clean_warehouse.dsn())
    with clean_warehouse.connect() as connection:
        connection.execute(
            "insert into ops.contract values"
            " ('police', 'resident', '常住人口', '公安', '人口科', '2 days', '1'),"
            " ('police', 'building', '标准楼栋', '公安', '人口科', '9 days', '1')"
        )
    return clean_warehouse


def report(ledger: Warehouse, *reports: Report) -> None:
    """Enter runs of the police; a successful one has two batches of 3 rows each."""
    with ledger.connect() as connection:
        for number, (outcome, hours) in enumerate(reports):
            moment, run = now(ledger) - timedelta(hours=hours), f"run {number}"
            connection.execute(
                "insert into ops.run (run_id, trigger, business_date) values (%s, 'test', now())",
                [run],
            )
            connection.execute(
                "insert into ops.department_report values (%s, 'police', %s, %s, %s)",
                [run, outcome, None if outcome == "success" else "连接不上", moment],
            )
            for table in ("resident", "building") if outcome == "success" else ():
                connection.execute(
                    "insert into ops.batch (run_id, department, table_name, mode,"
                    " contract_version, source_ref, received, appended, unchanged, rejected,"
                    " status, extracted_at) values (%s, 'police', %s, 'snapshot', '1', 'test',"
                    " 3, 1, 1, 1, 'landed', %s)",
                    [run, table, moment],
                )


def now(ledger: Warehouse) -> datetime:
    with ledger.connect() as connection:
        return connection.execute("select date_trunc('second', now())").fetchone()[0]


def status(ledger: Warehouse) -> dict[str, object]:
    with ledger.connect("hub_reader") as connection:
        cursor = connection.execute("select * from ops.department_status")
        [row] = cursor.fetchall()
        return {column.name: value for column, value in zip(cursor.description, row, strict=True)}


def hours_since(ledger: Warehouse, moment: object) -> int:
    assert isinstance(moment, datetime)
    return round((now(ledger) - moment) / timedelta(hours=1))


def test_fresh_after_a_success_with_the_counts_of_that_run(ledger: Warehouse) -> None:
    report(ledger, ("failed", 50), ("success", 3))
    found = status(ledger)
    assert (found["stale"], found["stale_since"], found["title"]) == (False, None, "公安")
    assert [found[count] for count in ("appended", "unchanged", "rejected", "held")] == [2, 2, 2, 0]
    assert hours_since(ledger, found["fresh_at"]) == 3


def test_stale_since_the_first_failure_after_the_last_success(ledger: Warehouse) -> None:
    report(ledger, ("failed", 60), ("success", 40), ("failed", 20), ("held", 4))
    found = status(ledger)
    assert (found["stale"], found["reason"]) == (True, "连接不上")
    assert hours_since(ledger, found["stale_since"]) == 20
    assert hours_since(ledger, found["fresh_at"]) == 40


def test_heals_with_the_next_success(ledger: Warehouse) -> None:
    report(ledger, ("success", 30), ("failed", 20), ("success", 1))
    assert status(ledger)["stale"] is False


def test_stale_when_nothing_was_reported_for_longer_than_promised(ledger: Warehouse) -> None:
    """The strictest table counts: two days, passed two hours ago."""
    report(ledger, ("success", 50))
    found = status(ledger)
    assert found["stale"] is True
    assert hours_since(ledger, found["stale_since"]) == 2


def test_stale_when_it_never_reported(ledger: Warehouse) -> None:
    found = status(ledger)
    assert (found["stale"], found["fresh_at"], found["stale_since"]) == (True, None, None)
    assert found["appended"] == 0


def test_stale_since_the_first_report_when_it_never_succeeded(ledger: Warehouse) -> None:
    report(ledger, ("failed", 7), ("failed", 1))
    assert hours_since(ledger, status(ledger)["stale_since"]) == 7
