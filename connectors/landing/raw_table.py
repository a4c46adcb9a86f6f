"""The table of a change log: its columns, and the index that allows one open row per key."""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from connectors.contracts import Contract


def prepare(dsn: str, contract: Contract, more: Iterable[str] = ()) -> None:
    """Create the raw table, or add the columns that a newer contract has.

    ``more``: columns that an older contract had.
    """
    table = sql.Identifier("raw", contract.raw_table)
    names = list(dict.fromkeys([*(column.name for column in contract.columns), *more]))
    text = [sql.SQL("{} text").format(sql.Identifier(name)) for name in names]
    system = sql.SQL(
        "_row_hash bigint not null, _batch_id bigint not null, _recorded_from timestamptz not null,"
        " _recorded_to timestamptz, _closed_batch_id bigint"
    )
    with psycopg.connect(dsn) as connection:
        connection.execute("set client_min_messages = warning")
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", (str(table),))
        known = connection.execute(
            "select column_name from information_schema.columns"
            " where table_schema = 'raw' and table_name = %s",
            (contract.raw_table,),
        ).fetchall()
        if not known:
            columns = sql.SQL(", ").join([*text, system])
            connection.execute(sql.SQL("create table {} ({})").format(table, columns))
            connection.execute(sql.SQL(create_index(contract)))
        for name, definition in zip(names, text, strict=True):
            if known and (name,) not in known:
                connection.execute(sql.SQL("alter table {} add {}").format(table, definition))


def index_name(contract: Contract) -> str:
    """Name of the index that keeps one open row per key."""
    return f"{contract.raw_table}__open"


def create_index(contract: Contract, schema: str = "raw") -> str:
    """Return the statement that makes the index of open rows."""
    parts = ", ".join(key_parts(contract))
    return (
        f'create unique index "{index_name(contract)}" on {schema}."{contract.raw_table}" ({parts})'
        " where _recorded_to is null"
    )


def key_parts(contract: Contract, table: str = "") -> list[str]:
    """Write each part of the key so that it can be compared: an empty part equals a missing one."""
    required = {column.name for column in contract.columns if column.required}
    parts = {name: f'{table}"{name}"' for name in contract.key}
    return [part if n in required else f"coalesce({part}, '')" for n, part in parts.items()]


def same_key(contract: Contract, log: str, keys: str) -> str:
    """Write the condition that a row of a change log has the key of a row of ``keys``."""
    parts = zip(key_parts(contract, f"{log}."), contract.key, strict=True)
    return " and ".join(f'{part} = {keys}."{name}"' for part, name in parts)
