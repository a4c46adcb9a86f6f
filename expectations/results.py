"""Writes what the checks found to ``quality.check_result``."""

from collections.abc import Sequence

from expectations.check import Outcome

ENGINE = "great_expectations"

_INSERT = """
insert into quality.check_result
  (run_id, build_id, layer, engine, department, table_name, column_name, check_name,
   severity, owner, passed, observed, expected, failed_rows, checked_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now())
"""


def write(dsn: str, run_id: str, outcomes: Sequence[Outcome], build_id: int | None = None) -> None:
    """Record every outcome, passed or not, in one transaction."""
    import psycopg

    rows = [
        (
            run_id,
            build_id,
            one.suite.layer,
            ENGINE,
            one.suite.department,
            one.suite.table,
            one.check.column,
            one.check.name,
            one.check.severity,
            one.suite.owner,
            one.passed,
            one.observed,
            one.check.expected,
            one.failed_rows,
        )
        for one in outcomes
    ]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
