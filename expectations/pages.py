"""Pages of Data Docs: Great Expectations' rendering inside our own, self-contained shell."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from expectations.check import Outcome
from expectations.engine import Finished, by_position

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
STYLES = TEMPLATES / "hub.css"
ZONE = ZoneInfo("Asia/Shanghai")

_HEADER = ["结果", "要求", "实际", "列", "级别", "说明"]
_SEVERITY = {"error": "错误", "warn": "提醒"}
# What Great Expectations prints in English below a requirement that failed.
_IN_CHINESE = {
    "\n\n$unexpected_count unexpected values found. "
    "$unexpected_percent of $element_count total rows.": "\n\n$unexpected_count 个值不符，"
    "占 $element_count 行的 $unexpected_percent",
    "\n\n$expectation_type raised an exception:\n$exception_message": "\n\n$exception_message",
}


class Pages:
    """Renders pages; a process compiles each template once."""

    def __init__(self) -> None:
        self._environment = _environment()

    def suite(self, one: Finished, run: dict[str, Any], page: dict[str, Any]) -> str:
        """Render the result of one suite."""
        return self._render("suite.html", suite=one.suite, table=_table(one), run=run, page=page)

    def run(self, run: dict[str, Any]) -> str:
        """Render the list of a run's suites."""
        return self._render("run.html", run=run)

    def front(self, sections: list[list[dict[str, Any]]]) -> str:
        """Render the front page: each section's newest run, then its older ones."""
        return self._render("front.html", sections=sections)

    def _render(self, template: str, **values: Any) -> str:
        return self._environment.get_template(template).render(**values)


@cache
def _environment() -> "Environment":
    """Return the template environment of Great Expectations, which finds our pages first."""
    from great_expectations.render.view.view import DefaultJinjaPageView

    environment: Environment = DefaultJinjaPageView(custom_views_directory=str(TEMPLATES)).env
    environment.filters["local_time"] = _local_time
    return environment


def _local_time(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _table(one: Finished) -> dict[str, Any]:
    """Let Great Expectations render all results as one table, and add what it does not know."""
    from great_expectations.render.renderer.content_block import (
        validation_results_table_content_block as renderer,
    )

    results = by_position(one.result)
    for outcome, shown in zip(one.outcomes, results, strict=True):
        shown.result["observed_value"] = outcome.observed  # it cannot print numpy's numbers
    rendered: Any = renderer.ValidationResultsTableContentBlockRenderer.render(results)
    table: dict[str, Any] = _translated(rendered.to_json_dict())
    pairs = zip(table["table"], one.outcomes, strict=True)
    return table | {"header_row": _HEADER, "table": [row[:2] + _ours(o) for row, o in pairs]}


def _ours(outcome: Outcome) -> list[str]:
    check = outcome.check
    return [outcome.observed, check.column or "整表", _SEVERITY[check.severity], check.why]


def _translated(part: Any) -> Any:
    """Put the fixed English words of a rendered part into Chinese; drop tracebacks."""
    if isinstance(part, dict):
        return {key: _translated(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_translated(one) for one in part if not _is_traceback(one)]
    return _IN_CHINESE.get(part, part) if isinstance(part, str) else part


def _is_traceback(part: Any) -> bool:
    return isinstance(part, dict) and part.get("content_block_type") == "collapse"
