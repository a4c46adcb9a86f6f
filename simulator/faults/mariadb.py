"""Faults of the MariaDB servers, carried out by their administrators through SQL.

The table itself is put aside under another name, and a view takes its place while a fault lasts.
"""

import time
from collections.abc import Sequence

from pymysql import MySQLError
from pymysql.cursors import Cursor

from simulator.faults.columns import Shown, plan
from simulator.faults.orders import Order
from simulator.loaders.mariadb import (
    ANYWHERE,
    Administrator,
    Database,
    connected,
    kept,
    put_aside,
)

VIEWED = {"slow", "skew_clock", "drop_column", "add_column", "rename_column", "change_type"}


def realise(administrator: Administrator, database: Database, orders: Sequence[Order]) -> None:
    """Make the database behave as these orders say, and as usual in everything else."""
    refused = any(order.fault == "refuse" for order in orders)
    with connected(administrator, database) as cursor:
        for table in database.tables.values():
            here = [o for o in orders if o.arguments.get("table", "") in {"", table}]
            viewed = [order for order in here if order.fault in VIEWED]
            _show(cursor, table, database.indexes.get(table), viewed)
        lock = "lock" if refused else "unlock"
        cursor.execute(f"alter user %s@%s account {lock}", (database.reader, ANYWHERE))
    if refused:
        cut(administrator, database)


def cut(
    administrator: Administrator, database: Database, seconds: float = 0.0, every: float = 0.1
) -> None:
    """Break every connection of the reader, again and again for so many seconds."""
    end = time.monotonic() + seconds
    with connected(administrator, database) as cursor:
        while True:
            cursor.execute(f"kill hard user {database.reader}")
            if time.monotonic() >= end:
                return
            time.sleep(every)


def _show(cursor: Cursor, table: str, stamp: str | None, orders: Sequence[Order]) -> None:
    aside = put_aside(table)
    if kept(cursor, table) == aside:
        cursor.execute(f"drop view if exists {table}")
        cursor.execute(f"rename table {aside} to {table}")
    if not orders:
        return
    cursor.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = database() and table_name = %s order by ordinal_position",
        (table,),
    )
    types = {str(name): str(kind) for name, kind in cursor.fetchall()}
    skew = sum(int(order.arguments["minutes"]) for order in orders if order.fault == "skew_clock")
    ahead = {stamp: f"{_quoted(stamp)} + interval {skew} minute"} if stamp and skew else {}
    shown = ", ".join(_cell(cursor, one, types, ahead) for one in plan(list(types), orders))
    seconds = sum(order.arguments["seconds"] for order in orders if order.fault == "slow")
    wait = f" join (select sleep({float(seconds)}) as s) as wait" if seconds else ""
    cursor.execute(f"rename table {table} to {aside}")
    try:
        query = f"select {shown} from {aside}{wait}"  # noqa: S608 -- names quoted in _cell
        cursor.execute(f"create sql security invoker view {table} as {query}")
    except MySQLError:
        cursor.execute(f"rename table {aside} to {table}")
        raise


def _cell(cursor: Cursor, one: Shown, types: dict[str, str], instead: dict[str, str]) -> str:
    """Return what is selected for a column; ``instead`` of the column itself, if it says so."""
    name = _quoted(one.name)
    if one.source is None:
        return f"{cursor.connection.escape(one.value)} as {name}"
    cell = instead.get(one.source, _quoted(one.source))
    if one.changed and types[one.source] == "varchar":
        cell = f"case when {cell} regexp '^[0-9]{{1,18}}$' then cast({cell} as signed) end"
    elif one.changed:
        cell = f"cast({cell} as char)"
    return f"{cell} as {name}"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
