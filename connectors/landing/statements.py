"""One transaction with the warehouse: statements, whole columns as arrays, Arrow into tables."""

# ruff: noqa: S608 - statements come from our own code only
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

from connectors.landing import binary_copy
from connectors.landing.ahead import ahead

TEMPORARY = "pg_temp"
# An array of PostgreSQL: dimensions, flags, element type, length, lower bound; then its elements.
ARRAY_HEADER_BYTES = 20


class MergeError(Exception):
    """The database refused or was lost; nothing of the transaction happened."""


class Statements:
    """What may be asked of the warehouse within one transaction."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement with ``$1 …`` parameters; return its rows, if it has any."""
        cursor = self._run(statement, *parameters)
        return cursor.fetchall() if cursor.description else []

    def count(self, statement: str) -> int:
        """Run a statement that changes rows; return how many it changed."""
        return self._run(statement).rowcount

    def column(self, query: str) -> NDArray[np.int64]:
        """Return one column of whole numbers, none of them null.

        They come as one array, since a million values one by one take longer than all the rest.
        """
        gathered = f"select array_agg(value::bigint) from ({query}) as found(value)"
        with psycopg.RawCursor(self._connection) as cursor:
            cursor.execute(gathered, binary=True)
            assert cursor.pgresult is not None  # noqa: S101 - a query has a result
            data = cursor.pgresult.get_value(0, 0)
        if data is None:
            return np.empty(0, dtype=np.int64)
        elements = np.frombuffer(data, dtype=binary_copy.EIGHT_BYTES, offset=ARRAY_HEADER_BYTES)
        return elements["value"].astype(np.int64)

    def append(
        self, schema: str, table: str, reader: pa.RecordBatchReader, *, frozen: bool = False
    ) -> None:
        """Append rows to a table of ``schema``.

        ``frozen``: the table was made or truncated in this transaction, so that its rows need not
        be written again by whoever reads them first.
        """
        names = sql.SQL(", ").join(sql.Identifier(name) for name in reader.schema.names)
        copy = sql.SQL("copy {} ({}) from stdin (format binary, freeze {})").format(
            sql.Identifier(schema, table), names, sql.Literal(frozen)
        )
        with self._connection.cursor() as cursor, cursor.copy(copy) as out:
            out.write(binary_copy.HEADER)
            for piece in ahead(binary_copy.tuples(batch) for batch in reader):
                out.write(piece)
            out.write(binary_copy.TRAILER)

    def temporary(self, name: str, table: pa.Table) -> None:
        """Make a temporary table of whole numbers and text; one of this name is replaced."""
        kinds = [(f.name, f.type if f.type == pa.int64() else pa.string()) for f in table.schema]
        columns = ", ".join(
            f'"{column}" {"bigint" if kind == pa.int64() else "text"}' for column, kind in kinds
        )
        self.rows(f"drop table if exists {TEMPORARY}.{name}")
        self.rows(f"create temporary table {name} ({columns})")
        self.append(TEMPORARY, name, table.cast(pa.schema(kinds)).to_reader())
        self.rows(f"analyze {TEMPORARY}.{name}")

    def _run(self, statement: str, *parameters: Any) -> psycopg.Cursor:
        cursor = psycopg.RawCursor(self._connection)
        return cursor.execute(statement, parameters or None)


@contextmanager
def transaction(dsn: str, subject: str) -> Iterator[Statements]:
    """Open one transaction; it is committed when the block ends well.

    Raises:
        MergeError: the database refused or was lost; says so of ``subject``, without any value.
    """
    try:
        with psycopg.connect(dsn, application_name="hub merge") as connection:
            yield Statements(connection)
    except psycopg.Error as error:
        # The first line is our statement's fault; what follows may quote a row.
        lines = (error.diag.message_primary or str(error)).strip().splitlines()
        raise MergeError(f"{subject} was not merged: {(lines or ['connection lost'])[0]}") from None
