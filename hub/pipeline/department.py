"""Pulls one department: extract every table, let the gate judge them together, merge or hold."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import pyarrow as pa

from connectors.contracts import Contract
from connectors.landing import change_log, raw_table
from connectors.landing.batch import Batch
from connectors.landing.brake import TooManyLostError
from connectors.landing.drift import CodeLists, reason_to_hold, strictness
from connectors.landing.land import land
from connectors.landing.ledger import Ledger, Outcome
from connectors.protocols.base import BatchHeldError, Extraction, SourceError
from hub.pipeline.reading import EVERYTHING_NEW, Wish, readings

Say = Callable[[str], None]
Rows = Iterator[pa.RecordBatch]
Watch = Callable[[Contract, Rows], Rows]


def unseen(_: Contract, rows: Rows) -> Rows:
    """Watch nothing: hand the rows of a table on as they are."""
    return rows


@dataclass(frozen=True)
class Job:
    """What an ingest needs to know: where the warehouse is, where files go, which run this is.

    ``watch`` is handed the rows of every table while they stream by. ``part``: only some tables of
    their department are pulled, which is no report of the department.
    """

    dsn: str
    landing: Path
    data_docs: Path
    run_id: str
    trigger: str
    say: Say
    wish: Wish = EVERYTHING_NEW
    code_lists: CodeLists = field(default_factory=dict)
    watch: Watch = unseen
    part: bool = False


@dataclass
class Department:
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
            self._settle(batch, verdicts.get(batch.batch_id))
        return self._report()

    def _extract(self, contract: Contract) -> Iterator[Batch]:
        raw_table.prepare(self.job.dsn, contract)
        found, entered = 0, False
        try:
            for shape, extraction in readings(self.ledger, contract, self.job.wish):
                found += 1
                try:
                    yield self._land(shape, extraction)
                except SourceError:
                    entered = True
                    raise
                except BatchHeldError as error:
                    self.held.append(f"{contract.name}：{error}")
                    self.job.say(f"{contract.identifier}: HELD {error.lines:,}: {error}")
        except SourceError as error:
            if not entered:
                self.ledger.refuse(self.job.run_id, contract, str(error))
            self.failed.append(f"{contract.name}：{error}")
            self.job.say(f"{contract.identifier}: FAILED: {error}")
            return
        if not found:
            self.job.say(f"{contract.identifier}: no new file")

    def _land(self, contract: Contract, extraction: Extraction) -> Batch:
        extraction.rows = self.job.watch(contract, extraction.rows)
        run_id, code_lists = self.job.run_id, self.job.code_lists
        return land(self.ledger, run_id, contract, extraction, code_lists)

    def _judge(self, batches: list[Batch]) -> dict[int, str | None]:
        """Return per batch why it must be held, or ``None``; keys alone are not judged."""
        batches = [batch for batch in batches if batch.read_as != "keys"]
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
        reasons = filter(None, [reason, reason_to_hold(batch.contract, batch.drift)])
        if found := "；".join(reasons):
            self._hold(batch, found)
            return
        began = perf_counter()
        try:
            merged = change_log.merge(self.job.dsn, self.job.landing, batch)
        except TooManyLostError as error:
            self._hold(batch, str(error))
            return
        seconds = batch.seconds + perf_counter() - began
        self.ledger.took(batch.batch_id, seconds)
        self.job.say(
            f"{_name(batch)}: received {batch.received:,} appended {merged.appended:,}"
            f" unchanged {merged.unchanged:,} rejected {batch.rejected:,} held 0"
            f" closed {merged.closed:,} ({batch.received / seconds:,.0f} rows/s,"
            f" {batch.raw_file.stat().st_size / 1e6:,.1f} MB){_differing(batch)}"
        )

    def _hold(self, batch: Batch, reason: str) -> None:
        self.ledger.hold(batch, reason)
        self.held.append(f"{batch.contract.name}：{reason}")
        self.job.say(
            f"{_name(batch)}: received {batch.received:,} rejected {batch.rejected:,}"
            f" HELD {batch.accepted:,}: {reason}{_differing(batch)}"
        )

    def _report(self) -> Outcome:
        outcome: Outcome = "failed" if self.failed else "held" if self.held else "success"
        reason = "；".join([*self.failed, *self.held]) or None
        if not self.job.part:
            department = self.contracts[0].department
            self.ledger.report(self.job.run_id, department, outcome, reason)
        return outcome


def _name(batch: Batch) -> str:
    kind = {"keys": " keys", "backfill": " backfill"}.get(batch.read_as, "")
    return f"{batch.contract.identifier}{kind} #{batch.batch_id}"


def _differing(batch: Batch) -> str:
    """Say how the source differs from its contract, unless that is accepted."""
    noted = [str(d) for d in batch.drift if strictness(batch.contract, d) != "accept"]
    return f"; drift: {'；'.join(noted)}" if noted else ""
