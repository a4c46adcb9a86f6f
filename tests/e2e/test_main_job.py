"""The promise of the first page: one command, and the district is on the screen.

These tests follow one stack through its life, in order: up, again, a department away, down.
"""

import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from hub.stack.leftovers import lives
from tests.support.home import throwaway_home
from tests.support.repository import DEPARTMENTS
from tests.support.stack import Stack

pytestmark = pytest.mark.e2e

MOST_MEMORY = 5_000_000_000

KEYS = {
    "dim_resident": "resident_id",
    "dim_building": "building_id",
    "dim_legal_person": "legal_person_id",
    "dim_organisation": "organisation_code",
    "dim_urban_component": "component_id",
    "dim_grid": "grid_code",
    "dim_community": "community_code",
}


@dataclass
class Start:
    """What ``hub up`` printed, and how long it took."""

    said: str = ""
    seconds: float = 0.0


@pytest.fixture(scope="module")
def first_start() -> Start:
    return Start()


@pytest.fixture(scope="module")
def stack(first_start: Start) -> Iterator[Stack]:
    """A stack that ``hub up`` has brought up from nothing."""
    with throwaway_home() as settings:
        stack = Stack(settings)
        began = time.monotonic()
        try:
            first_start.said = stack.succeed("up", timeout=1200)
            first_start.seconds = time.monotonic() - began
            yield stack
        finally:
            stack.hub("down")


def ids(stack: Stack) -> dict[str, set[str]]:
    return {
        table: {str(row[0]) for row in stack.rows(f"select {key} from core.{table}")}
        for table, key in KEYS.items()
    }


def raw_rows(stack: Stack) -> dict[str, int]:
    tables = stack.rows("select tablename from pg_tables where schemaname = 'raw'")
    assert tables
    return {table: stack.rows(f"select count(*) from raw.{table}")[0][0] for (table,) in tables}


def test_it_ends_by_saying_where_to_look(
    stack: Stack, first_start: Start, record_property: Callable[[str, object], None]
) -> None:
    record_property("first_start_seconds", round(first_start.seconds))
    hub = stack.settings
    for address in (hub.port_airflow, hub.port_superset, hub.port_data_docs):
        assert f"http://127.0.0.1:{address}" in first_start.said
    assert "admin" in first_start.said
    assert str(hub.secrets / "passwords.txt") in first_start.said


def test_secrets_are_the_owners_and_none_is_printed(stack: Stack, first_start: Start) -> None:
    for file in stack.settings.secrets.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        if file.name.endswith("_password"):
            assert file.read_text() not in first_start.said


def test_status_is_one_json_object_with_what_was_promised(stack: Stack) -> None:
    status = stack.status()
    assert stale(status) == {}
    assert {each["name"] for each in status["departments"]} == set(DEPARTMENTS)
    for each in status["departments"]:
        assert {"appended", "unchanged", "rejected", "held", "fresh_at", "stale"} <= each.keys()
        assert each["fresh_at"]
    assert status["build"]["id"]
    assert status["build"]["published_at"]
    assert status["checks"]["passed"] > 0
    assert status["urls"].keys() >= {"airflow", "superset", "data_docs"}


def test_the_reader_of_the_dsn_reads_the_marts_and_writes_nothing(stack: Stack) -> None:
    address = stack.status()["warehouse_dsn"]
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute("select residents from mart.community_overview").fetchone()
        assert row
        assert row[0] > 20_000
        for forbidden in (
            "create table mart.mine (one integer)",
            "delete from core.dim_resident",
            "select * from core_private.resident_identity",
            "select * from raw.police__resident",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden.encode())


def test_the_addresses_answer_with_pages(stack: Stack) -> None:
    for url in stack.status()["urls"].values():
        answer = httpx.get(url, follow_redirects=True, timeout=30, trust_env=False)
        assert answer.status_code == 200
        assert "<html" in answer.text.lower()


def test_nothing_listens_beyond_loopback(stack: Stack) -> None:
    ours = {process.pid for process in stack.processes()}
    addresses = {
        connection.laddr.ip
        for connection in psutil.net_connections("inet")
        if connection.pid in ours and connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}


def test_all_processes_together_stay_below_five_gigabytes(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    together = 0
    for process in stack.processes():
        with suppress(psutil.NoSuchProcess):
            together += process.memory_full_info().pss
    record_property("pss_megabytes", together // 1_000_000)
    assert 0 < together < MOST_MEMORY


def test_running_the_job_again_adds_no_row_and_changes_no_id(stack: Stack) -> None:
    rows, known = raw_rows(stack), ids(stack)
    assert all(known.values())
    stack.succeed("run", "--wait")
    assert raw_rows(stack) == rows
    assert ids(stack) == known
    assert all(each["appended"] == 0 for each in stack.status()["departments"])


def test_without_one_department_the_others_are_published_and_it_heals(stack: Stack) -> None:
    before = stack.status()
    stack.succeed("stop", "party_building")
    stack.hub("run", "--wait")
    without = stack.status()
    party = department(without, "party_building")
    assert without["build"]["id"] > before["build"]["id"]
    assert stale(without).keys() == {"party_building"}
    assert party["fresh_at"] == department(before, "party_building")["fresh_at"]
    assert stale_on_the_screen(stack) == {"party_building"}

    stack.succeed("start", "party_building")
    stack.succeed("run", "--wait")
    healed = stack.status()
    assert stale(healed) == {}
    assert stale_on_the_screen(stack) == set()


def test_a_second_start_runs_nothing_again(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    before = stack.status()
    stack.succeed("down")
    began = time.monotonic()
    stack.succeed("up")
    record_property("second_start_seconds", round(time.monotonic() - began))
    assert stack.status()["build"] == before["build"]


def test_down_leaves_no_process_behind(stack: Stack) -> None:
    running = stack.processes()
    assert len(running) > 10
    stack.succeed("down")
    assert [process for process in running if lives(process.pid)] == []
    assert processes_of(stack.settings.home) == []
    assert "nothing was running" in stack.succeed("down")


def department(status: dict[str, list[dict[str, object]]], name: str) -> dict[str, object]:
    return next(each for each in status["departments"] if each["name"] == name)


def stale(status: dict[str, list[dict[str, object]]]) -> dict[object, object]:
    """The departments that are stale, and why."""
    return {each["name"]: each["reason"] for each in status["departments"] if each["stale"]}


def stale_on_the_screen(stack: Stack) -> set[str]:
    """The departments that the published mart, and so the dashboard, calls stale."""
    rows = stack.rows("select department, stale_since from mart.department_status where stale")
    assert all(since for _, since in rows)
    return {name for name, _ in rows}


def processes_of(home: Path) -> list[str]:
    """Command lines on this machine that name the home."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            line = " ".join(process.cmdline())
            if str(home) in line:
                found.append(line)
    return found
