"""Who has reported since the last build: what Airflow's tasks ask of the ledger."""

from dataclasses import dataclass
from pathlib import Path

from connectors.landing.ledger import Ledger, Outcome
from hub.pipeline.ledger import exists
from hub.warehouse.connection import connect

_DIED = "拉取任务中断，未留下结果"

_LAST_BUILD = "select max(started_at) from ops.build where published_at is not null"

_REPORTS_SINCE = """
select distinct on (department) department, outcome
  from ops.department_report
 where reported_at > coalesce(%(since)s, '-infinity'::timestamptz)
 order by department, reported_at desc
"""

_RECORDED = """
select outcome from ops.department_report where run_id = %s and department = %s
"""


@dataclass(frozen=True)
class Report:
    """The last word of a department since the last build."""

    department: str
    outcome: str


def new_reports(dsn: str) -> list[Report]:
    """Return who has reported since the last published build was begun, sorted by department.

    A build that failed does not count: what it should have shown is still to be shown.
    """
    with connect(dsn) as connection:
        if not exists(connection, "ops.department_report"):
            return []
        built = exists(connection, "ops.build") and connection.execute(_LAST_BUILD).fetchone()
        since = built[0] if built else None
        found = connection.execute(_REPORTS_SINCE, {"since": since}).fetchall()
    return [Report(*row) for row in found]


def report_outcome(dsn: str, landing: Path, department: str, run_id: str, outcome: Outcome) -> str:
    """Record how a department's run ended, and return what the ledger now says.

    What ingest itself recorded stays, with its reason, except a success that did not last.
    """
    with connect(dsn) as connection:
        recorded = None
        if exists(connection, "ops.department_report"):
            recorded = connection.execute(_RECORDED, (run_id, department)).fetchone()
    if recorded and recorded[0] != "success":
        return str(recorded[0])
    with Ledger(dsn, landing) as book:
        book.open_run(run_id, trigger="airflow")
        book.report(run_id, department, outcome, _DIED)
        book.close_run(run_id)
    return outcome
