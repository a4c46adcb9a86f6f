"""How many addresses find their building and dwelling, how rightly and how fast.

``python -m bench.linkage.addresses TRUTH_DIR`` prints the figures of the built warehouse in the
environment (HUB_HOME, HUB_PORT_POSTGRES). Every record counts that has an address, whoever it is
of: precision over all that were answered, recall over those whose address names the thing at all.
"""

import json
import multiprocessing
import resource
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl

from hub.pipeline.resolving.addresses import address_sources, learn
from hub.warehouse.connection import dsn
from hub.warehouse.tables import one_transaction
from resolution.addresses import match

RECORDS = """
select '{table}' as source, {text} as address_text, count(*) as records
from staging.{table} where {text} is not null group by 2
"""
RESOLVED = "select address_text, building_code, house_code, confidence, reason from resolve.address"
TO_BUILDING = r"^(.*?\d+栋)"


def figures(address: str, truth: Path) -> dict[str, Any]:
    """Return precision and recall of buildings and dwellings, addresses per second, peak memory.

    ``address`` is the warehouse's (libpq), ``truth`` the simulator's folder of what is so.
    """
    with one_transaction(address) as tables:
        records = tables.read(
            " union all ".join(RECORDS.format_map(each) for each in address_sources()["addresses"])
        )
        resolved = tables.read(RESOLVED)
    rows = records.join(resolved, on="address_text", how="left").join(
        _meant(records["address_text"].unique(), truth), on="address_text", how="left"
    )
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        effort = alone.apply(_effort, [address])
    return {
        "records": int(rows["records"].sum()),
        "distinct_texts": len(resolved),
        "building": _rightness(rows, "building_code"),
        "dwelling": _rightness(rows, "house_code"),
        "reasons": dict(rows.group_by("reason").agg(pl.col("records").sum()).sort("reason").rows()),
        **effort,
    }


def _meant(texts: pl.Series, truth: Path) -> pl.DataFrame:
    """Return the codes that each text means: as it is, or as it was before it was written anew."""
    ledger = pl.read_parquet(truth / "dirty_cell.parquet").filter(pl.col("kind") == "alias")
    written = ledger.select(address_text="dirty", clean="clean").unique("address_text")
    building = pl.read_parquet(truth / "building.parquet").select(
        place="address", true_building_code="building_code"
    )
    dwelling = pl.read_parquet(truth / "dwelling.parquet").select(
        clean="address", true_house_code="house_code"
    )
    rows = texts.to_frame().join(written, on="address_text", how="left")
    rows = rows.with_columns(pl.coalesce("clean", "address_text").alias("clean"))
    rows = rows.with_columns(place=pl.col("clean").str.extract(TO_BUILDING))
    return rows.join(building, on="place", how="left").join(dwelling, on="clean", how="left")


def _rightness(rows: pl.DataFrame, code: str) -> dict[str, float]:
    weight, said = pl.col("records"), pl.col(code)
    named, right = pl.col(f"true_{code}").is_not_null(), said == pl.col(f"true_{code}")
    sums = rows.select(
        named=weight.filter(named).sum(),
        answered=weight.filter(said.is_not_null()).sum(),
        right=weight.filter(right).sum(),
    ).row(0, named=True)
    return sums | {
        "precision": round(sums["right"] / sums["answered"], 5),
        "recall": round(sums["right"] / sums["named"], 5),
    }


def _effort(address: str) -> dict[str, float]:
    """Return what learning the gazetteer and resolving every distinct text costs, alone."""
    with one_transaction(address) as tables:
        texts = tables.read("select address_text from resolve.address")["address_text"]
        started, spent = time.perf_counter(), time.process_time()
        known = learn(tables)
        learnt = time.perf_counter() - started
    resolving, spent_before = time.perf_counter(), time.process_time()
    match.resolve(texts, known)
    seconds, processor = time.perf_counter() - resolving, time.process_time() - spent_before
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "learning_s": round(learnt, 2),
        "learning_processor_s": round(spent_before - spent, 2),
        "resolving_s": round(seconds, 2),
        "addresses_per_s": round(len(texts) / seconds),
        "addresses_per_processor_s": round(len(texts) / processor),
        "peak_mb": round(peak_mb),
    }


if __name__ == "__main__":
    print(json.dumps(figures(dsn("hub"), Path(sys.argv[1])), indent=2, ensure_ascii=False))
