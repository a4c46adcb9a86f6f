"""How right and how fast the residents' linkage is."""

import multiprocessing
import resource
import time
from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage.rightness import recall_by_agreement, rightness
from bench.linkage.truth import persons
from hub.pipeline.resolving.residents import read_records
from hub.warehouse.tables import one_transaction
from resolution.residents.linkage import in_exact_clusters, link
from resolution.residents.model import train

ATTRIBUTES = [["identifier"], ["name"], ["birth_date"], ["phone"], ["house_code", "home_code"]]
ROUNDS = 3


def figures(address: str, truth: Path) -> dict[str, Any]:
    """Return how right the clusters of the staged records are, and what they cost."""
    with one_transaction(address) as tables:
        records = read_records(tables)
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        effort = alone.apply(_effort, [records])
    clusters = link(records).clusters
    who = persons(truth)
    stated = records.select(
        "source_system", "source_key", *(name for names in ATTRIBUTES for name in names)
    ).with_columns(pl.col("name").str.replace_all(" ", "", literal=True))
    rules = clusters.group_by("rule").len().sort("rule")
    return {
        **rightness(clusters, who),
        **recall_by_agreement(clusters, who, stated, ATTRIBUTES),
        **effort,
        "records_by_rule": dict(rules.rows()),
    }


def _effort(records: pl.DataFrame) -> dict[str, float]:
    """Return what it costs from a data frame in to clusters out: the best of a few, alone."""
    walls, processors = [], []
    for _ in range(ROUNDS):
        started, spent = time.perf_counter(), time.process_time()
        link(records)
        walls.append(time.perf_counter() - started)
        processors.append(time.process_time() - spent)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    train(in_exact_clusters(records))
    return {
        "wall_s": round(min(walls), 2),
        "processor_s": round(min(processors), 2),
        "records_per_s": round(len(records) / min(walls)),
        "records_per_processor_s": round(len(records) / min(processors)),
        "peak_mb": round(peak_mb),
        "training_s": round(time.perf_counter() - started, 2),
    }
