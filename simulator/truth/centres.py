"""党群服务中心: the centres of party and masses, and who books their rooms."""

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulator.randomness import Ints, choose, stream
from simulator.tables import settings
from simulator.truth.calendar import Moments, to_series
from simulator.truth.place import Place
from simulator.truth.progress import Stage, reached

BOOKING_STAGES = [
    Stage("booked_at", "已预约", "booking"),
    Stage("cancelled_at", "已取消", "booking_cancelled"),
    Stage("used_at", "已使用", "booking_used"),
    Stage("missed_at", "未到场", "booking_missed"),
]
BOOKING_ENDED = ["已取消", "已使用", "未到场"]
YEAR = 365
ADULT = 18


def centres(place: Place, building: pl.DataFrame) -> pl.DataFrame:
    """Return the one centre of a community."""
    rng, rules = place.rng("centres"), settings("centres")
    home = building[int(rng.integers(0, len(building)))]
    return home.select(
        centre_code=pl.lit(f"DQ{place.code[4:]}"),
        name=pl.lit(f"{place.name}党群服务中心"),
        address="address",
        building_code="building_code",
        community_code="community_code",
        lon="lon",
        lat="lat",
        area_m2=pl.lit(int(rng.integers(*rules["area_m2"]))),
        rooms=pl.lit(len(rules["rooms"])),
        online=pl.lit(bool(rng.random() < rules["online"])),
    )


def bookings_of_year(place: Place, centre: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    """Return the bookings made at a community's centre in the twelve months until today."""
    last = place.today
    days = [last + timedelta(days=n) for n in range(1 - YEAR, settings("centres")["lead_days"] + 1)]
    slots = _slots(place.seed, centre["centre_code"], days)
    made = slots["booked_at"].dt.date()
    slots = slots.filter((made > last - timedelta(days=YEAR)) & (made <= last))
    rows = _booked(slots, centre, person, place.rng("bookings"))
    return reached(rows, BOOKING_STAGES, last)


def bookings_of_day(
    day: date, seed: int, centre: pl.DataFrame, person: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the bookings that are made on a day, for it and the days that follow."""
    days = [day + timedelta(days=n) for n in range(settings("centres")["lead_days"] + 1)]
    slots = _slots(seed, centre["centre_code"], days)
    made_today = slots.filter(slots["booked_at"].dt.date() == day)
    return reached(_booked(made_today, centre, person, rng), BOOKING_STAGES, day)


def _slots(seed: int, codes: pl.Series, days: list[date]) -> pl.DataFrame:
    """Return which slots of some days are booked at each centre, when, and what becomes of it.

    It is drawn by the day of use, so that no room is given away twice, whenever it is booked.
    """
    drawn = [_drawn(seed, code, day) for day in days for code in codes]
    slot, room, made, outcome, patience = (
        np.concatenate(each) for each in zip(*drawn, strict=True)
    )
    each = np.array([len(slots) for slots, *_ in drawn])
    of_day = np.repeat(np.array(days, "datetime64[D]"), len(codes)).repeat(each)
    begins, ends = np.array(list(settings("centres")["slots"].values())).T
    use = of_day.astype("datetime64[s]") + begins[slot] * np.timedelta64(3600, "s")
    given_up = made + ((use - made).astype(np.int64) * patience).astype("timedelta64[s]")
    end = use + (ends - begins)[slot] * np.timedelta64(3600, "s")
    code = np.tile(np.arange(len(codes)), len(days)).repeat(each)
    return pl.DataFrame({"room_at": room, "slot_at": slot}).with_columns(
        centre_code=codes.gather(code),
        day=pl.Series(of_day),
        begins_at=to_series(use),
        booked_at=to_series(made),
        **{
            column: pl.when(pl.Series(outcome == at)).then(to_series(moment))
            for at, (column, moment) in enumerate(
                {"used_at": use, "cancelled_at": given_up, "missed_at": end}.items()
            )
        },
    )


def _drawn(
    seed: int, code: str, day: date
) -> tuple[Ints, Ints, Moments, Ints, NDArray[np.float64]]:
    """Draw a centre's day: slot, room, when booked, outcome, and how soon it is given up."""
    rules = settings("centres")
    rng = stream(seed, "centre slots", code, str(day))
    taken = rng.random((len(rules["slots"]), len(rules["rooms"]))) < np.array(rules["booked"])
    slot, room = np.nonzero(taken)
    lead = rng.integers(0, rules["lead_days"] + 1, len(slot))
    # the same day only before its first slot
    hour = np.where(lead == 0, rng.uniform(7, 9, len(slot)), rng.uniform(8, 22, len(slot)))
    made = moments_at(np.datetime64(day) - lead, hour)
    outcome = choose(rng, list(rules["outcome"].values()), len(slot))
    return slot, room, made, outcome, rng.random(len(slot))


def _booked(
    slots: pl.DataFrame, centre: pl.DataFrame, person: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Return bookings of slots by adults of the centre's community."""
    rules, count = settings("centres"), len(slots)
    places = centre.select("centre_code", "community_code")
    slots = slots.join(places, on="centre_code", how="left", maintain_order="left")
    low, high = rules["attendees"]
    return slots.select(
        pl.format(
            "{}-{}-{}{}", "centre_code", pl.col("day").dt.strftime("%y%m%d"), "room_at", "slot_at"
        ).alias("booking_id"),
        "centre_code",
        "community_code",
        room=_named(rules["rooms"], "room_at"),
        slot=_named(list(rules["slots"]), "slot_at"),
        begins_at="begins_at",
        activity=pl.Series(list(rules["activities"])).gather(
            choose(rng, list(rules["activities"].values()), count)
        ),
        person_id=somebody(slots["community_code"], person, rng),
        attendees=pl.Series(rng.integers(low, high + 1, count)),
        booked_at="booked_at",
        cancelled_at="cancelled_at",
        used_at="used_at",
        missed_at="missed_at",
    )


def somebody(communities: pl.Series, person: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
    """Draw an adult of each of some communities."""
    adults = person.filter(pl.col("age") >= ADULT).select("person_id", "community_code")
    adults = adults.sort("community_code", maintain_order=True)
    blocks = adults.with_row_index("first").group_by("community_code")
    block = blocks.agg(pl.col("first").min().cast(pl.Int64), pl.len().cast(pl.Int64).alias("count"))
    draw: Ints = rng.integers(0, 2**31, len(communities))
    rows = pl.DataFrame({"community_code": communities, "draw": draw})
    rows = rows.join(block, on="community_code", how="left", maintain_order="left")
    at = pl.col("first") + pl.col("draw") % pl.col("count")
    return adults["person_id"].gather(rows.select(at).to_series())


def _named(names: list[str], column: str) -> pl.Expr:
    return pl.col(column).replace_strict(dict(enumerate(names)), return_dtype=pl.String)


def moments_at(days: NDArray[np.datetime64], hours: NDArray[np.float64]) -> Moments:
    """Return the moments at hours of days, to the second."""
    seconds = (hours * 3600).astype("timedelta64[s]")
    moment: Moments = days.astype("datetime64[s]") + seconds
    return moment
