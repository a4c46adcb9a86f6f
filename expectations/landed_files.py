"""Hand-written rules for landed tables: ``suites/landed/<department>__<table>.yaml``."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from expectations.check import Severity
from expectations.landed import Rule, Table
from expectations.profiles import TABLE_METRICS, Metric
from expectations.suite_files import SUITES, Strict, SuiteError, load

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


def rules_for(table: Table, folder: Path = FOLDER) -> list[Rule]:
    """Return the hand-written rules of ``table``, none when it has no file.

    Raises SuiteError when the file is wrong or names a column that the contract does not have.
    """
    path = folder / f"{table.department}__{table.name}.yaml"
    if not path.exists():
        return []
    suite = load(path, SuiteFile)
    if (suite.department, suite.table) != (table.department, table.name):
        raise SuiteError(
            f"{path}:1: says {suite.department}.{suite.table}, but its name says otherwise"
        )
    for rule in suite.rules:
        if rule.column is not None and rule.column not in table.listed:
            raise SuiteError(f"{path}: rule {rule.name}: the contract has no column {rule.column}")
    return [Rule(**rule.model_dump()) for rule in suite.rules]
