"""Carries out what people decide about what was received, and says in one line what came of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.landing import raw_table
from connectors.landing.decisions import Decision, Desk
from connectors.landing.drift import CodeLists, reason_to_hold
from connectors.landing.ledger import Ledger
from connectors.landing.reread import Reread, reread
from connectors.landing.stored import is_whole
from connectors.protocols.base import BatchHeldError, Drift
from hub.errors import HubError
from hub.pipeline.kept import HELD, USAGE, Contracts, KeptBatch, clear_errors, counts, find
from hub.warehouse.apply import apply_schema
from hub.warehouse.connection import connect

_REJECTED = """
select batch_id, rejected_id from quality.rejected_record
 where status = 'open' and (rejected_id = any(%(ids)s)
       or batch_id = %(batch)s and (%(rule)s::text is null or rule = %(rule)s))
 order by 1, 2
"""


@dataclass(frozen=True)
class RejectedRows:
    """Which rejected rows are meant: by their numbers, or all (of a rule) of one batch."""

    ids: list[int]
    batch_id: int | None = None
    rule: str | None = None


@dataclass(frozen=True)
class Office:
    """Where decisions come in; ``contracts`` by (department, table)."""

    dsn: str
    landing: Path
    data_docs: Path
    contracts: Contracts
    code_lists: CodeLists
    say: Callable[[str], None]

    def release_held(self, batch_id: int, decision: Decision) -> None:
        """Merge a held batch after all.

        Raises:
            HubError: it is not held, or its rows cannot be told apart.
        """
        with self._at_work(batch_id) as batch:
            if batch.status == "held" and not batch.readable:
                raise HubError(
                    f"{batch.name}: its rows cannot be told apart; correct the contract, then"
                    f" `hub replay {batch_id}`; or `hub hold drop {batch_id}`",
                    USAGE,
                )
            self._desk.release_held(batch.contract, batch_id, decision)
        self._say(batch, "released")

    def drop_held(self, batch_id: int, decision: Decision) -> None:
        """Keep a held batch out for good.

        Raises:
            HubError: it is not held.
        """
        with self._at_work(batch_id) as batch:
            self._desk.drop_held(batch.contract, batch_id, decision)
        kept = f"its raw file stays: {batch.path}" if batch.path else "nothing was kept of it"
        self.say(f"{batch.name}: dropped; {kept}")

    def release_rejected(
        self, wanted: RejectedRows, correction: Mapping[str, str], decision: Decision
    ) -> None:
        """Let rejected rows in, as they are or with some values corrected.

        Raises:
            HubError: a row is not there, or cannot be kept as it would be now.
        """
        for number, ids in self._rejected(wanted).items():
            with self._at_work(number) as batch:
                known = {column.name for column in batch.contract.columns}
                if unknown := sorted(set(correction) - known):
                    names = ", ".join(unknown)
                    raise HubError(f"{batch.contract.identifier} has no column {names}", USAGE)
                self._desk.release_rejected(batch.contract, number, ids, correction, decision)
            self._say(batch, f"released {len(ids):,} rejected row(s)")

    def replay(self, batch_id: int, decision: Decision) -> None:
        """Read a batch again from what was kept of it, under today's contract.

        A batch that landed was judged already, or released by somebody: its rows are examined
        and take their place again. One that is held is judged again, and lands if it passes.

        Raises:
            HubError: nothing whole was kept of it (2), or it stays held (10).
        """
        with self._at_work(batch_id) as batch:
            if batch.status not in {"landed", "held"}:
                raise HubError(f"{batch.name} is {batch.status}: its rows were read again", USAGE)
            if batch.path is None or not is_whole(batch.path, batch.digest):
                raise HubError(f"{batch.name}: nothing whole was kept of it; pull it again", USAGE)
            found = self._reread(batch, batch.path)
            self._desk.enter_again(batch.contract, batch_id, found, decision)
            if batch.status == "held":
                if reason := self._reason_to_hold(batch, found):
                    self._stays_held(batch, reason)
                self._desk.release_held(batch.contract, batch_id, decision, braked=True)
        self._say(batch, "replayed")

    def _reread(self, batch: KeptBatch, kept: Path) -> Reread:
        try:
            return reread(batch.contract, kept, batch.batch_id, batch.source_ref, self.code_lists)
        except BatchHeldError as error:
            raise HubError(f"{batch.name} stays {batch.status}: {error}", HELD) from None

    def _reason_to_hold(self, batch: KeptBatch, found: Reread) -> str | None:
        if batch.mode == "keys":
            return None  # keys alone are not judged
        drift = [*found.drift, *(self._noted_drift(batch) if batch.readable else ())]
        if reason := reason_to_hold(batch.contract, drift):
            return reason
        from expectations.gate import judge

        (verdict,) = judge(
            self.dsn, [batch.batch_id], [batch.contract], batch.run_id, self.data_docs
        )
        return None if verdict.passed else verdict.reason

    def _noted_drift(self, batch: KeptBatch) -> list[Drift]:
        """Return what only the source itself could show: which columns came, of which types."""
        with connect(self.dsn) as connection:
            noted = connection.execute(
                "select kind, column_name, note from quality.drift"
                " where batch_id = %s and kind <> 'code_list'",
                [batch.batch_id],
            ).fetchall()
        return [Drift(*row) for row in noted]

    def _stays_held(self, batch: KeptBatch, reason: str) -> None:
        with connect(self.dsn) as connection:
            connection.execute(
                "update ops.batch set reason = %s where batch_id = %s", [reason, batch.batch_id]
            )
        raise HubError(f"{batch.name} stays held: {reason}", HELD)

    def _rejected(self, wanted: RejectedRows) -> dict[int, list[int]]:
        """Return the numbers of the rows by batch."""
        apply_schema(self.dsn)
        limits = {"ids": wanted.ids, "batch": wanted.batch_id, "rule": wanted.rule}
        with connect(self.dsn) as connection:
            rows = connection.execute(_REJECTED, limits).fetchall()
        if missing := set(wanted.ids) - {rejected_id for _, rejected_id in rows}:
            raise HubError(f"no open rejected row {min(missing)}; see `hub rejects list`", USAGE)
        if not rows:
            raise HubError(f"batch {wanted.batch_id} has no such open rejected row", USAGE)
        grouped: dict[int, list[int]] = {}
        for number, rejected_id in rows:
            grouped.setdefault(number, []).append(rejected_id)
        return grouped

    @property
    def _desk(self) -> Desk:
        return Desk(self.dsn, self.landing)

    @contextmanager
    def _at_work(self, batch_id: int) -> Iterator[KeptBatch]:
        """Find a batch and keep every run away from its table; word whatever goes wrong."""
        apply_schema(self.dsn)
        batch = find(self.dsn, self.landing, self.contracts, batch_id)
        with clear_errors(batch.name), Ledger(self.dsn, self.landing) as ledger:
            ledger.lock(batch.contract)
            raw_table.prepare(self.dsn, batch.contract)
            yield find(self.dsn, self.landing, self.contracts, batch_id)

    def _say(self, batch: KeptBatch, done: str) -> None:
        self.say(f"{batch.name}: {done}: {counts(self.dsn, batch.batch_id)}")
