"""What dbt's tests found, as rows of ``quality.check_result``."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from hub.warehouse.dbt_nodes import PASSED, Node

_INSERT = """
insert into quality.check_result
  (run_id, build_id, layer, engine, department, table_name, column_name, check_name,
   severity, owner, passed, observed, expected, failed_rows)
values (%s, %s, %s, 'dbt', %s, %s, %s, %s, %s,
        coalesce(%s, (select min(owner) from ops.contract where department = %s)),
        %s, %s, %s, %s)
"""
EXPECTED = {
    "unique_key": "every row has the key, no two rows the same",
    "relationships": "every value is found in the table referred to",
    "accepted_values": "every value is in the list",
    "not_null": "no empty value",
}


@dataclass(frozen=True)
class Finding:
    """One check of one table."""

    node: Node
    name: str
    column: str | None
    expected: str
    failed_rows: int


def record(connection: psycopg.Connection, run_id: str, build_id: int, nodes: list[Node]) -> int:
    """Write every test of a build that ran, passed or not; returns how many checks that were."""
    findings = [
        finding
        for node in nodes
        if node.kind == "test" and node.status in (*PASSED, "warn", "fail")
        for finding in _findings(connection, node)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [_row(run_id, build_id, finding) for finding in findings])
    return len(findings)


def _findings(connection: psycopg.Connection, node: Node) -> Iterator[Finding]:
    rules = node.arguments.get("rules")
    if rules is None:
        columns = node.arguments.get("column_name") or node.arguments.get("columns")
        column = columns if columns is None or isinstance(columns, str) else ", ".join(columns)
        expected = EXPECTED.get(node.test, node.test)
        yield Finding(node, node.test, column, expected, node.failures)
        return
    broken = _broken_rules(connection, node) if node.status not in PASSED else {}
    for rule, condition in rules.items():
        yield Finding(node, rule, None, condition, broken.get(rule, 0))


def _broken_rules(connection: psycopg.Connection, node: Node) -> dict[str, int]:
    """Ask a test of several rules again which of them failed on how many rows."""
    query = sql.SQL(node.sql)
    return {str(rule): int(count) for rule, count in connection.execute(query)}


def _row(run_id: str, build_id: int, finding: Finding) -> tuple[object, ...]:
    node, subject = finding.node, finding.node.subject
    return (
        *(run_id, build_id, subject.layer, subject.department, subject.table, finding.column),
        *(finding.name, node.severity, subject.owner, subject.department),
        *(finding.failed_rows == 0, f"{finding.failed_rows} rows fail", finding.expected),
        finding.failed_rows,
    )
