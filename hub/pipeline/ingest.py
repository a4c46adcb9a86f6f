"""Pulls departments, two at a time: while one's system thinks, the other's rows are examined."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg

from connectors.contracts import Contract, by_department
from connectors.landing import change_log
from connectors.landing.ledger import Ledger, Outcome, TableBusyError
from hub.errors import HubError
from hub.pipeline.contracts import load
from hub.pipeline.department import Department, Job
from hub.pipeline.side_by_side import side_by_side
from hub.warehouse.apply import apply_schema

__all__ = ["HELD", "SOURCE_FAILED", "USAGE", "Job", "chosen", "ingest", "new_run_id"]

USAGE, HELD, SOURCE_FAILED = 2, 10, 11
EXIT_CODES: dict[Outcome, int] = {"success": 0, "held": HELD, "failed": SOURCE_FAILED}
AT_ONCE = 2


def chosen(
    contracts_dir: Path, departments: Sequence[str], table: str | None = None
) -> dict[str, list[Contract]]:
    """Load all contracts and return those of ``departments`` (all of them when none is named).

    ``table``: only this table of the one department that is named.

    Raises:
        HubError: a contract is wrong, or what was named has none (exit code 2).
    """
    known = by_department(load(contracts_dir))
    if unknown := sorted(set(departments) - set(known)):
        raise HubError(f"no contracts for {', '.join(unknown)}; known: {', '.join(known)}", USAGE)
    if table is None:
        return {name: known[name] for name in departments or known}
    if len(departments) != 1:
        raise HubError("name one department together with --table", USAGE)
    (department,) = departments
    found = [contract for contract in known[department] if contract.table == table]
    if not found:
        names = ", ".join(contract.table for contract in known[department])
        raise HubError(f"{department} has no table {table}; it has: {names}", USAGE)
    return {department: found}


def ingest(job: Job, departments: dict[str, list[Contract]]) -> int:
    """Ingest departments; return the exit code of the worst of them.

    Raises:
        HubError: the warehouse is not there, or another run is landing a table (exit code 11).
    """
    apply_schema(job.dsn)
    with _warehouse_errors(), Ledger(job.dsn, job.landing) as ledger:
        ledger.register(c for contracts in departments.values() for c in contracts)
        ledger.open_run(job.run_id, job.trigger)
        pulls = [partial(_pull, job, contracts) for contracts in departments.values()]
        outcomes = side_by_side(pulls, AT_ONCE)
        ledger.close_run(job.run_id, max(outcomes, key=EXIT_CODES.__getitem__))
    return max(EXIT_CODES[outcome] for outcome in outcomes)


def _pull(job: Job, contracts: list[Contract]) -> Outcome:
    """Ingest one department over a connection of its own, which holds the locks of its tables."""
    with Ledger(job.dsn, job.landing) as ledger:
        return Department(job, ledger, contracts).ingest()


def new_run_id() -> str:
    """Name a run that nobody named: when it began."""
    return f"manual-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"


@contextmanager
def _warehouse_errors() -> Iterator[None]:
    try:
        yield
    except TableBusyError as error:
        raise HubError(
            f"{error} is being ingested by another run; wait for it to end", SOURCE_FAILED
        ) from None
    except change_log.MergeError as error:
        raise HubError(f"{error}; the next run reads it again", SOURCE_FAILED) from None
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise HubError(f"cannot write the landing files{where}: {error.strerror}") from None
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise HubError(f"the warehouse does not answer ({reason}); is the hub up?") from None
