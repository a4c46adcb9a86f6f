"""A district of a seed of its own, landed and built, for as long as it is measured."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ingest import environment
from hub.settings import Settings, settings
from hub.stack import postgres, sources
from tests.support.departments import running_departments
from tests.support.warehouse import throwaway_warehouse

Steps = dict[str, float]


@contextmanager
def built_district(scale: str, seed: int) -> Iterator[tuple[Settings, Path, Steps]]:
    """Generate, land and build a district; give its settings, its truth and what steps took.

    Times are seconds of wall time, start-up of the command included.
    """
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o755)  # the servers' own accounts must reach their data
        os.environ |= environment(Path(folder), scale) | {"HUB_SEED": str(seed)}
        settings.cache_clear()
        hub = settings()
        with throwaway_warehouse(hub, postgres.WAREHOUSE):
            with running_departments(hub):
                steps = {"ingest_s": _timed("ingest", "--all")}
            steps["build_s"] = _timed("build")
            steps["build_again_s"] = _timed("build")
            yield hub, sources.district(hub) / "truth", steps


def _timed(*verb: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "hub", *verb], check=True)
    return round(time.perf_counter() - started, 1)
