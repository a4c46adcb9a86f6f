"""Merges one batch into a change log, live or told again, as of the moment it was read.

Rows are compared by their hash with the open rows in PostgreSQL, which alone is believed.
"""

# ruff: noqa: S608 - the only names put into statements are those of validated contracts
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from connectors.landing import brake, raw_table
from connectors.landing.statements import MergeError, Statements
from connectors.landing.stored import StoredBatch
from connectors.landing.versions import Versions, choose

MOMENT = pa.timestamp("us", "UTC")
LIVE = "raw"
READ_AHEAD_ROWS = 20_000


class BatchTakenError(MergeError):
    """The batch is no longer ours: another run took over after our lock was lost."""


@dataclass(frozen=True)
class Merged:
    """What a merge did: rows appended, rows unchanged, old versions closed."""

    appended: int
    unchanged: int
    closed: int


class Merging:
    """One batch on its way into the change log of its table in ``schema``.

    ``schema``: ``raw``, or the temporary one where a history is told again. ``scope``: when given,
    only rows with these keys take part, and the log holds no others. ``braked``: not when somebody
    has looked at what would be lost.
    """

    def __init__(
        self,
        db: Statements,
        batch: StoredBatch,
        schema: str = LIVE,
        scope: pl.DataFrame | None = None,
        *,
        braked: bool = False,
    ) -> None:
        self._db = db
        self._batch = batch
        self._contract = batch.contract
        self._schema = schema
        self._table = f'{schema}."{self._contract.raw_table}"'
        self._scope = scope
        self._braked = braked
        self._rejected = batch.rejected - 1

    def run(self) -> Merged:
        """Append what is new, close what it replaces and what is gone.

        Raises:
            brake.TooManyLostError: the batch would close more keys than its contract allows.
            BatchTakenError: another run filled the table meanwhile.
        """
        if self._batch.mode == "keys":
            return self._reconcile()
        incoming = self._batch.hashes()
        accepted = self._accepted(len(incoming))
        opened = self._opened()
        chosen = choose(self._batch, incoming, accepted, opened, self._recorded)
        if self._batch.mode == "backfill":
            chosen = self._behind_newer(chosen, incoming)
        with ThreadPoolExecutor(1) as reader:
            few = reader.submit(self._few, chosen.fresh)
            closed = self._close(chosen, opened)
            self._append(chosen.fresh, opened, few.result())
        self._append(chosen.superseded, opened, superseded=True)
        appended = int(chosen.fresh.sum() + chosen.superseded.sum())
        return Merged(
            appended, int(accepted.sum()) - appended, closed + int(chosen.superseded.sum())
        )

    def _opened(self) -> NDArray[np.int64]:
        """Return the hashes of the open rows; while the database looks, we read the keys."""
        with ThreadPoolExecutor(1) as reader:
            reader.submit(lambda: self._batch.key_hashes)
            return self._db.column(
                f"select _row_hash from {self._table} where _recorded_to is null"
            )

    def _accepted(self, count: int) -> NDArray[np.bool_]:
        accepted = np.ones(count, dtype=np.bool_)
        accepted[self._rejected] = False
        if self._scope is not None:
            keys = self._batch.keys().with_row_index("row")
            inside = keys.join(self._scope, on=list(self._contract.key), how="semi")["row"]
            concerned = np.zeros(count, dtype=np.bool_)
            concerned[inside.to_numpy()] = True
            accepted &= concerned
        return accepted

    def _recorded(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of ``hashes`` the change log holds, open or closed."""
        self._db.temporary("wanted", pa.table({"row_hash": hashes}))
        return self._db.column(
            f"select distinct _row_hash from {self._table}"
            " where _row_hash in (select row_hash from wanted)"
        )

    def _behind_newer(self, chosen: Versions, incoming: NDArray[np.int64]) -> Versions:
        """Put rows of days read again behind the open version of their key, if that is newer."""
        cursor = str(self._batch.cursor)
        again = self._batch.keys().with_row_index("row").cast({"row": pl.Int64})
        again = again.with_columns(self._batch.read([cursor]).to_series().alias("_cursor"))
        self._db.temporary("again", again.filter(pl.Series(chosen.fresh)).to_arrow())
        older = self._db.column(
            f"select k.row from {self._table} r join again k on {self._same_key('k')}"
            f' where r._recorded_to is null and r."{cursor}" collate "C" > k._cursor collate "C"'
        )
        known = np.isin(incoming[older], self._recorded(incoming[older]))
        fresh, superseded = chosen.fresh.copy(), chosen.superseded.copy()
        fresh[older] = False
        superseded[older[~known]] = True
        return replace(chosen, fresh=fresh, superseded=superseded)

    # Closing

    def _close(self, chosen: Versions, opened: NDArray[np.int64]) -> int:
        if not len(opened):
            return 0
        if self._batch.closes_unseen:
            return self._close_unseen(chosen, opened)
        return self._close_replaced(chosen)

    def _close_unseen(self, chosen: Versions, opened: NDArray[np.int64]) -> int:
        """Close open rows that a whole snapshot did not show: replaced, or gone."""
        gone = pl.Series(opened)
        gone = gone.filter(~gone.is_in(pl.Series(chosen.current).implode()))
        replaced = self._close_replaced(chosen) if len(gone) else 0
        if len(gone) == replaced:  # nothing is really gone: no need to look through the whole table
            return replaced
        self._db.temporary("gone", pa.table({"row_hash": gone.to_arrow()}))
        self._db.temporary("spared", self._spared(chosen).to_arrow())
        unseen = (
            "gone where r._row_hash = gone.row_hash and r._recorded_to is null"
            f" and not exists (select from spared k where {self._same_key('k')})"
        )
        if self._braked and len(gone) - replaced > brake.allowed(self._batch, len(opened)):
            ((lost,),) = self._db.rows(f"select count(*) from {self._table} r, {unseen}")
            brake.check(self._batch, lost, len(opened))
        return replaced + self._update(f"from {unseen}")

    def _reconcile(self) -> Merged:
        """Close the open rows whose keys were not among all keys of the source."""
        self._db.temporary("seen", self._batch.keys().to_arrow())
        rows = self._db.rows(f"select count(*) from {self._table} where _recorded_to is null")
        closed = self._update(
            "where r._recorded_to is null"
            f" and not exists (select from seen k where {self._same_key('k')})"
        )
        if self._braked:
            brake.check(self._batch, closed, int(rows[0][0]))
        unchanged = self._batch.received - len(self._rejected)
        return Merged(appended=0, unchanged=unchanged, closed=closed)

    def _close_replaced(self, chosen: Versions) -> int:
        """Close the open rows whose keys come with new content."""
        if not chosen.fresh.any():
            return 0
        keys = self._batch.keys().filter(pl.Series(chosen.fresh))
        self._db.temporary("replaced", keys.to_arrow())
        return self._update(
            f"from replaced k where {self._same_key('k')} and r._recorded_to is null"
        )

    def _spared(self, chosen: Versions) -> pl.DataFrame:
        """Keys of rejected rows: they were seen, so the last good version stays open.

        Unless the same key also came in an accepted row, which then replaces it.
        """
        if not len(self._rejected):  # the keys of a million rows need not be read for that
            return pl.DataFrame(schema=dict.fromkeys(self._contract.key, pl.String))
        keys = self._batch.keys()
        rejected = keys[self._rejected].drop_nulls()
        if not rejected.height:
            return rejected
        accepted = keys.filter(pl.Series(chosen.accepted))
        return rejected.join(accepted, on=list(self._contract.key), how="anti")

    def _update(self, rest: str) -> int:
        moment = self._batch.moment.isoformat()
        return self._db.count(
            f"update {self._table} r set _recorded_to = '{moment}',"
            f" _closed_batch_id = {self._batch.batch_id} {rest}"
        )

    def _same_key(self, other: str) -> str:
        return raw_table.same_key(self._contract, "r", other)

    # Appending

    def _few(self, wanted: NDArray[np.bool_]) -> list[pa.RecordBatch] | None:
        """Read the rows to append while the database closes others, unless they are many."""
        if wanted.sum() > READ_AHEAD_ROWS:
            return None
        return list(self._pieces(wanted, self._columns(superseded=False)))

    def _append(
        self,
        wanted: NDArray[np.bool_],
        opened: NDArray[np.int64],
        pieces: Iterable[pa.RecordBatch] | None = None,
        *,
        superseded: bool = False,
    ) -> None:
        if not wanted.any():
            return
        first_load = not len(opened) and not superseded and self._is_empty()
        if first_load:
            self._start_anew()
        schema = self._columns(superseded)
        pieces = self._pieces(wanted, schema) if pieces is None else pieces
        reader = pa.RecordBatchReader.from_batches(schema, pieces)
        self._db.append(self._schema, self._contract.raw_table, reader, frozen=first_load)
        if first_load:
            self._db.rows(raw_table.create_index(self._contract, self._schema))
            self._analyse()

    def _start_anew(self) -> None:
        """Make the first load of an empty table cheap.

        An index is built faster than it is kept, and rows that come into a file begun in the same
        transaction need no write-ahead log (where ``wal_level`` is minimal). They must lie on disk
        by the commit instead, so the disk begins with them while they come.
        """
        self._db.rows(f"lock table {self._table} in access exclusive mode")
        if not self._is_empty():
            raise BatchTakenError(f"{self._table} was filled by another run")
        self._db.rows("set local backend_flush_after = '2MB'")
        self._db.rows(f"truncate {self._table}")
        self._db.rows(f'drop index {self._schema}."{raw_table.index_name(self._contract)}"')

    def _analyse(self) -> None:
        """Let the planner know the table at once: without, closing 1 % sorts all of it.

        A small sample tells enough until the server's own round looks closer.
        """
        self._db.rows("set local default_statistics_target = 20")
        names = ("_row_hash", "_recorded_to", *self._contract.key)
        columns = ", ".join(f'"{name}"' for name in names)
        self._db.rows(f"analyze {self._table} ({columns})")

    def _is_empty(self) -> bool:
        return not self._db.rows(f"select 1 from {self._table} limit 1")

    def _columns(self, superseded: bool) -> pa.Schema:
        fields = [(name, pa.string()) for name in self._batch.columns]
        fields += [("_row_hash", pa.int64()), ("_batch_id", pa.int64()), ("_recorded_from", MOMENT)]
        if superseded:
            fields += [("_recorded_to", MOMENT), ("_closed_batch_id", pa.int64())]
        return pa.schema(fields)

    def _pieces(self, wanted: NDArray[np.bool_], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        constants = {
            "_batch_id": pa.scalar(self._batch.batch_id, pa.int64()),
            "_recorded_from": pa.scalar(self._batch.moment, MOMENT),
            "_recorded_to": pa.scalar(self._batch.moment, MOMENT),
            "_closed_batch_id": pa.scalar(self._batch.batch_id, pa.int64()),
        }
        extra = [constants[name] for name in schema.names if name in constants]
        for piece in self._batch.pieces(self._batch.columns, wanted):
            added = [pa.repeat(value, piece.num_rows) for value in extra]
            yield pa.RecordBatch.from_arrays([*piece.columns, *added], schema=schema)
