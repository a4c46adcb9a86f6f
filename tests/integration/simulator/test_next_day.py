"""The next day arrives in the databases and behind the web servers without a gap."""

import contextlib
import hashlib
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import polars as pl
import psycopg
import pymysql
import pytest
import uvicorn

from hub.settings import Settings
from hub.stack import sources
from hub.stack.ports import free_port
from simulator.faults.orders import OrderBook
from simulator.life.advance import advance
from simulator.loaders import mariadb, postgres
from simulator.loaders.mariadb import Administrator
from simulator.servers import web
from tests.support.departments import Departments

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tomorrow(departments: Departments, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the district, three days later."""
    home = tmp_path_factory.mktemp("tomorrow") / "district"
    shutil.copytree(departments.district, home, ignore=shutil.ignore_patterns("faults"))
    advance(home, 3)
    return home


def secret(settings: Settings, name: str) -> str:
    return (settings.home / "secrets" / name).read_text().strip()


@contextlib.contextmanager
def asked_all_the_time(ask: Callable[[], int]) -> Iterator[list[int]]:
    """Ask again and again while something else goes on; yield the answers, fail with the asker."""
    answers: list[int] = []
    failures: list[Exception] = []
    over = threading.Event()

    def go() -> None:
        while not over.is_set():
            try:
                answers.append(ask())
            except Exception as error:
                failures.append(error)
                return
            time.sleep(0.001)

    asker = threading.Thread(target=go)
    asker.start()
    try:
        yield answers
    finally:
        over.set()
        asker.join()
    assert failures == []
    assert answers


class TestPolice:
    @pytest.fixture
    def load(self, departments: Departments, hub_home: Settings) -> Iterator[Callable]:
        cluster, password = sources.police_cluster(hub_home), secret(hub_home, "police_password")
        passfile = hub_home.home / "secrets" / "police_pgpass"
        dsn = f"{cluster.uri('postgres')}?passfile={passfile}"
        yield lambda home: postgres.load(home, dsn, password)
        postgres.load(departments.district, dsn, password)

    @pytest.fixture
    def reader(self, departments: Departments, hub_home: Settings) -> Iterator[psycopg.Connection]:
        with psycopg.connect(
            host="127.0.0.1", port=hub_home.port_police, dbname="police", user="police_reader",
            password=secret(hub_home, "police_password"), autocommit=True,
        ) as connection:  # fmt: skip
            yield connection

    def test_only_the_differences_are_written_and_nobody_misses_the_table(
        self, load: Callable, reader: psycopg.Connection, tomorrow: Path
    ) -> None:
        shown = pl.read_parquet(tomorrow / "systems/police/resident.parquet")
        query = "select count(*) from v_czrk"
        before = reader.execute(query).fetchone()[0]
        with asked_all_the_time(lambda: reader.execute(query).fetchone()[0]) as answers:
            written = load(tomorrow)
        assert set(answers) <= {before, len(shown)}
        assert 0 < written["v_czrk"] < len(shown) * 0.02
        assert load(tomorrow) == {}
        found = reader.execute("select * from v_czrk order by xlh").fetchall()
        assert found == shown.sort("xlh").rows()

    def test_a_cursor_finds_exactly_what_changed(
        self, load: Callable, reader: psycopg.Connection, tomorrow: Path
    ) -> None:
        since = reader.execute("select max(gxsj) from v_czrk").fetchone()[0]
        written = load(tomorrow)["v_czrk"]
        query = "select count(*) from v_czrk where gxsj > %s"
        assert reader.execute(query, [since]).fetchone()[0] == written


class TestCivilAffairs:
    @pytest.fixture
    def load(self, departments: Departments, hub_home: Settings) -> Iterator[Callable]:
        server = sources.mariadb_server(hub_home, "civil_affairs")
        administrator = Administrator(
            "127.0.0.1", server.port, "root", server.password_file.read_text().strip()
        )
        password = secret(hub_home, "civil_affairs_password")
        yield lambda home: mariadb.load(home, "civil_affairs", administrator, password)
        mariadb.load(departments.district, "civil_affairs", administrator, password)

    def test_a_full_table_takes_the_place_of_the_old_one_in_one_step(
        self, load: Callable, hub_home: Settings, tomorrow: Path
    ) -> None:
        with contextlib.closing(
            pymysql.connect(
                host="127.0.0.1", port=hub_home.port_civil_affairs, database="minzheng",
                user="minzheng_reader", password=secret(hub_home, "civil_affairs_password"),
                autocommit=True,
            )
        ) as connection:  # fmt: skip

            def ask() -> int:
                with connection.cursor() as cursor:
                    cursor.execute("select count(*) from gljt_ffxx")
                    return cursor.fetchone()[0]

            before = ask()
            with asked_all_the_time(ask) as answers:
                load(tomorrow)
            shown = pl.read_parquet(tomorrow / "systems/civil_affairs/old_age_benefit.parquet")
            assert set(answers) <= {before, len(shown)}
            assert ask() == len(shown)


class TestRequests:
    def test_a_cursor_finds_exactly_what_is_new_or_went_on(
        self, departments: Departments, hub_home: Settings, tomorrow: Path
    ) -> None:
        server = sources.mariadb_server(hub_home, "requests")
        administrator = Administrator(
            "127.0.0.1", server.port, "root", server.password_file.read_text().strip()
        )
        password = secret(hub_home, "requests_password")
        mariadb.load(tomorrow, "requests", administrator, password)
        try:
            with contextlib.closing(
                pymysql.connect(
                    host="127.0.0.1", port=hub_home.port_requests, database="minsheng",
                    user="minsheng_reader", password=password,
                )
            ) as connection, connection.cursor() as cursor:  # fmt: skip
                cursor.execute(
                    "select TASK_NUM from pingshan_stat_info where UPDATE_TIME >= '2026-11-21'"
                )
                found = {key for (key,) in cursor.fetchall()}
        finally:
            mariadb.load(departments.district, "requests", administrator, password)
        then, now = (
            pl.read_parquet(home / "systems/requests/request.parquet")
            for home in (departments.district, tomorrow)
        )
        same = now.join(then, on=now.columns, how="semi", nulls_equal=True)
        assert found == set(now["task_num"]) - set(same["task_num"])
        assert 100 < len(found) < len(now) * 0.1


class TestSignedPlatforms:
    def test_a_running_server_shows_the_new_day(
        self, departments: Departments, tmp_path: Path
    ) -> None:
        home, port = tmp_path / "district", free_port()
        shutil.copytree(departments.district, home)
        platform = web.city_management(home, "hub", "s3cret")
        http = web.refusing(OrderBook(home, "city_management"))
        server = uvicorn.Server(uvicorn.Config(platform, port=port, log_level="error", http=http))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=5)
            ) as client:

                def total() -> int:
                    stamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
                    sign = hashlib.md5(f"hub{stamp}{nonce}s3cret".encode()).hexdigest()  # noqa: S324
                    headers = {"X-App-Key": "hub", "X-Timestamp": stamp, "X-Nonce": nonce,
                               "X-Sign": sign}  # fmt: skip
                    answer = client.get("/api/components?pageSize=1", headers=headers)
                    return int(answer.json()["data"]["total"])

                before = total()
                with asked_all_the_time(total) as answers:
                    advance(home, 8)
                rows = pl.read_parquet(home / "systems/city_management/component.parquet")
                assert total() == len(rows) > before
                assert set(answers) <= {before, len(rows)}
        finally:
            server.should_exit = True
            thread.join()
