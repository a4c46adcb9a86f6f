"""Who has reported since the last build: what Airflow's tasks ask of the ledger."""

from dataclasses import dataclass

from hub.pipeline.ledger import exists, ledger
from hub.warehouse.apply import apply_schema

OUTCOMES = ("success", "held", "failed")

_DIED = "the ingest ended without a report of its own"

_LAST_BUILD = "select max(started_at) from ops.build where published_at is not null"

_REPORTS_SINCE = """
select distinct on (department) department, outcome
  from ops.department_report
 where reported_at > coalesce(%(since)s, '-infinity'::timestamptz)
 order by department, reported_at desc
"""

_RUN = """
insert into ops.run (run_id, trigger, business_date, finished_at, status)
values (%(run_id)s, 'airflow', (now() at time zone 'Asia/Shanghai')::date, now(), %(outcome)s)
on conflict (run_id) do nothing
"""

_REPORT = """
insert into ops.department_report as known (run_id, department, outcome, reason, reported_at)
values (%(run_id)s, %(department)s, %(outcome)s, %(reason)s, clock_timestamp())
on conflict (run_id, department) do update
   set outcome = excluded.outcome, reason = excluded.reason, reported_at = excluded.reported_at
 where known.outcome = 'success'
"""

_RECORDED = """
select outcome from ops.department_report
 where run_id = %(run_id)s and department = %(department)s
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
    with ledger(dsn) as connection:
        if not exists(connection, "ops.department_report"):
            return []
        built = exists(connection, "ops.build") and connection.execute(_LAST_BUILD).fetchone()
        since = built[0] if built else None
        found = connection.execute(_REPORTS_SINCE, {"since": since}).fetchall()
    return [Report(*row) for row in found]


def report_outcome(dsn: str, department: str, run_id: str, outcome: str) -> str:
    """Record how a department's run ended, and return what the ledger now says.

    What ingest itself recorded stays, with its reason, except a success that did not last.
    """
    row = {"run_id": run_id, "department": department, "outcome": outcome, "reason": _DIED}
    with ledger(dsn) as connection:
        if not exists(connection, "ops.department_report"):
            apply_schema(dsn)
        connection.execute(_RUN, row)
        connection.execute(_REPORT, row)
        found = connection.execute(_RECORDED, row).fetchone()
    return str(found[0]) if found else outcome
