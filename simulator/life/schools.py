"""What happens at school: pupils come and go with their families; a year begins in September."""

import polars as pl

from simulator.life.day import Day
from simulator.truth.schools import MOVED_AWAY, pupils, school_year

SEPTEMBER = 9


def teach(day: Day) -> None:
    """Let the day pass in schools."""
    if (day.date.month, day.date.day) == (SEPTEMBER, 1):
        _begin_year(day)
        return
    rows = day.district["student"]
    gone = day.happened("death", "departure")["id"].to_list()
    leaves = pl.col("person_id").is_in(gone) & (pl.col("state") != MOVED_AWAY)
    day.note("pupil_left", "student", rows.filter(leaves).select(id="person_id", before="school"))
    state = pl.when(leaves).then(pl.lit(MOVED_AWAY)).otherwise("state")
    day.district["student"] = pl.concat([rows.with_columns(state=state), _newcomers(day)])
    # who moved lives elsewhere now, which the school hears of
    moved = day.happened("move")["id"].to_list()
    day.touch("student", rows.filter(pl.col("person_id").is_in(moved))["person_id"])


def _newcomers(day: Day) -> pl.DataFrame:
    """Return the pupils among those who arrived today."""
    arrived = day.happened("arrival")["id"].to_list()
    person = day.district["person"].filter(pl.col("person_id").is_in(arrived))
    year, rng = school_year(day.date), day.rng("pupils")
    new = pupils(person, day.district["community"], year, rng)
    day.note("pupil_came", "student", new.select(id="person_id", after="school"))
    return new.select(day.district["student"].columns)


def _begin_year(day: Day) -> None:
    """Enrol everybody of school age anew; what was this year's register is last year's."""
    old = day.district["student"]
    year, rng = day.date.year, day.rng("pupils")
    new = pupils(day.district["person"], day.district["community"], year, rng)
    day.note("school_year", "student", new.select(id="person_id", after="school"))
    day.touch("student", old["person_id"])
    day.district["student"] = new.select(old.columns)
