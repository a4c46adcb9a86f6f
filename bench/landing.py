"""Landing against the bare pipe: ``COPY … TO STDOUT | COPY … FROM STDIN`` on the same machine.

Each round makes a source table of ``--rows`` rows × 15 columns, times the pipe, then the whole
connector three times (first load, unchanged, 1 % changed): extract, raw file, row check, profile,
hash compare, change log, ledger. Each landing runs in a process of its own, whose start-up is not
counted and whose peak memory is. The table shows medians over the rounds.
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
from pathlib import Path

import psycopg
import yaml

from hub.stack import postgres
from hub.stack.ports import free_port

# fmt: off
COLUMNS = [
    "xlh", "gmsfhm", "xm", "xbdm", "mzdm", "csrq", "hjdz", "sqbm",
    "lxdh", "hyzk", "whcd", "wgbm", "fwbm", "zxbs", "gxsj",
]
# fmt: on
STEPS = ("first", "unchanged", "changed")
SOURCE = """
create table people as select
  lpad(i::text, 10, '0') as xlh, md5(i::text) as gmsfhm, '仿' || chr((20000 + i % 5000)::int) as xm,
  (1 + i % 2)::text as xbdm, lpad((i % 56)::text, 2, '0') as mzdm,
  to_char(date '1950-01-01' + (i % 25000)::int, 'YYYYMMDD') as csrq,
  '广东省深圳市福田区沙头街道沙嘴社区' || (i % 400) || '号' as hjdz, '440304005013' as sqbm,
  '1' || lpad((i * 31)::text, 10, '3') as lxdh, ((i % 5) * 10)::text as hyzk, (i % 9)::text as whcd,
  lpad((i % 219)::text, 15, '4') as wgbm, lpad((i % 13346)::text, 25, '4') as fwbm, '0' as zxbs,
  timestamp '2026-01-01' + i * interval '1 second' as gxsj
from generate_series(1::bigint, {rows}) as i
"""
CHANGE = "update people set zxbs = '1' where right(xlh, 2) = '07'"


def main() -> None:
    """Run the benchmark, or one landing of it in a process of its own."""
    parser = argparse.ArgumentParser(prog="bench landing", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--land", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.land:
        print(json.dumps(land(*chosen.land)))
        return
    rounds = [measure(chosen.rows) for _ in range(chosen.rounds)]
    show(chosen.rows, rounds)


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
            change_log.merge(dsn, batch, ledger.rejected_numbers(batch.batch_id))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure(rows: int) -> dict[str, dict[str, float]]:
    """Run one round on a cluster of its own; return seconds and MB by step."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the server's own account must reach its data
        (home / "password").write_text("bench")
        cluster = postgres.PostgresCluster(
            home / "data", free_port(), home / "password", dict(postgres.WAREHOUSE)
        )
        cluster.create()
        cluster.start()
        try:
            return _round(cluster, home, rows)
        finally:
            cluster.stop()
            cluster.remove()


def _round(cluster: postgres.PostgresCluster, home: Path, rows: int) -> dict[str, dict[str, float]]:
    passfile = home / "pgpass"
    passfile.write_text("*:*:*:*:bench")
    passfile.chmod(0o600)
    addresses = {name: f"{cluster.uri(name)}?passfile={passfile}" for name in ("source", "target")}
    with cluster.connect("postgres") as connection:
        for name in addresses:
            connection.execute(f"create database {name}")
    _sql(addresses["source"], SOURCE.format(rows=rows))
    _sql(addresses["source"], "vacuum analyze people")
    contracts = _contract(home, cluster.port)
    found = {"pipe": {"seconds": _pipe(addresses), "mb": 0.0}}
    for step in STEPS:
        if step == "changed":
            _sql(addresses["source"], CHANGE)
            _sql(addresses["source"], "vacuum analyze people")
        _sql(addresses["target"], "checkpoint")
        found[step] = _land(addresses["target"], contracts, home / "landing")
    return found


def _pipe(addresses: dict[str, str]) -> float:
    columns = ", ".join(f"{name} text" for name in COLUMNS)
    _sql(addresses["target"], f"create table people ({columns})")
    _sql(addresses["target"], "checkpoint")
    began = time.perf_counter()
    give = ["psql", addresses["source"], "-qc", "copy people to stdout"]
    take = ["psql", addresses["target"], "-qc", "copy people from stdin"]
    with subprocess.Popen(give, stdout=subprocess.PIPE) as giving:
        subprocess.run(take, stdin=giving.stdout, check=True)
    return time.perf_counter() - began


def _land(dsn: str, contracts: Path, landing: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.landing", "--land", dsn, str(contracts), str(landing)],
        env={**os.environ, "BENCH_PASSWORD": "bench"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def _contract(home: Path, port: int) -> Path:
    folder = home / "contracts" / "bench"
    folder.mkdir(parents=True)
    kinds = {"csrq": "date", "gxsj": "timestamp"}
    secret = {"gmsfhm", "xm", "hjdz", "lxdh", "fwbm"}
    properties = [
        {
            "name": name,
            "physicalName": name.upper(),
            "businessName": name,
            "description": name,
            "logicalType": kinds.get(name, "string"),
            "classification": "L3" if name in secret else "L1",
            **({"primaryKey": True, "required": True} if name == "xlh" else {}),
        }
        for name in COLUMNS
    ]
    department = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "department": "bench",
        "title": "测速",
        "domain": "bench",
        "team": {"name": "bench"},
        "authority": {"basis": "bench", "sharing": "无条件共享"},
        "server": {
            "type": "postgresql",
            "host": "127.0.0.1",
            "port": port,
            "database": "source",
            "user": "postgres",
            "password": "${BENCH_PASSWORD}",
        },
        "schedule": "0 2 * * *",
    }
    table = {
        "version": "1.0.0",
        "status": "active",
        "name": "测速",
        "description": {"purpose": "bench"},
        "extract": {"object": "people", "mode": "snapshot"},
        "slaProperties": [{"property": "latency", "value": 1, "unit": "d"}],
        "gate": {"max_rejected_share": 0, "min_type_share": 1},
        "schema": [{"name": "people", "properties": properties}],
    }
    for name, content in (("department", department), ("people", table)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    return folder.parent


def _sql(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def show(rows: int, rounds: list[dict[str, dict[str, float]]]) -> None:
    """Print medians as a table and write them to ``bench/results/landing.json``."""
    middle = {
        step: {k: statistics.median(r[step][k] for r in rounds) for k in ("seconds", "mb")}
        for step in ("pipe", *STEPS)
    }
    print(f"{rows:,} rows x {len(COLUMNS)} columns, median of {len(rounds)}")
    print(f"{'':10} {'seconds':>8} {'x pipe':>7} {'rows/s':>10} {'peak MB':>8}")
    pipe = middle["pipe"]["seconds"]
    for step, found in middle.items():
        seconds = found["seconds"]
        line = f"{step:10} {seconds:8.2f} {seconds / pipe:7.2f} {rows / seconds:10,.0f}"
        print(line + (f" {found['mb']:8.0f}" if found["mb"] else ""))
    result = {
        "rows": rows,
        **{f"ratio_{step}": round(middle[step]["seconds"] / pipe, 3) for step in STEPS},
        "peak_mb": round(max(middle[step]["mb"] for step in STEPS)),
    }
    target = Path(__file__).with_name("results") / "landing.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
