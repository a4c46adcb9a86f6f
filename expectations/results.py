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

_FORGET = "delete from quality.check_result where engine = %s and build_id = %s"


def write(dsn: str, run_id: str, outcomes: Sequence[Outcome], build_id: int | None = None) -> None:
    """Record every outcome, passed or not, in one transaction.

    Results of a build replace those of an earlier check of the same build.
    """
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
        if build_id is not None:
            cursor.execute(_FORGET, [ENGINE, build_id])
        cursor.executemany(_INSERT, rows)
