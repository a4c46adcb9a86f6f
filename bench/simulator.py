"""The simulator's costs: seconds and peak memory to generate, load and live, at each scale.

Every step is the program a user runs (``python -m simulator …``) in a process of its own; its
start-up counts. ``load`` fills the departments' databases at once, as ``make up`` does.
``city`` is generated up to two million residents; what it took on the way shows that memory stays
flat and time grows in line.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from hub.settings import REPOSITORY, Settings
from hub.stack.child import Child
from hub.stack.ports import free_port
from hub.stack.preparation import source_steps
from hub.stack.secrets import ensure_secrets
from hub.stack.service import Service
from hub.stack.services import all_services
from hub.stack.sources import district
from hub.stack.steps import Step, run_steps

SEED = "20261121"
CITY = (500_000, 1_000_000, 2_000_000)
CASES = ["community", "street", "district", "city"]
LOADED = "street"
PROGRESS = re.compile(r"([\d,]+) residents in ([\d.]+) s, (\d+) MB")
RESULT = Path(__file__).with_name("results") / "simulator.json"
Costs = dict[str, float]


def main() -> None:
    """Measure every case, or the chosen ones, and keep the figures of the others."""
    parser = argparse.ArgumentParser(prog="bench simulator", description=__doc__)
    parser.add_argument("--only", choices=CASES, nargs="+", default=CASES)
    found: dict[str, Costs] = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for case in parser.parse_args().only:
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
            Path(folder).chmod(0o755)  # the servers' own accounts must reach their data
            found[case] = measure(case, Path(folder))
        show(case, found[case])
        kept = {each: found[each] for each in CASES if each in found}
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(kept, indent=2) + "\n")


def measure(case: str, home: Path) -> Costs:
    """Generate one case below ``home``; load the street and let it live a day as well."""
    settings = _settings(home, LOADED)
    target = district(settings)
    target.parent.mkdir(parents=True)
    few = ["--residents", str(CITY[-1])] if case == "city" else []
    made, said = _run("generate", "--scale", case, "--seed", SEED, *few, "--home", str(target))
    costs = {"rows": _rows(target), **{f"generate_{name}": cost for name, cost in made.items()}}
    if case == "city":
        costs |= _on_the_way(said)
    if case == LOADED:
        costs["load_seconds"] = _load(settings)
        day, _ = _run("advance", "--days", "1", "--home", str(target))
        costs |= {f"day_{name}": cost for name, cost in day.items()}
    return costs


def _run(*arguments: str) -> tuple[Costs, str]:
    """Run the simulator; return seconds, all processors' seconds, peak MB, and what it said."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "simulator", *arguments]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"simulator {arguments[0]} failed")
    costs = {
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "mb": round(usage.ru_maxrss / 1024),
    }
    return costs, said


def _on_the_way(said: str) -> Costs:
    """Return seconds and peak MB when a city first had so many residents."""
    parts = [
        (int(residents.replace(",", "")), float(seconds), float(mb))
        for residents, seconds, mb in PROGRESS.findall(said)
    ]
    costs: Costs = {}
    for wanted in CITY:
        _, seconds, mb = next(part for part in parts if part[0] >= wanted)
        costs |= {f"seconds_at_{wanted}": seconds, f"mb_at_{wanted}": mb}
    return costs


def _rows(home: Path) -> int:
    """Return how many rows the systems show."""
    import pyarrow.parquet as pq

    tables = [*home.glob("systems/**/*.parquet"), *home.glob("kept/**/*.parquet")]
    return sum(pq.read_metadata(table).num_rows for table in tables)


def _settings(home: Path, scale: str) -> Settings:
    ports = {name: free_port() for name in Settings.model_fields if name.startswith("port_")}
    return Settings.model_validate({"home": home, "scale": scale, "seed": SEED, **ports})


def _load(settings: Settings) -> float:
    """Start the departments' empty databases, then fill them; return the seconds of filling."""
    ensure_secrets(settings)
    settings.logs.mkdir(exist_ok=True)
    with ExitStack() as stack:

        def start(service: Service) -> None:
            log = settings.logs / service.name
            server = Child(
                service.title, service.command, log, service.environment, service.stop_signal
            )
            stack.callback(server.stop)
            server.start(service.is_ready)

        steps = source_steps(settings, all_services(settings), start)
        loads = [step for step in steps if step.name.startswith("load_")]
        run_steps(_before(loads, steps), lambda _: None)
        began = time.perf_counter()
        run_steps([replace(load, after=()) for load in loads], lambda _: None)
        return round(time.perf_counter() - began, 1)


def _before(loads: list[Step], steps: list[Step]) -> list[Step]:
    """Return the steps that the loads wait for."""
    needed = {name for load in loads for name in load.after}
    while more := {name for s in steps if s.name in needed for name in s.after} - needed:
        needed |= more
    return [step for step in steps if step.name in needed]


def show(case: str, costs: Costs) -> None:
    """Print a case's figures."""
    print(f"{case:14} " + "  ".join(f"{name} {cost:,}" for name, cost in costs.items()), flush=True)


if __name__ == "__main__":
    main()
