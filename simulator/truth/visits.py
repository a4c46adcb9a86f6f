"""网格走访: where grid officers go, whom they meet there, and what comes of it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulator.randomness import Ints, choose
from simulator.tables import settings
from simulator.truth.place import Place

NOBODY = -1
VACANT, LET = "空置", "出租"
ABSENT = "无人在家"


@dataclass(frozen=True)
class Ground:
    """Where visits go: grids, the register of houses, small places; and who lives there."""

    grid: pl.DataFrame
    house: pl.DataFrame
    place: pl.DataFrame
    person: pl.DataFrame


def working_days(first: date, last: date) -> NDArray[np.datetime64]:
    """Return the working days from one day to another, the last one included."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    off = np.array(settings("casework")["days_off"], "datetime64[D]")
    working: NDArray[np.datetime64] = days[np.is_busday(days, holidays=off)]
    return working


def of_year(place: Place, ground: Ground) -> pl.DataFrame:
    """Return the visits of a community's last twelve months."""
    days = working_days(place.today - timedelta(days=364), place.today)
    return _visits(days, ground, place.rng("visits"))


def of_day(day: date, ground: Ground, rng: np.random.Generator) -> pl.DataFrame:
    """Return the visits of one day: none on a day off."""
    return _visits(working_days(day, day), ground, rng)


def _visits(days: NDArray[np.datetime64], ground: Ground, rng: np.random.Generator) -> pl.DataFrame:
    rules = settings("grid_work")
    officers = len(ground.grid)
    count = rng.poisson(rules["visits_per_day"], (len(days), officers)).ravel()
    day, grid = np.divmod(np.repeat(np.arange(len(count)), count), officers)
    place = _drawn(ground.grid, ground.place, np.ones(len(ground.place)), grid, rng)
    seeks = rules["seeks"]
    wanted = ground.house["usage"].replace_strict(
        {VACANT: seeks["vacant"], LET: seeks["rented"]}, default=seeks["owned"]
    )
    house = _drawn(ground.grid, ground.house, wanted.to_numpy(), grid, rng)
    to_place = (rng.random(len(grid)) < rules["to_small_places"]) & (place != NOBODY)
    house = np.where(to_place, NOBODY, house)
    place = np.where(to_place, place, NOBODY)
    goes = to_place | (house != NOBODY)
    begins, ends = rules["works"]
    minute = rng.integers(int(begins * 60), int(ends * 60), len(grid))
    rows = pl.DataFrame(
        {"day": days[day], "minute": minute, "grid": grid, "house": house, "place": place}
    ).filter(pl.Series(goes))
    return _described(rows.sort("day", "grid", "minute", maintain_order=True), ground, rng)


def _drawn(
    grid: pl.DataFrame,
    among: pl.DataFrame,
    weights: NDArray[np.float64],
    wanted: Ints,
    rng: np.random.Generator,
) -> Ints:
    """Draw a row of ``among`` by weight within each wanted grid; ``NOBODY`` where there is none."""
    codes = grid["grid_code"]
    at = among["grid_code"].replace_strict(
        {code: number for number, code in enumerate(codes)}, return_dtype=pl.Int64
    )
    order = at.arg_sort().to_numpy().astype(np.int64)
    edges = np.concatenate([[0.0], np.cumsum(weights[order])])
    first = np.searchsorted(at.to_numpy()[order], np.arange(len(codes) + 1))
    low, high = edges[first[:-1]][wanted], edges[first[1:]][wanted]
    if not len(order):
        return np.full(len(wanted), NOBODY)
    spot = low + rng.random(len(wanted)) * (high - low)
    found = np.searchsorted(edges, spot, side="right") - 1
    return np.where(high > low, order[found.clip(0, len(order) - 1)], NOBODY)


def _described(rows: pl.DataFrame, ground: Ground, rng: np.random.Generator) -> pl.DataFrame:
    """Return the visits with officer, address, the person met, purpose and result."""
    heads = ground.person.filter((pl.col("presence") == "living") & (pl.col("relation") == "0"))
    heads = heads.unique("house_code", keep="first", maintain_order=True)
    house = ground.house.select("house_code", "usage", home_address="address")
    at_home = house.join(
        heads.select("house_code", "person_id", "age"),
        on="house_code", how="left", maintain_order="left",
    )  # fmt: skip
    index = [pl.col(name).replace(NOBODY, None).alias(name) for name in ("house", "place")]
    at = rows.select(index)
    seen = at_home[at["house"]]
    visited = ground.place.select("place_id", "operator_id", place_address="address")[at["place"]]
    rows = pl.concat(
        [rows, ground.grid["grid_code", "community_code", "officer_name"][rows["grid"]], seen,
         visited], how="horizontal",
    )  # fmt: skip
    number = pl.int_range(1, pl.len() + 1).over("grid_code", "day").cast(pl.String).str.zfill(2)
    stamp = pl.col("day").dt.strftime("%y%m%d")
    outcome = _outcome(rows, rng)
    return rows.select(
        pl.concat_str(pl.col("grid_code"), stamp, number).alias("visit_id"),
        "grid_code",
        "community_code",
        "officer_name",
        "house_code",
        "place_id",
        person_id=pl.when(outcome["result"] != ABSENT).then(
            pl.coalesce("operator_id", "person_id")
        ),
        visited_at=pl.col("day").cast(pl.Datetime("us")) + pl.duration(minutes="minute"),
        address=pl.coalesce("place_address", "home_address"),
        **outcome,
    )


def _outcome(rows: pl.DataFrame, rng: np.random.Generator) -> dict[str, pl.Expr]:
    """Return purpose and result of each visit; nobody is met in an empty dwelling."""
    rules, count = settings("grid_work"), len(rows)
    home, luck = rules["home"], rng.random(count)
    purposes, results = (
        {
            kind: pl.Series(list(rules[kind][what])).gather(
                choose(rng, list(rules[kind][what].values()), count)
            )
            for kind in ("home", "place")
        }
        for what in ("purpose", "result")
    )
    to_place = pl.col("place_id").is_not_null()
    elderly = (pl.col("age") >= home["elderly"]) & pl.Series(luck < home["as_elderly"])
    tenant = (pl.col("usage") == LET) & pl.Series(luck < home["as_tenant"])
    purpose = (
        pl.when(to_place)
        .then(purposes["place"])
        .when(elderly)
        .then(pl.lit("老人探访"))
        .when(tenant)
        .then(pl.lit("出租屋巡查"))
        .otherwise(purposes["home"])
    )
    empty = ~to_place & pl.col("person_id").is_null()
    result = (
        pl.when(to_place)
        .then(results["place"])
        .when(empty)
        .then(pl.lit(ABSENT))
        .otherwise(results["home"])
    )
    return {"purpose": purpose, "result": result}


def met(visit: pl.DataFrame) -> pl.DataFrame:
    """Return the dwellings where officers met somebody, and the last day they did."""
    rows = visit.filter(
        pl.col("house_code").is_not_null()
        & pl.col("result").is_in(settings("grid_work")["home"]["met"])
    )
    return rows.group_by("house_code", maintain_order=True).agg(
        verified=pl.col("visited_at").dt.date().max()
    )
