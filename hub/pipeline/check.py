"""Checks the newest build before readers see it, and records whether it may be published."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from hub.errors import HubError
from hub.pipeline.ledger import exists
from hub.warehouse import builds
from hub.warehouse.connection import connect

if TYPE_CHECKING:
    from expectations.check import Outcome
    from expectations.marts import Build

CHECKS_FAILED = 10

_NEWEST = "select build_id, run_id, status, reason from ops.build order by build_id desc limit 1"
_PASSED = """
update ops.build set checked_at = clock_timestamp() where build_id = %s and status = 'built'
"""
_FAILED = """
update ops.build set status = 'failed', checked_at = null, reason = %s
where build_id = %s and status = 'built'
"""


@dataclass(frozen=True)
class Candidate:
    """A build that waits for its checks."""

    build_id: int
    run_id: str


def check_newest(
    dsn: str,
    docs_dir: Path,
    run_id: str | None,
    say: Callable[[str], None],
    suites: Path | None = None,
) -> None:
    """Check the newest build with Great Expectations and mark it checked, or failed.

    ``run_id`` labels the results (the build's own run unless given); ``say`` receives one line per
    table; ``suites`` is another folder than the repository's. Raises HubError: with exit code 10
    and the build marked failed when a blocking check fails; without touching the build when there
    is none to check, when a suite is wrong, or when a build or publication is under way.
    """
    from expectations import marts

    with connect(dsn, autocommit=True) as connection, builds.only_one(connection):
        found = candidate(connection)
        build = marts.Build(run_id or found.run_id, found.build_id)
        outcomes = _outcomes(dsn, build, docs_dir, suites)
        for line in marts.per_table(outcomes):
            say(line)
        if reason := marts.summary(outcomes):
            connection.execute(_FAILED, [reason, found.build_id])
            raise HubError(f"build {found.build_id} will not be published: {reason}", CHECKS_FAILED)
        connection.execute(_PASSED, [found.build_id])
    say(f"build {found.build_id} is checked; Data Docs: {docs_dir / 'index.html'}")


def _outcomes(dsn: str, build: "Build", docs_dir: Path, suites: Path | None) -> "list[Outcome]":
    from connectors.contracts import ContractError
    from expectations import mart_files, marts

    try:
        return marts.check(dsn, build, docs_dir, suites or mart_files.FOLDER)
    except ContractError as error:
        raise HubError(
            f"build {build.build_id} stays unchecked, suites are wrong:\n{error}", 2
        ) from None


def candidate(connection: psycopg.Connection) -> Candidate:
    """Return the newest build when it can be checked; HubError says why not otherwise."""
    known = exists(connection, "ops.build")
    newest = connection.execute(_NEWEST).fetchone() if known else None
    if newest is None:
        raise HubError("there is no build to check; run `hub build` first")
    build_id, run_id, status, reason = newest
    if status != "built":
        because = f" ({reason})" if reason else ""
        raise HubError(f"the newest build {build_id} is {status}{because}; run `hub build` first")
    return Candidate(build_id, run_id or f"build-{build_id}")
