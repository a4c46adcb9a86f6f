"""What happens to social organisations and urban components."""

import numpy as np
import polars as pl
import shapely

from simulator.life.day import Day
from simulator.life.people import LIVING
from simulator.randomness import choose
from simulator.tables import settings
from simulator.truth import geometry, organisations

FIRST_SERIAL = 90_000  # credit codes of organisations founded later: beyond those there at first
INTACT, RETIRED = "完好", "废弃"


def pass_by(day: Day) -> None:
    """Let the day pass for organisations and components."""
    _dissolve(day)
    _found(day)
    _wear(day)
    _install(day)


def _dissolve(day: Day) -> None:
    rows = day.district["social_organisation"]
    yearly = np.full(len(rows), float(settings("life")["social_organisation"]["dissolved"]))
    ends = pl.Series(day.happens(yearly, day.rng("dissolved"))) & ~rows["dissolved"]
    day.note("dissolved", "social_organisation", rows.filter(ends).select(id="credit_code"))
    day.district["social_organisation"] = rows.with_columns(dissolved=pl.col("dissolved") | ends)


def _found(day: Day) -> None:
    rng, rows = day.rng("founded"), day.district["social_organisation"]
    words = settings("habits")["words"]
    count = day.count(len(rows) * settings("life")["social_organisation"]["founded"], rng)
    later = rows["credit_code"].str.slice(11, 5).cast(pl.Int64) > FIRST_SERIAL
    serial = FIRST_SERIAL + int(later.sum()) + np.arange(1, count + 1)
    building = day.district["building"][rng.integers(0, len(day.district["building"]), count)]
    adult = day.district["person"].filter(LIVING & (pl.col("age") >= 25))
    kinds = words["social_kind"]
    kind = rng.integers(0, len(kinds), count)
    code = pl.Series(list(kinds.values())).gather(kind)
    brand = pl.Series(words["brand"]).gather(rng.integers(0, len(words["brand"]), count))
    names = day.district["community"].select("community_code", "community_name")
    new = building.join(names, on="community_code", maintain_order="left").select(
        credit_code=organisations.credit_codes_of(code, serial),
        name=pl.col("community_name") + "仿真" + brand + pl.Series(list(kinds)).gather(kind),
        kind=code.replace_strict(organisations.SOCIAL_KINDS, return_dtype=pl.String),
        representative=adult["name"].gather(rng.integers(0, len(adult), count)),
        address="address",
        building_code="building_code",
        community_code="community_code",
        founded=pl.lit(day.date),
        inspection=pl.lit("合格"),
        dissolved=pl.lit(False),
    )
    day.note("founded", "social_organisation", new.select(id="credit_code"))
    day.district["social_organisation"] = pl.concat([rows, new])


def _wear(day: Day) -> None:
    """Let components break, be repaired, or be given up."""
    rng, rows, rules = day.rng("components"), day.district["component"], settings("life")
    rates, state = rules["component"], rows["state"].to_numpy()
    intact, retired = state == INTACT, state == RETIRED
    yearly = np.where(intact, rates["breaks"], rates["repaired"])
    turns = day.happens(np.where(retired, 0.0, yearly), rng)
    given_up = day.happens(np.where(retired, 0.0, rates["retired"]), rng)
    broken = np.array(list(rules["broken_as"]))[
        choose(rng, list(rules["broken_as"].values()), len(rows))
    ]
    now = np.where(given_up, RETIRED, np.where(turns, np.where(intact, broken, INTACT), state))
    after = pl.Series(now.astype(str))
    changes = after != rows["state"]
    for event, mask in {
        "retired": pl.Series(given_up),
        "broken": pl.Series(turns & intact & ~given_up),
        "repaired": pl.Series(turns & ~intact & ~given_up),
    }.items():
        happened = rows.filter(mask).select(
            id="component_code", before="state", after=after.filter(mask)
        )
        day.note(event, "component", happened)
    day.district["component"] = rows.with_columns(
        state=after, changed=pl.when(changes).then(pl.lit(day.date)).otherwise("changed")
    )


def _install(day: Day) -> None:
    """Put up new components like others, elsewhere in their grids."""
    rng, rows = day.rng("installed"), day.district["component"]
    count = day.count(len(rows) * settings("life")["component"]["added"], rng)
    if not count:
        return
    model = rows[np.sort(rng.permutation(len(rows))[:count])]
    kind = ["community_code", "class_code"]
    last = rows.join(model.select(kind).unique(), on=kind, how="semi").group_by(kind).agg(
        last=pl.col("component_code").str.slice(10, 6).cast(pl.Int64).max()
    )  # fmt: skip
    serial = pl.col("last") + pl.int_range(1, pl.len() + 1).over(kind)
    spot = geometry.to_degrees(
        np.concatenate([_spot(day, code, rng) for code in model["grid_code"]])
    )
    new = model.join(last, on=kind, how="left", maintain_order="left").with_columns(
        component_code=pl.col("component_code").str.slice(0, 10)
        + serial.cast(pl.String).str.zfill(6),
        state=pl.lit(INTACT),
        surveyed=pl.lit(day.date),
        changed=pl.lit(day.date),
        method=pl.lit("实测"),
        lon=pl.Series(spot[:, 0]),
        lat=pl.Series(spot[:, 1]),
    )
    day.note("installed", "component", new.select(id="component_code", after="grid_code"))
    day.district["component"] = pl.concat([rows, new.select(rows.columns)])


def _spot(day: Day, grid_code: str, rng: np.random.Generator) -> np.ndarray:
    grid = day.district["grid"].filter(pl.col("grid_code") == grid_code)
    area = shapely.transform(shapely.from_geojson(grid["boundary"][0]), geometry.to_plane)
    return geometry.scatter(area, 1, rng)
