"""PostgreSQL and MariaDB as sources: every type as text, increments, errors in plain words."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.contracts import SqlContract
from connectors.protocols.base import BatchHeldError, Drift, Since, SourceError
from connectors.protocols.registry import open_source
from hub.settings import Settings
from hub.stack.mariadb import MariaDBServer
from hub.stack.ports import free_port
from tests.support import contracts as given
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

COLUMNS = [
    given.key("code", "CODE"),
    given.column("species", "SPECIES"),
    given.column("height", "HEIGHT", logicalType="number"),
    given.column("changed", "CHANGED", logicalType="timestamp", required=True),
]
Make = Callable[..., SqlContract]


def read(contract: SqlContract, cursor: str | None = None) -> list[dict[str, Any]]:
    (extraction,) = open_source(contract).extractions(Since(cursor))
    return [row for batch in extraction.rows for row in batch.to_pylist()]


def made(folder: Path, server: dict[str, Any], *, cursor: bool = False) -> SqlContract:
    extract: dict[str, Any] = {"object": "trees", "mode": "snapshot"}
    if cursor:
        extract |= {"mode": "cursor", "cursor": "changed", "late_arrival": "1d"}
    contract = given.tree_contract(
        folder, given.table(COLUMNS, extract=extract), server={**server, "password": "${TREES_PW}"}
    )
    assert isinstance(contract, SqlContract)
    return contract


@pytest.fixture
def postgres(
    clean_warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    hub = clean_warehouse.settings
    monkeypatch.setenv("TREES_PW", (hub.secrets / "hub_password").read_text())
    server = {
        "type": "postgresql",
        "host": "127.0.0.1",
        "port": hub.port_postgres,
        "database": "warehouse",
        "user": "hub",
    }
    with clean_warehouse.connect() as connection:
        connection.execute("create schema trees")
        connection.execute("alter role hub set search_path = trees, public")
        connection.execute("set search_path = trees, public")
        connection.execute(
            "create table trees (code int, species text, height numeric(6,2), changed timestamp,"
            " note text);"
            "insert into trees values (1, '榕𠮷😀', 9.50, '2026-01-01 08:00:00', ''),"
            " (2, '', null, '2026-01-03 08:00:00.5', ''), (3, null, 0, '2026-01-05', '')"
        )
        yield lambda **more: made(tmp_path, {**server, **more.pop("server", {})}, **more)
        connection.execute("alter role hub reset search_path")


@pytest.fixture(scope="module")
def mariadb(
    hub_home: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MariaDBServer]:
    home = tmp_path_factory.mktemp("mariadb")
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)  # the server's own account must reach its data
    password = home / "password"
    password.write_text("p@ss/w:d#1")
    server = MariaDBServer(home / "data", free_port(), password)
    server.create()
    server.start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture
def mysql(mariadb: MariaDBServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("TREES_PW", mariadb.password_file.read_text())
    with mariadb.connect() as connection, connection.cursor() as cursor:
        for statement in (
            "create or replace database parks",
            "use parks",
            "set sql_mode = ''",
            "create table trees (Code int, species varchar(20), height decimal(6,2),"
            " changed datetime, note blob)",
            "insert into trees values (1, '榕𠮷😀', 9.50, '2026-01-01 08:00:00', x'00ff'),"
            " (2, '', null, '2026-01-03 08:00:00', null), (3, null, 0, '0000-00-00', null)",
        ):
            cursor.execute(statement)
        connection.commit()
    server = {
        "type": "mysql",
        "host": "127.0.0.1",
        "port": mariadb.port,
        "database": "parks",
        "user": "root",
    }
    return lambda **more: made(tmp_path, {**server, **more.pop("server", {})}, **more)


def test_postgresql_gives_every_type_as_text(postgres: Make) -> None:
    assert read(postgres()) == [
        {"code": "1", "species": "榕𠮷😀", "height": "9.50", "changed": "2026-01-01 08:00:00"},
        {"code": "2", "species": "", "height": None, "changed": "2026-01-03 08:00:00.5"},
        {"code": "3", "species": None, "height": "0.00", "changed": "2026-01-05 00:00:00"},
    ]


def test_mariadb_gives_every_type_as_text_zero_dates_included(mysql: Make) -> None:
    assert read(mysql()) == [
        {"code": "1", "species": "榕𠮷😀", "height": "9.50", "changed": "2026-01-01 08:00:00"},
        {"code": "2", "species": "", "height": None, "changed": "2026-01-03 08:00:00"},
        {"code": "3", "species": None, "height": "0.00", "changed": "0000-00-00 00:00:00"},
    ]


def test_mariadb_gives_bytes_in_hexadecimal(mysql: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLUMNS[1], "physicalName", "NOTE")
    assert read(mysql())[0]["species"] == "00FF"


def test_a_server_elsewhere_must_prove_who_it_is(
    postgres: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.protocols.postgresql.LOOPBACK", set())  # as if it were far away
    with pytest.raises(SourceError, match="读取失败"):
        read(postgres())
    assert read(postgres(server={"sslmode": "prefer"}))


@pytest.fixture
def by_driver(postgres: Make) -> Make:
    """The same trees by the name of a SQLAlchemy driver, as Oracle or Dameng would be reached."""
    server = {"type": "sqlalchemy", "driver": "postgresql+psycopg"}
    return lambda **more: postgres(**{**more, "server": {**server, **more.get("server", {})}})


def test_a_driver_that_is_named_gives_every_type_as_text(by_driver: Make) -> None:
    assert read(by_driver()) == [
        {"code": "1", "species": "榕𠮷😀", "height": "9.50", "changed": "2026-01-01 08:00:00"},
        {"code": "2", "species": "", "height": None, "changed": "2026-01-03 08:00:00.500000"},
        {"code": "3", "species": None, "height": "0.00", "changed": "2026-01-05 00:00:00"},
    ]


def test_a_driver_that_is_not_installed_is_named(by_driver: Make) -> None:
    with pytest.raises(SourceError, match=r"没有安装数据库驱动 dm\+dmPython"):
        read(by_driver(server={"driver": "dm+dmPython"}))


@pytest.fixture(params=["postgres", "mysql", "by_driver"])
def database(request: pytest.FixtureRequest) -> Make:
    make: Make = request.getfixturevalue(request.param)
    return make


def test_an_increment_starts_a_window_before_the_landed_cursor(database: Make) -> None:
    contract = database(cursor=True)
    assert [row["code"] for row in read(contract)] == ["1", "2", "3"]
    assert "1" not in [row["code"] for row in read(contract, "2026-01-04 08:00:00")]
    assert "2" in [row["code"] for row in read(contract, "2026-01-04 08:00:00")]
    assert "2" not in [row["code"] for row in read(contract, "2026-01-04 08:00:01")]


def test_columns_that_the_contract_does_not_know_are_noted(database: Make) -> None:
    (extraction,) = open_source(database()).extractions(Since())
    list(extraction.rows)
    assert extraction.drift == [Drift("added", "note", "多出的列：note")]


def test_a_missing_column_holds_the_batch(database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLUMNS[1], "physicalName", "KIND")
    with pytest.raises(BatchHeldError, match="trees 缺少列：KIND"):
        read(database())


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ({"port": 1}, "无法连接 127.0.0.1:1"),
        ({"host": "no.such.host.invalid"}, "无法连接 no.such.host.invalid"),
        ({"database": "nowhere"}, "trees 读取失败"),
    ],
)
def test_a_database_that_cannot_be_read_is_a_clear_error(
    postgres: Make, server: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        read(postgres(server=server))


def test_a_table_that_is_not_there_is_a_clear_error(
    postgres: Make, mysql: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="没有 trees，或账号无权读取"):
        read(mysql(server={"database": "mysql"}))
    monkeypatch.setenv("TREES_PW", "wrong-password")
    with pytest.raises(SourceError, match="password authentication failed") as refused:
        read(postgres())
    assert "wrong-password" not in str(refused.value)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_refused_password_of_mariadb_is_not_repeated(
    mysql: Make, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TREES_PW", "wrong-password")
    with pytest.raises(SourceError, match="Access denied") as refused:
        read(mysql())
    assert "wrong-password" not in str(refused.value)
    captured = capfd.readouterr()
    assert "wrong-password" not in captured.out + captured.err


def test_a_connection_cut_in_the_middle_is_a_clear_error_and_nothing_more(
    mysql: Make, mariadb: MariaDBServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("use parks")
        cursor.execute(
            "insert into trees select seq, repeat('x', 20), 1, now(), null from seq_1_to_400000"
        )
        connection.commit()
        (extraction,) = open_source(mysql()).extractions(Since())
        next(extraction.rows)
        cursor.execute("select id from information_schema.processlist where info like '%cast(%'"
                       " and id <> connection_id()")  # fmt: skip
        for (reader,) in cursor.fetchall():
            cursor.execute(f"kill {reader}")
    with pytest.raises(SourceError, match="trees 读取失败"):
        list(extraction.rows)
    assert capfd.readouterr().err == ""


def test_reading_cannot_write(postgres: Make, clean_warehouse: Warehouse) -> None:
    with clean_warehouse.connect() as connection:
        connection.execute(
            "create function trees.touch() returns text language sql volatile as"
            " $$ delete from trees.trees returning 'x' $$;"
            "alter table trees.trees rename to t;"
            "create view trees.trees as select code, trees.touch() as species, height, changed"
            " from trees.t"
        )
    with pytest.raises(SourceError, match="read-only transaction"):
        read(postgres())


def test_text_does_not_depend_on_the_servers_settings(
    postgres: Make, clean_warehouse: Warehouse
) -> None:
    expected = read(postgres())
    with clean_warehouse.connect() as connection:
        connection.execute("alter role hub set datestyle = 'German'")
        try:
            assert read(postgres()) == expected
        finally:
            connection.execute("alter role hub reset datestyle")
