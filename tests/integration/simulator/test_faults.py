"""Each fault of each system, seen by a stock client of its protocol."""

import asyncio
import contextlib
import hashlib
import io
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

import asyncssh
import httpx
import polars as pl
import psycopg
import pymysql
import pytest
from typer.testing import CliRunner

from hub.settings import Settings
from hub.stack import sources
from hub.stack.environment import APP_KEY
from hub.stack.secrets import secret_file
from simulator.cli import app
from simulator.errors import SimulatorError
from simulator.faults.catalogue import PROTOCOLS, known
from tests.support.departments import Departments

pytestmark = pytest.mark.integration
Order = Callable[..., str]


def secret(settings: Settings, name: str) -> str:
    return (settings.home / "secrets" / name).read_text().strip()


@pytest.fixture
def access(hub_home: Settings) -> dict[str, list[str]]:
    cluster = sources.police_cluster(hub_home)
    passfile = secret_file(hub_home, "police_pgpass")
    options = {"police": ["--dsn", f"{cluster.uri('postgres')}?passfile={passfile}"]}
    for system in sources.MARIADB:
        server = sources.mariadb_server(hub_home, system)
        options[system] = ["--port", str(server.port), "--password-file", str(server.password_file)]
    return options


@pytest.fixture
def order(departments: Departments, access: dict[str, list[str]]) -> Iterator[Order]:
    """Order a fault on the command line; when the test is over, everything is as it was."""
    home = ["--home", str(departments.district)]

    def run(*arguments: str) -> str:
        system = arguments[1] if arguments[0] == "clear" else arguments[0]
        options = access.get(system, [])
        result = CliRunner().invoke(app, ["fault", *arguments, *home, *options])
        if result.exception is not None:
            raise result.exception
        return result.output

    yield run
    for system, options in access.items():
        cleared = ["fault", "clear", system, *home, *options]
        assert CliRunner().invoke(app, cleared).exit_code == 0
    assert CliRunner().invoke(app, ["fault", "clear", *home]).exit_code == 0


def mariadb(settings: Settings, system: str, database: str) -> pymysql.Connection:
    """Connect to a department's MariaDB server as the reader that we are given."""
    return pymysql.connect(
        host="127.0.0.1",
        port=getattr(settings, f"port_{system}"),
        database=database,
        user=f"{database}_reader",
        password=secret(settings, f"{system}_password"),
    )


def signed(algorithm: str, app_secret: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
    text = f"{APP_KEY}{stamp}{nonce}{app_secret}"
    sign = hashlib.new(algorithm, text.encode()).hexdigest()
    return {"X-App-Key": APP_KEY, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Sign": sign}


class TestSignedPlatforms:
    MEMBERS = "/api/v1/members"

    @pytest.fixture
    def ask(self, departments: Departments, hub_home: Settings) -> Iterator[Callable]:
        app_secret = secret(hub_home, "party_building_app_secret")
        address = f"http://127.0.0.1:{hub_home.port_party_building}"
        with httpx.Client(base_url=address) as client:
            yield lambda path=self.MEMBERS, method="GET", **more: client.request(
                method, path, headers=signed("sha256", app_secret), **more
            )

    @pytest.fixture
    def page(self, ask: Callable) -> Callable[..., list[dict]]:
        return lambda number=1, size=500: ask(
            f"{self.MEMBERS}?page={number}&pageSize={size}"
        ).json()["data"]["rows"]

    def test_refuse(self, ask: Callable, order: Order) -> None:
        order("party_building", "refuse")
        with pytest.raises(httpx.TransportError):
            ask()
        order("clear", "party_building")
        assert ask().status_code == 200

    def test_slow(self, ask: Callable, order: Order) -> None:
        order("party_building", "slow", "--arg", "seconds=0.5", "--times", "1")
        assert ask().elapsed.total_seconds() >= 0.5
        assert ask().elapsed.total_seconds() < 0.5, "once was ordered"

    def test_too_many_requests(self, ask: Callable, order: Order) -> None:
        order("party_building", "too_many_requests", "--arg", "retry_after=7", "--times", "2")
        answers = [ask() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [429, 429, 200]
        assert answers[0].headers["retry-after"] == "7"

    def test_server_error_for_some_seconds(self, ask: Callable, order: Order) -> None:
        order("party_building", "server_error", "--for", "0.5")
        assert ask().status_code == 500
        time.sleep(0.6)
        assert ask().status_code == 200

    def test_cut_connection_in_the_middle_of_the_second_page(
        self, ask: Callable, page: Callable, order: Order
    ) -> None:
        order("party_building", "cut_connection", "--arg", "from_page=2")
        assert len(page(1)) == 500
        with pytest.raises(httpx.RemoteProtocolError):
            page(2)

    def test_expire_token_mid_way(self, ask: Callable, order: Order) -> None:
        order("party_building", "expire_token", "--arg", "from_page=2")
        assert ask(f"{self.MEMBERS}?page=1").status_code == 200
        assert ask(f"{self.MEMBERS}?page=2").status_code == 401

    def test_skew_clock(self, ask: Callable, order: Order) -> None:
        order("party_building", "skew_clock")
        answer = ask()
        assert (answer.status_code, answer.json()["msg"]) == (401, "时间戳超出五分钟窗口")

    def test_page_size_changes_mid_way(self, page: Callable, order: Order) -> None:
        order("party_building", "page_size", "--arg", "size=100")
        assert (len(page(1)), len(page(2))) == (500, 100)
        assert page(2)[0] == page(1)[100], "rows come twice"

    def test_repeat_page(self, page: Callable, order: Order) -> None:
        order("party_building", "repeat_page", "--arg", "page=1")
        assert page(2, 10) == page(1, 10)
        assert page(3, 10) != page(2, 10)

    def test_out_of_order_is_the_same_for_the_same_seed(self, page: Callable, order: Order) -> None:
        straight = page(1, 10)
        order("party_building", "out_of_order")
        assert page(1, 10) != straight
        assert page(1, 10) == page(1, 10)
        order("party_building", "out_of_order", "--arg", "seed=2")
        assert page(1, 10) != straight

    def test_columns_go_come_and_change(self, page: Callable, order: Order) -> None:
        order("party_building", "drop_column")
        order("party_building", "add_column")
        order("party_building", "rename_column", "--arg", "column=xb", "--arg", "to=sex")
        order("party_building", "change_type", "--arg", "column=lxdh")
        row = page(1, 1)[0]
        assert list(row) == [
            "dyid",
            "sfzh",
            "sex",
            "csrq",
            "rdrq",
            "dylb",
            "zzdm",
            "lxdh",
            "bdsq",
            "bz",
        ]
        phones = [row["lxdh"] for row in page()]
        assert {type(phone) for phone in phones} == {int, type(None)}

    def test_a_fault_may_mean_one_path_only(self, ask: Callable, order: Order) -> None:
        order("party_building", "server_error", "--arg", "path=organisations")
        assert ask().status_code == 200
        assert ask("/api/v1/organisations").status_code == 500

    def test_the_layer_of_the_city_has_faults_too(self, hub_home: Settings, order: Order) -> None:
        order("city_management", "drop_column", "--arg", "column=BGName")
        order("city_management", "out_of_order")
        url = f"http://127.0.0.1:{hub_home.port_city_management}/geo/grids"
        app_secret = secret(hub_home, "city_management_app_secret")
        features = httpx.get(url, headers=signed("md5", app_secret)).json()["features"]
        codes = [feature["properties"]["BGID"] for feature in features]
        assert "BGName" not in features[0]["properties"]
        assert codes != sorted(codes)

    def test_the_control_page_does_the_same(self, ask: Callable, departments: Departments) -> None:
        page = "/simulator/faults"
        asked = {"fault": "server_error", "arguments": {"status": 503}, "times": 1}
        assert ask(page, "POST", json=asked).json()["data"]["active"][0]["fault"] == "server_error"
        assert [ask().status_code, ask().status_code] == [503, 200]
        assert ask(page, "POST", json={"fault": "flood"}).status_code == 400
        assert ask(page, "DELETE").json()["data"]["active"] == []

    def test_the_control_page_asks_for_the_signature(
        self, hub_home: Settings, order: Order
    ) -> None:
        url = f"http://127.0.0.1:{hub_home.port_party_building}/simulator/faults"
        assert httpx.get(url).status_code == 401
        order("party_building", "skew_clock")
        headers = signed("sha256", secret(hub_home, "party_building_app_secret"))
        assert httpx.get(url, headers=headers).status_code == 200, "a fault does not lock it out"


class TestHealth:
    CSV, FLAG = "jtys_qy_20261120.csv", "jtys_qy_20261120.csv.ok"

    @pytest.fixture
    def visit(self, departments: Departments, hub_home: Settings) -> Callable:
        """Return the names in the outbox and the content of one file."""

        async def go(name: str) -> tuple[set[str], bytes]:
            connection = asyncssh.connect(
                "127.0.0.1",
                port=hub_home.port_health,
                username="health",
                client_keys=[str(hub_home.home / "secrets/health_private_key")],
                known_hosts=None,
                agent_path=None,
            )
            async with connection as ssh, ssh.start_sftp_client() as sftp:
                names = {str(each) for each in await sftp.listdir("/outbox")} - {".", ".."}
                async with sftp.open(f"/outbox/{name}", "rb") as file:
                    return names, await file.read()

        return lambda name=self.CSV: asyncio.run(go(name))

    @pytest.fixture
    def real(self, departments: Departments) -> bytes:
        return (departments.district / "systems/health/outbox" / self.CSV).read_bytes()

    def test_refuse_once(self, visit: Callable, order: Order, real: bytes) -> None:
        order("health", "refuse", "--times", "1")
        with pytest.raises((OSError, asyncssh.Error)):
            visit()
        assert visit()[1] == real

    def test_slow(self, visit: Callable, order: Order) -> None:
        order("health", "slow", "--arg", "seconds=0.5")
        start = time.monotonic()
        visit()
        assert time.monotonic() - start >= 0.5

    def test_cut_connection_in_the_middle_of_a_file(self, visit: Callable, order: Order) -> None:
        order("health", "cut_connection", "--arg", "file=*.csv")
        with pytest.raises(asyncssh.Error):
            visit()
        visit("mb_sf_202610.xlsx")

    def test_truncate_file(self, visit: Callable, order: Order, real: bytes) -> None:
        order("health", "truncate_file", "--arg", "share=0.25")
        names, content = visit()
        assert content == real[: len(real) // 4]
        assert self.FLAG in names, "and the flag says it is complete"

    def test_duplicate_file(self, visit: Callable, order: Order, real: bytes) -> None:
        order("health", "duplicate_file", "--arg", "file=*.csv")
        names, content = visit("jtys_qy_20261120 (1).csv")
        assert {"jtys_qy_20261120 (1).csv", "jtys_qy_20261120 (1).csv.ok", self.CSV} < names
        assert content == real

    def test_forget_ok(self, visit: Callable, order: Order) -> None:
        order("health", "forget_ok", "--arg", "file=*.csv")
        names, _ = visit()
        assert self.FLAG not in names
        assert {self.CSV, "mb_sf_202610.xlsx.ok"} < names

    def test_mojibake(self, visit: Callable, order: Order, real: bytes) -> None:
        order("health", "mojibake")
        content = visit()[1]
        assert content.decode("utf-8") == real.decode("gb18030")
        assert "签约编号" not in content.decode("gb18030", errors="replace")

    def test_columns_go_come_and_are_renamed(self, visit: Callable, order: Order) -> None:
        order("health", "drop_column")
        order("health", "rename_column", "--arg", "column=联系电话", "--arg", "to=手机号")
        order("health", "add_column")
        rows = pl.read_csv(io.BytesIO(visit()[1].decode("gb18030").encode()), infer_schema=False)
        assert rows.columns[:4] == ["签约编号", "证件号码", "手机号", "现住址"]
        assert rows.columns[-1] == "备注"

    def test_afterwards_everything_is_as_before(
        self, visit: Callable, order: Order, real: bytes
    ) -> None:
        order("health", "truncate_file", "--times", "1")
        assert visit()[1] != real
        assert visit()[1] == real


class TestPolice:
    @pytest.fixture
    def connect(self, departments: Departments, hub_home: Settings) -> Callable:
        return lambda: psycopg.connect(
            host="127.0.0.1",
            port=hub_home.port_police,
            dbname="police",
            user="police_reader",
            password=secret(hub_home, "police_password"),
        )

    @pytest.fixture
    def ask(self, connect: Callable) -> Callable:
        def run(query: str) -> tuple[list[str], list[tuple]]:
            with connect() as connection:
                cursor = connection.execute(query)
                return [column.name for column in cursor.description], cursor.fetchall()

        return run

    def test_refuse(self, connect: Callable, ask: Callable, order: Order) -> None:
        with connect() as open_connection:
            order("police", "refuse")
            with pytest.raises(psycopg.OperationalError):
                open_connection.execute("select 1")
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            connect()
        order("clear", "police")
        assert ask("select 1")[1] == [(1,)]

    def test_slow_delays_a_query_once(self, ask: Callable, order: Order) -> None:
        order("police", "slow", "--arg", "seconds=0.5", "--arg", "table=v_czrk")
        start = time.monotonic()
        assert ask("select count(*) from v_czrk where gxsj > '2020-01-01'")[1][0][0] > 10_000
        assert 0.5 <= time.monotonic() - start < 5

    def test_cut_connection_in_a_query(self, connect: Callable, order: Order) -> None:
        with connect() as connection:
            cut = threading.Timer(0.3, order, ["police", "cut_connection"])
            cut.start()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select pg_sleep(20)")
            cut.join()

    def test_columns_go_come_and_change(self, ask: Callable, order: Order) -> None:
        order("police", "drop_column", "--arg", "column=xm")
        order("police", "add_column", "--arg", "table=v_czrk")
        order("police", "rename_column", "--arg", "column=lxdh", "--arg", "to=sjhm")
        order("police", "change_type", "--arg", "column=mzdm")
        columns, rows = ask("select * from v_czrk where mzdm is not null limit 1")
        assert "xm" not in columns
        assert columns[-1] == "bz"
        assert "sjhm" in columns
        assert type(rows[0][columns.index("mzdm")]) is int, "the leading zero is gone"
        assert "bz" not in ask("select * from v_ldxx limit 1")[0]

    def test_skew_clock_moves_the_cursor(self, ask: Callable, order: Order) -> None:
        before = ask("select max(gxsj) from v_czrk")[1][0][0]
        order("police", "skew_clock", "--arg", "minutes=90")
        after = ask("select max(gxsj) from v_czrk")[1][0][0]
        assert (after - before).total_seconds() == 90 * 60

    def test_a_fault_with_a_limit_is_over_when_the_command_is(
        self, ask: Callable, order: Order
    ) -> None:
        order("police", "drop_column", "--for", "0.1")
        assert "gmsfhm" in ask("select * from v_czrk limit 1")[0]


class TestCivilAffairs:
    @pytest.fixture
    def connect(self, departments: Departments, hub_home: Settings) -> Callable:
        return lambda: mariadb(hub_home, "civil_affairs", "minzheng")

    @pytest.fixture
    def ask(self, connect: Callable) -> Callable:
        def run(query: str) -> tuple[list[str], tuple]:
            with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
                cursor.execute(query)
                return [column[0] for column in cursor.description], cursor.fetchall()

        return run

    def test_refuse(self, connect: Callable, ask: Callable, order: Order) -> None:
        open_connection = connect()
        order("civil_affairs", "refuse")
        with pytest.raises(pymysql.err.OperationalError), open_connection.cursor() as cursor:
            cursor.execute("select 1")
        with pytest.raises(pymysql.err.OperationalError, match="locked"):
            connect()

    def test_slow_delays_a_query_once(self, ask: Callable, order: Order) -> None:
        order("civil_affairs", "slow", "--arg", "seconds=0.5", "--arg", "table=gljt_ffxx")
        start = time.monotonic()
        assert ask("select count(*) from gljt_ffxx")[1][0][0] > 50
        assert len(ask("select * from gljt_ffxx")[1]) > 50
        assert 1.0 <= time.monotonic() - start < 5

    def test_cut_connection_in_a_query(self, connect: Callable, order: Order) -> None:
        with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
            cut = threading.Timer(0.3, order, ["civil_affairs", "cut_connection"])
            cut.start()
            with pytest.raises(pymysql.err.OperationalError):
                cursor.execute("select sleep(20)")
            cut.join()

    def test_columns_go_come_and_change_and_come_back(self, ask: Callable, order: Order) -> None:
        before = ask("select * from gljt_ffxx order by djbh")
        order("civil_affairs", "drop_column", "--arg", "column=xm")
        order("civil_affairs", "add_column", "--arg", "table=gljt_ffxx")
        order("civil_affairs", "rename_column", "--arg", "column=lxdh", "--arg", "to=sjhm")
        order("civil_affairs", "change_type", "--arg", "column=ffyf")
        columns, rows = ask("select * from gljt_ffxx order by djbh")
        assert "xm" not in columns
        assert columns[-1] == "bz"
        assert "sjhm" in columns
        assert type(rows[0][columns.index("ffyf")]) is int
        assert len(rows) == len(before[1])
        order("clear", "civil_affairs")
        assert ask("select * from gljt_ffxx order by djbh") == before


class TestRequests:
    @pytest.fixture
    def last_change(self, departments: Departments, hub_home: Settings) -> Callable:
        def ask() -> datetime:
            connection = mariadb(hub_home, "requests", "minsheng")
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute("select max(update_time) from pingshan_stat_info")
                return cursor.fetchone()[0]

        return ask

    def test_skew_clock_moves_the_cursor_ahead(self, last_change: Callable, order: Order) -> None:
        before = last_change()
        order("requests", "skew_clock", "--arg", "minutes=90")
        assert (last_change() - before).total_seconds() == 90 * 60
        order("clear", "requests")
        assert last_change() == before

    def test_a_fault_of_one_server_leaves_the_other_alone(
        self, last_change: Callable, order: Order
    ) -> None:
        order("civil_affairs", "refuse")
        assert last_change()
        order("requests", "refuse")
        with pytest.raises(pymysql.err.OperationalError, match="locked"):
            last_change()

    def test_the_wrong_server_is_named(self, access: dict, departments: Departments) -> None:
        home = ["--home", str(departments.district)]
        command = ["fault", "requests", "refuse", *home, *access["civil_affairs"]]
        result = CliRunner().invoke(app, command)
        assert "no database minsheng" in str(result.exception)


class TestTheCatalogue:
    def test_the_list_names_every_fault_and_what_it_imitates(self) -> None:
        shown = CliRunner().invoke(app, ["fault", "list"]).output
        for system in PROTOCOLS:
            assert system in shown
            for fault in known(system):
                assert fault in shown

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["party_building", "flood"], "no fault flood"),
            (["party_building", "slow", "--arg", "minutes=1"], "no argument minutes"),
            (["party_building", "slow", "--arg", "seconds=long"], "must be of type float"),
            (["party_building", "slow", "--arg", "seconds"], "name=value"),
            (["party_building", "slow", "--times", "0"], "at least 1"),
        ],
    )
    def test_a_wrong_order_says_what_is_wrong(
        self, arguments: list[str], complaint: str, order: Order
    ) -> None:
        with pytest.raises(SimulatorError, match=complaint):
            order(*arguments)

    def test_the_list_shows_what_is_at_work(self, order: Order, departments: Departments) -> None:
        order("health", "forget_ok", "--times", "3")
        listed = CliRunner().invoke(app, ["fault", "list", "--home", str(departments.district)])
        assert "at work: forget_ok file=*, 3 times more" in listed.output
