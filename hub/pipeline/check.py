"""Checks the newest build before readers see it, and records whether it may be published."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from hub.errors import HubError
from hub.warehouse.apply import apply_schema

HELD = 10

_NEWEST = "select build_id, run_id, status, reason from ops.build order by build_id desc limit 1"
_PASSED = "update ops.build set checked_at = now() where build_id = %s and status = 'built'"
_FAILED = """
update ops.build set status = 'failed', checked_at = null, reason = %s
where build_id = %s and status = 'built'
"""


@dataclass(frozen=True)
class Candidate:
    """A build that waits for its checks."""

    build_id: int
    run_id: str


def check_newest(dsn: str, docs_dir: Path, run_id: str | None, say: Callable[[str], None]) -> None:
    """Check the newest build with Great Expectations and mark it checked, or failed.

    ``run_id`` labels the results (the build's own run unless given); ``say`` receives one line per
    table. Raises HubError (exit code 10) when a blocking check fails, and when there is no build
    to check or a suite is wrong; only the first marks the build.
    """
    from connectors.contracts import ContractError
    from expectations import marts

    apply_schema(dsn)
    found = candidate(dsn)
    build = marts.Build(run_id or found.run_id, found.build_id)
    try:
        outcomes = marts.check(dsn, build, docs_dir)
    except ContractError as error:
        raise HubError(
            f"the suites are wrong, build {found.build_id} stays unchecked:\n{error}", 2
        ) from None
    for line in marts.per_table(outcomes):
        say(line)
    reason = marts.summary(outcomes)
    _record(dsn, found.build_id, reason)
    if reason:
        raise HubError(f"build {found.build_id} is not published: {reason}", HELD)
    say(f"build {found.build_id} checked; Data Docs: {docs_dir / 'index.html'}")


def candidate(dsn: str) -> Candidate:
    """Return the newest build when it can be checked; HubError says why not otherwise."""
    with psycopg.connect(dsn) as connection:
        newest = connection.execute(_NEWEST).fetchone()
    if newest is None:
        raise HubError("there is no build to check; run `hub build` first")
    build_id, run_id, status, reason = newest
    if status != "built":
        because = f" ({reason})" if reason else ""
        raise HubError(
            f"the newest build {build_id} is {status}{because}, nothing to check; run `hub build`"
        )
    return Candidate(build_id, run_id or f"build-{build_id}")


def _record(dsn: str, build_id: int, reason: str) -> None:
    with psycopg.connect(dsn) as connection:
        if reason:
            connection.execute(_FAILED, [reason, build_id])
        else:
            connection.execute(_PASSED, [build_id])
