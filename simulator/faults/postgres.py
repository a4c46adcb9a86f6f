"""Faults of 公安's PostgreSQL, carried out by its administrator through SQL.

Nothing is lost: the reader sees views, and a fault is another view over the same tables.
"""

import time
from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import sql

from simulator.faults.columns import Shown, plan
from simulator.faults.orders import Order
from simulator.loaders.postgres import DATABASE, READER, SOURCES

NUMBER: LiteralString = r"case when {cell} ~ '^\d{{1,18}}$' then {cell}::bigint end"
TEXT: LiteralString = "{cell}::text"
AHEAD: LiteralString = "{cell} + make_interval(mins => {minutes})"
Columns = list[tuple[str, str]]


def realise(dsn: str, orders: Sequence[Order]) -> None:
    """Make the database behave as these orders say, and as usual in everything else."""
    refused = any(order.fault == "refuse" for order in orders)
    with psycopg.connect(dsn, dbname=DATABASE) as connection:
        connection.execute("set lock_timeout = '20s'")
        for table, view, _ in SOURCES.values():
            here = [o for o in orders if o.arguments.get("table", "") in {"", view}]
            _show(connection, table, view, here)
        login = sql.SQL("nologin" if refused else "login")
        connection.execute(sql.SQL("alter role {} {}").format(sql.Identifier(READER), login))
    if refused:
        cut(dsn)


def cut(dsn: str, seconds: float = 0.0, every: float = 0.1) -> None:
    """Break every connection of the reader, again and again for so many seconds."""
    end = time.monotonic() + seconds
    with psycopg.connect(dsn, dbname=DATABASE, autocommit=True) as connection:
        while True:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
                [READER],
            )
            if time.monotonic() >= end:
                return
            time.sleep(every)


def _show(connection: psycopg.Connection, table: str, view: str, orders: Sequence[Order]) -> None:
    names = {"table": sql.Identifier(table), "view": sql.Identifier(view)}
    columns: Columns = connection.execute(
        "select attname, format_type(atttypid, null) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        [table],
    ).fetchall()
    types = dict(columns)
    minutes = sum(o.arguments["minutes"] for o in orders if o.fault == "skew_clock")
    shown = [_cell(one, types, minutes) for one in plan(list(types), orders)]
    # once per query, however many rows: a materialised table of one row
    seconds = sum(o.arguments["seconds"] for o in orders if o.fault == "slow")
    waiting = sql.SQL("with wait as materialized (select pg_sleep({}))").format(seconds)
    statement = sql.SQL("create view {view} as {wait} select {shown} from {table}{also}")
    comment = connection.execute("select obj_description(to_regclass(%s))", [view]).fetchone()
    connection.execute(sql.SQL("drop view if exists {view}").format(**names))
    connection.execute(
        statement.format(
            shown=sql.SQL(", ").join(shown),
            wait=waiting if seconds else sql.SQL(""),
            also=sql.SQL(", wait" if seconds else ""),
            **names,
        )
    )
    note = sql.SQL("comment on view {view} is {note}")
    connection.execute(note.format(note=sql.Literal(comment and comment[0]), **names))
    grant = sql.SQL("grant select on {view} to {reader}")
    connection.execute(grant.format(reader=sql.Identifier(READER), **names))


def _cell(one: Shown, types: dict[str, str], minutes: int) -> sql.Composed:
    if one.source is None:
        return sql.SQL("{} as {}").format(sql.Literal(one.value), sql.Identifier(one.name))
    kind, cell = types[one.source], sql.Identifier(one.source)
    form: LiteralString = "{cell}"
    if one.changed:
        form = NUMBER if kind == "text" else TEXT
    elif minutes and kind.startswith("timestamp"):
        form = AHEAD
    wrong = sql.SQL(form).format(cell=cell, minutes=sql.Literal(minutes))
    return sql.SQL("{} as {}").format(wrong, sql.Identifier(one.name))
