"""民政's MariaDB: full tables without a cursor, everything but amounts as text."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl
import pymysql
from pymysql.cursors import Cursor

DATABASE, READER = "minzheng", "minzheng_reader"
ANYWHERE = "%"  # where the server listens is its wall
TABLES = {"old_age_benefit": "gljt_ffxx", "social_organisation": "shzz_djxx"}


@dataclass(frozen=True)
class Administrator:
    """Who fills the database, and where it is."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)


@contextmanager
def connected(administrator: Administrator) -> Iterator[Cursor]:
    """Yield a cursor in the system's database, which is created if need be."""
    connection = pymysql.connect(**asdict(administrator), local_infile=True, autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create database if not exists {DATABASE} character set utf8mb4")
        cursor.execute(f"use {DATABASE}")
        yield cursor


def load(home: Path, administrator: Administrator, reader_password: str) -> dict[str, int]:
    """Load what civil affairs shows; return rows loaded per table.

    Does nothing for data that is already there. A table is replaced whole and in one step, so no
    reader ever misses it; a fault that shows it otherwise goes on doing so.
    """
    district = (home / "district.json").read_text().strip()
    loaded = {}
    with connected(administrator) as cursor:
        for name, table in TABLES.items():
            target = kept(cursor, table)
            if _holds(cursor, target, district):
                continue
            rows = pl.read_parquet(home / "systems" / "civil_affairs" / f"{name}.parquet")
            _fill(cursor, rows, target, district)
            loaded[table] = len(rows)
        account = (READER, ANYWHERE)
        cursor.execute("create user if not exists %s@%s", account)
        cursor.execute("set password for %s@%s = password(%s)", (*account, reader_password))
        cursor.execute(f"grant select on {DATABASE}.* to %s@%s", account)
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
        " where table_schema = %s and table_name = %s",
        (DATABASE, table),
    )
    found = cursor.fetchone()
    return found is not None and found[0] == district


def _fill(cursor: Cursor, rows: pl.DataFrame, table: str, district: str) -> None:
    key, *others = rows.columns
    columns = ", ".join(
        f"{name} {'varchar(200)' if rows.schema[name] == pl.String else 'decimal(12, 2)'}"
        for name in others
    )
    cursor.execute(f"drop table if exists {table}_new, {table}_old")
    cursor.execute(
        f"create table {table}_new ({key} varchar(32) primary key, {columns}) comment = %s",
        (district,),
    )
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        rows.write_csv(file.name, include_header=False, null_value="\\N", separator="\t")
        cursor.execute(
            f"load data local infile %s into table {table}_new character set utf8mb4"
            " fields optionally enclosed by '\"'",
            (file.name,),
        )
    cursor.execute(f"create table if not exists {table} like {table}_new")
    cursor.execute(f"rename table {table} to {table}_old, {table}_new to {table}")
    cursor.execute(f"drop table {table}_old")
