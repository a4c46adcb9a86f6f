"""One transaction with the warehouse in Arrow: statements, whole columns, temporary tables."""

# ruff: noqa: S608 - statements come from our own code only
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from connectors.protocols.base import BATCH_BYTES

TEMPORARY = "pg_temp"


class MergeError(Exception):
    """The database refused or was lost; nothing of the transaction happened."""


class Statements:
    """What may be asked of the warehouse within one transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement with ``$1 …`` parameters; return its rows, if it has any."""
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def count(self, statement: str) -> int:
        """Run a statement that changes rows; return how many it changed."""
        rows = self.rows(f"with done as ({statement} returning 1) select count(*) from done")
        return int(rows[0][0])

    def column(self, query: str) -> NDArray[np.int64]:
        """Return one column of whole numbers."""
        with self._connection.cursor() as cursor:
            options = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
            cursor.adbc_statement.set_options(**options)
            cursor.execute(query)
            table = cursor.fetch_arrow_table()
        values: NDArray[np.int64] = table.column(0).to_numpy()
        return values

    def append(self, schema: str, table: str, reader: pa.RecordBatchReader) -> None:
        """Append rows to a table of ``schema``."""
        where = {"temporary": True} if schema == TEMPORARY else {"db_schema_name": schema}
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, reader, mode="append", **where)

    def temporary(self, name: str, table: pa.Table) -> None:
        """Make a temporary table of whole numbers and text; one of this name is replaced."""
        kinds = [(f.name, f.type if f.type == pa.int64() else pa.string()) for f in table.schema]
        with self._connection.cursor() as cursor:
            cursor.execute(f"drop table if exists {TEMPORARY}.{name}")
            cursor.adbc_ingest(name, table.cast(pa.schema(kinds)), mode="create", temporary=True)
            cursor.execute(f"analyze {TEMPORARY}.{name}")


@contextmanager
def transaction(dsn: str, subject: str) -> Iterator[Statements]:
    """Open one transaction; it is committed when the block ends well.

    Raises:
        MergeError: the database refused or was lost; says so of ``subject``, without any value.
    """
    try:
        with adbc.connect(dsn) as connection:
            yield Statements(connection)
            connection.commit()
    except (adbc.Error, pa.ArrowException) as error:
        # What follows the first line may quote a row; what comes before it is our statement.
        reason = str(error).partition("DETAIL")[0].splitlines()[0].rpartition("ERROR:")[2].strip()
        raise MergeError(f"{subject} was not merged: {reason}") from None
