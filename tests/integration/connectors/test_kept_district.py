"""All departments of a district: what was kept of them is enough to tell every log again."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.landing.decisions import Decision
from hub.pipeline import code_lists
from hub.pipeline.decisions import Office
from hub.pipeline.ingest import Job, chosen, ingest
from hub.pipeline.rebuild import rebuild
from hub.settings import Settings
from tests.support.departments import Departments
from tests.support.ledger import assert_in_balance
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


def test_every_log_follows_from_its_raw_files_and_a_replay_changes_none(
    departments: Departments, clean_warehouse: Warehouse, hub_home: Settings, tmp_path: Path
) -> None:
    said: list[str] = []
    known = chosen(hub_home.contracts_dir, [])
    landing, docs, codes = tmp_path / "landing", tmp_path / "docs", code_lists.load()
    dsn = clean_warehouse.dsn()
    for run in ("first", "second"):
        ingest(Job(dsn, landing, docs, run, "test", said.append, code_lists=codes), known)
    contracts = {(c.department, c.table): c for found in known.values() for c in found}
    office = Office(dsn, landing, docs, contracts, codes, said.append)
    with clean_warehouse.connect() as connection:
        assert_in_balance(connection)
        rebuild(office, None, check=True)
        before = ledger(connection)
        assert {table for _, table, *_ in before} >= {"resident", "member", "component"}
        for batch_id, *_ in before:
            office.replay(batch_id, Decision("test", "the same again"))
        assert ledger(connection) == before
        assert_in_balance(connection)
    rebuild(office, None, check=True)


def ledger(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Every landed batch: where its rows went, and when its rows changed last."""
    return connection.execute(
        "select batch_id, table_name, received, appended, unchanged, rejected, held, closed,"
        " revised_at from ops.batch where status = 'landed' order by 1"
    ).fetchall()
