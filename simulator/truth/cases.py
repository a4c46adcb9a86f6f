"""城管案卷: what the officers of 数字城管 find in the street, and the whole life of each case."""

from datetime import date

import numpy as np
import polars as pl

from simulator.randomness import Ints
from simulator.tables import settings, table
from simulator.truth.calendar import (
    Moments,
    arrivals,
    arrivals_of_day,
    between,
    later,
    pace,
    to_series,
    year_until,
)
from simulator.truth.place import Place
from simulator.truth.progress import Stage, reached
from simulator.truth.requests import Homes
from simulator.truth.spots import numbered, one_of, spots

WEEK = "patrol"
# 受理→立案→派遣→处置→核查→结案, 作废 instead of all after 受理 (DOMAIN §2)
STAGES = [
    Stage("reported_at", "受理", "case_reported"),
    Stage("filed_at", "立案", "case_filed"),
    Stage("dispatched_at", "派遣", "case_dispatched"),
    Stage("handled_at", "处置", "case_handled"),
    Stage("checked_at", "核查", "case_checked"),
    Stage("closed_at", "结案", "case_closed"),
    Stage("voided_at", "作废", "case_voided"),
]
ENDED = ["结案", "作废"]


def generate(place: Place, homes: Homes) -> pl.DataFrame:
    """Return the cases of a community's last twelve months."""
    rng, types = place.rng("cases"), table("case_types")
    count = round(place.profile["residents"] * settings("casework")["cases"]["per_resident"])
    found = arrivals(types, year_until(place.today), WEEK, count, rng)
    return reached(_cases(*found, homes, rng), STAGES, place.today)


def of_day(day: date, homes: Homes, rng: np.random.Generator) -> pl.DataFrame:
    """Return the cases that are reported on a day."""
    living = int((homes[2]["presence"] == "living").sum())
    yearly = living * settings("casework")["cases"]["per_resident"]
    found = arrivals_of_day(table("case_types"), day, WEEK, yearly, rng)
    return reached(_cases(*found, homes, rng), STAGES, day)


def _cases(kind: Ints, reported: Moments, homes: Homes, rng: np.random.Generator) -> pl.DataFrame:
    rules, types = settings("casework")["cases"], table("case_types")[kind]
    count = len(kind)
    filed = reported + _minutes(rules["filed_minutes"], count, rng)
    dispatched = filed + _minutes(rules["dispatched_minutes"], count, rng)
    by_clock = (types["clock"] == "clock").to_numpy()
    limit = types["limit"].to_numpy().astype(float)
    rework, postponed, void = (
        rng.random(count) < rules[share] for share in ("reworked", "postponed", "voided")
    )
    used = rng.lognormal(np.log(rules["time_used"][0]), rules["time_used"][1], count)
    used *= pace(types["unit"]) * np.where(rework, rules["rework_factor"], 1) * (1 + postponed)
    handled = later(dispatched, limit * used, by_clock)
    never = np.zeros(count, dtype=bool)
    checked = later(handled, between(rules["checked_hours"], count, rng), never)
    closed = later(checked, between(rules["closed_hours"], count, rng), never)
    due = later(dispatched, limit * (1 + postponed), by_clock)
    planned = {"filed_at": filed, "dispatched_at": dispatched, "due_at": due,
               "handled_at": handled, "checked_at": checked, "closed_at": closed}  # fmt: skip
    rows = spots(homes[0], homes[1], count, rng).with_columns(reported_at=to_series(reported))
    return rows.select(
        case_id="C" + numbered(rows["community_code"], rows["reported_at"]),
        small_code=types["small_code"],
        community_code="community_code",
        grid_code="grid_code",
        address=pl.col("building_address") + "旁",
        lon="lon",
        lat="lat",
        source=one_of(rules["sources"], count, rng),
        reworked=pl.Series(rework.astype(np.int64)),
        postponed=pl.Series(postponed),
        reported_at="reported_at",
        **{name: pl.when(pl.Series(~void)).then(to_series(at)) for name, at in planned.items()},
        voided_at=pl.when(pl.Series(void)).then(to_series(dispatched)),
    )


def _minutes(rule: list[float], count: int, rng: np.random.Generator) -> np.ndarray:
    median, sigma = rule
    return (rng.lognormal(np.log(median), sigma, count) * 60).astype("timedelta64[s]")
