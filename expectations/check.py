"""What a check is and what came out of it, in words that both gates share."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warn"]
Unit = Literal["share", "count", "value"]


@dataclass(frozen=True)
class Check:
    """One rule on one table.

    ``expectation`` and ``arguments`` name the Great Expectations class that tests it, ``name`` is
    what people read (Chinese), ``expected`` the limit in words, ``column`` the table's own column
    (None for the whole table). An ``error`` holds the batch or fails the build, a ``warn`` is only
    recorded.
    """

    name: str
    expectation: str
    arguments: dict[str, Any]
    expected: str
    column: str | None = None
    severity: Severity = "error"
    unit: Unit = "value"
    why: str = ""


@dataclass(frozen=True)
class Suite:
    """The checks of one table, and who answers for what they find.

    ``name`` is unique within a run, ``title`` is what people read.
    """

    name: str
    title: str
    layer: str
    department: str | None
    table: str
    owner: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Outcome:
    """How one check ended: never a value of a person, only counts, shares and limits."""

    suite: Suite
    check: Check
    passed: bool
    observed: str
    failed_rows: int | None = None

    @property
    def blocks(self) -> bool:
        """Whether this outcome holds the batch or fails the build."""
        return not self.passed and self.check.severity == "error"

    @property
    def sentence(self) -> str:
        """Say what is wrong, what was seen and what the limit is, in one clause."""
        return f"{self.check.name}：实际 {self.observed}，要求 {self.check.expected}"


def number(value: float, unit: Unit) -> str:
    """Write ``value`` as people read it: a share in percent, a count with separators."""
    if unit == "share":
        return f"{value * 100:.5g}%"
    return f"{value:,.0f}" if unit == "count" else f"{value:.10g}"


def in_words(low: float | None, high: float | None, unit: Unit) -> str:
    """Write a pair of limits, one of which may be absent."""
    if low is not None and high is not None:
        return number(low, unit) if low == high else f"{number(low, unit)}～{number(high, unit)}"
    if low is not None:
        return f"≥ {number(low, unit)}"
    return f"≤ {number(high, unit)}" if high is not None else "有值"
