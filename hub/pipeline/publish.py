"""``hub publish`` and ``hub rollback``: switch what readers see, all of it at one instant."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import errors

from hub.errors import HubError
from hub.warehouse import builds, rotation
from hub.warehouse.connection import connect

LOCK_BUDGET_MS = 200
PAUSE_S = 0.1

Change = Callable[[psycopg.Connection, rotation.LiveTables], int]


@dataclass(frozen=True)
class Switch:
    """What readers see now, how long the switch held them off, and how often it had to wait."""

    build_id: int
    seconds: float
    retries: int


def publish(dsn: str, patience_s: float = 120) -> Switch:
    """Show readers the newest build, keeping the one they saw for a rollback.

    Raises :class:`HubError` when the newest build is not built and checked, or when somebody reads
    without a pause for ``patience_s`` seconds.
    """

    def forward(connection: psycopg.Connection, live: rotation.LiveTables) -> int:
        build = builds.publishable(connection)
        if rotation.build_of(connection, "_next") != build.build_id:
            raise HubError(f"build {build.build_id} is no longer there; run `hub build` again")
        live.lock(connection, LOCK_BUDGET_MS)
        rotation.forward(connection)
        builds.mark_published(connection, build.build_id, former="superseded")
        return build.build_id

    return _switch(dsn, forward, patience_s)


def rollback(dsn: str, patience_s: float = 120) -> Switch:
    """Show readers the previous build again; there is one step back, not two.

    Raises :class:`HubError` when no previous build is kept, or when somebody reads without a pause
    for ``patience_s`` seconds.
    """

    def backward(connection: psycopg.Connection, live: rotation.LiveTables) -> int:
        previous = rotation.build_of(connection, "_previous")
        if previous is None:
            raise HubError("no previous build is kept: there is nothing to roll back to")
        waiting = rotation.build_of(connection, "_next")
        live.lock(connection, LOCK_BUDGET_MS)
        rotation.backward(connection)
        if waiting is not None:
            builds.discard(connection, waiting)
        builds.mark_published(connection, previous, former="rolled_back")
        return previous

    return _switch(dsn, backward, patience_s)


def _switch(dsn: str, change: Change, patience_s: float) -> Switch:
    """Run ``change`` in one transaction that waits for locks briefly, until it gets through."""
    give_up = time.monotonic() + patience_s
    retries = 0
    live = rotation.LiveTables()
    with connect(dsn, autocommit=True) as connection, builds.only_one(connection):
        while True:
            started = time.perf_counter()
            try:
                with connection.transaction():
                    build_id = change(connection, live)
                    rotation.apply_grants(connection)
            except (errors.LockNotAvailable, errors.DeadlockDetected):
                if time.monotonic() > give_up:
                    raise HubError(_who_reads(connection, patience_s)) from None
                retries += 1
                time.sleep(PAUSE_S)
                continue
            seconds = time.perf_counter() - started
            if rotation.build_of(connection) != build_id:
                raise HubError(f"build {build_id} was switched to, but readers see another one")
            return Switch(build_id, seconds, retries)


def _who_reads(connection: psycopg.Connection, patience_s: float) -> str:
    """Name who holds the live tables, without what they read."""
    rows = connection.execute(
        "select distinct format('%%s (pid %%s)', usename, activity.pid)"
        " from pg_locks inner join pg_stat_activity as activity using (pid)"
        " inner join pg_class on pg_class.oid = relation"
        " where relnamespace::regnamespace::text = any(%s) and activity.pid <> pg_backend_pid()",
        [list(rotation.LAYERS)],
    ).fetchall()
    who = ", ".join(name for (name,) in rows) or "somebody"
    return f"the published tables are in use by {who}; no pause in {patience_s:.0f} s, try again"
