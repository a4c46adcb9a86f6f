"""What the ledger tells people: batches, what is held, and the rows that were rejected."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from hub.console import console
from hub.errors import HubError
from hub.pipeline.contracts import load
from hub.pipeline.ledger import exists
from hub.pipeline.masking import masked
from hub.warehouse.connection import connect

Rows = Sequence[Mapping[str, Any]]

_WHOSE = """
   (%(department)s::text is null or b.department = %(department)s)
   and (%(table)s::text is null or b.table_name = %(table)s)
"""

_BATCHES = f"""
select batch_id as "#", department || '.' || table_name as "table", source_ref as source, received,
       appended, unchanged, rejected, held, closed,
       case when dropped then 'dropped' else status end as status,
       coalesce(reason, (select string_agg(note, '；') from quality.drift d
                          where d.batch_id = b.batch_id and action <> 'accept')) as reason,
       to_char(started_at, 'MM-DD HH24:MI') as started
  from ops.batch b
 where {_WHOSE} and (%(status)s::text is null
        or (case when dropped then 'dropped' else status end) = %(status)s)
 order by batch_id desc limit %(limit)s
"""  # noqa: S608 - our own text

_HELD = f"""
select batch_id as "#", department || '.' || table_name as "table", source_ref as source, received,
       rejected, held, reason, to_char(extracted_at, 'MM-DD HH24:MI') as read,
       case when raw_file like '%%.parquet' then 'release, drop' when raw_file is null then 'drop'
            else 'replay, drop' end as possible,
       (select max(l.batch_id) from ops.batch l where l.status = 'landed'
           and l.department = b.department and l.table_name = b.table_name
           and l.extracted_at > b.extracted_at) as newer
  from ops.batch b where status = 'held' and not dropped and {_WHOSE}
 order by batch_id desc limit %(limit)s
"""  # noqa: S608 - our own text

_REJECTS = f"""
select min(r.rejected_id) as first, b.department || '.' || b.table_name as "table",
       r.batch_id as batch, r.rule, r.reason, count(*) as rows
  from quality.rejected_record r join ops.batch b using (batch_id)
 where r.status = 'open' and b.status in ('landed', 'held') and {_WHOSE}
   and (%(batch)s::bigint is null or r.batch_id = %(batch)s)
   and (%(rule)s::text is null or r.rule = %(rule)s)
 group by b.department, b.table_name, r.batch_id, r.rule, r.reason
 order by r.batch_id desc, count(*) desc limit %(limit)s
"""  # noqa: S608 - our own text

_REJECT = """
select b.department || '.' || b.table_name as "table", r.batch_id as batch, b.source_ref as source,
       r.row_number as row, r.rule, r.reason, r.status, d.who, d.why, r.correction, r.payload
  from quality.rejected_record r join ops.batch b using (batch_id)
  left join ops.decision d using (decision_id) where r.rejected_id = %(rejected_id)s
"""


@dataclass(frozen=True)
class Wanted:
    """Which part of the ledger: ``None`` is everything; at most ``limit`` lines, newest first."""

    limit: int
    department: str | None = None
    table: str | None = None
    status: str | None = None
    batch: int | None = None
    rule: str | None = None


def show_batches(dsn: str, wanted: Wanted, *, as_json: bool = False) -> None:
    """Print the newest batches, one line each."""
    _show(_ask(dsn, _BATCHES, asdict(wanted)), as_json=as_json)


def show_held(dsn: str, wanted: Wanted, *, as_json: bool = False) -> None:
    """Print what is held and not decided; ``newer``: the newest batch that landed since."""
    _show(_ask(dsn, _HELD, asdict(wanted)), as_json=as_json)


def show_rejects(dsn: str, wanted: Wanted, *, as_json: bool = False) -> None:
    """Print open rejected rows, counted by batch, rule and reason, with the number of one."""
    _show(_ask(dsn, _REJECTS, asdict(wanted)), as_json=as_json)


def show_reject(dsn: str, rejected_id: int, contracts: Path, *, as_json: bool = False) -> None:
    """Print one rejected row; of what was received, personal data are shown as their shape.

    Raises:
        HubError: there is no such row.
    """
    rows = _ask(dsn, _REJECT, {"rejected_id": rejected_id})
    if not rows:
        raise HubError(f"no rejected row {rejected_id}; see `hub rejects list`", 2)
    row = dict(rows[0])
    contract = {c.identifier: c for c in load(contracts)}.get(row["table"])
    row["payload"] = masked(row["payload"], contract)
    row["correction"] = masked(row["correction"], contract) if row["correction"] else None
    if as_json:
        print(json.dumps(row, ensure_ascii=False))  # noqa: T201
        return
    out = console()
    payload = row.pop("payload")
    for name, value in row.items():
        if value is not None:
            out.print(f"{name:>10}  {value}", markup=False, highlight=False)
    out.print_json(json.dumps(payload), ensure_ascii=False)


def _ask(dsn: str, query: str, parameters: Mapping[str, object]) -> Rows:
    from psycopg.rows import dict_row

    with connect(dsn) as connection:
        if not exists(connection, "ops.decision"):
            return []
        return connection.cursor(row_factory=dict_row).execute(query, parameters).fetchall()


def _show(rows: Rows, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201
        return
    table = Table(*(rows[0] if rows else ()), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row.values()))
    console().print(table if rows else "none")


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)
