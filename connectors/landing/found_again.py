"""Puts what reading a batch again has found in the place of what was found before."""

import pyarrow as pa

from connectors.landing.reread import Reread
from connectors.landing.statements import Statements


def replace_rejected(db: Statements, batch_id: int, found: Reread) -> None:
    """Make the open rejected rows of a batch those that were found; what is the same stays."""
    rows = found.rejected
    columns = {
        "row_number": pa.array([r.row_number for r in rows], pa.int64()),
        "rule": pa.array([r.rule for r in rows], pa.string()),
        "reason": pa.array([r.reason for r in rows], pa.string()),
        "payload": pa.array([r.payload for r in rows], pa.string()),
    }
    db.temporary("found", pa.table(columns))
    db.rows(
        "delete from quality.rejected_record r where batch_id = $1 and status = 'open'"
        " and not exists (select from found f where (f.row_number, f.rule, f.reason)"
        " = (r.row_number, r.rule, r.reason))",
        batch_id,
    )
    db.rows(
        "insert into quality.rejected_record (batch_id, row_number, rule, reason, payload)"
        " select $1, row_number, rule, reason, payload::jsonb from found f where not exists"
        " (select from quality.rejected_record r where r.batch_id = $1"
        " and r.row_number = f.row_number)",
        batch_id,
    )


def replace_profile(db: Statements, batch_id: int, found: Reread) -> None:
    """Make the profile of a batch the one that was found."""
    counts = ("rows", "nulls", "distinct", "type_ok", "min_length", "max_length")
    texts = ("column", "min_value", "max_value")
    columns = {
        name: pa.array([getattr(p, name) for p in found.profile], kind)
        for names, kind in ((counts, pa.int64()), (texts, pa.string()))
        for name in names
    }
    db.temporary("profiled", pa.table(columns))
    db.rows("delete from quality.batch_profile where batch_id = $1", batch_id)
    db.rows(
        "insert into quality.batch_profile (batch_id, column_name, row_count, null_count,"
        " distinct_count, type_ok_count, min_length, max_length, min_value, max_value)"
        ' select $1, "column", rows, nulls, "distinct", type_ok, min_length, max_length,'
        " min_value, max_value from profiled",
        batch_id,
    )
