"""Generates a district into a folder: the truth, and what each system shows of it.

``truth/*.parquet`` is for tests and benchmarks only; ``systems/<system>/`` is what the servers
serve. The folder appears whole or not at all.
"""

import json
import shutil
from pathlib import Path

import polars as pl

from simulator.systems import city_management, civil_affairs, files, health, party_building, police
from simulator.systems.view import View
from simulator.truth.district import generate

SYSTEMS = [police, civil_affairs, party_building, health, city_management]
NOTICE = """合成数据，仅供软件演示与测试：人、单位、地址、编码均为虚构。
Synthetic data for demonstration and tests: every person, company, address and code is invented.
"""
ROWS_PER_GROUP = 10_000


def identity(scale: str, seed: int) -> dict[str, object]:
    """Return what tells one generated district from another."""
    return {"synthetic": True, "scale": scale, "seed": seed}


def is_generated(home: Path, scale: str, seed: int) -> bool:
    """Say whether ``home`` already holds this district."""
    marker = home / "district.json"
    return marker.exists() and json.loads(marker.read_text()) == identity(scale, seed)


def generate_home(home: Path, scale: str, seed: int) -> dict[str, int]:
    """Write the district into ``home``, replacing another one there; return rows per table."""
    partial = home.with_name(home.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    counts = _write(partial, scale, seed)
    (partial / "SYNTHETIC.txt").write_text(NOTICE, encoding="utf-8")
    (partial / "district.json").write_text(json.dumps(identity(scale, seed)) + "\n")
    shutil.rmtree(home, ignore_errors=True)
    partial.rename(home)
    return counts


def _write(folder: Path, scale: str, seed: int) -> dict[str, int]:
    district = generate(scale, seed)
    for name, rows in district.items():
        write_parquet(rows, folder / "truth" / f"{name}.parquet")
    counts, ledgers = {}, []
    for view in (view for system in SYSTEMS for view in system.VIEWS):
        rows, ledger = view.look(district, seed)
        _show(rows, view, folder / "systems" / view.system)
        counts[f"{view.system}.{view.table}"] = len(rows)
        ledgers.append(ledger)
    write_parquet(pl.concat(ledgers), folder / "truth" / "dirty_cell.parquet")
    return counts


def _show(rows: pl.DataFrame, view: View, folder: Path) -> None:
    """Leave a system's table where its server or loader finds it: health in files of its own."""
    if view.table in files.WRITERS:
        files.leave(view.table, rows, folder / "outbox")
    else:
        write_parquet(rows.rename(view.headers), folder / f"{view.table}.parquet")


def write_parquet(rows: pl.DataFrame, path: Path) -> None:
    """Write a table in small row groups, marked synthetic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(path, row_group_size=ROWS_PER_GROUP, metadata={"synthetic": "true"})
