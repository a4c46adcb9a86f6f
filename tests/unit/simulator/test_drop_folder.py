"""Pupils and compounds: who is at school, where cars stand at night, and how a school year goes."""

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest

from simulator.tables import settings
from simulator.truth.schools import pupils, school_year

Tables = Callable[[str], pl.DataFrame]


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 8, 31), 2025), (date(2026, 9, 1), 2026), (date(2027, 1, 1), 2026)],
)
def test_a_school_year_begins_in_september(day: date, year: int) -> None:
    assert school_year(day) == year


@pytest.mark.parametrize(
    ("born", "grade"), [(date(2020, 8, 31), 1), (date(2019, 9, 1), 1), (date(2011, 9, 1), 9)]
)
def test_who_is_six_by_the_end_of_august_starts_school(
    born: date, grade: int, truth: Tables
) -> None:
    child = truth("person").filter(pl.col("relation") == "2").head(1)
    child = child.with_columns(birth_date=pl.lit(born), presence=pl.lit("living"))
    many = pl.concat([child] * 50)
    rows = pupils(many, truth("community"), 2026, np.random.default_rng(1))
    assert set(rows["grade"]) == {grade}
    assert 40 < len(rows) <= 50, "nearly all are enrolled"


def test_pupils_are_living_children_under_somebodys_care(truth: Tables) -> None:
    pupil = truth("student").join(truth("person"), on="person_id", suffix="_person")
    assert len(pupil) == len(truth("student")) > 500
    assert pupil["person_id"].is_unique().all()
    assert pupil["register_number"].is_unique().all()
    assert set(pupil["presence"]) == {"living"}
    assert pupil["age"].is_between(6, 15).all()
    assert pupil["guardian_id"].null_count() == 0
    assert not set(pupil["guardian_id"]) & set(pupil["person_id"])
    assert set(pupil["school"]) == {"仿真沙嘴小学", "仿真沙嘴中学"}


def test_last_years_register_is_a_year_younger(truth: Tables) -> None:
    both = truth("student").join(truth("past_student"), on="person_id", suffix="_past")
    assert len(both) > 500
    assert (both["grade"] - both["grade_past"] == 1).all()
    assert truth("past_student")["grade"].is_between(1, 9).all()


def test_half_of_the_cars_find_no_bay_at_night(truth: Tables) -> None:
    compound = truth("compound")
    gap = 1 - compound["bays"].sum() / compound["cars_by_night"].sum()
    assert gap == pytest.approx(settings("habits")["compound"]["night_gap"], abs=0.03)
    assert (compound["cars_by_day"] < compound["bays"]).all()


def test_there_is_one_compound_per_grid_and_its_households_add_up(truth: Tables) -> None:
    compound, household = truth("compound"), truth("household")
    assert compound["grid_code"].is_unique().all()
    assert len(compound) == len(truth("grid"))
    living = household.filter(pl.col("presence") == "living")
    assert compound["households"].sum() == len(living)
