"""What happens to businesses: they open, change hands, move, fall into disrepute, and end."""

import numpy as np
import polars as pl

from simulator.life.day import Day
from simulator.life.people import LIVING
from simulator.randomness import choose
from simulator.tables import settings
from simulator.truth import businesses
from simulator.truth.businesses import INDIVIDUAL, OPERATING

FIRST_SERIAL = 91_000  # credit codes of businesses that open later: beyond those there at first
GROWN_UP = 22
RUNNING = pl.col("state").is_in(OPERATING)


def trade(day: Day) -> None:
    """Let the day pass for businesses."""
    _lose_people(day)
    _end(day, _drawn(day, "closes") & _running(day))
    _change_hands(day, _drawn(day, "changes_hands") & _running(day))
    _move(day)
    _list(day)
    _open(day)


def _drawn(day: Day, what: str) -> pl.Series:
    rows, rate = day.district["business"], float(settings("life")["business"][what])
    return pl.Series(day.happens(np.full(len(rows), rate), day.rng(f"business {what}")))


def _running(day: Day) -> pl.Series:
    return day.district["business"].select(RUNNING).to_series()


def _lose_people(day: Day) -> None:
    """End or hand on what the dead and the departed leave behind."""
    gone = day.happened("death", "departure")["id"]
    rows = day.district["business"]
    left = rows["representative_id"].is_in(gone.to_list()) & _running(day)
    luck = pl.Series(day.rng("business left behind").random(len(rows)))
    ends = (rows["kind"] == INDIVIDUAL) & (luck < settings("life")["business_ends_with_person"])
    _end(day, left & ends)
    _change_hands(day, left & ~ends)


def _end(day: Day, which: pl.Series) -> None:
    """End businesses (a mask); enterprises that end are no longer enterprises in operation."""
    rows, ways = day.district["business"], settings("life")["business_ends_as"]
    drawn = choose(day.rng("business ends"), list(ways.values()), len(rows))
    state = pl.Series(list(ways)).gather(drawn)
    ended = rows.filter(which)
    day.note("business_ended", "business", ended.select(
        id="business_id", before="state", after=state.filter(which)))  # fmt: skip
    day.district["business"] = _put(day, rows, which, {"state": state})
    enterprise = day.district["enterprise"]
    if len(ended):
        day.district["enterprise"] = enterprise.join(
            ended, on="credit_code", how="anti", maintain_order="left"
        )


def _change_hands(day: Day, which: pl.Series) -> None:
    rows = day.district["business"]
    able = _able(day)
    drawn = day.rng("business hands").integers(0, len(able), len(rows))
    person = able["person_id"].gather(drawn)
    day.note("business_new_head", "business", rows.filter(which).select(
        id="business_id", before="representative_id", after=person.filter(which)))  # fmt: skip
    day.district["business"] = _put(day, rows, which, {"representative_id": person})


def _able(day: Day) -> pl.DataFrame:
    """Return who may run a business."""
    grown_up = LIVING & (pl.col("age") >= GROWN_UP) & pl.col("id_number").is_not_null()
    return day.district["person"].filter(grown_up)


def _move(day: Day) -> None:
    """Let businesses operate elsewhere in the district; where they are registered stays."""
    rows, building = day.district["business"], day.district["building"]
    which, rng = _drawn(day, "moves") & _running(day), day.rng("business sites")
    site = building[businesses.sites(building, len(rows), rng)]
    door = pl.Series(rng.integers(101, 132, len(rows))).cast(pl.String)
    new = {
        "operating_address": site["address"] + door + "铺",
        "building_code": site["building_code"],
        "community_code": site["community_code"],
    }
    day.note("business_moved", "business", rows.filter(which).select(
        id="business_id", before="building_code",
        after=new["building_code"].filter(which)))  # fmt: skip
    day.district["business"] = _put(day, rows, which, new)


def _list(day: Day) -> None:
    """Put businesses on the list of abnormal operation, and take others off it."""
    for what, old, new in (("listed", *OPERATING), ("delisted", *reversed(OPERATING))):
        rows = day.district["business"]
        which = _drawn(day, what) & (rows["state"] == old)
        state = pl.Series([new]).new_from_index(0, len(rows))
        day.note(f"business_{what}", "business", rows.filter(which).select(
            id="business_id", before="state", after=pl.lit(new)))  # fmt: skip
        day.district["business"] = _put(day, rows, which, {"state": state})


def _open(day: Day) -> None:
    rows, rng = day.district["business"], day.rng("business opens")
    rate = float(settings("life")["business"]["opens"])
    count = day.count(int(_running(day).sum()) * rate, rng)
    if not count:
        return
    building, habits = day.district["building"], settings("habits")["business"]
    share = habits["individuals"]["coded"]
    group = businesses.Group("coded", rng.random(count) < share, np.zeros(count, dtype=np.int64))
    drawn = businesses.drawn(building, group, rng).with_columns(state=pl.lit(OPERATING[0]))
    later = rows["credit_code"].str.slice(11, 5).cast(pl.Int64) > FIRST_SERIAL
    serial = FIRST_SERIAL + int(later.sum()) + np.arange(1, count + 1)
    county = drawn["community_code"].str.slice(0, 6)[0]
    drawn = drawn.with_columns(credit_code=businesses.codes(drawn["kind"], serial, county))
    able = _able(day)
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)
    new = businesses.finished(drawn, able, day.date, rng).with_columns(
        approved=pl.col("registered"), business_id=pl.lit(f"B{day.date:%Y%m%d}") + number
    )
    day.note("business_opened", "business", new.select(id="business_id", after="name"))
    day.district["business"] = pl.concat([rows, new.select(rows.columns)])


def _put(day: Day, rows: pl.DataFrame, which: pl.Series, new: dict[str, pl.Series]) -> pl.DataFrame:
    """Return the rows with new values where the mask says, entered in the register today."""
    if not which.any():
        return rows
    values = {name: fresh.zip_with(which, rows[name]) for name, fresh in new.items()}
    entered = pl.when(which).then(pl.lit(day.date)).otherwise("approved")
    return rows.with_columns(**values).with_columns(approved=entered)
