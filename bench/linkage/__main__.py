"""How right the four libraries are, on a simulated district whose seed nothing was chosen on.

Keeps the figures in ``bench/results/linkage.json`` and tells them in ``bench/linkage/REPORT.md``.
With ``--truth``, measures the built warehouse in the environment (HUB_HOME, HUB_PORT_POSTGRES)
instead of generating one.
"""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.field_accuracy import field_accuracy
from bench.linkage import addresses, coded, residents
from bench.linkage.home import built_district
from bench.linkage.report import report
from hub.settings import settings
from hub.warehouse.connection import dsn

UNSEEN_SEED = 42
RESULTS = Path(__file__).parents[1] / "results" / "linkage.json"
REPORT = Path(__file__).with_name("REPORT.md")
HEADLINE = ("precision", "recall", "records_per_s", "peak_mb", "over_merged_per_cluster")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="bench linkage", description=__doc__)
    parser.add_argument("--scale", default="street")
    parser.add_argument("--seed", type=int, default=UNSEEN_SEED)
    parser.add_argument("--truth", type=Path, help="Folder of the truth of a warehouse that is up.")
    chosen = parser.parse_args()
    if chosen.truth:
        found = measure(chosen.truth) | {"steps": {}}
    else:
        with built_district(chosen.scale, chosen.seed) as (_, truth, steps):
            found = measure(truth) | {"steps": steps}
    found |= {"scale": chosen.scale, "seed": chosen.seed, "cores": os.cpu_count()}
    found["measured_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    REPORT.write_text(report(found))
    print(json.dumps({name: found[name] for name in HEADLINE}, indent=2))


def measure(truth: Path) -> dict[str, Any]:
    """Return the headline figures, those of each entity, and those of each field."""
    settings.cache_clear()
    address = dsn("hub")
    people = residents.figures(address, truth)
    return {
        **{name: people[name] for name in HEADLINE},
        "load": round(os.getloadavg()[0], 1),
        "entities": {
            "resident": people,
            "address": addresses.figures(address, truth),
            **coded.figures(address, truth),
        },
        "fields": field_accuracy(address, truth).to_dicts(),
    }


main()
