"""Generates a district into a folder: the truth, and what each system shows of it.

``truth/`` is for tests and benchmarks only (``truth/record/``: which record is who);
``systems/<system>/`` is what the servers serve. The folder appears whole or not at all.
"""

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl

from simulator.systems import city_management, civil_affairs, files, health, party_building, police
from simulator.systems.view import View
from simulator.truth.district import generate
from simulator.truth.place import today

SYSTEMS = [police, civil_affairs, party_building, health, city_management]
NOTICE = """合成数据，仅供软件演示与测试：人、单位、地址、编码均为虚构。
Synthetic data for demonstration and tests: every person, company, address and code is invented.
"""
ROWS_PER_GROUP = 10_000
READY = "advance.ready"  # folder of files that a day has brought


def identity(scale: str, seed: int, day: date) -> str:
    """Return what tells one district from another, and from itself on another day."""
    about = {"synthetic": True, "scale": scale, "seed": seed, "as_of": day.isoformat()}
    return json.dumps(about) + "\n"


def is_generated(home: Path, scale: str, seed: int) -> bool:
    """Say whether ``home`` already holds this district, on whatever day."""
    marker = home / "district.json"
    wanted = {"synthetic": True, "scale": scale, "seed": seed}
    return marker.exists() and wanted.items() <= json.loads(marker.read_text()).items()


def generate_home(home: Path, scale: str, seed: int) -> dict[str, int]:
    """Write the district into ``home``, replacing another one there; return rows per table."""
    partial = home.with_name(home.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    counts = _write(partial, scale, seed)
    (partial / "SYNTHETIC.txt").write_text(NOTICE, encoding="utf-8")
    (partial / "district.json").write_text(identity(scale, seed, today()))
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
        show(rows, view, folder, today())
        write_parquet(view.records(district, rows, ledger, today()), record_file(folder, view))
        counts[f"{view.system}.{view.table}"] = len(rows)
        ledgers.append(ledger)
    write_parquet(pl.concat(ledgers), folder / "truth" / "dirty_cell.parquet")
    return counts


def show(rows: pl.DataFrame, view: View, folder: Path, day: date) -> None:
    """Leave a system's table where its server or loader finds it: health in files of its own.

    What health has in its own system is ``kept`` out of sight.
    """
    if view.table in files.WRITERS:
        files.leave(view.table, rows, folder / "systems" / view.system / "outbox", day)
        write_parquet(rows.with_columns(_changed=pl.lit(day)), shown_file(folder, view))
    else:
        write_parquet(rows.rename(view.headers), shown_file(folder, view))


def shown_file(folder: Path, view: View) -> Path:
    """Return the file of what a system has in a table."""
    place = "kept" if view.table in files.WRITERS else "systems"
    return folder / place / view.system / f"{view.table}.parquet"


def record_file(folder: Path, view: View) -> Path:
    """Return the file of who is who among a table's records."""
    return folder / "truth" / "record" / f"{view.system}.{view.table}.parquet"


def settle(home: Path) -> None:
    """Move files that are ready into place, one by one, each whole at every moment.

    An interruption is finished by whoever comes next.
    """
    ready = home / READY
    if not ready.exists():
        return
    # the day itself comes last, flags after their files
    order = sorted(ready.rglob("*"), key=lambda path: (path.name == "district.json", str(path)))
    for path in (path for path in order if path.is_file()):
        target = home / path.relative_to(ready)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    shutil.rmtree(ready)


def write_parquet(rows: pl.DataFrame, path: Path) -> None:
    """Write a table in small row groups, marked synthetic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.rechunk().write_parquet(
        path, row_group_size=ROWS_PER_GROUP, metadata={"synthetic": "true"}
    )
