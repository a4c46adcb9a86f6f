"""Pulls departments: extract every table, let the gate judge them together, merge or hold."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psycopg

from connectors.contracts import Contract, by_department
from connectors.landing import change_log, raw_table
from connectors.landing.batch import Batch
from connectors.landing.land import land
from connectors.landing.ledger import Ledger, Outcome, TableBusyError
from connectors.protocols.base import BatchHeldError, SourceError
from connectors.protocols.registry import open_source
from hub.errors import HubError
from hub.pipeline.contracts import load
from hub.warehouse.apply import apply_schema

USAGE, HELD, SOURCE_FAILED = 2, 10, 11
EXIT_CODES: dict[Outcome, int] = {"success": 0, "held": HELD, "failed": SOURCE_FAILED}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """What an ingest needs to know: where the warehouse is, where files go, which run this is."""

    dsn: str
    landing: Path
    data_docs: Path
    run_id: str
    trigger: str
    say: Say


def chosen(contracts_dir: Path, departments: Sequence[str]) -> dict[str, list[Contract]]:
    """Load all contracts and return those of ``departments`` (all of them when none is named).

    Raises:
        HubError: a contract is wrong, or a department has none (exit code 2).
    """
    known = by_department(load(contracts_dir))
    if unknown := sorted(set(departments) - set(known)):
        raise HubError(f"no contracts for {', '.join(unknown)}; known: {', '.join(known)}", USAGE)
    return {name: known[name] for name in departments or known}


def ingest(job: Job, departments: dict[str, list[Contract]]) -> int:
    """Ingest departments one after the other; return the exit code of the worst of them.

    Raises:
        HubError: the warehouse is not there, or another run is landing a table (exit code 11).
    """
    apply_schema(job.dsn)
    with _warehouse_errors(), Ledger(job.dsn, job.landing) as ledger:
        ledger.register(c for contracts in departments.values() for c in contracts)
        ledger.open_run(job.run_id, job.trigger)
        outcomes = [
            _Department(job, ledger, contracts).ingest() for contracts in departments.values()
        ]
        ledger.close_run(job.run_id)
    return max(EXIT_CODES[outcome] for outcome in outcomes)


@dataclass
class _Department:
    """One department's part of a run."""

    job: Job
    ledger: Ledger
    contracts: list[Contract]
    failed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    def ingest(self) -> Outcome:
        """Extract all tables, judge them together, merge or hold; record the report."""
        for contract in self.contracts:
            self.ledger.lock(contract)
            if dead := self.ledger.recover(contract):
                self.job.say(f"{contract.identifier}: cleaned up {dead} unfinished batch(es)")
        batches = [batch for contract in self.contracts for batch in self._extract(contract)]
        verdicts = self._judge(batches)
        for batch in batches:
            self._settle(batch, verdicts[batch.batch_id])
        return self._report()

    def _extract(self, contract: Contract) -> Iterator[Batch]:
        raw_table.prepare(self.job.dsn, contract)
        source = open_source(contract)
        found = 0
        try:
            for extraction in source.extractions(self.ledger.since(contract)):
                found += 1
                try:
                    yield land(self.ledger, self.job.run_id, contract, extraction)
                except BatchHeldError as error:
                    self.held.append(f"{contract.name}：{error}")
                    self.job.say(f"{contract.identifier}: HELD {error.lines:,}: {error}")
        except SourceError as error:
            self.failed.append(f"{contract.name}：{error}")
            self.job.say(f"{contract.identifier}: FAILED: {error}")
            return
        if not found:
            self.job.say(f"{contract.identifier}: no new file")

    def _judge(self, batches: list[Batch]) -> dict[int, str | None]:
        """Return per batch why it must be held, or ``None``."""
        if not batches:
            return {}
        from expectations.gate import judge

        verdicts = judge(
            self.job.dsn,
            [batch.batch_id for batch in batches],
            self.contracts,
            self.job.run_id,
            self.job.data_docs,
        )
        return {v.batch_id: None if v.passed else v.reason for v in verdicts}

    def _settle(self, batch: Batch, reason: str | None) -> None:
        name = f"{batch.contract.identifier} #{batch.batch_id}"
        if reason is not None:
            self.ledger.hold(batch, reason)
            self.held.append(f"{batch.contract.name}：{reason}")
            self.job.say(
                f"{name}: received {batch.received:,} rejected {batch.rejected:,}"
                f" HELD {batch.accepted:,}: {reason}"
            )
            return
        began = perf_counter()
        merged = change_log.merge(self.job.dsn, batch, self.ledger.rejected_numbers(batch.batch_id))
        rate = batch.received / (batch.seconds + perf_counter() - began)
        self.job.say(
            f"{name}: received {batch.received:,} appended {merged.appended:,}"
            f" unchanged {merged.unchanged:,} rejected {batch.rejected:,} held 0"
            f" closed {merged.closed:,} ({rate:,.0f} rows/s)"
        )

    def _report(self) -> Outcome:
        outcome: Outcome = "failed" if self.failed else "held" if self.held else "success"
        reason = "；".join([*self.failed, *self.held]) or None
        self.ledger.report(self.job.run_id, self.contracts[0].department, outcome, reason)
        return outcome


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
