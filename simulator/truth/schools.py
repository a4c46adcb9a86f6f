"""Pupils of compulsory education: who is enrolled where, in which grade, under whose care.

Who is six by the end of August starts school in September; nine grades, six of them primary.
"""

from datetime import date

import numpy as np
import polars as pl

from simulator.tables import settings

LIVING = pl.col("presence") == "living"
PRIMARY, GRADES = 6, 9
ENROLLED, MOVED_AWAY = "在读", "转出"


def school_year(day: date) -> int:
    """Return the year in which the school year of a day began."""
    return day.year if day.month >= 9 else day.year - 1


def grade_of(year: int) -> pl.Expr:
    """Return the grade of the school year that begins in ``year``, by ``birth_date``."""
    cohort = pl.col("birth_date").dt.year() + (pl.col("birth_date").dt.month() >= 9).cast(pl.Int32)
    return (year - (cohort + 6) + 1).cast(pl.Int64)


def pupils(
    person: pl.DataFrame, community: pl.DataFrame, year: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the pupils of a school year, one row per enrolment, in the community they live in.

    ``community`` names the places (``community_code``, ``community_name``). A pupil's guardian is
    the head of the household, unless the pupil is.
    """
    habits = settings("habits")["school"]
    able = person.filter(LIVING).with_columns(grade=grade_of(year))
    able = able.filter(pl.col("grade").is_between(1, GRADES) & (pl.col("relation") != "0"))
    able = able.filter(pl.Series(rng.random(len(able)) < habits["enrolled"]))
    head = person.filter(LIVING & (pl.col("relation") == "0"))
    head = head.unique("household_id", keep="first", maintain_order=True)
    rows = able.join(
        head.select("household_id", guardian_id="person_id"),
        on="household_id", how="left", maintain_order="left",
    ).join(
        community.select("community_code", "community_name"),
        on="community_code", how="left", maintain_order="left",
    )  # fmt: skip
    number = pl.Series(rng.integers(1, habits["classes"] + 1, len(rows)))
    return rows.select(
        "person_id",
        register_number=_register_number(),
        school=_school(),
        grade="grade",
        class_number=number,
        guardian_id="guardian_id",
        state=pl.lit(ENROLLED),
        community_code="community_code",
    )


def _register_number() -> pl.Expr:
    """Return the pupil's number for life: G and the identity number, or L and another."""
    own = pl.lit("L") + pl.col("community_code") + pl.col("person_id").str.tail(6)
    return pl.when(pl.col("id_number").is_not_null()).then("G" + pl.col("id_number")).otherwise(own)


def _school() -> pl.Expr:
    short = "仿真" + pl.col("community_name").str.strip_suffix("社区")
    return pl.when(pl.col("grade") <= PRIMARY).then(short + "小学").otherwise(short + "中学")
