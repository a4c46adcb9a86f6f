"""The gate on landed batches: judge a department's batches before they are merged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.contracts import Contract
from expectations import profiles, results
from expectations.check import Outcome, Suite
from expectations.landed import Rule, derived
from expectations.landed_files import rules_for
from expectations.profiles import LandedBatch

if TYPE_CHECKING:
    import pandas as pd

    from expectations.engine import Finished

SHOWN_REASONS = 3


@dataclass(frozen=True)
class Verdict:
    """Whether a batch may be merged, and if not, one line that says why."""

    batch_id: int
    passed: bool
    reason: str


@dataclass(frozen=True)
class Case:
    """One batch with everything it is judged by."""

    batch: LandedBatch
    contract: Contract
    rules: tuple[Rule, ...]

    @property
    def suite(self) -> Suite:
        """The rules as a suite for Great Expectations."""
        contract = self.contract
        return Suite(
            name=f"{contract.raw_table} #{self.batch.batch_id}",
            title=f"{contract.name}（批次 {self.batch.batch_id}）",
            layer="landed",
            department=contract.department,
            table=contract.table,
            owner=contract.team.name,
            checks=tuple(rule.check() for rule in self.rules),
        )

    @property
    def frame(self) -> "pd.DataFrame":
        """One row: the value of every metric that a rule speaks of."""
        import pandas as pd

        return pd.DataFrame([{rule.cell: self.measure(rule) for rule in self.rules}])

    @property
    def listed(self) -> list[str]:
        """Names of the contract's columns."""
        return [column.name for column in self.contract.columns]

    def measure(self, rule: Rule) -> float | None:
        """Return what the batch shows for ``rule``; None where that has no meaning."""
        return self.batch.measure(rule.metric, rule.column, self.listed)

    def concerns(self, rule: Rule) -> bool:
        """Whether the batch is one that ``rule`` has something to say about."""
        return self.measure(rule) is not None and self.batch.profiled >= rule.min_rows

    def explained(self, finished: "Finished") -> "Finished":
        """Add what one number cannot say: how many rows failed, which columns are missing."""
        pairs = zip(finished.outcomes, self.rules, strict=True)
        return replace(finished, outcomes=tuple(self._explained(*pair) for pair in pairs))

    def _explained(self, outcome: Outcome, rule: Rule) -> Outcome:
        if outcome.passed:
            return outcome
        named = {
            "missing_columns": self.batch.missing(self.listed),
            "drifted_columns": self.batch.drift,
        }
        if names := named.get(rule.metric):
            return replace(outcome, observed=f"{len(names)} 处（{'、'.join(names)}）")
        return replace(outcome, failed_rows=self.batch.failed_rows(rule.metric, rule.column))


def judge(
    dsn: str,
    batch_ids: Sequence[int],
    contracts: Iterable[Contract],
    run_id: str,
    docs_dir: Path,
) -> list[Verdict]:
    """Judge all ``batch_ids`` in one Great Expectations run; one verdict each, in their order.

    Reads ``ops.batch`` and ``quality.batch_profile``, records every result in
    ``quality.check_result`` and builds the department's Data Docs under ``docs_dir``. A batch
    without ledger row or contract does not pass. Raises SuiteError when a suite is wrong.
    """
    if not batch_ids:
        return []
    known = {(contract.department, contract.table): contract for contract in contracts}
    batches = profiles.read(dsn, batch_ids)
    cases = [case_of(one, known[one.table_key]) for one in batches if one.table_key in known]
    finished = evaluate(cases)
    results.write(dsn, run_id, [outcome for one in finished for outcome in one.outcomes])
    _publish(cases, finished, run_id, docs_dir)
    pairs = zip(cases, finished, strict=True)
    outcomes = {case.batch.batch_id: one.outcomes for case, one in pairs}
    return [verdict(batch_id, outcomes.get(batch_id)) for batch_id in batch_ids]


def case_of(batch: LandedBatch, contract: Contract) -> Case:
    """Put a batch together with the rules that have something to say about it.

    A rule is silent where its metric has no meaning (shares of no rows, extremes of no values) and
    about batches that are too small for it.
    """
    every = Case(batch, contract, (*derived(contract, batch), *rules_for(contract)))
    return replace(every, rules=tuple(rule for rule in every.rules if every.concerns(rule)))


def evaluate(cases: Sequence[Case]) -> "list[Finished]":
    """Run the rules of all cases in one Great Expectations process, in their order."""
    from expectations import engine

    ran = engine.run_frames([(case.suite, case.frame) for case in cases])
    return [case.explained(one) for case, one in zip(cases, ran, strict=True)]


def verdict(batch_id: int, outcomes: Sequence[Outcome] | None) -> Verdict:
    """Sum up the outcomes of a batch: which blocking checks failed, in one line."""
    if outcomes is None:
        return Verdict(batch_id, False, f"批次 {batch_id} 不在 ops.batch 中，或没有它的合同")
    blocking = [one.sentence for one in outcomes if one.blocks]
    more = f"；另有 {len(blocking) - SHOWN_REASONS} 项" if len(blocking) > SHOWN_REASONS else ""
    return Verdict(batch_id, not blocking, "；".join(blocking[:SHOWN_REASONS]) + more)


def _publish(
    cases: Sequence[Case], finished: "Sequence[Finished]", run_id: str, docs_dir: Path
) -> None:
    from expectations import data_docs

    sections: dict[data_docs.Section, list[Finished]] = {}
    for case, one in zip(cases, finished, strict=True):
        section = data_docs.Section(case.contract.department, f"{case.contract.title}·入库")
        sections.setdefault(section, []).append(one)
    for section, its in sections.items():
        data_docs.publish(its, section, run_id, docs_dir)
