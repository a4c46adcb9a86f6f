"""What is known about a landed batch before it is merged: its ledger row and its profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Metric = Literal[
    "received",
    "rejected_share",
    "volume_drop",
    "missing_columns",
    "drifted_columns",
    "unprofiled_rows",
    "null_share",
    "type_ok_share",
    "distinct_count",
    "min_length",
    "max_length",
    "min_value",
    "max_value",
]
METRICS: tuple[str, ...] = get_args(Metric)
TABLE_METRICS = METRICS[: METRICS.index("null_share")]

_BATCHES = """
select b.batch_id, b.department, b.table_name as "table", b.mode, b.received, b.rejected,
       array(select d.note from quality.drift d
              where d.batch_id = b.batch_id and d.action <> 'accept' order by d.note) as drift,
       coalesce(p.row_count, 0) as profiled,
       (select l.received from ops.batch l
         where l.department = b.department and l.table_name = b.table_name
           and l.status = 'landed' and l.batch_id < b.batch_id
         order by l.batch_id desc limit 1) as last_received
from ops.batch b
left join quality.batch_profile p on p.batch_id = b.batch_id and p.column_name = ''
where b.batch_id = any(%s) order by b.batch_id
"""

_PROFILES = """
select batch_id, column_name, row_count as "rows", null_count as nulls,
       distinct_count as "distinct", type_ok_count as type_ok,
       min_length, max_length, min_value, max_value
from quality.batch_profile where batch_id = any(%s) and column_name <> ''
"""


@dataclass(frozen=True)
class ColumnProfile:
    """Counts of one column of a batch; lengths in characters; extremes for public columns only."""

    rows: int
    nulls: int
    distinct: int | None
    type_ok: int | None
    min_length: int | None
    max_length: int | None
    min_value: str | None
    max_value: str | None


@dataclass(frozen=True)
class LandedBatch:
    """One batch as the ledger and the profiles describe it.

    ``profiled``: rows that the profile covers, the accepted ones. ``drift``: differences from the
    contract that the connector noticed. ``last_received``: rows of the last landed batch.
    """

    batch_id: int
    department: str
    table: str
    mode: str
    received: int
    rejected: int
    drift: list[str]
    profiled: int
    last_received: int | None
    columns: dict[str, ColumnProfile]

    @property
    def table_key(self) -> tuple[str, str]:
        """Department and table, as contracts name them."""
        return self.department, self.table

    def measure(self, metric: Metric, column: str | None, listed: Sequence[str]) -> float | None:
        """Return the value of ``metric``, or None where it has no meaning (no rows, no history).

        ``listed`` are the columns that the contract names.
        """
        if column is not None:
            return _of_column(self.columns.get(column), metric)
        if metric == "rejected_share":
            return self.rejected / self.received if self.received else None
        if metric == "volume_drop":
            before = self.last_received
            return (before - self.received) / before if before else None
        counts = {
            "received": self.received,
            "missing_columns": len(self.missing(listed)),
            "drifted_columns": len(self.drift),
            "unprofiled_rows": self.received - self.rejected - self.profiled,
        }
        return float(counts[metric])

    def missing(self, listed: Sequence[str]) -> list[str]:
        """Name the contract's columns that the profile does not speak of; none without rows."""
        return [name for name in listed if name not in self.columns] if self.profiled else []

    def filled(self, column: str) -> int:
        """Count the values of a column that were sent at all."""
        profile = self.columns.get(column)
        return profile.rows - profile.nulls if profile else 0

    def failed_rows(self, metric: Metric, column: str | None) -> int | None:
        """Count the rows behind a share that is out of its limits; None for other metrics."""
        profile = self.columns.get(column) if column else None
        if metric == "rejected_share":
            return self.rejected
        if profile is not None and metric == "null_share":
            return profile.nulls
        if profile is not None and metric == "type_ok_share" and profile.type_ok is not None:
            return profile.rows - profile.nulls - profile.type_ok
        return None


def _of_column(profile: ColumnProfile | None, metric: Metric) -> float | None:
    if profile is None or not profile.rows:
        return None
    if metric == "null_share":
        return profile.nulls / profile.rows
    if metric == "type_ok_share":
        filled = profile.rows - profile.nulls
        return profile.type_ok / filled if filled and profile.type_ok is not None else None
    value = {
        "distinct_count": profile.distinct,
        "min_length": profile.min_length,
        "max_length": profile.max_length,
        "min_value": profile.min_value,
        "max_value": profile.max_value,
    }[metric]
    return None if value is None else float(value)


def read(dsn: str, batch_ids: Sequence[int]) -> list[LandedBatch]:
    """Read the ledger rows and profiles of ``batch_ids``, ordered; unknown ids are left out."""
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        batches = connection.execute(_BATCHES, [list(batch_ids)]).fetchall()
        rows = connection.execute(_PROFILES, [list(batch_ids)]).fetchall()
    profiles: dict[int, dict[str, ColumnProfile]] = {}
    for row in rows:
        batch_id, column = row.pop("batch_id"), row.pop("column_name")
        profiles.setdefault(batch_id, {})[column] = ColumnProfile(**row)
    return [LandedBatch(**row, columns=profiles.get(row["batch_id"], {})) for row in batches]
