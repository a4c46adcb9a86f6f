"""The change log ``raw.<department>__<table>``: appended only when content changed, never deleted.

A row is open (``_recorded_to is null``) while it is what the department last told us under its
key. Rows are compared by their hash with the open rows in PostgreSQL, which alone is believed.
"""

# ruff: noqa: S608 - the only names put into statements are those of validated contracts
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from connectors.landing import raw_file, raw_table
from connectors.landing.batch import Batch
from connectors.landing.versions import Versions, choose, read_keys
from connectors.protocols.base import BATCH_BYTES

MOMENT = pa.timestamp("us", "UTC")


class MergeError(Exception):
    """The database refused or was lost; nothing of the merge happened."""


class BatchTakenError(MergeError):
    """The batch is no longer ours: another run took over after our lock was lost."""


@dataclass(frozen=True)
class Merged:
    """What a merge did: rows appended, rows unchanged, old versions closed."""

    appended: int
    unchanged: int
    closed: int


def merge(dsn: str, batch: Batch, rejected: Sequence[int]) -> Merged:
    """Merge the accepted rows of a batch and settle its ledger row, all in one transaction.

    Raises:
        BatchTakenError: the batch is not waiting for its merge any more.
        MergeError: the database refused or was lost; the batch waits to be read again.
    """
    try:
        with adbc.connect(dsn) as connection:
            merged = _Merge(connection, batch, rejected).run()
            connection.commit()
    except (adbc.Error, pa.ArrowException) as error:
        # What follows the first line may quote a row; what comes before it is our statement.
        reason = str(error).partition("DETAIL")[0].splitlines()[0].rpartition("ERROR:")[2].strip()
        name = batch.contract.identifier
        raise MergeError(f"{name} #{batch.batch_id} was not merged: {reason}") from None
    return merged


class _Merge:
    """One transaction over one batch."""

    def __init__(self, connection: Any, batch: Batch, rejected: Sequence[int]) -> None:
        self._connection = connection
        self._batch = batch
        self._contract = batch.contract
        self._table = f'raw."{batch.contract.raw_table}"'
        self._rejected = np.asarray(rejected, dtype=np.int64) - 1
        self._moment: datetime

    def run(self) -> Merged:
        self._moment = self._claim()
        incoming = raw_file.read_hashes(self._batch.raw_file)
        accepted = np.ones(len(incoming), dtype=np.bool_)
        accepted[self._rejected] = False
        opened = self._column(f"select _row_hash from {self._table} where _recorded_to is null")
        chosen = choose(self._batch, incoming, accepted, opened, self._recorded)
        closed = self._close(chosen, opened)
        self._append(chosen.fresh, opened, superseded=False)
        self._append(chosen.superseded, opened, superseded=True)
        appended = int(chosen.fresh.sum() + chosen.superseded.sum())
        merged = Merged(
            appended, self._batch.accepted - appended, closed + int(chosen.superseded.sum())
        )
        self._settle(merged)
        return merged

    def _claim(self) -> datetime:
        """Lock the ledger row, so that nobody else can decide on this batch."""
        rows = self._rows(
            "select extracted_at from ops.batch"
            " where batch_id = $1 and status = 'extracted' for update",
            self._batch.batch_id,
        )
        if not rows:
            raise BatchTakenError(f"batch {self._batch.batch_id} was taken over by another run")
        moment: datetime = rows[0][0]
        return moment

    def _settle(self, merged: Merged) -> None:
        self._rows(
            "update ops.batch set status = 'landed', appended = $2, unchanged = $3, closed = $4,"
            " finished_at = clock_timestamp() where batch_id = $1",
            self._batch.batch_id,
            merged.appended,
            merged.unchanged,
            merged.closed,
        )

    def _recorded(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of ``hashes`` the change log holds, open or closed."""
        self._temporary("wanted", pa.table({"row_hash": hashes}))
        return self._column(
            f"select distinct _row_hash from {self._table}"
            " where _row_hash in (select row_hash from wanted)"
        )

    # Closing

    def _close(self, chosen: Versions, opened: NDArray[np.int64]) -> int:
        if not len(opened):
            return 0
        if self._contract.extract.mode == "snapshot" and self._batch.complete:
            return self._close_unseen(chosen, opened)
        return self._close_replaced(chosen)

    def _close_unseen(self, chosen: Versions, opened: NDArray[np.int64]) -> int:
        """Close open rows that a whole snapshot did not show: replaced, or gone."""
        gone = pl.Series(opened)
        gone = gone.filter(~gone.is_in(pl.Series(chosen.current).implode()))
        if not len(gone):
            return 0
        self._temporary("gone", pa.table({"row_hash": gone.to_arrow()}))
        self._temporary("spared", self._spared(chosen).to_arrow())
        return self._update(
            "from gone where r._row_hash = gone.row_hash and r._recorded_to is null"
            f" and not exists (select from spared k where {self._same_key('k')})"
        )

    def _close_replaced(self, chosen: Versions) -> int:
        """Close the open rows whose keys come with new content."""
        if not chosen.fresh.any():
            return 0
        keys = self._keys().filter(pl.Series(chosen.fresh))
        self._temporary("replaced", keys.to_arrow())
        return self._update(
            f"from replaced k where {self._same_key('k')} and r._recorded_to is null"
        )

    def _spared(self, chosen: Versions) -> pl.DataFrame:
        """Keys of rejected rows: they were seen, so the last good version stays open.

        Unless the same key also came in an accepted row, which then replaces it.
        """
        keys = self._keys()
        rejected = keys[self._rejected].drop_nulls()
        if not rejected.height:
            return rejected
        accepted = keys.filter(pl.Series(chosen.accepted))
        return rejected.join(accepted, on=list(self._contract.key), how="anti")

    def _update(self, rest: str) -> int:
        moment = self._moment.isoformat()
        rows = self._rows(
            f"with done as (update {self._table} r set _recorded_to = '{moment}',"
            f" _closed_batch_id = {self._batch.batch_id} {rest} returning 1)"
            " select count(*) from done"
        )
        return int(rows[0][0])

    def _same_key(self, other: str) -> str:
        parts = zip(raw_table.key_parts(self._contract, "r."), self._contract.key, strict=True)
        return " and ".join(f'{part} = {other}."{name}"' for part, name in parts)

    def _keys(self) -> pl.DataFrame:
        return read_keys(self._batch)

    # Appending

    def _append(
        self, wanted: NDArray[np.bool_], opened: NDArray[np.int64], *, superseded: bool
    ) -> None:
        if not wanted.any():
            return
        first_load = not len(opened) and not superseded and self._is_empty()
        if first_load:
            self._start_anew()
        schema = self._schema(superseded)
        reader = pa.RecordBatchReader.from_batches(schema, self._pieces(wanted, schema))
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(
                self._contract.raw_table, reader, mode="append", db_schema_name="raw"
            )
        if first_load:
            self._rows(raw_table.create_index(self._contract))
            self._analyse()

    def _start_anew(self) -> None:
        """Make the first load of an empty table cheap.

        An index is built faster than it is kept, and rows that come into a file begun in the same
        transaction need no write-ahead log (where ``wal_level`` is minimal).
        """
        self._rows(f"lock table {self._table} in access exclusive mode")
        if not self._is_empty():
            raise BatchTakenError(f"{self._table} was filled by another run")
        self._rows(f"truncate {self._table}")
        self._rows(f'drop index raw."{raw_table.index_name(self._contract)}"')

    def _analyse(self) -> None:
        """Let the planner know the table at once: without, closing 1 % sorts all of it."""
        names = ("_row_hash", "_recorded_to", *self._contract.key)
        columns = ", ".join(f'"{name}"' for name in names)
        self._rows(f"analyze {self._table} ({columns})")

    def _is_empty(self) -> bool:
        return not self._rows(f"select 1 from {self._table} limit 1")

    def _schema(self, superseded: bool) -> pa.Schema:
        fields = [(column.name, pa.string()) for column in self._contract.columns]
        fields += [("_row_hash", pa.int64()), ("_batch_id", pa.int64()), ("_recorded_from", MOMENT)]
        if superseded:
            fields += [("_recorded_to", MOMENT), ("_closed_batch_id", pa.int64())]
        return pa.schema(fields)

    def _pieces(self, wanted: NDArray[np.bool_], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        constants = {
            "_batch_id": pa.scalar(self._batch.batch_id, pa.int64()),
            "_recorded_from": pa.scalar(self._moment, MOMENT),
            "_recorded_to": pa.scalar(self._moment, MOMENT),
            "_closed_batch_id": pa.scalar(self._batch.batch_id, pa.int64()),
        }
        columns = [name for name in schema.names if name not in constants]
        extra = [constants[name] for name in schema.names if name in constants]
        for piece in raw_file.read_rows(self._batch.raw_file, columns, wanted):
            added = [pa.repeat(value, piece.num_rows) for value in extra]
            yield pa.RecordBatch.from_arrays([*piece.columns, *added], schema=schema)

    # Statements

    def _rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def _column(self, query: str) -> NDArray[np.int64]:
        with self._connection.cursor() as cursor:
            options = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
            cursor.adbc_statement.set_options(**options)
            cursor.execute(query)
            table = cursor.fetch_arrow_table()
        values: NDArray[np.int64] = table.column(0).to_numpy()
        return values

    def _temporary(self, name: str, table: pa.Table) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(f"drop table if exists pg_temp.{name}")
            text = table.cast(
                pa.schema(
                    [
                        (f.name, pa.string() if f.type != pa.int64() else f.type)
                        for f in table.schema
                    ]
                )
            )
            cursor.adbc_ingest(name, text, mode="create", temporary=True)
            cursor.execute(f"analyze pg_temp.{name}")
