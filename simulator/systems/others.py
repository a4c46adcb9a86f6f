"""其他部门: what education and housing leave in a folder. Each year a register looks different."""

import polars as pl

from simulator.systems.view import View
from simulator.truth.district import District

GRADES = "一二三四五六七八九"


def _pupils(district: District, table: str) -> pl.DataFrame:
    people = district["person"]
    about = people.select("person_id", "name", "male", "birth_date", "id_number", "address")
    guardians = people.select(guardian_id="person_id", guardian="name", guardian_phone="phone")
    return (
        district[table]
        .join(about, on="person_id", how="left", maintain_order="left")
        .join(guardians, on="guardian_id", how="left", maintain_order="left")
    )


def _pupil_columns(grade: pl.Expr) -> dict[str, pl.Expr]:
    return {
        "xjh": pl.col("register_number"),
        "xm": pl.col("name"),
        "xb": pl.when(pl.col("male")).then(pl.lit("男")).otherwise(pl.lit("女")),
        "csrq": pl.col("birth_date").dt.strftime("%Y-%m-%d"),
        "sfzh": pl.col("id_number"),
        "xx": pl.col("school"),
        "nj": grade,
        "bj": pl.col("class_number").cast(pl.String),
    }


def students(district: District) -> pl.DataFrame:
    """Return this school year's register (xj_2026_2027): one sheet per school, grouped headers."""
    grade = pl.col("grade").cast(pl.String)
    return _pupils(district, "student").select(
        **_pupil_columns(grade), xjzt="state", jhr="guardian", jhrdh="guardian_phone",
        jtzz="address",
    )  # fmt: skip


def past_students(district: District) -> pl.DataFrame:
    """Return last school year's register (xj_2025_2026): one sheet under a title."""
    words = {str(number): f"{word}年级" for number, word in enumerate(GRADES, start=1)}
    grade = pl.col("grade").cast(pl.String).replace(words)
    return _pupils(district, "past_student").select(
        **_pupil_columns(grade), jhrdh="guardian_phone", jtzz="address"
    )


def compounds(district: District) -> pl.DataFrame:
    """Return the housing compounds (wyxq) with their parking."""
    places = district["community"]
    community = pl.col("community_code").replace(places["community_code"], places["community_name"])
    return district["compound"].select(
        xqbh="compound_id",
        xqmc="name",
        dz="address",
        sqmc=community,
        wyqy="manager",
        lds="buildings",
        jcnf="year_built",
        hs="households",
        tcws="bays",
        rjtc="cars_by_day",
        yjtc="cars_by_night",
    )


VIEWS = [
    View("others", "student", "xjh", students, "student"),
    View("others", "student_2025", "xjh", past_students, "past_student"),
    View("others", "compound", "xqbh", compounds, "compound"),
]
