"""Roles, databases and extensions of the warehouse cluster; safe to run at every start."""

from collections.abc import Callable

import psycopg
from psycopg import sql

from hub.settings import Settings
from hub.stack.postgres import PostgresCluster
from hub.stack.secrets import WAREHOUSE_PASSWORDS, read_secret

OWNERS = {"warehouse": "hub", "airflow": "airflow", "superset": "superset"}
READERS = ("hub_reader", "hub_dashboards")
EXTENSIONS = ("postgis", "pg_trgm")


def prepare(cluster: PostgresCluster, settings: Settings) -> None:
    """Create what is missing and set every role's password to the one on file."""
    with cluster.connect() as connection:
        for role, secret in WAREHOUSE_PASSWORDS.items():
            _ensure_role(connection, role, read_secret(settings, secret))
        for database, owner in OWNERS.items():
            ensure_database(connection, database, owner)
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
            )
        for reader in READERS:
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE warehouse TO {}").format(sql.Identifier(reader))
            )
    with cluster.connect("warehouse") as connection:
        for extension in EXTENSIONS:
            connection.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(
                    sql.Identifier(extension)
                )
            )


def once_per_version(
    cluster: PostgresCluster, database: str, version: str, migrate: Callable[[], None]
) -> None:
    """Run ``migrate`` unless it has succeeded on this very database for this version.

    The mark is the database's own comment: it goes where the data goes.
    """
    with cluster.connect(database) as connection:
        mark = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [database],
        ).fetchone()
        if mark == (version,):
            return
        migrate()
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(database), sql.Literal(version)
            )
        )


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if not known:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    # Hashed on this side: the server's log can never hold the clear password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode())
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier.decode())
        )
    )


def ensure_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    """Create a database unless it is there."""
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if not known.fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(database), sql.Identifier(owner)
            )
        )
