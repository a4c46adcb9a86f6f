"""What must be true of the ledger after every run and every decision."""

from typing import Any

import psycopg
from psycopg import sql

from connectors.contracts import Contract

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
    "select b.batch_id, b.appended, b.closed from ops.batch b"
    " where b.status = 'landed' and b.department = %(department)s and b.table_name = %(table)s"
    " and (b.appended <> (select count(*) from {log} where _batch_id = b.batch_id)"
    " or b.closed <> (select count(*) from {log} where _closed_batch_id = b.batch_id))"
)
TIMES = (
    "select l._batch_id from {log} l join ops.batch b on b.batch_id = l._batch_id"
    " left join ops.batch c on c.batch_id = l._closed_batch_id"
    " where b.status <> 'landed' or l._recorded_from <> b.extracted_at"
    " or l._recorded_to is distinct from c.extracted_at or l._recorded_to < l._recorded_from"
)


def assert_in_balance(connection: psycopg.Connection[Any], *contracts: Contract) -> None:
    """Every row received is appended, unchanged, rejected or held, and the change logs agree."""
    assert connection.execute(SUMS).fetchall() == []
    assert connection.execute(REJECTED).fetchall() == []
    for contract in contracts:
        log = sql.Identifier("raw", contract.raw_table)
        which = {"department": contract.department, "table": contract.table}
        assert connection.execute(sql.SQL(LOG).format(log=log), which).fetchall() == []
        assert connection.execute(sql.SQL(TIMES).format(log=log)).fetchall() == []
