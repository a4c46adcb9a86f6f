"""What market regulation and the drop folder show passes the gates and is landed, day after day."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from hub.pipeline.ingest import HELD, Job, chosen, ingest
from hub.settings import Settings
from hub.stack import sources
from hub.stack.ports import free_port
from hub.stack.secrets import ensure_secrets
from simulator.faults import catalogue
from simulator.faults.orders import OrderBook
from simulator.life.advance import advance
from tests.support.departments import SimulatedServer
from tests.support.ledger import assert_in_balance
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration
DEPARTMENTS = ["market_regulation", "others"]


@pytest.fixture
def home(
    hub_home: Settings, district: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A copy of the district that may live on, behind a server of its own."""
    home = tmp_path / "district"
    shutil.copytree(district, home, ignore=shutil.ignore_patterns("faults"))
    ensure_secrets(hub_home)
    own = hub_home.model_copy(update={"port_market_regulation": free_port()})
    (service,) = (s for s in sources.services(own) if s.name == "market_regulation")
    command = [str(home) if word == str(district) else word for word in service.command]
    server = SimulatedServer(replace(service, command=command), hub_home.logs / "ingested")
    server.start()
    url = f"http://127.0.0.1:{own.port_market_regulation}"
    monkeypatch.setenv("MARKET_REGULATION_URL", url)
    monkeypatch.setenv("OTHERS_FOLDER", str(home / "systems/others/outbox"))
    yield home
    server.stop()


def job(warehouse: Warehouse, folder: Path, run: str) -> Job:
    return Job(
        dsn=warehouse.dsn(),
        landing=folder / "landing",
        data_docs=folder / "docs",
        run_id=run,
        trigger="test",
        say=lambda _: None,
    )


def test_two_departments_are_landed_and_after_some_days_only_what_changed(
    clean_warehouse: Warehouse, home: Path, hub_home: Settings, tmp_path: Path
) -> None:
    def pull(run: str) -> dict[str, tuple[int, ...]]:
        wanted = chosen(hub_home.contracts_dir, DEPARTMENTS)
        assert ingest(job(clean_warehouse, tmp_path, run), wanted) == 0
        with clean_warehouse.connect() as connection:
            assert_in_balance(connection)
            found = connection.execute(
                "select table_name, received, appended, unchanged, rejected, closed"
                " from ops.batch where run_id = %s and status = 'landed'",
                [run],
            ).fetchall()
        return {name: figures for name, *figures in found}

    first = pull("first")
    shown = pl.read_parquet(home / "systems/market_regulation/business.parquet")
    assert set(first) == {"business", "student", "student_2025", "compound"}
    assert first["business"][0] == len(shown)
    assert first["business"][3] < 10, "a few scopes have quotes that nobody understands"
    assert pull("again") == {}, "the same files are landed once"
    advance(home, 12)
    later = pull("later")
    assert set(later) == {"business", "student"}, "compounds come once a quarter"
    received, appended, unchanged, _, closed = later["business"]
    assert 0 < appended < 100
    assert 0 < closed <= appended
    assert received > unchanged > 1000
    assert 0 < later["student"][1] < 200


def test_a_register_that_was_cut_short_closes_nothing(
    clean_warehouse: Warehouse, home: Path, hub_home: Settings, tmp_path: Path
) -> None:
    def pull(run: str) -> int:
        wanted = chosen(hub_home.contracts_dir, ["market_regulation"])
        return ingest(job(clean_warehouse, tmp_path, run), wanted)

    def opened() -> int:
        query = "select count(*) from raw.market_regulation__business where _recorded_to is null"
        with clean_warehouse.connect() as connection:
            return int(connection.execute(query).fetchone()[0])  # type: ignore[index]

    assert pull("whole") == 0
    before = opened()
    book = OrderBook(home, "market_regulation")
    book.add(catalogue.order("market_regulation", "truncate_file", {}))
    assert pull("short") == HELD
    assert opened() == before
    book.clear()
    assert pull("whole again") == 0
    assert opened() == before
