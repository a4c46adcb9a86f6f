"""All departments at scale: ``hub ingest --all`` for the first time, and again a day later.

Starts the simulated departments and a warehouse of their own, pulls everything, lets the district
live one day and pulls again. Start-up of the command is counted; to tell it apart, one table of a
dozen rows is pulled twice before the day's pull, and the second time counts as start-up. Prints
seconds of wall and CPU time, how much of it the host took, and how many rows came; keeps them in
``bench/results/ingest.json``.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.machine import stolen_seconds
from hub.settings import Settings, settings
from hub.stack import postgres, sources
from hub.stack.ports import free_port
from tests.support.departments import running_departments
from tests.support.warehouse import throwaway_warehouse

RESULTS = Path(__file__).with_name("results") / "ingest.json"
EVERYTHING, SMALLEST = ("--all",), ("party_building", "--table", "centre")
ROWS = "select coalesce(sum(received), 0), coalesce(sum(appended), 0) from ops.batch"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="bench ingest", description=__doc__)
    parser.add_argument("--scale", default="street")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o755)  # the servers' own accounts must reach their data
        os.environ |= environment(Path(folder), chosen.scale)
        settings.cache_clear()
        found = measure(settings())
    found |= {"scale": chosen.scale, "cores": os.cpu_count()}
    found["measured_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


def measure(hub: Settings) -> dict[str, object]:
    """Pull everything twice; return what each pull took."""
    with throwaway_warehouse(hub, postgres.WAREHOUSE) as warehouse, running_departments(hub):
        found: dict[str, object] = {"load_before": round(os.getloadavg()[0], 2)}
        found["first"] = _pull(warehouse.cluster)
        live_a_day(hub)
        for _ in range(2):  # the first time fills the disk's cache, as the first pull did
            found["start_up"] = _pull(warehouse.cluster, *SMALLEST)
        found["day_later"] = _pull(warehouse.cluster)
    return found


def _pull(cluster: postgres.PostgresCluster, *what: str) -> dict[str, float]:
    before, began = _rows(cluster), time.perf_counter()
    used, stolen = resource.getrusage(resource.RUSAGE_CHILDREN), stolen_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "hub", "ingest", *(what or EVERYTHING)], check=False
    )
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    after = _rows(cluster)
    return {
        "exit_code": done.returncode,
        "wall_seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime, 1),
        "stolen_seconds": round(stolen_seconds() - stolen, 1),
        "received": after[0] - before[0],
        "appended": after[1] - before[1],
    }


def _rows(cluster: postgres.PostgresCluster) -> tuple[int, int]:
    with cluster.connect("warehouse") as connection:
        try:
            received, appended = connection.execute(ROWS).fetchone() or (0, 0)
        except psycopg.errors.UndefinedTable:
            return 0, 0
    return int(received), int(appended)


def live_a_day(hub: Settings) -> None:
    """Let the departments of a home live one day; their servers show it afterwards."""
    district = str(sources.district(hub))
    command = [sys.executable, "-m", "simulator", "advance", "--home", district, "--days", "1"]
    subprocess.run(command, check=True)
    sources.load_police(hub)
    for system in sources.MARIADB:
        sources.load_mariadb(hub, system)


def environment(home: Path, scale: str) -> dict[str, str]:
    """Return settings of a home of its own, every port a free one."""
    ports = {name: free_port() for name in Settings.model_fields if name.startswith("port_")}
    return {
        "HUB_HOME": str(home),
        "HUB_SCALE": scale,
        **{f"HUB_{name.upper()}": str(port) for name, port in ports.items()},
    }


if __name__ == "__main__":
    main()
