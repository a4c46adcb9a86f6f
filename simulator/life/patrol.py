"""The grid officers' day: they visit, and write down whom and what they find."""

import numpy as np
import polars as pl

from simulator.life.day import Day
from simulator.life.people import LIVING
from simulator.randomness import pick
from simulator.tables import settings
from simulator.truth import register, small_places, visits
from simulator.truth.businesses import INDIVIDUAL, OPERATING
from simulator.truth.visits import LET

CALMEST = "绿"  # the tier of a dwelling that is let for the first time
AGAIN, PUT_RIGHT = "2", "3"  # has to be checked again; found in order then


def patrol(day: Day) -> None:
    """Let the officers walk their grids, unless it is a day off."""
    _open_places(day)
    district = day.district
    ground = visits.Ground(
        district["grid"], district["grid_house"], district["small_place"], district["person"]
    )
    visit = visits.of_day(day.date, ground, day.rng("visits"))
    day.note("visit", "visit", visit.select(id="visit_id", after="result"))
    district["visit"] = pl.concat([district["visit"], visit])
    seen = visits.met(visit)
    _see_people(day, seen)
    _see_houses(day, seen)
    _check_places(day, visit)


def _see_people(day: Day, seen: pl.DataFrame) -> None:
    """Bring the register in line with who lives in the dwellings seen."""
    known = day.district["grid_resident"]
    present = day.district["person"].filter(LIVING).join(
        seen, on="house_code", how="inner", maintain_order="left"
    )  # fmt: skip
    present = present.select(register.RESIDENT)
    there = present.join(known.select("person_id"), on="person_id", how="semi")
    new = present.join(known.select("person_id"), on="person_id", how="anti", maintain_order="left")
    found = day.rng("people found").random(len(new)) < settings("grid_work")["found"]
    new = new.filter(pl.Series(found))
    absent = known.join(seen.select("house_code"), on="house_code", how="semi").join(
        present.select("person_id"), on="person_id", how="anti", maintain_order="left"
    )
    day.note("register_found", "grid_resident", new.select(id="person_id", after="house_code"))
    day.note("register_struck", "grid_resident", absent.select(
        id="person_id", before="house_code"))  # fmt: skip
    day.touch("grid_resident", there["person_id"])
    kept = known.join(absent.select("person_id"), on="person_id", how="anti", maintain_order="left")
    kept = kept.update(there, on="person_id")
    day.district["grid_resident"] = pl.concat([kept, new])


def _see_houses(day: Day, seen: pl.DataFrame) -> None:
    """Note how the dwellings seen are used now."""
    rows = day.district["grid_house"]
    heads = day.district["person"].filter(LIVING & (pl.col("relation") == "0"))
    heads = heads.unique("house_code", keep="first", maintain_order=True)
    now = rows.join(seen, on="house_code", how="left", maintain_order="left").join(
        heads.select("house_code", "residence_kind"),
        on="house_code", how="left", maintain_order="left",
    )  # fmt: skip
    usage = pl.when(pl.col("verified").is_null()).then("usage").otherwise(register.usage())
    now = now.with_columns(usage=usage)
    now = now.with_columns(tier=pl.when(pl.col("usage") == LET).then(pl.col("tier").fill_null(
        pl.lit(CALMEST))))  # fmt: skip
    changed = rows["usage"] != now["usage"]
    day.note("house_usage", "grid_house", rows.filter(changed).select(
        id="house_code", before="usage", after=now["usage"].filter(changed)))  # fmt: skip
    if changed.any():
        day.district["grid_house"] = now.select(rows.columns)


def _check_places(day: Day, visit: pl.DataFrame) -> None:
    """Note what checks of small places found; strike those whose business has ended."""
    rows = day.district["small_place"]
    last = visit.filter(pl.col("place_id").is_not_null()).unique(
        "place_id", keep="last", maintain_order=True
    )
    running = day.district["business"].filter(pl.col("state").is_in(OPERATING))
    now = rows.join(last.select("place_id", "result"), on="place_id", how="left",
                    maintain_order="left")  # fmt: skip
    visited = pl.col("result").is_not_null()
    ended = visited & ~pl.col("business_id").is_in(running["business_id"].to_list())
    closed = rows.filter(now.select(ended).to_series())
    day.note("place_closed", "small_place", closed.select(id="place_id"))
    at_fault = pl.col("result") == "发现隐患"
    again = pl.col("double_check") == AGAIN
    now = now.filter(~ended).with_columns(
        checked=pl.col("checked") | visited.fill_null(False),
        double_check=pl.when(at_fault).then(pl.lit(AGAIN)).when(visited & again)
        .then(pl.lit(PUT_RIGHT)).otherwise("double_check"),
    )  # fmt: skip
    day.touch("small_place", now.filter(visited)["place_id"])
    if len(last):
        day.district["small_place"] = now.select(rows.columns)


def _open_places(day: Day) -> None:
    """Let some businesses that are no small place yet open one."""
    rng, rows = day.rng("small places"), day.district["small_place"]
    count = day.count(len(rows) * settings("grid_work")["small_place"]["opens"], rng)
    able = day.district["business"].filter(
        (pl.col("kind") == INDIVIDUAL) & pl.col("state").is_in(OPERATING)
    ).join(rows, on="business_id", how="anti", maintain_order="left")  # fmt: skip
    opened = able[pick(rng, np.ones(len(able), bool), min(count, len(able)))]
    if not len(opened):
        return
    new = small_places.described(opened, day.district["building"], day.district["person"], rng)
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(3)
    new = new.with_columns(place_id=pl.lit(f"SX{day.date:%Y%m%d}") + number)
    day.note("place_opened", "small_place", new.select(id="place_id", after="name"))
    day.district["small_place"] = pl.concat([rows, new.select(rows.columns)])
