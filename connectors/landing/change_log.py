"""The change log ``raw.<department>__<table>``: appended only when content changed, never deleted.

A row is open (``_recorded_to is null``) while it is what the department last told us under its
key. The log follows from the ledger and the raw files alone: it is what comes of merging the
accepted rows of every landed batch, in the order in which the batches were read
(``extracted_at``). Whoever changes a batch afterwards, by releasing rows or by replaying it, puts
the log into the state it would have, had the batch been so from the beginning.
"""

# ruff: noqa: S608 - the only names put into statements are those of validated contracts
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from connectors.contracts import Contract
from connectors.landing import raw_table
from connectors.landing.batch import Batch
from connectors.landing.merging import LIVE, BatchTakenError, Merged, Merging
from connectors.landing.statements import TEMPORARY, MergeError, Statements, transaction
from connectors.landing.stored import StoredBatch, landed_batches, stored_batch

__all__ = ["BatchTakenError", "MergeError", "Merged", "differences", "merge", "place", "rebuild"]


def merge(dsn: str, landing: Path, batch: Batch) -> Merged:
    """Merge the accepted rows of a new batch and settle its ledger row, all in one transaction.

    Raises:
        brake.TooManyLostError: the batch would close more keys than its contract allows.
        BatchTakenError: the batch is not waiting for its merge any more.
        MergeError: the database refused or was lost; the batch waits to be read again.
    """
    with transaction(dsn, f"{batch.contract.identifier} #{batch.batch_id}") as db:
        _claim(db, batch.batch_id)
        merged = Merging(
            db, stored_batch(db, landing, batch.contract, batch.batch_id), braked=True
        ).run()
        db.rows(
            "update ops.batch set status = 'landed', appended = $2, unchanged = $3, closed = $4,"
            " finished_at = clock_timestamp() where batch_id = $1",
            batch.batch_id,
            merged.appended,
            merged.unchanged,
            merged.closed,
        )
    return merged


def place(
    db: Statements,
    landing: Path,
    batch: StoredBatch,
    keys: pl.DataFrame | None = None,
    *,
    braked: bool = False,
) -> None:
    """Give a landed batch whose rows changed its place in time, and settle every ledger row.

    What came later stays what stands; rows of this batch become versions between their
    neighbours. ``keys``: only rows with these keys changed (columns of the key; "" for parts that
    may be empty); ``None`` when it may be all. ``braked``: a batch that becomes the newest may
    not close more keys than its contract allows.

    Raises:
        brake.TooManyLostError: it would.
    """
    contract = batch.contract
    if keys is None and _comes_last(db, batch):
        merged = Merging(db, batch, braked=braked).run()
        touched = {batch.batch_id} if merged.appended or merged.closed else set()
    else:
        _tell_again(db, landing, contract, since=batch, scope=keys)
        touched = _apply(db, contract, keys)
    _settle(db, contract, since=batch)
    _mark_revised(db, touched)


def rebuild(db: Statements, landing: Path, contract: Contract, *, check: bool) -> tuple[int, int]:
    """Tell a change log again from its raw files and the ledger, and put it in the old one's place.

    Returns how many rows only the old log had, and how many only the new one has; with ``check``
    that is all that happens. Readers see the old log or the new one, nothing between.
    """
    _tell_again(db, landing, contract)
    lost, found = differences(db, contract)
    if not check and (lost or found):
        table = contract.raw_table
        db.rows(f'lock table {LIVE}."{table}" in share row exclusive mode')
        db.rows(f'delete from {LIVE}."{table}"')
        db.rows(f'insert into {LIVE}."{table}" select * from {TEMPORARY}."{table}"')
        _settle(db, contract)
        _mark_revised(db, {batch.batch_id for batch in landed_batches(db, landing, contract)})
    return lost, found


def differences(db: Statements, contract: Contract) -> tuple[int, int]:
    """Count the rows that only the live log has, and those that only the one told again has.

    Whole rows are compared by a 64-bit hash of all their columns: sorting them takes ten times
    as long.
    """
    sides = " union all ".join(
        f"select hash_record_extended(r, 0) as content, {count} as side"
        f' from {schema}."{contract.raw_table}" r'
        for schema, count in ((LIVE, 1), (TEMPORARY, -1))
    )
    ((lost, found),) = db.rows(
        "select coalesce(sum(n) filter (where n > 0), 0)::bigint,"
        " coalesce(-sum(n) filter (where n < 0), 0)::bigint"
        f" from (select sum(side) as n from ({sides}) rows group by content) different"
    )
    return lost, found


def _claim(db: Statements, batch_id: int) -> None:
    """Lock the ledger row, so that nobody else can decide on this batch."""
    if not db.rows(
        "select 1 from ops.batch where batch_id = $1 and status = 'extracted' for update", batch_id
    ):
        raise BatchTakenError(f"batch {batch_id} was taken over by another run")


def _comes_last(db: Statements, batch: StoredBatch) -> bool:
    """Tell whether a batch is not in the log yet, and nothing that was read later is."""
    contract = batch.contract
    return not db.rows(
        "select 1 from ops.batch where department = $1 and table_name = $2 and status = 'landed'"
        f" and batch_id <> $3 and extracted_at >= '{batch.moment.isoformat()}'"
        f' union all (select 1 from {LIVE}."{contract.raw_table}"'
        " where _batch_id = $3 or _closed_batch_id = $3 limit 1)",
        contract.department,
        contract.table,
        batch.batch_id,
    )


def _tell_again(
    db: Statements,
    landing: Path,
    contract: Contract,
    since: StoredBatch | None = None,
    scope: pl.DataFrame | None = None,
) -> None:
    """Write the history of ``scope`` (or of all keys) into a temporary table.

    It begins with what the live log said before ``since``, or with nothing.
    """
    table = contract.raw_table
    db.rows(f'create temporary table "{table}" (like {LIVE}."{table}") on commit drop')
    if scope is not None:
        db.temporary("scope", scope.to_arrow())
    moment = since.moment if since else None
    if moment:
        db.rows(
            f'insert into {TEMPORARY}."{table}" select * from {LIVE}."{table}" l'
            f" where _recorded_from < '{moment.isoformat()}' and {_concerned(contract, scope)}"
        )
        db.rows(
            f'update {TEMPORARY}."{table}" set _recorded_to = null, _closed_batch_id = null'
            f" where _recorded_to >= '{moment.isoformat()}'"
        )
    db.rows(raw_table.create_index(contract, TEMPORARY))
    for batch in landed_batches(db, landing, contract, moment):
        Merging(db, batch, TEMPORARY, scope).run()


def _apply(db: Statements, contract: Contract, scope: pl.DataFrame | None) -> set[int]:
    """Make the live log say what the one told again says; what is the same is not touched.

    Returns the batches whose openings or closings changed.
    """
    live, told = (f'{s}."{contract.raw_table}"' for s in (LIVE, TEMPORARY))
    same = (
        "l._batch_id = t._batch_id and l._row_hash = t._row_hash"
        " and l._recorded_to is not distinct from t._recorded_to"
        " and l._closed_batch_id is not distinct from t._closed_batch_id"
    )
    changes = (
        f"delete from {live} l where {_concerned(contract, scope)}"
        f" and not exists (select from {told} t where {same})",
        f"insert into {live} select * from {told} t"
        f" where not exists (select from {live} l where {same})",
    )
    db.rows(f"analyze {told}")
    touched = [
        db.rows(
            f"with done as ({change} returning _batch_id, _closed_batch_id)"
            " select _batch_id from done union select _closed_batch_id from done"
        )
        for change in changes
    ]
    return {batch_id for rows in touched for (batch_id,) in rows if batch_id is not None}


def _mark_revised(db: Statements, batch_ids: Iterable[int]) -> None:
    """Note when rows of a batch changed that a model built in increments may have read already."""
    db.rows(
        "update ops.batch set revised_at = clock_timestamp() where batch_id = any($1)",
        list(batch_ids),
    )


def _concerned(contract: Contract, scope: pl.DataFrame | None) -> str:
    if scope is None:
        return "true"
    return f"exists (select from scope k where {raw_table.same_key(contract, 'l', 'k')})"


def _settle(db: Statements, contract: Contract, since: StoredBatch | None = None) -> None:
    """Count again what became of the rows of every landed batch from ``since`` on."""
    later = f" and b.extracted_at >= '{since.moment.isoformat()}'" if since else ""
    table = f'{LIVE}."{contract.raw_table}"'
    db.rows(
        f"with opened as (select _batch_id as batch_id, count(*) as rows from {table} group by 1),"
        f" shut as (select _closed_batch_id as batch_id, count(*) as rows from {table} group by 1),"
        " counted as (select b.batch_id, coalesce(opened.rows, 0) as appended,"
        " coalesce(shut.rows, 0) as closed from ops.batch b left join opened using (batch_id)"
        " left join shut using (batch_id) where b.department = $1 and b.table_name = $2"
        f" and b.status = 'landed'{later})"
        " update ops.batch b set appended = c.appended, closed = c.closed,"
        " unchanged = b.received - b.rejected - c.appended"
        " from counted c where b.batch_id = c.batch_id"
        " and (b.appended, b.closed, b.unchanged) is distinct from"
        " (c.appended, c.closed, b.received - b.rejected - c.appended)",
        contract.department,
        contract.table,
    )
