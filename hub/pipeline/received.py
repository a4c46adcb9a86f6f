"""What the ledger tells people: batches, and the rows that were rejected."""

import json

from rich.table import Table
from rich.text import Text

from hub.console import console
from hub.errors import HubError
from hub.pipeline.ledger import exists
from hub.warehouse.connection import connect

_BATCHES = """
select batch_id, department || '.' || table_name, source_ref, received, appended, unchanged,
       rejected, held, closed, status, coalesce(reason, array_to_string(drift, '；')),
       to_char(started_at, 'MM-DD HH24:MI')
  from ops.batch where %(department)s::text is null or department = %(department)s
 order by batch_id desc limit %(limit)s
"""

_REJECTS = """
select min(r.rejected_id), b.department || '.' || b.table_name, r.batch_id, r.rule, r.reason,
       count(*)
  from quality.rejected_record r join ops.batch b using (batch_id)
 where r.status = 'open' and (%(department)s::text is null or b.department = %(department)s)
 group by b.department, b.table_name, r.batch_id, r.rule, r.reason
 order by r.batch_id desc, count(*) desc limit %(limit)s
"""

_REJECT = """
select b.department || '.' || b.table_name, r.batch_id, b.source_ref, r.row_number, r.rule,
       r.reason, r.status, r.payload
  from quality.rejected_record r join ops.batch b using (batch_id) where r.rejected_id = %s
"""


def show_batches(dsn: str, department: str | None, limit: int) -> None:
    """Print the newest batches, one line each."""
    names = ["#", "table", "source", "received", "appended", "unchanged", "rejected", "held"]
    names += ["closed", "status", "reason", "started"]
    _print(dsn, _BATCHES, {"department": department, "limit": limit}, names)


def show_rejects(dsn: str, department: str | None, limit: int) -> None:
    """Print open rejected rows, counted by batch, rule and reason, with the number of one."""
    names = ["first", "table", "batch", "rule", "reason", "rows"]
    _print(dsn, _REJECTS, {"department": department, "limit": limit}, names)


def show_reject(dsn: str, rejected_id: int) -> None:
    """Print one rejected row with what was received. Raises HubError when there is no such row."""
    with connect(dsn) as connection:
        known = exists(connection, "quality.rejected_record")
        row = connection.execute(_REJECT, [rejected_id]).fetchone() if known else None
    if row is None:
        raise HubError(f"no rejected row {rejected_id}; see `hub rejects list`", 2)
    names = ["table", "batch", "source", "row", "rule", "reason", "status"]
    out = console()
    for name, value in zip(names, row, strict=False):
        out.print(f"{name:>8}  {value}", markup=False, highlight=False)
    out.print_json(json.dumps(row[-1]), ensure_ascii=False)


def _print(dsn: str, query: str, parameters: dict[str, object], names: list[str]) -> None:
    with connect(dsn) as connection:
        known = exists(connection, "ops.batch")
        rows = connection.execute(query, parameters).fetchall() if known else []
    table = Table(*names, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    console().print(table)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)
