"""The ledger: what was received in which run, and what became of it. PostgreSQL is the truth."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import psycopg

from connectors.contracts import Contract
from connectors.landing import quality
from connectors.landing.batch import Batch, Findings
from connectors.protocols.base import Drift, Extraction, Since

Outcome = Literal["success", "held", "failed"]

SCHEMA = Path(__file__).with_name("schema.sql")
SCHEMA_LOCK = 710_001
ZONE = ZoneInfo("Asia/Shanghai")
# Places in time follow each other, even where the machine's clock was set back.
NEXT_PLACE = (
    "greatest(clock_timestamp(), (select max(o.extracted_at) + interval '1 microsecond'"
    " from ops.batch o where (o.department, o.table_name) = (batch.department, batch.table_name)))"
)
PATIENCE = "2s"
INTERRUPTED = "上次运行中断，由后续运行重新读取"


class TableBusyError(Exception):
    """Another run is landing this table right now."""


class Ledger:
    """One connection's view of ``ops.*`` and ``quality.*``; every method is its own transaction.

    Table locks belong to the connection: they end with it, however the process ends.
    """

    def __init__(self, dsn: str, landing: Path) -> None:
        ensure_schema(dsn)
        self.dsn = dsn
        landing.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's data as received
        self.landing = landing
        self._connection = psycopg.connect(dsn, autocommit=True, application_name="hub ledger")

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    # Runs and reports

    def open_run(self, run_id: str, trigger: str) -> None:
        """Enter a run; a run that several commands share is entered once."""
        self._connection.execute(
            "insert into ops.run (run_id, trigger, business_date) values (%s, %s, %s)"
            " on conflict (run_id) do update set status = 'running', finished_at = null",
            (run_id, trigger, date.today()),  # noqa: DTZ011 - the district's own calendar
        )

    def close_run(self, run_id: str, outcome: Outcome = "success") -> None:
        """Finish a run: it is as good as its worst department, or ``outcome`` if none reported."""
        self._connection.execute(
            "update ops.run set finished_at = clock_timestamp(), status = coalesce((select case"
            " when bool_or(outcome = 'failed') then 'failed'"
            " when bool_or(outcome = 'held') then 'held' else 'success' end"
            " from ops.department_report where run_id = %(run)s), %(outcome)s)"
            " where run_id = %(run)s",
            {"run": run_id, "outcome": outcome},
        )

    def report(self, run_id: str, department: str, outcome: Outcome, reason: str | None) -> None:
        """Record how a department's part of a run ended."""
        self._connection.execute(
            "insert into ops.department_report (run_id, department, outcome, reason)"
            " values (%s, %s, %s, %s) on conflict (run_id, department) do update"
            " set outcome = excluded.outcome, reason = excluded.reason,"
            " reported_at = clock_timestamp()",
            (run_id, department, outcome, reason),
        )

    def register(self, contracts: Iterable[Contract]) -> None:
        """Enter what the contracts promise, for whoever judges freshness."""
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "insert into ops.contract (department, table_name, title, department_title,"
                " owner, fresh_within, version) values (%s, %s, %s, %s, %s, %s, %s)"
                " on conflict (department, table_name) do update set title = excluded.title,"
                " department_title = excluded.department_title, owner = excluded.owner,"
                " fresh_within = excluded.fresh_within, version = excluded.version",
                [
                    (c.department, c.table, c.name, c.title, c.team.name, c.fresh_within, c.version)
                    for c in contracts
                ],
            )

    # Tables

    def lock(self, contract: Contract) -> None:
        """Keep every other run away from a table, as long as this connection lives.

        A run that has just ended, or been killed, holds its lock until the server has noticed: so
        this waits for a moment.

        Raises:
            TableBusyError: another run got there first, and goes on.
        """
        try:
            with self._connection.transaction():
                self._connection.execute("select set_config('lock_timeout', %s, true)", (PATIENCE,))
                self._connection.execute(
                    "select pg_advisory_lock(hashtextextended(%s, 0))",
                    (f"landing {contract.identifier}",),
                )
        except psycopg.errors.LockNotAvailable:
            raise TableBusyError(contract.identifier) from None

    def recover(self, contract: Contract) -> int:
        """Clean up after a run that died: whoever holds the lock knows that nobody else works.

        Its unfinished batches are marked failed (this run reads their rows again), their rejected
        rows superseded, half-written files removed. Returns the number of such batches.
        """
        with self._connection.transaction():
            dead = self._connection.execute(
                "update ops.batch set status = 'failed', reason = %s,"
                " finished_at = clock_timestamp() where department = %s and table_name = %s"
                " and status in ('extracting', 'extracted') returning batch_id",
                (INTERRUPTED, contract.department, contract.table),
            ).fetchall()
            self._connection.execute(
                "update quality.rejected_record set status = 'superseded'"
                " where status = 'open' and batch_id = any(%s)",
                ([batch_id for (batch_id,) in dead],),
            )
        for part in (self.landing / contract.department / contract.table).glob("*/*.part"):
            part.unlink()
        return len(dead)

    def since(self, contract: Contract) -> Since:
        """Return what was landed before: the cursor's position, and the files read.

        A file that somebody decided to drop counts as read.
        """
        rows = self._connection.execute(
            "select case when status = 'landed' then cursor_to end, source_ref, source_sha256,"
            " batch_id from ops.batch where department = %s and table_name = %s"
            " and (status = 'landed' or dropped) and mode <> 'backfill'"
            " and (cursor_to is not null or source_sha256 is not null)",
            (contract.department, contract.table),
        ).fetchall()
        cursors = [cursor for cursor, *_ in rows if cursor is not None]
        greatest = max(cursors, key=_cursor_order, default=None)
        files = [(ref, batch_id, digest) for _, ref, digest, batch_id in rows if digest]
        last = max(files, default=None)
        newest = None if last is None else (last[0], last[2])
        return Since(greatest, frozenset((ref, digest) for ref, _, digest in files), newest)

    def keys_due(self, contract: Contract) -> bool:
        """Tell whether it is time to read all keys of a cursor table again.

        A first increment reads the whole table, so the time runs from then on.
        """
        if contract.reconcile is None:
            return False
        row = self._connection.execute(
            "select max(extracted_at) <= clock_timestamp() - %s from ops.batch"
            " where department = %s and table_name = %s and status = 'landed'"
            " and (mode = 'keys' or mode = 'cursor' and cursor_from is null)",
            (contract.reconcile, contract.department, contract.table),
        ).fetchone()
        return bool(row and row[0])

    # Batches

    def start(self, run_id: str, contract: Contract, extraction: Extraction) -> int:
        """Enter a batch before its first row is read."""
        row = self._connection.execute(
            "insert into ops.batch (run_id, department, table_name, mode, contract_version,"
            " source_ref, source_sha256, cursor_from, status)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, 'extracting') returning batch_id",
            (
                run_id,
                contract.department,
                contract.table,
                extraction.mode or contract.extract.mode,
                contract.version,
                extraction.source_ref,
                extraction.source_sha256,
                extraction.cursor_from,
            ),
        ).fetchone()
        assert row is not None  # noqa: S101 - insert … returning gives a row or raises
        return int(row[0])

    def refuse(self, run_id: str, contract: Contract, reason: str) -> None:
        """Enter a batch of which not even the beginning could be read."""
        batch_id = self.start(run_id, contract, Extraction(contract.extract.object, iter(())))
        self.fail(batch_id, reason)

    def extracted(self, batch: Batch, findings: Findings) -> None:
        """Enter what was read: the raw file is on disk, its rows are examined."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(
                f"update ops.batch set status = 'extracted', extracted_at = {NEXT_PLACE},"  # noqa: S608
                " raw_file = %s, raw_sha256 = %s, raw_bytes = %s, received = %s, rejected = %s,"
                " complete = %s, cursor_to = %s, newest_at = %s, seconds = %s, reason = %s"
                " where batch_id = %s",
                (
                    str(batch.raw_file.relative_to(self.landing)),
                    findings.raw_sha256,
                    findings.raw_bytes,
                    batch.received,
                    batch.rejected,
                    batch.complete,
                    findings.cursor_to,
                    _moment(findings.cursor_to),
                    batch.seconds,
                    findings.note,
                    batch.batch_id,
                ),
            )
            quality.enter(cursor, batch, findings)

    def note_drift(self, batch_id: int, contract: Contract, found: Iterable[Drift]) -> None:
        """Enter the drift of a batch that could not be read to its end."""
        with self._connection.cursor() as cursor:
            quality.enter_drift(cursor, batch_id, contract, found)

    def types(self, contract: Contract) -> dict[str, str]:
        """Return how the source typed each column in the last landed batch that says so."""
        return quality.types(self._connection, contract)

    def took(self, batch_id: int, seconds: float) -> None:
        """Enter how long reading and merging a batch took together."""
        self._connection.execute(
            "update ops.batch set seconds = %s where batch_id = %s", (seconds, batch_id)
        )

    def hold(self, batch: Batch, reason: str) -> None:
        """Keep a whole batch out of the change log; its raw file stays."""
        self._connection.execute(
            "update ops.batch set status = 'held', held = received - rejected, reason = %s,"
            " finished_at = clock_timestamp() where batch_id = %s and status = 'extracted'",
            (reason, batch.batch_id),
        )

    def hold_unreadable(
        self, batch_id: int, reason: str, lines: int, original: Path | None
    ) -> None:
        """Hold a batch whose rows cannot be told apart; ``original`` is the file as received."""
        kept = str(original.relative_to(self.landing)) if original else None
        size = original.stat().st_size if original else None
        self._connection.execute(
            "update ops.batch set status = 'held', received = %s, held = %s, reason = %s,"  # noqa: S608
            " raw_file = %s, raw_bytes = %s, raw_sha256 = source_sha256,"
            f" extracted_at = {NEXT_PLACE}, finished_at = clock_timestamp()"
            " where batch_id = %s",
            (lines, lines, reason, kept, size, batch_id),
        )

    def fail(self, batch_id: int, reason: str) -> None:
        """Give up on a batch; the next run reads its rows again."""
        self._connection.execute(
            "update ops.batch set status = 'failed', reason = %s,"
            " finished_at = clock_timestamp() where batch_id = %s",
            (reason, batch_id),
        )


def ensure_schema(dsn: str) -> None:
    """Create what is missing of the ledger's tables; several processes may try at once."""
    with psycopg.connect(dsn, application_name="hub ledger") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        connection.execute("set local client_min_messages = warning")
        connection.execute(SCHEMA.read_bytes())


def _moment(cursor: str | None) -> datetime | None:
    """Read a cursor as a moment, where it is one; the sources' clocks show Beijing time."""
    try:
        found = datetime.fromisoformat(cursor or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _cursor_order(cursor: str) -> tuple[int, str]:
    return (int(cursor), "") if cursor.lstrip("-").isdecimal() else (0, cursor)
