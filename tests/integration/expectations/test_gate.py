"""The gate on a real PostgreSQL: reads ledger and profiles, records results, gives verdicts."""

from pathlib import Path

import psycopg
import pytest

from connectors.contracts import Contract, load_contracts
from expectations.gate import judge
from hub.settings import REPOSITORY
from hub.warehouse.apply import apply_schema
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


@pytest.fixture
def contracts() -> dict[str, Contract]:
    found = load_contracts(REPOSITORY / "connectors" / "contracts")
    return {contract.identifier: contract for contract in found}


@pytest.fixture
def dsn(clean_warehouse: Warehouse) -> str:
    apply_schema(clean_warehouse.dsn())
    return clean_warehouse.dsn()


def land(
    dsn: str, contract: Contract, received: int, *, rejected: int = 0, status: str = "extracted"
) -> int:
    """Write a batch and its profile as an ingest would; every value of the right type."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into ops.run (run_id, trigger, business_date) values ('run', 'test', now())"
            " on conflict do nothing"
        )
        row = connection.execute(
            "insert into ops.batch (run_id, department, table_name, mode, contract_version,"
            " source_ref, received, rejected, appended, status)"
            " values ('run', %s, %s, %s, '1.0.0', 'test', %s, %s, %s, %s) returning batch_id",
            [
                contract.department,
                contract.table,
                contract.extract.mode,
                received,
                rejected,
                received - rejected,
                status,
            ],
        ).fetchone()
        assert row is not None
        lengths = {"ldbm": 19}
        for name in ["", *(column.name for column in contract.columns)]:
            length = lengths.get(name, 12)
            connection.execute(
                "insert into quality.batch_profile (batch_id, column_name, row_count, null_count,"
                " distinct_count, type_ok_count, min_length, max_length)"
                " values (%s, %s, %s, 0, 5, %s, %s, %s)",
                [row[0], name, received - rejected, received - rejected, length, length],
            )
    return int(row[0])


def profile(dsn: str, batch_id: int, column: str, **counts: int) -> None:
    with psycopg.connect(dsn) as connection:
        for name, count in counts.items():
            connection.execute(
                f"update quality.batch_profile set {name} = %s"
                " where batch_id = %s and column_name = %s",
                [count, batch_id, column],
            )


def test_a_good_batch_passes_beside_a_bad_one_that_says_why(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    building, resident = contracts["police.building"], contracts["police.resident"]
    good = land(dsn, building, 416)
    bad = land(dsn, resident, 27000)
    profile(dsn, bad, "gmsfhm", null_count=9000)
    verdicts = judge(dsn, [bad, good], contracts.values(), "run", tmp_path)
    assert [(v.batch_id, v.passed) for v in verdicts] == [(bad, False), (good, True)]
    assert verdicts[0].reason == "身份证号空值率：实际 33.333%，要求 ≤ 15%"
    assert verdicts[1].reason == ""


def test_history_is_the_last_batch_that_landed(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    building = contracts["police.building"]
    land(dsn, building, 400, status="landed")
    land(dsn, building, 100, status="held")
    land(dsn, contracts["city_management.component"], 9000, status="landed")
    enough, short = land(dsn, building, 280), land(dsn, building, 279)
    verdicts = judge(dsn, [enough, short], contracts.values(), "run", tmp_path)
    assert [v.passed for v in verdicts] == [True, False]
    assert verdicts[1].reason == "行数较上一批减少：实际 30.25%，要求 ≤ 30%"


def test_every_result_is_recorded_with_its_owner_and_without_values(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    resident = contracts["police.resident"]
    batch = land(dsn, resident, 1000, rejected=500)
    profile(dsn, batch, "lxdh", null_count=300)
    judge(dsn, [batch], contracts.values(), "run", tmp_path)
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select check_name, column_name, severity, passed, observed, expected, failed_rows"
            " from quality.check_result where run_id = 'run' and layer = 'landed'"
            " and engine = 'great_expectations' and department = 'police'"
            " and table_name = 'resident' and owner = '公安分局人口管理科'"
        ).fetchall()
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["拒收率"] == (None, "error", False, "50%", "≤ 1%", 500)
    assert by_name["联系电话空值率"] == ("lxdh", "warn", False, "60%", "≤ 50%", 300)
    assert by_name["序列号空值率（必填）"] == ("xlh", "error", True, "0%", "≤ 0%", None)


def test_a_warning_is_recorded_and_holds_nothing(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    batch = land(dsn, contracts["police.resident"], 1000)
    profile(dsn, batch, "lxdh", null_count=900)
    (verdict,) = judge(dsn, [batch], contracts.values(), "run", tmp_path)
    assert verdict.passed


def test_two_files_of_one_table_are_judged_together(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    contract = contracts["health.family_doctor_contract"]
    full, empty = land(dsn, contract, 50), land(dsn, contract, 0)
    verdicts = judge(dsn, [full, empty], contracts.values(), "run", tmp_path)
    assert [v.passed for v in verdicts] == [True, False]
    assert len(list(tmp_path.glob("health/*/health__family_doctor_contract*.html"))) == 2


def test_nothing_to_judge_needs_no_engine(dsn: str, tmp_path: Path) -> None:
    assert judge(dsn, [], [], "run", tmp_path) == []


def test_a_batch_that_the_ledger_does_not_know_is_not_let_through(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    (verdict,) = judge(dsn, [404], contracts.values(), "run", tmp_path)
    assert not verdict.passed
    assert verdict.reason == "批次 404 不在 ops.batch 中，或没有它的合同"


def test_a_batch_without_a_contract_is_not_let_through(
    dsn: str, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    batch = land(dsn, contracts["police.building"], 400)
    (verdict,) = judge(dsn, [batch], [contracts["police.resident"]], "run", tmp_path)
    assert not verdict.passed
