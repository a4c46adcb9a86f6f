"""The grid system answers curl: log in, show the token, read page by page, log in again."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from tests.support.grid import PASSWORD, USER, served

pytestmark = pytest.mark.integration
Curl = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def home(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("login") / "district"
    shutil.copytree(district, copy)
    return copy


@pytest.fixture
def curl(home: Path) -> Iterator[Curl]:
    """Ask with curl; return status and JSON."""
    with served(home) as url:

        def ask(path: str, *options: str) -> tuple[int, Any]:
            command = ["curl", "-s", "--noproxy", "*", "-w", "\n%{http_code}", *options, url + path]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            body, _, status = done.stdout.rpartition("\n")
            return int(status), json.loads(body)

        yield ask


@pytest.fixture
def order(home: Path) -> Iterator[Callable[..., None]]:
    def run(*arguments: str) -> None:
        result = CliRunner().invoke(app, ["fault", "grid", *arguments, "--home", str(home)])
        assert result.exit_code == 0, result.output

    yield run
    assert CliRunner().invoke(app, ["fault", "clear", "grid", "--home", str(home)]).exit_code == 0


def log_in(curl: Curl, password: str = PASSWORD) -> tuple[int, Any]:
    return curl("/api/auth/login", "-d", json.dumps({"username": USER, "password": password}))


def header(curl: Curl) -> list[str]:
    _, answer = log_in(curl)
    return ["-H", f"Authorization: Bearer {answer['data']['token']}"]


def test_a_login_gives_a_token_for_half_an_hour(curl: Curl) -> None:
    status, answer = log_in(curl)
    assert (status, answer["code"], answer["data"]["expiresIn"]) == (200, 0, 1800)
    assert len(answer["data"]["token"]) > 20


@pytest.mark.parametrize("body", ["", "[]", '{"username":"hub"}'])
def test_a_login_without_name_and_password_is_told_so(curl: Curl, body: str) -> None:
    assert curl("/api/auth/login", "-d", body)[0] == 400


def test_nobody_gets_in_without_a_token(curl: Curl) -> None:
    assert log_in(curl, "guess")[0] == 401
    status, answer = curl("/api/blk/house")
    assert (status, answer["msg"]) == (401, "缺少令牌")
    assert curl("/health")[1]["synthetic"] is True


@pytest.mark.parametrize(
    ("path", "table"),
    [("house", "house"), ("sanxiao", "small_place"), ("visit", "visit")],
)
def test_pages_add_up_to_every_row_once(curl: Curl, home: Path, path: str, table: str) -> None:
    shown = pl.read_parquet(home / "systems" / "grid" / f"{table}.parquet")
    token, rows = header(curl), []
    for page in range(1, 100):
        _, answer = curl(f"/api/blk/{path}?page={page}&pageSize=2000", *token)
        rows += answer["data"]["rows"]
        if len(rows) >= answer["data"]["total"]:
            break
    key = shown.columns[0]
    assert [row[key] for row in rows] == shown[key].to_list()
    assert list(rows[0]) == shown.columns


def test_only_what_was_collected_since_is_shown(curl: Curl, home: Path) -> None:
    shown = pl.read_parquet(home / "systems/grid/visit.parquet")
    token = header(curl)
    _, answer = curl("/api/blk/visit?startTime=2026-11-19%2012:00:00", *token)
    later = shown.filter(pl.col("CJRQ") >= pl.datetime(2026, 11, 19, 12))
    assert answer["data"]["total"] == len(later) > 0
    assert curl("/api/blk/visit?startTime=yesterday", *token)[0] == 400


def test_expire_token_takes_the_token_back(curl: Curl, order: Callable[..., None]) -> None:
    old = header(curl)
    order("expire_token", "--times", "1")
    refused = curl("/api/blk/house", *old)
    assert (refused[0], refused[1]["msg"]) == (401, "令牌已过期")
    assert curl("/api/blk/house", *old)[0] == 401, "it stays taken back"
    assert curl("/api/blk/house", *header(curl))[0] == 200


def test_a_clock_that_runs_ahead_ends_tokens(curl: Curl, order: Callable[..., None]) -> None:
    old = header(curl)
    order("skew_clock", "--arg", "minutes=31")
    assert curl("/api/blk/house", *old)[0] == 401
    assert curl("/api/blk/house", *header(curl))[0] == 200
