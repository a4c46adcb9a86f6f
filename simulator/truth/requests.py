"""民生诉求: the facts that move people to call, and their requests with the whole life of each."""

from datetime import date

import numpy as np
import polars as pl

from simulator.randomness import Ints, choose
from simulator.tables import settings, table
from simulator.truth.calendar import (
    Moments,
    arrivals,
    arrivals_of_day,
    at_some_hour,
    between,
    later,
    pace,
    to_moments,
    to_series,
    year_until,
)
from simulator.truth.place import Place
from simulator.truth.progress import Stage, reached
from simulator.truth.spots import neighbours, numbered, one_of, spots

WEEK = "calls"
# codes of 福田: 0受理 1分拨 2办结 3已评价 9归档 50挂起 80作废 (DOMAIN §2)
STAGES = [
    Stage("accepted_at", "0", "request_accepted"),
    Stage("assigned_at", "1", "request_assigned"),
    Stage("suspended_at", "50", "request_suspended"),
    Stage("closed_at", "2", "request_closed"),
    Stage("rated_at", "3", "request_rated"),
    Stage("archived_at", "9", "request_archived"),
    Stage("voided_at", "80", "request_voided"),
]
ENDED = ["9", "80"]
Homes = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]  # dwellings, buildings, people


def generate(place: Place, homes: Homes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the facts and the requests of a community's last twelve months."""
    rng, rules = place.rng("requests"), settings("casework")["requests"]
    count = round(place.profile["residents"] * rules["per_resident"])
    new = round(count * rules["facts"])
    kind, told = arrivals(table("request_types"), year_until(place.today), WEEK, new, rng)
    fact = facts(kind, told, homes, rng)
    which = choose(rng, fact["stir"].to_list(), count - new)
    again = _told_again(fact[which], place.today, rng)
    request = requests(fact, fact[which], again, homes[2], rng)
    return fact, reached(request, STAGES, place.today)


def of_day(
    day: date, fact: pl.DataFrame, homes: Homes, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the new facts and the requests of a day, given the facts known before."""
    rules, types = settings("casework")["requests"], table("request_types")
    living = int((homes[2]["presence"] == "living").sum())
    yearly = living * rules["per_resident"]
    new = facts(*arrivals_of_day(types, day, WEEK, yearly * rules["facts"], rng), homes, rng)
    repeats, _ = arrivals_of_day(types, day, WEEK, yearly * (1 - rules["facts"]), rng)
    age = (pl.lit(day) - pl.col("told_at").dt.date()).dt.total_days()
    recent = fact.filter(age.is_between(1, rules["repeated_within"]))
    weight = recent.select(pl.col("stir") * (-age / rules["repeated_after_days"]).exp())
    which = choose(rng, weight.to_series().to_list(), len(repeats) if len(recent) else 0)
    today = np.full(len(which), np.datetime64(day))
    again = at_some_hour(today, _of_type(recent[which], "hours"), rng)
    return new, reached(requests(new, recent[which], again, homes[2], rng), STAGES, day)


def facts(kind: Ints, told: Moments, homes: Homes, rng: np.random.Generator) -> pl.DataFrame:
    """Return what happened: where, when, who told it first, how many it stirs (a weight)."""
    rules, count = settings("casework")["requests"], len(kind)
    before = (rng.exponential(rules["noticed_hours"], count) * 3600).astype("timedelta64[s]")
    rows = spots(homes[0], homes[1], count, rng).with_columns(
        type_code=table("request_types")["type_code"].gather(kind),
        began_at=to_series(told - before),
        told_at=to_series(told),
        stir=pl.Series(np.round(rng.lognormal(0, rules["stir"], count), 4)),
    )
    place = _of_type(rows, "place")
    address = (
        pl.when(place == "home").then("home_address")
        .when(place == "building").then("building_address")
        .when(place == "street").then(pl.col("building_address") + "附近")
    )  # fmt: skip
    return rows.select(
        fact_id="F" + numbered(rows["community_code"], rows["told_at"]),
        type_code="type_code",
        community_code="community_code",
        grid_code="grid_code",
        building_code="building_code",
        address=address,
        lon="lon",
        lat="lat",
        began_at="began_at",
        told_at="told_at",
        told_by=neighbours(rows["grid_code"], homes[2], rules["devotion"], rng),
        stir="stir",
    )


def requests(
    new: pl.DataFrame,
    old: pl.DataFrame,
    again: Moments,
    person: pl.DataFrame,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return one request for each new fact, and one for each ``old`` one told ``again``."""
    rules, of = settings("casework")["requests"], pl.concat([new, old])
    count = len(of)
    others = neighbours(of["grid_code"], person, rules["devotion"], rng)
    is_new = np.arange(count) < len(new)
    first = pl.Series(is_new | (rng.random(count) < rules["same_person"]))
    source = one_of(rules["sources"], count, rng)
    caller = of["told_by"].zip_with(first, others)
    rows = of.select(
        "fact_id",
        "type_code",
        "community_code",
        person_id=pl.when(source.is_in(rules["from_people"])).then(caller),
        repeats=pl.Series(~is_new),
        source=source,
        channel=one_of(rules["channels"], count, rng),
        gives_name=one_of(rules["gives_name"], count, rng),
        accepted_at=pl.concat([new["told_at"], to_series(again)]),
    ).sort("accepted_at", maintain_order=True)
    ids = numbered(rows["community_code"], rows["accepted_at"])
    return _lives(rows.select(request_id="R" + ids, **{c: c for c in rows.columns}), rng)


def _lives(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Plan the lives of requests: assigned, closed in time or late, rated or not, archived."""
    rules, count = settings("casework")["requests"], len(rows)
    urgent = (_of_type(rows, "grade") == "紧急").to_numpy()
    minutes = np.array([rules["assigned_minutes"][grade] for grade in ("一般", "紧急")])
    median, sigma = minutes[urgent.astype(int)].T
    at = to_moments(rows["accepted_at"])
    assigned = at + (rng.lognormal(np.log(median), sigma) * 60).astype("timedelta64[s]")
    by_clock = (_of_type(rows, "clock") == "clock").to_numpy()
    limit = _of_type(rows, "limit").to_numpy().astype(float)
    used = rng.lognormal(np.log(rules["time_used"][0]), rules["time_used"][1], count)
    closed = later(assigned, limit * used * pace(_of_type(rows, "unit")), by_clock)
    rated = closed + _days(rng.exponential(rules["rated_after_days"], count))
    archived = np.maximum(closed, rated) + _days(between(rules["archived_after_days"], count, rng))
    void, suspended, is_rated = (
        pl.Series(rng.random(count) < rules[share]) for share in ("voided", "suspended", "rated")
    )
    ratings = one_of(rules["ratings"], count, rng)
    halfway = assigned + (closed - assigned) // 2
    is_rated &= ~void & ~rows["gives_name"].is_in(["none"])
    return rows.drop("type_code").with_columns(
        assigned_at=to_series(assigned),
        due_at=to_series(later(assigned, limit, by_clock)),
        suspended_at=pl.when(suspended & ~void).then(to_series(halfway)),
        closed_at=pl.when(~void).then(to_series(closed)),
        rated_at=pl.when(is_rated).then(to_series(rated)),
        rating=pl.when(is_rated).then(ratings),
        archived_at=pl.when(~void).then(to_series(archived)),
        voided_at=pl.when(void).then(to_series(halfway)),
    )


def _told_again(fact: pl.DataFrame, last: date, rng: np.random.Generator) -> Moments:
    """Return when facts are told once more: on a later day, if there is one until ``last``."""
    rules = settings("casework")["requests"]
    first = to_moments(fact["told_at"])
    day = first.astype("datetime64[D]")
    after = 1 + rng.exponential(rules["repeated_after_days"], len(fact)).astype(np.int64)
    left = (np.datetime64(last) - day).astype(np.int64)
    after = np.minimum(after, np.minimum(left, rules["repeated_within"]))
    again = at_some_hour(day + after, _of_type(fact, "hours"), rng)
    midnight = (day + 1).astype("datetime64[s]")
    same_day = first + ((midnight - first) * rng.random(len(fact))).astype("timedelta64[s]")
    moment: Moments = np.where(after > 0, again, same_day)
    return moment


def _of_type(rows: pl.DataFrame, column: str) -> pl.Series:
    """Return what request_types.csv says of each row's type."""
    types = table("request_types")
    return rows["type_code"].replace_strict(
        types["type_code"], types[column], return_dtype=types.schema[column]
    )


def _days(days: np.ndarray) -> np.ndarray:
    return (days * 86_400).astype("timedelta64[s]")
