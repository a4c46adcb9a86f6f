"""A throwaway warehouse: a real PostgreSQL with PostGIS, the hub's roles and databases."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from hub.settings import Settings
from hub.stack import databases, postgres, secrets


@dataclass(frozen=True)
class Warehouse:
    """A running warehouse cluster, and the settings that point to it."""

    settings: Settings
    cluster: postgres.PostgresCluster

    def dsn(self, role: str = "hub") -> str:
        """Return a URI for psycopg, ADBC and psql; the password is in the passfile it names."""
        passfile = secrets.secret_file(self.settings, "pgpass")
        return f"{self.cluster.uri('warehouse', role)}?passfile={passfile}"

    def connect(self, role: str = "hub") -> psycopg.Connection:
        """Connect to the warehouse as one of its roles, autocommit."""
        return psycopg.connect(self.dsn(role), autocommit=True)

    def clean(self) -> None:
        """Drop every schema of ours; roles, databases and extensions stay."""
        with self.cluster.connect("warehouse") as connection:
            names = connection.execute(
                "SELECT nspname FROM pg_namespace"
                " WHERE nspname NOT LIKE 'pg\\_%'"
                " AND nspname NOT IN ('public', 'information_schema')"
            ).fetchall()
            for (name,) in names:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@contextmanager
def throwaway_warehouse(
    settings: Settings, options: Mapping[str, str] = postgres.THROWAWAY
) -> Iterator[Warehouse]:
    """Create, start and prepare a cluster in the home of ``settings``; remove it afterwards.

    ``options``: its settings; benchmarks take those of a real warehouse.
    """
    secrets.ensure_secrets(settings)
    cluster = postgres.PostgresCluster(
        data=settings.home / "postgres",
        port=settings.port_postgres,
        password_file=secrets.secret_file(settings, "postgres_password"),
        options=dict(options),
    )
    cluster.create()
    cluster.start()
    try:
        databases.prepare(cluster, settings)
        yield Warehouse(settings, cluster)
    finally:
        cluster.stop()
        cluster.remove()
