"""Runs suites through Great Expectations: one process and one in-memory context for all of them."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from expectations.check import Check, Outcome, Suite, number
from expectations.later import later

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

# Counts only: no value and no key of a row ever leaves the data into a result or a page.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_ABSENT = re.compile(r'(column|relation) "?([\w.]+)"? (?:in BatchData )?does not exist')
_CAUSE = re.compile(r"^(?:\w+\.)+([A-Z]\w+)(?::|$)", re.MULTILINE)
_GX_SEVERITY = {"error": "critical", "warn": "warning"}
# Great Expectations needs them for expectations about distributions, of which we have none; they
# are a third of what its import costs.
_HARDLY_USED = ("scipy.stats", "altair")

# Great Expectations has one context per process, whichever thread asks for one.
_ALONE = Lock()


@dataclass(frozen=True)
class Finished:
    """A suite that ran: its outcomes in the suite's order, and Great Expectations' own result."""

    suite: Suite
    outcomes: tuple[Outcome, ...]
    result: "ExpectationSuiteValidationResult"


def run_frames(suites: Sequence[tuple[Suite, "pd.DataFrame"]]) -> list[Finished]:
    """Run each suite over its own frame; who comes meanwhile waits."""
    with _ALONE:
        asset = _context().data_sources.add_pandas("landed").add_dataframe_asset("batches")
        data = asset.add_batch_definition_whole_dataframe("all")
        return [_validate(suite, data.get_batch({"dataframe": frame})) for suite, frame in suites]


def run_tables(dsn: str, suites: Sequence[tuple[Suite, str]]) -> list[Finished]:
    """Run each suite over the table of its name in a schema of PostgreSQL."""
    context = _context()
    _know_geometry()
    finished = []
    for schema in dict.fromkeys(schema for _, schema in suites):
        source = context.data_sources.add_postgres(
            schema, connection_string=_sqlalchemy_url(dsn, schema)
        )
        try:
            for suite in (suite for suite, its in suites if its == schema):
                asset = source.add_table_asset(suite.name, table_name=suite.table)
                data = asset.add_batch_definition_whole_table("all")
                finished.append(_validate(suite, data.get_batch()))
        finally:  # a connection left in a pool would stand in publish's way
            source.get_engine().dispose()
            source.get_execution_engine().engine.dispose()
    return finished


def _know_geometry() -> None:
    """Teach SQLAlchemy PostGIS's type: Great Expectations chokes on tables with unknown types."""
    from sqlalchemy.dialects.postgresql.base import ischema_names
    from sqlalchemy.types import UserDefinedType

    class Geometry(UserDefinedType[Any]):
        cache_ok = True

        def __init__(self, *_shape: object) -> None:
            """Take the shape and reference system that reflection finds; they do not matter."""

        def get_col_spec(self, **_options: object) -> str:
            """Return the name of the type."""
            return "geometry"

    ischema_names["geometry"] = Geometry


def _sqlalchemy_url(dsn: str, schema: str) -> str:
    """Say a libpq address (with its passfile) SQLAlchemy's way, looking into ``schema`` first."""
    from psycopg.conninfo import conninfo_to_dict
    from sqlalchemy.engine import URL

    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    port = parts.pop("port", None)
    options = f"{parts.pop('options', '')} -csearch_path={schema},public"
    return URL.create(
        "postgresql+psycopg2",
        username=parts.pop("user", None),
        password=parts.pop("password", None),
        host=parts.pop("host", None),
        port=int(port) if port else None,
        database=parts.pop("dbname", None),
        query=parts | {"options": options.strip(), "application_name": "hub check"},
    ).render_as_string(hide_password=False)


def _context() -> "EphemeralDataContext":
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    later(*_HARDLY_USED)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _validate(suite: Suite, batch: "Batch") -> Finished:
    """Run a suite over one batch, without entering it in stores that nobody reads afterwards."""
    import great_expectations as gx

    rules = [_expectation(check, position) for position, check in enumerate(suite.checks)]
    built = gx.ExpectationSuite(name=suite.name, expectations=rules)
    result = batch.validate(built, result_format=_RESULT_FORMAT)
    pairs = zip(suite.checks, by_position(result), strict=True)
    return Finished(suite, tuple(_outcome(suite, *pair) for pair in pairs), result)


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


def by_position(
    result: "ExpectationSuiteValidationResult",
) -> "list[ExpectationValidationResult]":
    """Return the single results in the suite's order; Great Expectations sorts its own way."""

    def position(one: "ExpectationValidationResult") -> int:
        config = one.expectation_config
        return int(config["meta"]["position"]) if config is not None else -1

    return sorted(result.results, key=position)


def _outcome(suite: Suite, check: Check, one: "ExpectationValidationResult") -> Outcome:
    if fault := _fault(one.exception_info):
        # What a page would show of the error is replaced too: it may quote values.
        one.exception_info = {
            "raised_exception": True,
            "exception_message": fault,
            "exception_traceback": "",
        }
        return Outcome(suite, check, False, fault)
    return Outcome(suite, check, bool(one.success), *_seen(check, one.result))


def _fault(info: dict[str, Any]) -> str | None:
    """Say why a check could not run, without quoting data; None when it ran."""
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    raised = [part for part in parts if part.get("raised_exception")]
    if not raised:
        return None
    known = _ABSENT.search(str(raised[0].get("exception_message")))
    if known:
        return f"检查未能执行：{known[1]} {known[2]} 不存在"
    cause = _CAUSE.search(str(raised[0].get("exception_traceback")))
    return f"检查未能执行（{cause[1] if cause else '原因不明'}）"


def _seen(check: Check, result: dict[str, Any]) -> tuple[str, int | None]:
    if "unexpected_count" in result:
        failed, rows = (int(result[name] or 0) for name in ("unexpected_count", "element_count"))
        return f"{failed:,} 行不符（共 {rows:,} 行）", failed
    value = result.get("observed_value")
    if check.expectation == "UnexpectedRowsExpectation":
        failed = int(value or 0)
        return f"{failed:,} 行不符", failed
    try:
        return number(float(value), check.unit), None  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value), None
