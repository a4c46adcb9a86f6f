"""What people decide about held batches and rejected rows, each decision in one transaction.

Whatever enters the change log this way takes the place in time of its own batch. Every decision
is entered in ``ops.decision``: who, when, why, how many rows.
"""

# ruff: noqa: S608 - numbers and the names of validated contracts only
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from connectors.contracts import Contract
from connectors.landing import change_log, raw_file
from connectors.landing.found_again import replace_profile, replace_rejected
from connectors.landing.reread import Reread
from connectors.landing.row_check import unkeepable
from connectors.landing.statements import Statements, transaction
from connectors.landing.stored import StoredBatch, stored_batch
from connectors.protocols.base import FAULT

Verb = Literal["hold release", "hold drop", "rejects release", "replay"]


class DecisionError(Exception):
    """The decision cannot be carried out; nothing was changed. Says why, without any value."""


@dataclass(frozen=True)
class Decision:
    """Who decided, and why."""

    who: str
    why: str


@dataclass(frozen=True)
class Desk:
    """Where decisions are carried out: the warehouse, and the folder of the raw files."""

    dsn: str
    landing: Path

    def release_held(
        self, contract: Contract, batch_id: int, decision: Decision, *, braked: bool = False
    ) -> None:
        """Merge a held batch after all.

        ``braked``: the brake still counts, as nobody has looked at what would be lost.

        Raises:
            DecisionError: the batch is not held any more.
            brake.TooManyLostError: the batch would close more keys than its contract allows.
            MergeError: the database refused or was lost.
        """
        with self._transaction(contract, batch_id) as db:
            rows = _update_batch(
                db,
                batch_id,
                "status = 'landed', dropped = false, reason = null, held = 0,"
                " unchanged = received - rejected, finished_at = clock_timestamp()",
                "held",
            )
            _enter(db, batch_id, "hold release", rows, decision)
            batch = stored_batch(db, self.landing, contract, batch_id)
            change_log.place(db, self.landing, batch, braked=braked)
            _same_file_is_settled(db, batch_id)
            _report_again(db, batch_id)

    def drop_held(self, contract: Contract, batch_id: int, decision: Decision) -> None:
        """Decide that a held batch stays out for good; its raw file stays.

        Raises:
            DecisionError: the batch is not held.
        """
        with self._transaction(contract, batch_id) as db:
            rows = _update_batch(db, batch_id, "dropped = true", "held")
            _enter(db, batch_id, "hold drop", rows, decision)

    def release_rejected(
        self,
        contract: Contract,
        batch_id: int,
        rejected_ids: Sequence[int],
        correction: Mapping[str, str],
        decision: Decision,
    ) -> None:
        """Let rejected rows of one batch in, as they are or with some values corrected.

        Raises:
            DecisionError: a row is not rejected any more, or still cannot be kept.
        """
        with self._transaction(contract, batch_id) as db:
            ids = ", ".join(map(str, rejected_ids))
            status = _status(db, batch_id)
            if status not in {"landed", "held"}:
                raise DecisionError(f"batch {batch_id} is {status}: its rows were read again")
            before = _keys_of(stored_batch(db, self.landing, contract, batch_id), db, ids)
            entry = _enter(db, batch_id, "rejects release", len(rejected_ids), decision)
            released = db.rows(
                "update quality.rejected_record set status = 'released',"
                f" correction = $1::text::jsonb, decision_id = {entry}"
                f" where rejected_id in ({ids}) and status = 'open' returning row_number",
                json.dumps(dict(correction), ensure_ascii=False),
            )
            if len(released) != len(rejected_ids):
                raise DecisionError(f"some of these rows of batch {batch_id} are released already")
            batch = stored_batch(db, self.landing, contract, batch_id)
            _check_keepable(batch, [number for (number,) in released])
            count, now = len(released), "unchanged" if status == "landed" else "held"
            changes = f"rejected = rejected - {count}, {now} = {now} + {count}"
            _update_batch(db, batch_id, changes, status)
            if status == "landed":
                keys = pl.concat([before, _keys_of(batch, db, ids)]).unique()
                change_log.place(db, self.landing, batch, keys)

    def enter_again(
        self, contract: Contract, batch_id: int, found: Reread, decision: Decision
    ) -> None:
        """Enter what reading a batch again has found; a landed batch takes its place again.

        Rows that people released stay released.
        """
        with self._transaction(contract, batch_id) as db:
            status = _status(db, batch_id)
            replace_rejected(db, batch_id, found)
            replace_profile(db, batch_id, found)
            (rejected,) = db.column(
                "select count(*) from quality.rejected_record"
                f" where batch_id = {batch_id} and status = 'open'"
            )
            good = found.received - int(rejected)
            rest = f"held = {good}" if status == "held" else f"appended = 0, unchanged = {good}"
            path = found.path.relative_to(self.landing)
            rows = _update_batch(
                db,
                batch_id,
                f"received = {found.received}, rejected = {rejected}, {rest}, raw_file = '{path}',"
                f" raw_bytes = {found.raw_bytes}, raw_sha256 = '{found.raw_sha256}',"
                f" complete = {'complete' if found.complete is None else found.complete},"
                f" contract_version = '{contract.version}'",
                status,
            )
            _enter(db, batch_id, "replay", rows, decision)
            if status == "landed":
                batch = stored_batch(db, self.landing, contract, batch_id)
                change_log.place(db, self.landing, batch)

    def _transaction(self, contract: Contract, batch_id: int) -> AbstractContextManager[Statements]:
        return transaction(self.dsn, f"{contract.identifier} #{batch_id}")


def _status(db: Statements, batch_id: int) -> str:
    """Lock the ledger row of a batch and return its status."""
    rows = db.rows("select status from ops.batch where batch_id = $1 for update", batch_id)
    if not rows:
        raise DecisionError(f"there is no batch {batch_id}")
    return str(rows[0][0])


def _update_batch(db: Statements, batch_id: int, changes: str, status: str) -> int:
    """Change the ledger row of a batch that has this status; return its number of good rows."""
    rows = db.rows(
        f"update ops.batch set {changes} where batch_id = $1 and status = $2"
        " returning received - rejected",
        batch_id,
        status,
    )
    if not rows:
        raise DecisionError(f"batch {batch_id} is not {status} any more")
    return int(rows[0][0])


def _enter(db: Statements, batch_id: int, verb: Verb, rows: int, decision: Decision) -> int:
    entered = db.rows(
        "insert into ops.decision (batch_id, verb, row_count, who, why)"
        " values ($1, $2, $3, $4, $5) returning decision_id",
        batch_id,
        verb,
        rows,
        decision.who,
        decision.why,
    )
    return int(entered[0][0])


def _keys_of(batch: StoredBatch, db: Statements, rejected_ids: str) -> pl.DataFrame:
    """Return the keys of rejected rows as they stand now; rows without a whole key are left out."""
    numbers = db.column(
        f"select row_number from quality.rejected_record where rejected_id in ({rejected_ids})"
        f" and batch_id = {batch.batch_id}"
    )
    return batch.keys()[numbers - 1].drop_nulls()


def _check_keepable(batch: StoredBatch, numbers: Sequence[int]) -> None:
    at = [number - 1 for number in numbers]
    reason = unkeepable(batch.contract, batch.read(batch.columns)[at])
    uncorrected = not batch.corrections.keys() & set(numbers)
    if uncorrected and raw_file.read_columns(batch.path, [FAULT])[at][FAULT].is_not_null().any():
        reason = "无法解析的行没有各列的值"
    if reason:
        raise DecisionError(f"{reason}；请用 --set 列=值 补正")


def _same_file_is_settled(db: Statements, batch_id: int) -> None:
    """What is in need not be decided again: other held batches of the very same file are moot."""
    db.rows(
        "update ops.batch o set dropped = true from ops.batch b where b.batch_id = $1"
        " and o.batch_id <> b.batch_id and o.status = 'held' and o.department = b.department"
        " and o.table_name = b.table_name and o.source_ref = b.source_ref"
        " and o.source_sha256 = b.source_sha256",
        batch_id,
    )


def _report_again(db: Statements, batch_id: int) -> None:
    """A department whose held batches are all in has reported well after all."""
    db.rows(
        "update ops.department_report r set outcome = 'success', reason = null,"
        " reported_at = clock_timestamp() from ops.batch b"
        " where b.batch_id = $1 and r.department = b.department and r.outcome = 'held'"
        " and not exists (select from ops.batch o where o.run_id = r.run_id"
        " and o.department = r.department and o.status = 'held' and not o.dropped)"
        " and exists (select from ops.batch o where o.run_id = r.run_id"
        " and o.department = b.department and o.table_name = b.table_name"
        " and o.source_ref = b.source_ref and (o.batch_id = b.batch_id"
        " or o.source_sha256 = b.source_sha256))",
        batch_id,
    )
