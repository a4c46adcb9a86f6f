"""Reading the ledger politely: a clear word when the warehouse is down, nothing when it is new."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from hub.errors import HubError

CONNECT_SECONDS = 5


@contextmanager
def ledger(dsn: str) -> Iterator[psycopg.Connection]:
    """Open a transaction on the warehouse.

    Raises :class:`HubError` when the warehouse does not answer.
    """
    try:
        connection = psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise HubError(
            f"the warehouse does not answer ({reason}); start the hub with `make up`"
        ) from None
    with connection:
        yield connection


def exists(connection: psycopg.Connection, relation: str) -> bool:
    """Return whether a table or view is there: before the first run there is none."""
    row = connection.execute("select to_regclass(%s) is not null", (relation,)).fetchone()
    return bool(row and row[0])
