"""Which rows of a batch are new, unchanged, or earlier versions of a key that came twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.landing.stored import StoredBatch

Hashes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Recorded = Callable[[Hashes], Hashes]


@dataclass(frozen=True)
class Versions:
    """Masks over the rows of a batch.

    ``fresh``: append and leave open. ``superseded``: append and close at once (an earlier version
    of a key that came several times with different content). Everything else that was
    ``accepted`` is unchanged. ``current``: hashes of the rows that stand now.
    """

    accepted: Mask
    fresh: Mask
    superseded: Mask
    current: Hashes


def choose(
    batch: StoredBatch, incoming: Hashes, accepted: Mask, opened: Hashes, recorded: Recorded
) -> Versions:
    """Sort the rows of a batch into new, unchanged and superseded.

    Args:
        batch: its raw file is read only where a key came twice.
        incoming: row hashes in the order received.
        accepted: which rows were not rejected.
        opened: hashes of the open rows in the change log.
        recorded: tells which of some hashes the change log holds at all, open or closed.
    """
    rows = pl.DataFrame({"hash": incoming, "accepted": accepted}).with_row_index("row")
    if not accepted.all():
        rows = rows.filter("accepted")
    if _repeated(rows["hash"].to_numpy()).any():
        rows = rows.filter(pl.col("hash").is_first_distinct())
    rows = rows.with_columns(
        known=pl.col("hash").is_in(pl.Series(opened).implode()), current=pl.lit(value=True)
    )
    conflicts = _conflicts(batch, rows)
    if conflicts is not None:
        rows = rows.join(conflicts, on="row", how="left", maintain_order="left").with_columns(
            current=pl.col("wins").fill_null(value=True)
        )
    fresh = rows.filter(~pl.col("known") & pl.col("current"))
    lost = rows.filter(~pl.col("current"))
    if lost.height:
        known = recorded(lost["hash"].to_numpy())
        lost = lost.filter(~pl.col("hash").is_in(pl.Series(known).implode()))
    return Versions(
        accepted=accepted,
        fresh=_mask(fresh, len(incoming)),
        superseded=_mask(lost, len(incoming)),
        current=rows.filter("current")["hash"].to_numpy(),
    )


def _conflicts(batch: StoredBatch, rows: pl.DataFrame) -> pl.DataFrame | None:
    """For keys that came with different content: which row wins; ``None`` without such keys.

    The greatest cursor wins. Without one (or at a tie), the last row of a file or stream wins,
    since both are written in order; elsewhere the version that is open already, since the order
    of a query or of pages says nothing, and running twice must change nothing.
    """
    key = list(batch.contract.key)
    hashes = batch.key_hashes
    whole = rows.height == len(hashes)
    suspect = _repeated(hashes if whole else hashes[rows["row"].to_numpy()])
    if not suspect.any():
        return None
    keys, rows = (frame.filter(pl.Series(suspect)) for frame in (_keys(batch, rows), rows))
    twice = pl.struct(key).is_duplicated() if len(key) > 1 else pl.col(key[0]).is_duplicated()
    found = keys.with_columns(row=rows["row"], known=rows["known"]).filter(twice)
    if not found.height:
        return None
    order = ["row"] if batch.mode in {"files", "stream"} else ["known", "row"]
    if batch.cursor:
        found = found.with_columns(_order(batch, batch.cursor)[found["row"]])
        order = ["cursor number", "cursor", *order]
    last = found.sort(order).group_by(key, maintain_order=True).agg(winner=pl.col("row").last())
    return found.join(last, on=key).select("row", wins=pl.col("row") == pl.col("winner"))


def _keys(batch: StoredBatch, rows: pl.DataFrame) -> pl.DataFrame:
    keys = batch.keys()
    return keys if rows.height == keys.height else keys[rows["row"]]


def _repeated(values: NDArray[Any]) -> Mask:
    """Mark the numbers that come more than once.

    Sorting millions of numbers needs a quarter of the memory that grouping them does.
    """
    ordered = np.sort(values)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.isin(values, twice) if len(twice) else np.zeros(len(values), dtype=np.bool_)


def _order(batch: StoredBatch, cursor: str) -> pl.DataFrame:
    """Return what sorts by the cursor: numbers by their value, moments by their text."""
    values = batch.read([cursor]).to_series().alias("cursor")
    return pl.DataFrame([values.cast(pl.Int64, strict=False).alias("cursor number"), values])


def _mask(rows: pl.DataFrame, count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[rows["row"].to_numpy()] = True
    return mask
