"""The peer: dlt copies the same table. Runs in the environment ``bench``, which holds dlt alone.

``python bench/peer.py SOURCE TARGET`` (database addresses) prints seconds and peak memory as
JSON; start-up is not counted. Of dlt's ways to read, connectorx is the fastest here; of its ways
to write to PostgreSQL, CSV by COPY.
"""

import json
import os
import resource
import sys
import tempfile
import time

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.destinations import postgres
from dlt.sources.sql_database import sql_table


def main(source: str, target: str) -> None:
    """Copy the table ``people`` once."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-dlt-") as folder:
        pipeline = dlt.pipeline(
            "peer",
            pipelines_dir=folder,
            destination=postgres(target),
            dataset_name="peer",
        )
        table = sql_table(
            credentials=source, table="people", backend="connectorx", chunk_size=100_000
        )
        began = time.perf_counter()
        pipeline.run(table, write_disposition="replace", loader_file_format="csv")
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mb": peak}))


main(*sys.argv[1:])
