"""Asking the ledger when it may still be new."""

import psycopg


def exists(connection: psycopg.Connection, relation: str) -> bool:
    """Return whether a table or view is there: before the first run there is none."""
    row = connection.execute("select to_regclass(%s) is not null", (relation,)).fetchone()
    return bool(row and row[0])
