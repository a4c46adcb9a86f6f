"""When matters arise and by when they are done: seasons, weekdays, hours, working time."""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulator.randomness import Bools, Ints, choose
from simulator.tables import settings

Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]  # to the second
OPENS, WORKING_DAY = 9 * 3600, 8 * 3600  # seconds: offices work eight hours from nine on
SUNDAY = 6


def year_until(day: date) -> Moments:
    """Return the 365 days that end with ``day``."""
    return np.datetime64(day) - np.arange(364, -1, -1)


def shares(types: pl.DataFrame, days: Moments, week: str) -> Floats:
    """Return how much of a year's matters are of each type and fall on each day (types, days)."""
    rules = settings("casework")
    months = np.array(list(rules["seasons"].values()))[_places(types["season"], rules["seasons"])]
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekday = np.where(np.isin(days, _days_off()), SUNDAY, (days.astype(np.int64) + 3) % 7)
    weekdays = np.array(rules["days"][week])
    seasonal = (months / months.mean(axis=1, keepdims=True))[:, month]
    of_type: Floats = types["weight"].to_numpy() / types["weight"].sum()
    share: Floats = of_type[:, None] * seasonal * (weekdays / weekdays.mean())[weekday] / 365
    return share


def arrivals(
    types: pl.DataFrame, days: Moments, week: str, count: int, rng: np.random.Generator
) -> tuple[Ints, Moments]:
    """Draw matters: the type (its place in ``types``) and the moment of each, in order of time."""
    drawn = choose(rng, shares(types, days, week).ravel().tolist(), count)
    kind, day = np.divmod(drawn, len(days))
    moment = at_some_hour(days[day], types["hours"].gather(kind), rng)
    order = np.argsort(moment, kind="stable")
    return kind[order], moment[order]


def arrivals_of_day(
    types: pl.DataFrame, day: date, week: str, yearly: float, rng: np.random.Generator
) -> tuple[Ints, Moments]:
    """Draw the matters of one day, given how many there are in a year."""
    days = np.array([day], "datetime64[D]")
    count = int(rng.poisson(yearly * shares(types, days, week).sum()))
    return arrivals(types, days, week, count, rng)


def at_some_hour(days: Moments, patterns: pl.Series, rng: np.random.Generator) -> Moments:
    """Return a moment of each day, by its pattern of hours (casework.yaml)."""
    hours = settings("casework")["hours"]
    edges = np.cumsum(np.array(list(hours.values()), dtype=float), axis=1)
    mine = (edges / edges[:, -1:])[_places(patterns, hours)]
    hour = (rng.random((len(days), 1)) >= mine).sum(axis=1)
    seconds = hour * 3600 + rng.integers(0, 3600, len(days))
    moment: Moments = days.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return moment


def later(start: Moments, hours: Floats, by_clock: Bools) -> Moments:
    """Return the moments so many hours after others: by the clock, or of working time."""
    seconds = np.maximum(np.round(hours * 3600), 1).astype(np.int64)
    day = start.astype("datetime64[D]")
    open_day = np.is_busday(day, holidays=_days_off())
    gone = np.where(open_day, (start - day).astype(np.int64) - OPENS, 0).clip(0, WORKING_DAY)
    worked = gone + seconds
    full = (worked - 1) // WORKING_DAY
    landed = np.busday_offset(day, full, roll="forward", holidays=_days_off())
    of_day = OPENS + worked - full * WORKING_DAY
    working = landed.astype("datetime64[s]") + of_day.astype("timedelta64[s]")
    moment: Moments = np.where(by_clock, start + seconds.astype("timedelta64[s]"), working)
    return moment


def pace(units: pl.Series) -> Floats:
    """Return how much of its time each agency needs compared with others."""
    return units.replace_strict(settings("casework")["pace"], default=1.0).to_numpy()


def between(limits: tuple[float, float], count: int, rng: np.random.Generator) -> Floats:
    """Draw numbers between two limits, all alike."""
    return rng.uniform(limits[0], limits[1], count)


def to_series(moments: Moments) -> pl.Series:
    """Return moments as a column."""
    return pl.Series(moments.astype("datetime64[us]"))


def to_moments(column: pl.Series) -> Moments:
    """Return a column of whole seconds as moments."""
    return column.to_numpy().astype("datetime64[s]")


def _places(names: pl.Series, table: dict[str, list[float]]) -> Ints:
    """Return the place of each name among a table's rows."""
    return names.replace_strict({name: at for at, name in enumerate(table)}).to_numpy()


def _days_off() -> Moments:
    return np.array(settings("casework")["days_off"], "datetime64[D]")
