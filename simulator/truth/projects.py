"""民生微实事: small projects that people propose, and that a community's yearly budget pays."""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulator.randomness import choose
from simulator.tables import settings
from simulator.truth.calendar import Moments, between, to_series
from simulator.truth.centres import YEAR, moments_at, somebody
from simulator.truth.place import Place
from simulator.truth.progress import Stage, reached

STAGES = [
    Stage("applied_at", "申报", "project_applied"),
    Stage("discussed_at", "评议", "project_discussed"),
    Stage("approved_at", "立项", "project_approved"),
    Stage("started_at", "实施", "project_started"),
    Stage("finished_at", "完成", "project_finished"),
    Stage("published_at", "公示", "project_published"),
    Stage("refused_at", "未通过", "project_refused"),
]
ENDED = ["公示", "未通过"]


def of_year(place: Place, centre: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    """Return the projects proposed in a community in the twelve months until today."""
    rng = place.rng("projects")
    count = int(rng.poisson(settings("centres")["project"]["yearly"]))
    days = np.sort(np.datetime64(place.today) - rng.integers(0, YEAR, count))
    at = centre.select("centre_code", "community_code").select(pl.all().repeat_by(count).explode())
    spent = pl.DataFrame(schema={"community_code": pl.String, "year": pl.Int32, "spent": pl.Int64})
    return reached(_projects(at, days, spent, person, rng), STAGES, place.today)


def of_day(
    day: date,
    centre: pl.DataFrame,
    known: pl.DataFrame,
    person: pl.DataFrame,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return the projects proposed on a day, given those ``known`` already."""
    count = rng.poisson(settings("centres")["project"]["yearly"] / YEAR, len(centre))
    at = centre.select("centre_code", "community_code")[np.repeat(np.arange(len(centre)), count)]
    days = np.full(len(at), np.datetime64(day))
    return reached(_projects(at, days, _spent(known), person, rng), STAGES, day)


def _projects(
    at: pl.DataFrame,
    days: NDArray[np.datetime64],
    spent: pl.DataFrame,
    person: pl.DataFrame,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return projects with their whole plan; the year's budget refuses what it cannot pay."""
    rules, count = settings("centres")["project"], len(at)
    kinds = list(rules["kind"])
    kind = pl.Series("kind", kinds).gather(choose(rng, list(rules["kind"].values()), count))
    number = pl.int_range(1, pl.len() + 1).over("centre_code", "day").cast(pl.String).str.zfill(2)
    moments = _plan(days, rng)
    rows = at.with_columns(
        kind,
        day=pl.Series(days),
        amount=_amounts(kind, rng),
        title=_titles(kind, rng),
        lucky=pl.Series(rng.random(count) < rules["passes"]),
        share=pl.Series(between(rules["paid"], count, rng)),
        person_id=somebody(at["community_code"], person, rng),
        **{name: to_series(moment) for name, moment in moments.items()},
    ).with_columns(year=pl.col("day").dt.year())
    rows = rows.join(spent, on=["community_code", "year"], how="left", maintain_order="left")
    asked = pl.when("lucky").then("amount").otherwise(0).cum_sum().over("community_code", "year")
    passes = pl.col("lucky") & (asked + pl.col("spent").fill_null(0) <= rules["budget"])
    rows = rows.with_columns(passes=passes)
    later = [stage.column for stage in STAGES[2:-1]]
    return rows.select(
        pl.format("WS{}-{}-{}", pl.col("centre_code").str.slice(2),
                  pl.col("day").dt.strftime("%y%m%d"), number).alias("project_id"),
        "centre_code", "community_code", "title", "kind", "amount", "person_id",
        pl.when("passes").then((pl.col("amount") * pl.col("share")).round(2)).alias("paid"),
        "applied_at", "discussed_at",
        *(pl.when("passes").then(name).alias(name) for name in later),
        refused_at=pl.when(~pl.col("passes")).then("approved_at"),
    )  # fmt: skip


def _plan(days: NDArray[np.datetime64], rng: np.random.Generator) -> dict[str, Moments]:
    """Return the moment of each stage, one after the other, in office hours."""
    count = len(days)
    moments = {"applied_at": moments_at(days, rng.uniform(9, 17, count))}
    day = days
    for name, (low, high) in settings("centres")["project"]["days"].items():
        day = day + rng.integers(low, high + 1, count)
        moments[name] = moments_at(day, rng.uniform(9, 17, count))
    return moments


def _amounts(kind: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Draw whole hundreds of yuan, by kind."""
    rules = settings("centres")["project"]["amount"]
    mean, spread, most = (
        kind.replace_strict({name: float(rule[at]) for name, rule in rules.items()}).to_numpy()
        for at in range(3)
    )
    drawn = np.minimum(np.exp(mean + spread * rng.standard_normal(len(kind))), most)
    return pl.Series((drawn // 100 * 100).astype(np.int64))


def _titles(kind: pl.Series, rng: np.random.Generator) -> pl.Expr:
    names = settings("centres")["project"]["title"]
    draw = pl.Series(rng.integers(0, 2**31, len(kind)))
    of_kind = {name: pl.Series(titles).gather(draw % len(titles)) for name, titles in names.items()}
    return pl.coalesce(pl.when(kind == name).then(titles) for name, titles in of_kind.items())


def _spent(known: pl.DataFrame) -> pl.DataFrame:
    """Return what each community's projects of a year have taken of its budget."""
    taken = known.filter(pl.col("approved_at").is_not_null())
    return taken.group_by("community_code", year=pl.col("applied_at").dt.year()).agg(
        spent=pl.col("amount").sum()
    )
