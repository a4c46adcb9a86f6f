"""Applies the rate table to a system's rows and writes down what each dirty cell should be."""

import numpy as np
import polars as pl

from simulator.dirt.kinds import KINDS
from simulator.randomness import pick

Rules = dict[str, dict[str, float]]


def _share_of(count: int, share: float, rng: np.random.Generator, few: bool) -> int:
    """Return a share of a count; of ``few``, rounded by chance, so that rates hold over days."""
    return int(count * share + rng.random()) if few else round(count * share)


def repeat_rows(
    rows: pl.DataFrame, rules: Rules, rng: np.random.Generator, few: bool = False
) -> pl.DataFrame:
    """Add the rows that one system holds twice, at the end; ``_copy_of`` is where the first is."""
    share = rules.get("_rows", {}).get("duplicate", 0.0)
    twice = pick(rng, np.ones(len(rows), dtype=bool), _share_of(len(rows), share, rng, few))
    rows = rows.with_columns(_copy_of=pl.lit(None, pl.Int64))
    copies = rows[twice].with_columns(_copy_of=pl.Series(twice))
    return pl.concat([rows, copies])


def soil(
    rows: pl.DataFrame, key: str, rules: Rules, rng: np.random.Generator, few: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with dirty cells, and the ledger of them (key, column, kind, dirty, clean).

    Each rate is a share of the cells that fit the kind; no cell is spoilt twice.
    """
    entries = [_copies(rows, key)]
    rows = rows.drop("_copy_of")
    for columns, kinds in rules.items():
        if columns == "_rows":
            continue
        names = columns.split("+")
        clean = rows.select(names)
        untouched = np.ones(len(rows), dtype=bool)
        for kind, share in kinds.items():
            fits = clean.select(KINDS[kind].fits.fill_null(False)).to_series().to_numpy()
            at = pick(rng, fits & untouched, _share_of(int(fits.sum()), share, rng, few))
            wrong = KINDS[kind].spoil(clean[at], rng)
            untouched[at] = False
            for name in names:
                entries.append(_entries(rows[key][at], name, kind, wrong[name], clean[name][at]))
                rows = rows.with_columns(rows[name].scatter(at, wrong[name]))
    return rows, pl.concat(entries)


def _entries(
    keys: pl.Series, column: str, kind: str, dirty: pl.Series, clean: pl.Series
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "key": keys,
            "column": pl.Series([column]).new_from_index(0, len(keys)),
            "kind": pl.Series([kind]).new_from_index(0, len(keys)),
            "dirty": dirty.cast(pl.String),
            "clean": clean.cast(pl.String),
        }
    ).filter(pl.col("dirty").ne_missing(pl.col("clean")))


def _copies(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Enter each repeated row once, under its own key, with the original's key as the truth."""
    copies = rows.filter(pl.col("_copy_of").is_not_null())
    original = rows[key].gather(copies["_copy_of"].cast(pl.UInt32))
    return _entries(copies[key], "_rows", "duplicate", copies[key], original)
