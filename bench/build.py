"""A whole build, and another a day later, at one scale after the other: does it grow linearly?

For each scale a district is generated, landed and built (staging to marts, every check), lives one
day, is landed and built again. Prints and keeps in ``bench/results/build.json``, by scale: rows of
the change logs, seconds of wall time of each build and its parts, how much of it the host took,
how many records ``moved`` to a person that day, or for another reason, and how many of them are
``strangers``: nothing that anybody says of their persons changed.
Start-up of the command is counted.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.ingest import environment, live_a_day
from bench.machine import stolen_seconds
from hub.settings import Settings, settings
from hub.stack import postgres
from tests.support.departments import running_departments
from tests.support.warehouse import Warehouse, throwaway_warehouse

RESULTS = Path(__file__).with_name("results") / "build.json"
PART = re.compile(r"^(.+): \d+ nodes, (\d+) s$", re.MULTILINE)
ROWS = "select coalesce(sum(appended), 0)::bigint from ops.batch"
# A person is touched when a department said something new of one of his records, or took it back.
MOVED = """
with touched as (
    select resident_id from resolve.resident_statement where _recorded_from > %(since)s
    union
    select link.resident_id
    from resolve.resident_crosswalk as link
    left join resolve.resident_statement as statement using (source_system, source_key)
    where link.valid_to > %(since)s and statement.source_key is null
)
select count(*) as moved, count(*) filter (where not is_touched) as strangers
from (
    select bool_or(touched.resident_id is not null) as is_touched
    from resolve.resident_crosswalk as link
    left join touched using (resident_id)
    group by link.source_system, link.source_key
    having max(greatest(link.valid_from, link.valid_to)) > %(since)s
) as moved_record
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="bench build", description=__doc__)
    parser.add_argument("--scales", nargs="+", default=["community", "street"])
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for scale in parser.parse_args().scales:
        known[scale] = measure(scale)
        print(scale, json.dumps(known[scale], indent=2), flush=True)
        RESULTS.write_text(json.dumps(known, indent=2) + "\n")


def measure(scale: str) -> dict[str, Any]:
    """Generate, land and build a district twice, a day apart; return what was found."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o755)  # the servers' own accounts must reach their data
        os.environ |= environment(Path(folder), scale)
        settings.cache_clear()
        hub = settings()
        with throwaway_warehouse(hub, postgres.WAREHOUSE) as warehouse, running_departments(hub):
            return {
                "cores": os.cpu_count(),
                "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "first": _landed_and_built(warehouse),
                "day_later": _a_day_later(hub, warehouse),
            }


def _a_day_later(hub: Settings, warehouse: Warehouse) -> dict[str, Any]:
    with warehouse.connect() as connection:
        (since,) = connection.execute("select clock_timestamp()").fetchone() or (None,)
    live_a_day(hub)
    found = _landed_and_built(warehouse)
    with warehouse.connect() as connection:
        moved, strangers = connection.execute(MOVED, {"since": since}).fetchone() or (None, None)
    return found | {"moved": moved, "strangers": strangers}


def _landed_and_built(warehouse: Warehouse) -> dict[str, Any]:
    _hub("ingest", "--all")
    began, stolen = time.perf_counter(), stolen_seconds()
    said = _hub("build")
    found = {
        "build_seconds": round(time.perf_counter() - began, 1),
        "stolen_seconds": round(stolen_seconds() - stolen, 1),
        "parts": {part: int(seconds) for part, seconds in PART.findall(said)},
    }
    with warehouse.connect() as connection:
        (rows,) = connection.execute(ROWS).fetchone() or (None,)
    return {"rows": rows, **found}


def _hub(*verb: str) -> str:
    command = [sys.executable, "-m", "hub", *verb]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
