"""Generates a district into a folder: the truth, and what each system shows of it.

``truth/`` is for tests and benchmarks only (``truth/record/``: which record is who);
``systems/<system>/`` is what the servers serve. The folder appears whole or not at all. It is made
part by part, so that a whole city needs no more memory than its largest part.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from simulator.parquet import Tables
from simulator.systems import (
    city_management,
    civil_affairs,
    devices,
    files,
    grid,
    health,
    iot,
    market_regulation,
    others,
    party_building,
    police,
    requests,
)
from simulator.systems.view import View
from simulator.truth.district import generate
from simulator.truth.place import Part, parts, today

SYSTEMS = [
    police,
    civil_affairs,
    requests,
    party_building,
    health,
    city_management,
    devices,
    market_regulation,
    grid,
    others,
]
NOTICE = """合成数据，仅供软件演示与测试：人、单位、地址、编码均为虚构。
Synthetic data for demonstration and tests: every person, company, address and code is invented.
"""
READY = "advance.ready"  # folder of files that a day has brought


def identity(scale: str, seed: int, day: date, residents: int | None = None) -> str:
    """Return what tells one district from another, and from itself on another day."""
    about = {**_wanted(scale, seed, residents), "as_of": day.isoformat()}
    return json.dumps(about) + "\n"


def _wanted(scale: str, seed: int, residents: int | None) -> dict[str, bool | int | str]:
    only = {} if residents is None else {"first_residents": residents}
    return {"synthetic": True, "scale": scale, "seed": seed, **only}


def is_generated(home: Path, scale: str, seed: int, residents: int | None = None) -> bool:
    """Say whether ``home`` already holds this district with all its systems, on whatever day."""
    marker = home / "district.json"
    if not marker.exists():
        return False
    held = json.loads(marker.read_text())
    del held["as_of"]
    views = (view for system in SYSTEMS for view in system.VIEWS)
    complete = all(shown_file(home, view).exists() for view in views)
    return bool(held == _wanted(scale, seed, residents)) and complete


def generate_home(
    home: Path,
    scale: str,
    seed: int,
    residents: int | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Write the district into ``home``, replacing another one there; return rows per table.

    With ``residents``, only the first communities that have so many. Hands the number of residents
    so far to ``report`` after each part.
    """
    partial = home.with_name(home.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    counts: dict[str, int] = Counter()
    reached = 0
    with Tables() as tables:
        for part in parts(scale, seed, residents):
            _write(partial, part, seed, tables, counts)
            reached += sum(place.profile["residents"] for place in part.places)
            report(reached)
    (partial / "SYNTHETIC.txt").write_text(NOTICE, encoding="utf-8")
    (partial / "district.json").write_text(identity(scale, seed, today(), residents))
    shutil.rmtree(home, ignore_errors=True)
    partial.rename(home)
    return counts


def _write(folder: Path, part: Part, seed: int, tables: Tables, counts: dict[str, int]) -> None:
    """Write a part's truth and what each system shows of it, after the parts before it."""
    district = generate(part)
    for name, rows in district.items():
        tables.append(rows, folder / "truth" / f"{name}.parquet")
    for view in (view for system in SYSTEMS for view in system.VIEWS):
        name = f"{view.system}.{view.table}"
        rows, ledger = view.look(district, seed, part.code, counts[name] + 1)
        _show(rows, view, folder, part, tables)
        tables.append(view.records(district, rows, ledger, today()), record_file(folder, view))
        tables.append(ledger, folder / "truth" / "dirty_cell.parquet")
        counts[name] += len(rows)
    sent = iot.day_of_messages(district["sensor"], district["alarm"], today(), seed, first=True)
    tables.append(sent.messages, stream_file(folder, today()))
    tables.append(sent.truth, message_file(folder, today()))


def _show(rows: pl.DataFrame, view: View, folder: Path, part: Part, tables: Tables) -> None:
    """Leave a system's table where its server or loader finds it: health in files of its own.

    What health has in its own system is ``kept`` out of sight.
    """
    if view.table in files.WRITERS:
        outbox = folder / "systems" / view.system / "outbox"
        files.leave(view.table, rows, outbox, today(), part.code)
        rows = rows.with_columns(_changed=pl.lit(today()))
    else:
        rows = rows.rename(view.headers)
    tables.append(rows, shown_file(folder, view))


def shown_file(folder: Path, view: View) -> Path:
    """Return the file of what a system has in a table."""
    place = "kept" if view.table in files.WRITERS else "systems"
    return folder / place / view.system / f"{view.table}.parquet"


def stream_file(folder: Path, day: date) -> Path:
    """Return the file of the messages that the sensors' platform sends on a day."""
    return folder / "systems" / "city_management" / "stream" / f"{day}.parquet"


def message_file(folder: Path, day: date) -> Path:
    """Return the file of what is true of these messages."""
    return folder / "truth" / "message" / f"{day}.parquet"


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
