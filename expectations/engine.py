"""Runs suites through Great Expectations: one process and one in-memory context for all of them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from expectations.check import Check, Outcome, Suite, number

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation

# Counts only: no unexpected value, no key ever leaves the data into a result or a page.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_GX_SEVERITY = {"error": "critical", "warn": "warning"}


@dataclass
class Run:
    """One run: the outcomes per suite, and the context from which Data Docs are built."""

    context: "EphemeralDataContext"
    outcomes: list[list[Outcome]] = field(default_factory=list)


def run_frames(suites: Sequence[tuple[Suite, "pd.DataFrame"]], run_id: str) -> Run:
    """Run each suite over its own frame."""
    run = Run(_context())
    source = run.context.data_sources.add_pandas("landed")
    for suite, frame in suites:
        asset = source.add_dataframe_asset(suite.name)
        whole = asset.add_batch_definition_whole_dataframe("batch")
        found = _validate(run.context, suite, whole, run_id, {"dataframe": frame})
        run.outcomes.append(found)
    return run


def _context() -> "EphemeralDataContext":
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _validate(
    context: "EphemeralDataContext",
    suite: Suite,
    data: "BatchDefinition[Any]",
    run_id: str,
    parameters: dict[str, Any] | None,
) -> list[Outcome]:
    import great_expectations as gx

    rules = [_expectation(check, position) for position, check in enumerate(suite.checks)]
    built = context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=rules))
    definition = gx.ValidationDefinition(name=suite.name, data=data, suite=built)
    result = context.validation_definitions.add(definition).run(
        batch_parameters=parameters,
        result_format=_RESULT_FORMAT,
        run_id=gx.RunIdentifier(run_name=run_id),
    )
    return _outcomes(suite, result)


def _expectation(check: Check, position: int) -> "Expectation":
    import great_expectations.expectations as gxe

    kind = getattr(gxe, check.expectation)
    built: Expectation = kind(
        **check.arguments,
        description=f"{check.name}（{check.expected}）",
        severity=_GX_SEVERITY[check.severity],
        meta={"position": position},
        notes=check.why or None,
    )
    return built


def _outcomes(suite: Suite, result: "ExpectationSuiteValidationResult") -> list[Outcome]:
    """Return one outcome per check, in the suite's order (Great Expectations sorts its own way)."""
    by_position = {
        one.expectation_config["meta"]["position"]: one
        for one in result.results
        if one.expectation_config is not None
    }
    outcomes = []
    for position, check in enumerate(suite.checks):
        one = by_position[position]
        if one.exception_info.get("raised_exception"):
            outcomes.append(Outcome(suite, check, False, "检查未能执行，见日志"))
            continue
        outcomes.append(Outcome(suite, check, bool(one.success), *_seen(check, one.result)))
    return outcomes


def _seen(check: Check, result: dict[str, Any]) -> tuple[str, int | None]:
    if "unexpected_count" in result:
        failed = int(result["unexpected_count"])
        return f"{failed:,} 行不符（共 {result['element_count']:,} 行）", failed
    value = result.get("observed_value")
    try:
        return number(float(value), check.unit), None  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value), None
