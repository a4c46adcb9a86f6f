"""Whole tables between the warehouse and memory as Arrow, all within one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import adbc_driver_postgresql.dbapi as adbc
import polars as pl

from hub.errors import HubError
from hub.warehouse.dbt_nodes import without_values

SCHEMA = "resolve"


@dataclass(frozen=True)
class Tables:
    """Reads what dbt staged, and replaces what the resolution wrote before."""

    connection: adbc.Connection

    def read(self, query: str) -> pl.DataFrame:
        """Return all rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            rows = pl.from_arrow(cursor.fetch_arrow_table())
        assert isinstance(rows, pl.DataFrame)  # noqa: S101 - a table, not a column
        return rows

    def exists(self, table: str) -> bool:
        """Tell whether ``schema.table`` is there."""
        return bool(self.read(f"select to_regclass('{table}') is not null as found")["found"][0])

    def replace(self, table: str, rows: pl.DataFrame) -> None:
        """Put these rows in the place of everything that ``resolve.<table>`` held."""
        self.execute(f"truncate {SCHEMA}.{table}")
        self.append(table, rows)

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Add these rows to ``resolve.<table>``."""
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows.to_arrow(), mode="append", db_schema_name=SCHEMA)
            cursor.execute(f"analyze {SCHEMA}.{table}")

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def one_transaction(address: str) -> Iterator[Tables]:
    """Open the warehouse at a libpq address; commit at the end unless something was raised.

    Raises :class:`HubError` with the database's reason, values taken out: they may be personal.
    """
    try:
        with adbc.connect(address) as connection:
            yield Tables(connection)
            connection.commit()
    except adbc.Error as error:
        raise HubError(f"the resolution failed: {without_values(str(error))}") from None
