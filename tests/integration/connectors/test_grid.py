"""The grid system through the whole connector: a login that runs out, pages, increments."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from hub.pipeline.ingest import SOURCE_FAILED, Job, chosen, ingest
from hub.pipeline.reading import EVERYTHING_NEW, Wish
from simulator.faults import catalogue
from simulator.faults.orders import OrderBook
from simulator.life.advance import advance
from tests.support.grid import PASSWORD, USER, served
from tests.support.repository import CONTRACTS
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

TABLES = ["house", "population", "small_place", "visit"]


@pytest.fixture(scope="module")
def home(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the district that may live on."""
    copy = tmp_path_factory.mktemp("grid") / "district"
    shutil.copytree(district, copy)
    return copy


@pytest.fixture
def order(home: Path) -> Iterator[Callable[..., None]]:
    book = OrderBook(home, "grid")
    yield lambda fault, times=None, **arguments: book.add(
        catalogue.order("grid", fault, arguments, times)
    )
    book.clear()


@pytest.fixture
def pull(
    clean_warehouse: Warehouse, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], int]]:
    """Ingest the grid system once more; ``said`` and ``ask`` tell what came of it."""
    (tmp_path / "password").write_text(PASSWORD)
    said: list[str] = []
    runs = iter(range(1_000))

    def go(wish: Wish = EVERYTHING_NEW) -> int:
        job = Job(
            dsn=clean_warehouse.dsn(),
            landing=tmp_path / "landing",
            data_docs=tmp_path / "docs",
            run_id=f"run {next(runs)}",
            trigger="test",
            say=said.append,
            wish=wish,
        )
        return ingest(job, chosen(CONTRACTS, ["grid"]))

    with served(home) as url, clean_warehouse.connect() as connection:
        monkeypatch.setenv("GRID_URL", url)
        monkeypatch.setenv("GRID_USER", USER)
        monkeypatch.setenv("GRID_PASSWORD_FILE", str(tmp_path / "password"))
        go.said = said  # type: ignore[attr-defined]
        go.ask = lambda query: _rows(connection, query)  # type: ignore[attr-defined]
        yield go


def _rows(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def shown(home: Path, table: str) -> int:
    return len(pl.read_parquet(home / "systems" / "grid" / f"{table}.parquet"))


def open_rows(pull: Any, table: str) -> int:
    [(count,)] = pull.ask(f"select count(*) from raw.grid__{table} where _recorded_to is null")
    return int(count)


def test_everything_first_then_what_is_new(pull: Any, home: Path) -> None:
    assert pull() == 0, pull.said
    assert {table: open_rows(pull, table) for table in TABLES} == {
        table: shown(home, table) for table in TABLES
    }
    latest = pl.read_parquet(home / "systems/grid/visit.parquet")["CJRQ"].max()

    advance(home, 14)
    assert pull() == 0, pull.said
    [(start, received, appended)] = pull.ask(
        "select cursor_from, received, appended from ops.batch where table_name = 'visit'"
        " order by batch_id desc limit 1"
    )
    assert start == str(latest.replace(day=latest.day - 2))
    assert 0 < appended <= received < 1_500
    assert open_rows(pull, "visit") == shown(home, "visit")

    assert open_rows(pull, "population") > shown(home, "population"), "nobody tells of the struck"
    assert pull(Wish(keys=True)) == 0, pull.said
    assert open_rows(pull, "population") == shown(home, "population")


def test_a_token_that_runs_out_half_way_does_not_stop_us(
    pull: Any, home: Path, order: Callable[..., None]
) -> None:
    order("expire_token", times=1, from_page=2)
    assert pull() == 0, pull.said
    assert open_rows(pull, "population") == shown(home, "population")
    assert OrderBook(home, "grid").active() == []


def test_tokens_that_run_out_at_once_end_clearly(pull: Any, order: Callable[..., None]) -> None:
    order("expire_token", path="visit")
    assert pull() == SOURCE_FAILED
    assert any("/api/blk/visit 拒绝了我们的身份（HTTP 401）" in line for line in pull.said)
    assert open_rows(pull, "house") > 0, "the other tables are landed"
    assert not any(PASSWORD in line for line in pull.said)


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("server_error", {"from_page": 3}),
        ("cut_connection", {"from_page": 2}),
        ("too_many_requests", {"retry_after": 1}),
    ],
)
def test_a_page_that_fails_is_asked_for_again(
    pull: Any, home: Path, order: Callable[..., None], fault: str, arguments: dict[str, int]
) -> None:
    order(fault, times=2, **arguments)
    assert pull() == 0, pull.said
    assert open_rows(pull, "population") == shown(home, "population")


def test_a_wrong_password_is_refused(
    pull: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("guess")
    assert pull() == SOURCE_FAILED
    assert any("/api/auth/login 拒绝了我们的身份" in line for line in pull.said)
