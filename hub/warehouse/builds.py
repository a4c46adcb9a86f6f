"""The life of a build: building → built → (checked) → published → superseded or rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from hub.errors import HubError

BUSY = 4


@dataclass(frozen=True)
class Build:
    """One row of ``ops.build``."""

    build_id: int
    status: str
    selection: str | None
    checked_at: datetime | None


@contextmanager
def only_one(connection: psycopg.Connection) -> Iterator[None]:
    """Keep other builds, publications and rollbacks out while this one changes the schemas.

    Raises :class:`HubError` at once when one is under way; ends with the connection at the latest.
    """
    lock = connection.execute("select pg_try_advisory_lock(hashtext('hub build'))").fetchone()
    if lock != (True,):
        raise HubError("another build or publication is under way; try again when it is done", BUSY)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtext('hub build'))")


def start(connection: psycopg.Connection, run_id: str, selection: str | None) -> int:
    """Record that a build begins; one that was left unfinished by a crash is marked failed."""
    connection.execute(
        "update ops.build set status = 'failed', reason = 'interrupted' where status = 'building'"
    )
    row = connection.execute(
        "insert into ops.build (run_id, selection) values (%s, %s) returning build_id",
        [run_id, selection],
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert with returning always has a row
    return int(row[0])


def finish(connection: psycopg.Connection, build_id: int, failure: str | None) -> None:
    """Record that a build ended: built, or failed for a reason."""
    connection.execute(
        "update ops.build set status = %s, reason = %s, built_at = clock_timestamp()"
        " where build_id = %s",
        ["failed" if failure else "built", failure, build_id],
    )


def publishable(connection: psycopg.Connection) -> Build:
    """Return the newest build if it may be published; raises :class:`HubError` saying why not."""
    with connection.cursor(row_factory=class_row(Build)) as cursor:
        newest = cursor.execute(
            "select build_id, status, selection, checked_at from ops.build"
            " order by build_id desc limit 1"
        ).fetchone()
    if newest is None:
        raise HubError("nothing has been built yet; run `hub build` first")
    refusal = _refusal(newest)
    if refusal:
        raise HubError(f"build {newest.build_id} cannot be published: {refusal}")
    return newest


def _refusal(build: Build) -> str | None:
    if build.status == "published":
        return "it is published already"
    if build.status != "built":
        return f"its status is '{build.status}'; run `hub build` and `hub check` again"
    if build.selection is not None:
        return f"only a part was built (--select {build.selection}); run `hub build` without it"
    if build.checked_at is None:
        return "it has not been checked; run `hub check` first"
    return None


def mark_published(connection: psycopg.Connection, build_id: int, former: str) -> None:
    """Record what readers see now; the build they saw until now becomes ``former``."""
    connection.execute(
        "update ops.build set status = %s where status = 'published' and build_id <> %s",
        [former, build_id],
    )
    connection.execute(
        "update ops.build set status = 'published', published_at = clock_timestamp()"
        " where build_id = %s",
        [build_id],
    )


def discard(connection: psycopg.Connection, build_id: int) -> None:
    """Record that an unpublished build is gone."""
    connection.execute(
        "update ops.build set status = 'failed', reason = 'discarded by a rollback'"
        " where build_id = %s and status = 'built'",
        [build_id],
    )
