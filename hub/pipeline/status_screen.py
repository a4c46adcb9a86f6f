"""The status of a hub as a person reads it."""

from datetime import datetime

from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from hub.pipeline.status import ZONE, Checks, Department, Status

COUNTS = ("appended", "unchanged", "rejected", "held")


def show(status: Status, console: Console) -> None:
    """Print a status; addresses stay in one piece, however narrow the terminal is."""
    console.print(_departments(status.departments))
    console.line()
    for name, fact in _facts(status).items():
        console.out(f"{name:<11}{fact}", highlight=False)


def show_tables(status: Status, console: Console) -> None:
    """Print the last batch of every table: how fast it came, how far behind the table is."""
    screen = RichTable(box=None, header_style="bold", padding=(0, 2, 0, 0))
    screen.add_column("table")
    screen.add_column("mode")
    screen.add_column("status")
    for name in ("rows", "rows/s", "MB", "lag"):
        screen.add_column(name, justify="right")
    screen.add_column("last success")
    screen.add_column("drift")
    for table in status.tables:
        screen.add_row(
            f"{table.title} {table.department}.{table.name}",
            table.mode or "–",
            Text(table.status or "–", style="yellow" if table.status != "landed" else "green"),
            _number(table.received),
            _number(table.rows_per_second),
            _number(table.bytes and table.bytes / 1e6, 1),
            Text(_duration(table.lag_seconds), style="yellow" if table.stale else ""),
            _time(table.last_success),
            Text("；".join(table.drift)),
        )
    console.print(screen)


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} s"


def _departments(departments: list[Department]) -> RenderableType:
    if not departments:
        return Text("no department has been pulled yet: `hub run`")
    table = RichTable(box=None, header_style="bold", padding=(0, 2, 0, 0))
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
    differing = [f"{t.department}.{t.name} {'；'.join(t.drift)}" for t in status.tables if t.drift]
    return {
        "build": f"{build.id}, published {_time(build.published_at)}" if build.id else "none yet",
        "checks": _checks(status.checks),
        **({"drift": " | ".join(differing)} if differing else {}),
        **status.urls,
        "warehouse": status.warehouse_dsn,
    }


def _checks(checks: Checks) -> str:
    return f"{checks.passed:,} passed, {checks.warned:,} warned, {checks.failed:,} failed"


def _time(value: datetime | None) -> str:
    return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if value else "–"
