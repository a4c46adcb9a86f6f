"""Hand-written rules for landed tables: ``suites/landed/<department>__<table>.yaml``."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from connectors.contracts import Column, Contract, Problem
from expectations.check import Severity
from expectations.landed import Rule
from expectations.profiles import TABLE_METRICS, Metric
from expectations.suite_files import SUITES, Strict, SuiteError, SuiteSource

EXTREMES = ("min_value", "max_value")
FOLDER = SUITES / "landed"


class RuleFile(Strict):
    """One rule: a metric of the batch, or of one column, and its limits."""

    name: str = Field(min_length=1)
    metric: Metric
    column: str | None = None
    min: float | None = None
    max: float | None = None
    severity: Severity = "error"
    why: str = Field(min_length=1)
    min_rows: int = Field(default=100, ge=0)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("a rule needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        if (self.column is None) != (self.metric in TABLE_METRICS):
            needs = "no column" if self.column else "a column"
            raise ValueError(f"metric {self.metric} needs {needs}")
        return self


class SuiteFile(Strict):
    """All hand-written rules of one landed table."""

    department: str
    table: str
    rules: list[RuleFile] = Field(min_length=1)


def rules_for(contract: Contract, folder: Path = FOLDER) -> list[Rule]:
    """Return the hand-written rules of a table, none when it has no file.

    Raises SuiteError when the file is wrong or names a column that the contract does not have.
    """
    path = folder / f"{contract.raw_table}.yaml"
    if not path.exists():
        return []
    source = SuiteSource(path)
    suite = source.load(SuiteFile)
    if problems := list(_misfits(suite, contract, source)):
        raise SuiteError(problems)
    return [Rule(**rule.model_dump()) for rule in suite.rules]


def _misfits(suite: SuiteFile, contract: Contract, source: SuiteSource) -> Iterator[Problem]:
    for field in ("department", "table"):
        if getattr(suite, field) != getattr(contract, field):
            yield source.problem(
                f"{field}: must be {getattr(contract, field)}, as the file's name", field
            )
    columns = {column.name: column for column in contract.columns}
    for position, rule in enumerate(suite.rules):
        where = ("rules", position, "column")
        column = columns.get(rule.column) if rule.column else None
        if rule.column and column is None:
            yield source.problem(f"{rule.name}: the contract has no column {rule.column}", *where)
        if column and rule.metric in EXTREMES and not _has_extremes(column):
            reason = f"{rule.name}: extremes are kept of L1 numbers only, {rule.column} is not one"
            yield source.problem(reason, *where)


def _has_extremes(column: Column) -> bool:
    return column.classification == "L1" and column.logical_type in ("integer", "number")


def lint(contracts: Iterable[Contract], folder: Path = FOLDER) -> None:
    """Read the suites of all ``contracts``; raises SuiteError with the mistakes of all files."""
    problems: list[Problem] = []
    for contract in contracts:
        try:
            rules_for(contract, folder)
        except SuiteError as error:
            problems += error.problems
    if problems:
        raise SuiteError(problems)


def unknown_tables(contracts: Iterable[Contract], folder: Path = FOLDER) -> list[Path]:
    """Return the suite files that belong to no contract: renamed or retired tables."""
    known = {contract.raw_table for contract in contracts}
    return [path for path in sorted(folder.glob("*.y*ml")) if path.stem not in known]
