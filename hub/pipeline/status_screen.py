"""The status of a hub as a person reads it."""

from datetime import datetime

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from hub.pipeline.status import ZONE, Checks, Department, Status

COUNTS = ("appended", "unchanged", "rejected", "held")


def show(status: Status, console: Console) -> None:
    """Print a status; addresses stay in one piece, however narrow the terminal is."""
    console.print(_departments(status.departments))
    console.line()
    for name, fact in _facts(status).items():
        console.out(f"{name:<11}{fact}", highlight=False)


def _departments(departments: list[Department]) -> RenderableType:
    if not departments:
        return Text("no department has been pulled yet: `hub run`")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("department")
    for name in COUNTS:
        table.add_column(name, justify="right")
    table.add_column("fresh at")
    table.add_column("state")
    for department in departments:
        counts = [getattr(department, name) for name in COUNTS]
        table.add_row(
            f"{department.title} {department.name}",
            *("–" if count is None else f"{count:,}" for count in counts),
            _time(department.fresh_at),
            _state(department),
        )
    return table


def _state(department: Department) -> Text:
    if not department.stale:
        return Text("fresh", style="green")
    reason = f": {department.reason}" if department.reason else ""
    return Text(f"stale since {_time(department.stale_since)}{reason}", style="yellow")


def _facts(status: Status) -> dict[str, str]:
    build = status.build
    return {
        "build": f"{build.id}, published {_time(build.published_at)}" if build.id else "none yet",
        "checks": _checks(status.checks),
        **status.urls,
        "warehouse": status.warehouse_dsn,
    }


def _checks(checks: Checks) -> str:
    return f"{checks.passed:,} passed, {checks.warned:,} warned, {checks.failed:,} failed"


def _time(value: datetime | None) -> str:
    return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if value else "–"
