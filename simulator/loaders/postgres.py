"""公安's PostgreSQL: tables that nobody outside sees, and the views that others may read."""

from pathlib import Path
from typing import LiteralString

import polars as pl
import psycopg
from psycopg import sql

DATABASE, READER = "police", "police_reader"
SOURCES: dict[str, tuple[LiteralString, LiteralString, LiteralString]] = {
    # table of the system: table and view in the database, what to index
    "resident": ("t_czrk", "v_czrk", "gxsj"),
    "building": ("t_ldxx", "v_ldxx", "ldbm"),
}
ROWS_PER_WRITE = 50_000


def load(home: Path, dsn: str, reader_password: str) -> dict[str, int]:
    """Load what police shows into its database, in one transaction; return rows written per view.

    ``dsn`` is a superuser's, on any database of the server. Rows that are already there stay as
    they are, so that readers never miss a table or wait for one.
    """
    district = (home / "district.json").read_text().strip()
    _create_database(dsn)
    with psycopg.connect(dsn, dbname=DATABASE) as connection:
        _reader(connection, reader_password)
        loaded = {}
        for name, (table, view, index) in SOURCES.items():
            if not _holds(connection, view, district):
                rows = pl.read_parquet(home / "systems" / "police" / f"{name}.parquet")
                if _columns(connection, table) == rows.columns:
                    loaded[view] = _update(connection, rows, table)
                else:
                    loaded[view] = _fill(connection, rows, table, view, index)
                _mark(connection, view, district)
            connection.execute(
                sql.SQL("grant select on {} to {}").format(
                    sql.Identifier(view), sql.Identifier(READER)
                )
            )
    return loaded


def _create_database(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = "select 1 from pg_database where datname = %s"
        if connection.execute(known, [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def _reader(connection: psycopg.Connection, password: str) -> None:
    """Make sure of the role that other departments read with."""
    role = sql.Identifier(READER)
    known = connection.execute("select 1 from pg_roles where rolname = %s", [READER]).fetchone()
    if known is None:
        connection.execute(sql.SQL("create role {}").format(role))
    connection.execute(
        sql.SQL("alter role {} login password {}").format(role, sql.Literal(password))
    )
    connection.execute(sql.SQL("alter role {} set default_transaction_read_only = on").format(role))


def _holds(connection: psycopg.Connection, view: str, district: str) -> bool:
    found = connection.execute("select obj_description(to_regclass(%s))", [view]).fetchone()
    return found is not None and found[0] == district


def _mark(connection: psycopg.Connection, view: str, district: str) -> None:
    statement = sql.SQL("comment on view {} is {}")
    connection.execute(statement.format(sql.Identifier(view), sql.Literal(district)))


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    found = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s)"
        " and attnum > 0 and not attisdropped order by attnum",
        [table],
    )
    return [str(name) for (name,) in found]


def _update(connection: psycopg.Connection, rows: pl.DataFrame, table: str) -> int:
    """Bring a table to these rows, touching only those that differ; return how many are new."""
    names = {"table": sql.Identifier(table), "key": sql.Identifier(rows.columns[0])}
    create = sql.SQL("create temp table fresh (like {table}) on commit drop")
    connection.execute(create.format(**names))
    _copy(connection, rows, "fresh")
    connection.execute("analyze fresh")
    connection.execute(
        sql.SQL(
            "delete from {table} as old where not exists (select from fresh"
            " where fresh.{key} = old.{key} and fresh.* is not distinct from old.*)"
        ).format(**names)
    )
    written = connection.execute(
        sql.SQL(
            "insert into {table} select * from fresh where not exists"
            " (select from {table} as old where old.{key} = fresh.{key})"
        ).format(**names)
    ).rowcount
    connection.execute("drop table fresh")
    connection.execute(sql.SQL("analyze {table}").format(**names))
    return written


def _copy(connection: psycopg.Connection, rows: pl.DataFrame, table: str) -> None:
    statement = sql.SQL("copy {} from stdin (format csv)").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as copy:
        for part in rows.iter_slices(ROWS_PER_WRITE):
            copy.write(part.write_csv(include_header=False).encode())


def _fill(
    connection: psycopg.Connection, rows: pl.DataFrame, table: str, view: str, index: str
) -> int:
    """Make a table of these rows and its view; return how many they are."""
    names = {"table": sql.Identifier(table), "view": sql.Identifier(view)}
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(kind)))
        for name, kind in rows.schema.items()
    )
    connection.execute(sql.SQL("drop table if exists {table} cascade").format(**names))
    connection.execute(sql.SQL("create table {table} ({})").format(columns, **names))
    _copy(connection, rows, table)
    connection.execute(
        sql.SQL("create index on {table} ({})").format(sql.Identifier(index), **names)
    )
    connection.execute(sql.SQL("create view {view} as select * from {table}").format(**names))
    connection.execute(sql.SQL("analyze {table}").format(**names))
    return len(rows)


def _type(kind: pl.DataType) -> LiteralString:
    if isinstance(kind, pl.Datetime):
        return "timestamp"
    return {pl.String: "text", pl.Int64: "integer", pl.Float64: "double precision"}[type(kind)]
