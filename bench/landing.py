"""Landing against the bare pipe: ``COPY … TO STDOUT | COPY … FROM STDIN`` on the same machine.

Each round makes a source table of ``--rows`` rows × 15 columns, times the pipe, then the whole
connector three times (first load, unchanged, 1 % changed): extract, raw file, row check, profile,
hash compare, change log, ledger. Each landing runs in a process of its own, whose start-up is not
counted and whose peak memory is. dlt copies the same table beside it, once, in an environment of
its own. The table shows medians over the rounds; ``bench/results/landing.json`` keeps them.

``--large`` lands 5,000,000 rows once instead and adds their peak memory to the results.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import people
from bench.machine import stolen_seconds
from hub.settings import settings
from hub.stack import postgres
from hub.stack.ports import free_port

STEPS = ("first", "unchanged", "changed")
LARGE_ROWS = 5_000_000
PEER = Path(__file__).with_name("peer.py")
RESULTS = Path(__file__).with_name("results") / "landing.json"

Figures = dict[str, dict[str, float]]


def main() -> None:
    """Run the benchmark, or one landing of it in a process of its own."""
    parser = argparse.ArgumentParser(prog="bench landing", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--no-peer", dest="peer", action="store_false")
    parser.add_argument("--no-readers", dest="readers", action="store_false")
    parser.add_argument("--land", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.land:
        print(json.dumps(land(*chosen.land)))
    elif chosen.large:
        large(LARGE_ROWS)
    else:
        whole(chosen)


def whole(chosen: argparse.Namespace) -> None:
    """Measure the ratios, the peer and the readers; show and keep what was found."""
    load, stolen = round(os.getloadavg()[0], 2), stolen_seconds()
    rounds = [measure(chosen.rows, peer=chosen.peer and not n) for n in range(chosen.rounds)]
    middle = medians(rounds)
    show(chosen.rows, len(rounds), middle)
    pipe = middle["pipe"]["seconds"]
    found: dict[str, Any] = {
        "rows": chosen.rows,
        "rounds": chosen.rounds,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_before": load,
        "stolen_seconds": round(stolen_seconds() - stolen, 1),
        "pipe_seconds": round(pipe, 2),
        **{f"ratio_{step}": round(middle[step]["seconds"] / pipe, 3) for step in STEPS},
        "peak_mb": round(max(middle[step]["mb"] for step in STEPS)),
    }
    if chosen.peer:
        found["peer_dlt_ratio"] = round(middle["dlt"]["seconds"] / rounds[0]["pipe"]["seconds"], 3)
    keep(found)
    if chosen.readers:
        from bench import readers

        read = readers.measure()
        readers.show(read)
        keep({"readers": read})


def large(rows: int) -> None:
    """Land a large table once; keep its peak memory."""
    with _databases(rows) as (home, cluster, addresses):
        found = _land(addresses["target"], _contract(home, cluster.port), home / "landing")
    print(f"{rows:,} rows: {found['seconds']:.1f} s, peak {found['mb']:.0f} MB")
    keep({"large": {"rows": rows, "peak_mb": round(found["mb"])}})


def land(dsn: str, contracts: str, landing: str) -> dict[str, float]:
    """Land and merge the table once; return seconds and peak memory in MB."""
    from connectors.contracts import load_contracts
    from connectors.landing import change_log, raw_table
    from connectors.landing import land as lander
    from connectors.landing.ledger import Ledger
    from connectors.protocols import postgresql  # noqa: F401 - start-up is not counted
    from connectors.protocols.registry import open_source

    (contract,) = load_contracts(Path(contracts))
    began = time.perf_counter()
    with Ledger(dsn, Path(landing)) as ledger:
        ledger.open_run("bench", "bench")
        ledger.lock(contract)
        raw_table.prepare(dsn, contract)
        for extraction in open_source(contract).extractions(ledger.since(contract)):
            batch = lander.land(ledger, "bench", contract, extraction)
            change_log.merge(dsn, Path(landing), batch)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure(rows: int, *, peer: bool) -> Figures:
    """Run one round on a cluster of its own; return seconds and MB by step."""
    with _databases(rows) as (home, cluster, addresses):
        contracts = _contract(home, cluster.port)
        found = {"pipe": {"seconds": _pipe(addresses), "mb": 0.0}}
        for step in STEPS:
            if step == "changed":
                _sql(addresses["source"], people.CHANGE)
                _sql(addresses["source"], "vacuum analyze people")
            _sql(addresses["target"], "checkpoint")
            found[step] = _land(addresses["target"], contracts, home / "landing")
        if peer:
            _sql(addresses["target"], "checkpoint")
            found["dlt"] = _peer(cluster.port)
    return found


@contextmanager
def _databases(rows: int) -> Iterator[tuple[Path, postgres.PostgresCluster, dict[str, str]]]:
    """Run a cluster with a filled database ``source`` and an empty ``target``."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the server's own account must reach its data
        (home / "password").write_text("bench")
        (home / "pgpass").write_text("*:*:*:*:bench")
        (home / "pgpass").chmod(0o600)
        cluster = postgres.PostgresCluster(
            home / "data", free_port(), home / "password", dict(postgres.WAREHOUSE)
        )
        cluster.create()
        cluster.start()
        try:
            addresses = {}
            with cluster.connect("postgres") as connection:
                for name in ("source", "target"):
                    connection.execute(f"create database {name}")
                    addresses[name] = f"{cluster.uri(name)}?passfile={home / 'pgpass'}"
            _sql(addresses["source"], people.SOURCE.format(rows=rows))
            _sql(addresses["source"], "vacuum analyze people")
            yield home, cluster, addresses
        finally:
            cluster.stop()
            cluster.remove()


def _pipe(addresses: dict[str, str]) -> float:
    columns = ", ".join(f"{name} text" for name in people.COLUMNS)
    _sql(addresses["target"], f"create table people ({columns})")
    _sql(addresses["target"], "checkpoint")
    began = time.perf_counter()
    give = ["psql", addresses["source"], "-qc", "copy people to stdout"]
    take = ["psql", addresses["target"], "-qc", "copy people from stdin"]
    with subprocess.Popen(give, stdout=subprocess.PIPE) as giving:
        subprocess.run(take, stdin=giving.stdout, check=True)
    return time.perf_counter() - began


def _land(dsn: str, contracts: Path, landing: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.landing", "--land", dsn, contracts, landing]
    return _measured(command, {people.PASSWORD_VARIABLE: "bench"})


def _peer(port: int) -> dict[str, float]:
    python = settings().venvs / "bench" / "bin" / "python"
    if not python.exists():
        raise SystemExit("the peer is not installed: python3 -m hub.bootstrap env bench")
    source, target = (
        f"postgresql://postgres:bench@127.0.0.1:{port}/{name}" for name in ("source", "target")
    )
    return _measured([python, PEER, source, target], {})


def _measured(command: list[str | Path], environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _contract(home: Path, port: int) -> Path:
    extract = {"object": "people", "mode": "snapshot"}
    people.contract(home, people.database("postgresql", port, "postgres"), extract)
    return home / "contracts"


def _sql(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def medians(rounds: list[Figures]) -> Figures:
    """Return the median seconds and MB of each step over the rounds that measured it."""
    steps = dict.fromkeys(step for one in rounds for step in one)
    return {
        step: {
            k: statistics.median(r[step][k] for r in rounds if step in r) for k in ("seconds", "mb")
        }
        for step in steps
    }


def show(rows: int, rounds: int, middle: Figures) -> None:
    """Print the medians as a table."""
    print(f"{rows:,} rows x {len(people.COLUMNS)} columns, median of {rounds}")
    print(f"{'':10} {'seconds':>8} {'x pipe':>7} {'rows/s':>10} {'peak MB':>8}")
    pipe = middle["pipe"]["seconds"]
    for step, found in middle.items():
        seconds = found["seconds"]
        line = f"{step:10} {seconds:8.2f} {seconds / pipe:7.2f} {rows / seconds:10,.0f}"
        print(line + (f" {found['mb']:8.0f}" if found["mb"] else ""))


def keep(found: dict[str, Any]) -> None:
    """Lay what was found over the results kept so far."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, **found}, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
