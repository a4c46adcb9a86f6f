"""The MariaDB servers of 民政 (full tables without a cursor, nearly all text) and 民生诉求."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl
import pymysql
from pymysql.cursors import Cursor

from simulator.errors import SimulatorError

ANYWHERE = "%"  # where the server listens is its wall
TYPES = {pl.String: "varchar(200)", pl.Int64: "decimal(12, 2)", pl.Float64: "double",
         pl.Datetime: "datetime"}  # fmt: skip


@dataclass(frozen=True)
class Database:
    """What a system keeps on its server: its tables by the system's names, and who may read them.

    ``indexes`` are columns by table of the database, besides the keys.
    """

    name: str
    reader: str
    tables: dict[str, str]
    indexes: dict[str, str] = field(default_factory=dict)


DATABASES = {
    "civil_affairs": Database(
        "minzheng",
        "minzheng_reader",
        {"old_age_benefit": "gljt_ffxx", "social_organisation": "shzz_djxx"},
    ),
    "requests": Database(
        "minsheng",
        "minsheng_reader",
        {"request": "pingshan_stat_info"},
        {"pingshan_stat_info": "update_time"},
    ),
}


@dataclass(frozen=True)
class Administrator:
    """Who fills the database, and where it is."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)


@contextmanager
def connected(administrator: Administrator, database: Database) -> Iterator[Cursor]:
    """Yield a cursor in a system's database.

    Raises:
        SimulatorError: this server does not have it: it was never loaded, or the port is another
            system's.
    """
    with _server(administrator) as cursor:
        cursor.execute("show databases like %s", (database.name,))
        if cursor.fetchone() is None:
            raise SimulatorError(f"no database {database.name} on port {administrator.port}")
        cursor.execute(f"use {database.name}")
        yield cursor


@contextmanager
def _server(administrator: Administrator) -> Iterator[Cursor]:
    connection = pymysql.connect(**asdict(administrator), local_infile=True, autocommit=True)
    with connection, connection.cursor() as cursor:
        yield cursor


def load(
    home: Path, system: str, administrator: Administrator, reader_password: str
) -> dict[str, int]:
    """Load what a system shows; return rows loaded per table.

    Does nothing for data that is already there. A table is replaced whole and in one step, so no
    reader ever misses it; a fault that shows it otherwise goes on doing so.
    """
    district, database = (home / "district.json").read_text().strip(), DATABASES[system]
    loaded = {}
    with _server(administrator) as cursor:
        cursor.execute(f"create database if not exists {database.name} character set utf8mb4")
    with connected(administrator, database) as cursor:
        for name, table in database.tables.items():
            target = kept(cursor, table)
            if _holds(cursor, target, district):
                continue
            rows = pl.read_parquet(home / "systems" / system / f"{name}.parquet")
            _fill(cursor, rows, target, database.indexes.get(table), district)
            loaded[table] = len(rows)
        account = (database.reader, ANYWHERE)
        cursor.execute("create user if not exists %s@%s", account)
        cursor.execute("set password for %s@%s = password(%s)", (*account, reader_password))
        cursor.execute(f"grant select on {database.name}.* to %s@%s", account)
    return loaded


def put_aside(table: str) -> str:
    """Return the name of a table while a faulty view stands in its place."""
    return f"{table}_aside"


def kept(cursor: Cursor, table: str) -> str:
    """Return the name under which a table is kept now: its own, or aside."""
    aside = put_aside(table)
    cursor.execute("show tables like %s", (aside,))
    return aside if cursor.fetchone() else table


def _holds(cursor: Cursor, table: str, district: str) -> bool:
    cursor.execute(
        "select table_comment from information_schema.tables"
        " where table_schema = database() and table_name = %s",
        (table,),
    )
    found = cursor.fetchone()
    return found is not None and found[0] == district


def _fill(cursor: Cursor, rows: pl.DataFrame, table: str, index: str | None, district: str) -> None:
    key, *others = rows.columns
    columns = ", ".join(f"{name} {TYPES[rows.schema[name].base_type()]}" for name in others)
    columns += f", index ({index})" if index else ""
    cursor.execute(f"drop table if exists {table}_new, {table}_old")
    cursor.execute(
        f"create table {table}_new ({key} varchar(32) primary key, {columns}) comment = %s",
        (district,),
    )
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        rows.write_csv(
            file.name,
            include_header=False,
            null_value="\\N",
            separator="\t",
            datetime_format="%Y-%m-%d %H:%M:%S",
        )
        cursor.execute(
            f"load data local infile %s into table {table}_new character set utf8mb4"
            " fields optionally enclosed by '\"'",
            (file.name,),
        )
    cursor.execute(f"create table if not exists {table} like {table}_new")
    cursor.execute(f"rename table {table} to {table}_old, {table}_new to {table}")
    cursor.execute(f"drop table {table}_old")
