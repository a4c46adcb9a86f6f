"""What must be true of the ledger after every run and every decision."""

from typing import Any

import psycopg
from psycopg import sql

SUMS = (
    "select batch_id, status, received, appended, unchanged, rejected, held from ops.batch"
    " where status in ('landed', 'held') and received <> appended + unchanged + rejected + held"
)
REJECTED = (
    "select b.batch_id, b.rejected, count(r.batch_id) from ops.batch b"
    " left join quality.rejected_record r on r.batch_id = b.batch_id and r.status = 'open'"
    " where b.status in ('landed', 'held') group by 1, 2 having b.rejected <> count(r.batch_id)"
)
LOG = (
    "with opened as (select _batch_id as batch_id, count(*) as n from {log} group by 1),"
    " shut as (select _closed_batch_id as batch_id, count(*) as n from {log} group by 1)"
    " select b.batch_id, b.appended, opened.n, b.closed, shut.n from ops.batch b"
    " left join opened using (batch_id) left join shut using (batch_id)"
    " where b.status = 'landed' and b.department = %(department)s and b.table_name = %(table)s"
    " and (b.appended, b.closed) is distinct from (coalesce(opened.n, 0), coalesce(shut.n, 0))"
)
TIMES = (
    "select l._batch_id from {log} l join ops.batch b on b.batch_id = l._batch_id"
    " left join ops.batch c on c.batch_id = l._closed_batch_id"
    " where b.status <> 'landed' or l._recorded_from <> b.extracted_at"
    " or l._recorded_to is distinct from c.extracted_at or l._recorded_to < l._recorded_from"
)


TABLES = "select distinct department, table_name from ops.batch where status = 'landed'"


def assert_in_balance(connection: psycopg.Connection[Any]) -> None:
    """Every row received is appended, unchanged, rejected or held, and the change logs agree."""
    assert connection.execute(SUMS).fetchall() == []
    assert connection.execute(REJECTED).fetchall() == []
    for department, table in connection.execute(TABLES).fetchall():
        log = sql.Identifier("raw", f"{department}__{table}")
        which = {"department": department, "table": table}
        assert connection.execute(sql.SQL(LOG).format(log=log), which).fetchall() == []
        assert connection.execute(sql.SQL(TIMES).format(log=log)).fetchall() == []
