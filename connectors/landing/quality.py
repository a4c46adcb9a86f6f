"""Writes what extraction found out about a batch to ``quality.*``; reads what it needs again."""

from collections.abc import Iterable
from typing import Any

import psycopg

from connectors.contracts import Contract
from connectors.landing.batch import Batch, Findings
from connectors.landing.drift import strictness
from connectors.protocols.base import Drift

Cursor = psycopg.Cursor[Any]


def enter(cursor: Cursor, batch: Batch, findings: Findings) -> None:
    """Enter the rejected rows, the profile and the drift of a batch."""
    _enter_rejected(cursor, batch, findings)
    _enter_profile(cursor, batch, findings)
    enter_drift(cursor, batch.batch_id, batch.contract, findings.drift)


def enter_drift(cursor: Cursor, batch_id: int, contract: Contract, found: Iterable[Drift]) -> None:
    """Enter how a batch differs from its contract, and what the contract says of that."""
    cursor.executemany(
        "insert into quality.drift (batch_id, kind, column_name, note, action)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing",
        [(batch_id, d.kind, d.column, d.note, strictness(contract, d)) for d in found],
    )


def types(connection: psycopg.Connection[Any], contract: Contract) -> dict[str, str]:
    """Return how the source typed each column in the last landed batch that says so."""
    rows = connection.execute(
        "select distinct on (p.column_name) p.column_name, p.source_type"
        " from ops.batch b join quality.batch_profile p using (batch_id)"
        " where b.department = %s and b.table_name = %s and b.status = 'landed'"
        " and p.source_type is not null order by p.column_name, b.batch_id desc",
        (contract.department, contract.table),
    ).fetchall()
    return dict(rows)


def _enter_rejected(cursor: Cursor, batch: Batch, findings: Findings) -> None:
    with cursor.copy(
        "copy quality.rejected_record (batch_id, row_number, rule, reason, payload) from stdin"
    ) as copy:
        for r in findings.rejected:
            copy.write_row((batch.batch_id, r.row_number, r.rule, r.reason, r.payload))


def _enter_profile(cursor: Cursor, batch: Batch, findings: Findings) -> None:
    cursor.executemany(
        "insert into quality.batch_profile (batch_id, column_name, row_count, null_count,"
        " distinct_count, type_ok_count, min_length, max_length, min_value, max_value, source_type)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                batch.batch_id,
                p.column,
                p.rows,
                p.nulls,
                p.distinct,
                p.type_ok,
                p.min_length,
                p.max_length,
                p.min_value,
                p.max_value,
                findings.types.get(p.column),
            )
            for p in findings.profile
        ],
    )
