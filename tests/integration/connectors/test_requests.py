"""Requests and cases through the whole connector: lives that go on, keys that stay."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hub.pipeline.ingest import Job, chosen, ingest
from hub.settings import Settings
from hub.stack import sources
from simulator.life.advance import advance
from simulator.loaders import mariadb
from simulator.loaders.mariadb import Administrator
from tests.support.departments import Departments
from tests.support.repository import CONTRACTS
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

LAST = """
select received, appended, unchanged, rejected, held, closed from ops.batch
 where department = %s and table_name = %s order by batch_id desc limit 1
"""
Counts = tuple[int, ...]


@pytest.fixture
def pull(
    clean_warehouse: Warehouse, departments: Departments, tmp_path: Path
) -> Callable[[str, str], Counts]:
    """Ingest a table once more; returns received, appended, unchanged, rejected, held, closed."""
    runs = iter(range(1_000))

    def go(department: str, table: str) -> Counts:
        job = Job(
            dsn=clean_warehouse.dsn(),
            landing=tmp_path / "landing",
            data_docs=tmp_path / "docs",
            run_id=f"run {next(runs)}",
            trigger="test",
            say=lambda _: None,
        )
        assert ingest(job, chosen(CONTRACTS, [department], table)) == 0
        with clean_warehouse.connect() as connection:
            counts = connection.execute(LAST, [department, table]).fetchone()
        assert counts is not None
        return counts

    return go


@pytest.fixture
def load(departments: Departments, hub_home: Settings) -> Iterator[Callable[[Path], Any]]:
    """Put a district's requests into the running database; afterwards it is as it was."""
    server = sources.mariadb_server(hub_home, "requests")
    password = server.password_file.read_text().strip()
    administrator = Administrator(server.host, server.port, "root", password)
    reader = (hub_home.secrets / "requests_password").read_text().strip()
    yield lambda home: mariadb.load(home, "requests", administrator, reader)
    mariadb.load(departments.district, "requests", administrator, reader)


def shown(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "systems/requests/request.parquet")


def test_each_day_brings_the_requests_that_are_new_or_went_on(
    pull: Callable[[str, str], Counts],
    load: Callable[[Path], Any],
    departments: Departments,
    clean_warehouse: Warehouse,
    tmp_path: Path,
) -> None:
    first = shown(departments.district)
    assert pull("requests", "request") == (len(first), len(first), 0, 0, 0, 0)

    later = tmp_path / "later"
    shutil.copytree(departments.district, later, ignore=shutil.ignore_patterns("faults"))
    advance(later, 2)
    load(later)
    now = shown(later)
    both = now.join(first, on=now.columns, how="semi", nulls_equal=True)
    changed = len(now) - len(both)
    received, appended, unchanged, rejected, held, closed = pull("requests", "request")
    assert (appended, rejected, held) == (changed, 0, 0)
    assert received == appended + unchanged
    assert received < len(now) * 0.05, "a window before the cursor, not the whole table"
    assert closed == changed - (len(now) - len(first)), "the versions that are over"

    assert pull("requests", "request")[1] == 0, "again: nothing new"
    with clean_warehouse.connect() as connection:
        found = connection.execute(
            "select task_num, state, caller_name, update_time from raw.requests__request"
            " where _recorded_to is null order by task_num"
        ).fetchall()
    expected = now.with_columns(pl.col("update_time").dt.strftime("%Y-%m-%d %H:%M:%S"))
    assert (
        found
        == expected.select("task_num", "state", "caller_name", "update_time")
        .sort("task_num")
        .rows()
    )


def test_cases_come_whole_and_close_nothing(
    pull: Callable[[str, str], Counts], departments: Departments
) -> None:
    rows = len(pl.read_parquet(departments.district / "systems/city_management/case.parquet"))
    assert pull("city_management", "case") == (rows, rows, 0, 0, 0, 0)
    assert pull("city_management", "case") == (rows, 0, rows, 0, 0, 0)
