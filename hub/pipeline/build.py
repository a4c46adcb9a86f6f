"""``hub build``: model the landed data in schemas that readers do not see yet."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import psycopg

from connectors.landing.ledger import Ledger
from connectors.landing.raw_table import prepare
from hub.errors import HubError
from hub.pipeline.building import Watch, unseen
from hub.pipeline.contracts import load
from hub.pipeline.resolve import resolve
from hub.settings import Settings
from hub.warehouse import builds, dbt_checks, dbt_nodes, rotation
from hub.warehouse.apply import apply_schema
from hub.warehouse.connection import connect, dsn
from hub.warehouse.dbt_process import Dbt

CHECKS_FAILED = 10
# What the resolution reads, and what follows from what it wrote (dbt's words).
INPUT = "_record"
RESOLVED = "source:linkage+"


@dataclass(frozen=True)
class Built:
    """A build that succeeded: its number, what it made and checked, how long it took."""

    build_id: int
    tables: int
    checks: int
    warnings: int
    seconds: float


def build(
    settings: Settings,
    run_id: str | None = None,
    selection: str | None = None,
    watch: Watch = unseen,
) -> Built:
    """Build every model beside the published ones, test it, and record both.

    ``selection`` (dbt's syntax) builds a part on what is there, for whoever develops a model; such
    a build cannot be published. ``watch`` is told of each part how far it is.

    Raises :class:`HubError` with one line per failing node: exit code 10 when only tests failed,
    1 when a model could not be built.
    """
    started = time.perf_counter()
    address = dsn("hub", hub=settings)
    run_id = run_id or f"build-{datetime.now().astimezone():%Y%m%dT%H%M%S}"
    with ExitStack() as opened:
        project = opened.enter_context(Dbt(settings))
        apply_schema(address)
        _expect_every_department(settings, address)
        connection = opened.enter_context(connect(address, autocommit=True))
        opened.enter_context(builds.only_one(connection))
        build_id = builds.start(connection, run_id, selection)
        try:
            with _room(connection, build_id, selection):
                nodes = _build(settings, project, selection, watch)
            checks = dbt_checks.record(connection, run_id, build_id, nodes)
        except HubError as error:
            builds.finish(connection, build_id, str(error))
            raise
        except psycopg.Error as error:
            reason = dbt_nodes.without_values(str(error))
            builds.finish(connection, build_id, reason)
            raise HubError(f"build {build_id} failed: {reason}") from None
        problems = dbt_nodes.failures(nodes)
        builds.finish(connection, build_id, "; ".join(problems) or None)
    if problems:
        models = any(node.status == "error" for node in nodes)
        raise HubError(
            f"build {build_id} failed:\n  " + "\n  ".join(problems), 1 if models else CHECKS_FAILED
        )
    kinds = Counter(node.kind for node in nodes)
    warnings = sum(node.status == "warn" for node in nodes)
    return Built(build_id, kinds["model"], checks, warnings, time.perf_counter() - started)


def _expect_every_department(settings: Settings, address: str) -> None:
    """Enter every contract and make its raw table: who was never heard of is empty, not missing."""
    contracts = load(settings.contracts_dir)
    with Ledger(address, settings.landing) as ledger:
        ledger.register(contracts)
    for contract in contracts:
        prepare(address, contract)


@contextmanager
def _room(connection: psycopg.Connection, build_id: int, selection: str | None) -> Iterator[None]:
    """Empty the next buffer for a whole build, and say afterwards which build lies in it."""
    if selection is not None:
        yield
        return
    with connection.transaction():
        rotation.prepare_next(connection)
    yield
    with connection.transaction():
        rotation.mark_next(connection, build_id)


def _build(
    settings: Settings, project: Dbt, selection: str | None, watch: Watch
) -> list[dbt_nodes.Node]:
    """Stage, resolve, and build what follows from it; the latter two only upon sound staging."""
    nodes = project.build(selection, RESOLVED, partial(watch, "staging"))
    if any(node.blocks for node in nodes):
        return nodes
    if selection is None or any(node.name.endswith(INPUT) for node in nodes):
        watch("who is who", 0, None)
        resolve(settings)
    resolved = [f"{part},{RESOLVED}" for part in selection.split()] if selection else [RESOLVED]
    return nodes + project.build(" ".join(resolved), watch=partial(watch, "libraries and marts"))
