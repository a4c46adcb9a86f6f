"""Lives a generated folder forward by days, and leaves it whole at every moment.

New files are made aside, marked ready, and moved into place (``simulator.home.settle``).
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from simulator.errors import SimulatorError
from simulator.home import (
    READY,
    SYSTEMS,
    identity,
    message_file,
    record_file,
    settle,
    shown_file,
    stream_file,
)
from simulator.life import (
    businesses,
    casework,
    centres,
    patrol,
    people,
    schools,
    sensors,
    services,
    things,
)
from simulator.life.day import EVENT, Day
from simulator.life.offices import CHANGED, Office
from simulator.parquet import write_all, write_parquet
from simulator.systems import files, iot
from simulator.systems.view import View
from simulator.truth.district import District

T = TypeVar("T")
R = TypeVar("R")

VIEWS: list[View] = [view for system in SYSTEMS for view in system.VIEWS]
FRIDAY = 4
VISITS, CONTRACTS = "chronic_followup", "family_doctor_contract"
STUDENTS, COMPOUNDS = "student", "compound"
LEFT = {VISITS, "student_2025"}  # what was left once is not looked at again


@dataclass(frozen=True)
class World:
    """A district on a day: its truth and its systems."""

    scale: str
    seed: int
    date: date
    district: District
    offices: list[Office]

    def tomorrow(self, folder: Path) -> "World":
        """Return the next day; its events and the files it brings are left in ``folder``."""
        day = Day(self.date + timedelta(days=1), self.seed, self.scale, dict(self.district))
        people.live(day)
        services.serve(day)
        things.pass_by(day)
        casework.work(day)
        centres.open_doors(day)
        businesses.trade(day)
        schools.teach(day)
        patrol.patrol(day)
        sensors.watch(day)
        offices = []
        for office, corrections in _at_once(
            lambda office: _work(office, day, self.district), self.offices
        ):
            offices.append(office)
            day.events.append(corrections)
            rows = _delivery(office, day)
            if rows is not None:
                outbox = folder / "systems" / office.view.system / "outbox"
                files.leave(office.view.table, rows.drop(CHANGED), outbox, day.date)
        sent = iot.day_of_messages(
            day.district["sensor"], day.district["alarm"], day.date, self.seed
        )
        write_parquet(sent.messages, stream_file(folder, day.date))
        write_parquet(sent.truth, message_file(folder, day.date))
        events = pl.concat([pl.DataFrame(schema=EVENT), *day.events])
        write_parquet(events, folder / "truth" / "event" / f"{day.date}.parquet")
        return World(self.scale, self.seed, day.date, day.district, offices)


def _work(office: Office, day: Day, before: District) -> tuple[Office, pl.DataFrame]:
    """Return what an office does at the end of a day, and the corrections it made."""
    office = office.follow(day, before)
    if office.view.table in LEFT:
        return office, pl.DataFrame(schema=EVENT)
    return office.correct(day)


def _at_once(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Do some work on items, several at a time; the results come in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, items))


def _delivery(office: Office, day: Day) -> pl.DataFrame | None:
    """Return what is left today: on Fridays the week's contracts, monthly the visits and the

    pupils who came, went or moved (all of them in September), each quarter the compounds.
    """
    if office.view.table == CONTRACTS and day.date.weekday() == FRIDAY:
        return office.shown.filter(pl.col(CHANGED) > day.date - timedelta(days=7))
    if office.view.table == VISITS and day.date.day == 1:
        return office.shown.filter(pl.col(CHANGED) == day.date)
    if office.view.table == STUDENTS and day.date.day == 1:
        return office.shown.filter(pl.col(CHANGED) > day.date - timedelta(days=31))
    if office.view.table == COMPOUNDS and day.date.day == 1 and day.date.month % 3 == 1:
        return office.shown
    return None


def advance(home: Path, days: int) -> date:
    """Live ``home`` forward by ``days``; return the day it has reached.

    The same seed and days give the same bytes, however the days are split over calls.
    """
    settle(home)
    world = first = _open(home)
    partial = home / "advance.part"
    shutil.rmtree(partial, ignore_errors=True)
    for _ in range(days):
        world = world.tomorrow(partial)
    _write(world, first, partial)
    partial.rename(home / READY)
    settle(home)
    return world.date


def _open(home: Path) -> World:
    try:
        about = json.loads((home / "district.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SimulatorError(f"{home} holds no district; generate one first") from None
    if not (home / "truth" / "record").exists():
        raise SimulatorError(f"{home} is of an earlier version; generate it anew elsewhere")
    truth = {
        path.stem: pl.read_parquet(path) for path in sorted((home / "truth").glob("*.parquet"))
    }
    dirty = truth.pop("dirty_cell")
    of_table = dirty.partition_by("system", "table", maintain_order=True, as_dict=True)
    offices = _at_once(
        lambda view: Office(
            view,
            _read(home, view),
            pl.read_parquet(record_file(home, view)),
            of_table.get((view.system, view.table), dirty.clear()),
        ),
        VIEWS,
    )
    if about["scale"] == "city" or "first_residents" in about:
        raise SimulatorError("only whole communities, streets and districts live on")
    day = date.fromisoformat(about["as_of"])
    return World(about["scale"], about["seed"], day, truth, offices)


def _read(home: Path, view: View) -> pl.DataFrame:
    names = {served: name for name, served in view.headers.items()}
    return pl.read_parquet(shown_file(home, view)).rename(names)


def _write(world: World, before: World, folder: Path) -> None:
    """Write the tables that are others than before."""
    tables = {
        folder / "truth" / f"{name}.parquet": rows
        for name, rows in world.district.items()
        if rows is not before.district[name]
    }
    for office, old in zip(world.offices, before.offices, strict=True):
        if office is not old:
            view = office.view
            tables[record_file(folder, view)] = office.record
            tables[shown_file(folder, view)] = office.shown.rename(view.headers)
    dirty = pl.concat([office.dirty for office in world.offices])
    write_all({**tables, folder / "truth" / "dirty_cell.parquet": dirty})
    about = identity(world.scale, world.seed, world.date)
    (folder / "district.json").write_text(about, encoding="utf-8")
