"""What is in the warehouse right now: departments, the published build, its checks, addresses."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString, TypeVar
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import class_row

from hub.pipeline.ledger import exists
from hub.settings import Settings
from hub.warehouse.connection import connect, dsn

ZONE = ZoneInfo("Asia/Shanghai")
Row = TypeVar("Row")

_DEPARTMENTS = """
select department as name, title, appended, unchanged, rejected, held,
       fresh_at, stale, stale_since, reason
  from ops.department_status
 order by department
"""

_TABLES = """
select department, table_name as name, title, mode, status, received,
       round(rows_per_second::numeric)::float as rows_per_second, bytes,
       round(extract(epoch from lag))::float as lag_seconds, last_success, stale, drift, reason
  from ops.table_status
 order by department, table_name
"""

_PUBLISHED = """
select build_id as id, published_at
  from ops.build
 where status = 'published'
 order by published_at desc
 limit 1
"""

_CHECKS = """
select count(*) filter (where passed) as passed,
       count(*) filter (where not passed and severity = 'error') as failed,
       count(*) filter (where not passed and severity <> 'error') as warned
  from quality.check_result
 where build_id = (select max(build_id) from ops.build)
"""


@dataclass(frozen=True)
class Department:
    """A department's last run: rows of all its tables, and since when its data is stale, if so."""

    name: str
    title: str
    appended: int | None
    unchanged: int | None
    rejected: int | None
    held: int | None
    fresh_at: datetime | None
    stale: bool
    stale_since: datetime | None
    reason: str | None


@dataclass(frozen=True)
class Table:
    """The last batch of one table, how fast it came, and how far behind its source the table is.

    ``lag_seconds``: since the newest row of a cursor table, since the last reading of others.
    ``drift``: how its source differed from its contract.
    """

    department: str
    name: str
    title: str
    mode: str | None
    status: str | None
    received: int | None
    rows_per_second: float | None
    bytes: int | None
    lag_seconds: float | None
    last_success: datetime | None
    stale: bool
    drift: list[str]
    reason: str | None


@dataclass(frozen=True)
class Build:
    """The build that readers see; both None before the first one is published."""

    id: int | None = None
    published_at: datetime | None = None


@dataclass(frozen=True)
class Checks:
    """How the checks of the newest build ended; a failed one kept it from its readers."""

    passed: int = 0
    failed: int = 0
    warned: int = 0


@dataclass(frozen=True)
class Status:
    """The state of one hub."""

    departments: list[Department]
    tables: list[Table]
    build: Build
    checks: Checks
    urls: dict[str, str]
    warehouse_dsn: str

    def as_json(self, *, tables: bool = False) -> dict[str, Any]:
        """Return plain values; times are ISO 8601 in the district's time zone.

        ``tables``: each table as well, not only the departments.
        """
        found = {key: _plain(value) for key, value in asdict(self).items()}
        return found if tables else {key: v for key, v in found.items() if key != "tables"}


def status(settings: Settings) -> Status:
    """Read the status from the warehouse; what has never run yet is empty, zero or None.

    Raises :class:`HubError` when the warehouse does not answer.
    """
    with connect(dsn("hub", hub=settings)) as connection:
        departments = _rows(connection, Department, _DEPARTMENTS, "ops.department_status")
        tables = _rows(connection, Table, _TABLES, "ops.table_status")
        builds = _rows(connection, Build, _PUBLISHED, "ops.build")
        checks = _rows(connection, Checks, _CHECKS, "ops.build", "quality.check_result")
    return Status(
        departments=departments,
        tables=tables,
        build=builds[0] if builds else Build(),
        checks=checks[0] if checks else Checks(),
        urls=urls(settings),
        warehouse_dsn=dsn("hub_reader", hub=settings),
    )


def urls(settings: Settings) -> dict[str, str]:
    """Return the addresses that people open in a browser."""
    return {
        "airflow": f"http://127.0.0.1:{settings.port_airflow}",
        "superset": f"http://127.0.0.1:{settings.port_superset}",
        "data_docs": f"http://127.0.0.1:{settings.port_data_docs}",
    }


def _rows(
    connection: psycopg.Connection, kind: type[Row], query: LiteralString, *needed: str
) -> list[Row]:
    if not all(exists(connection, relation) for relation in needed):
        return []
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query).fetchall()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="seconds")
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
