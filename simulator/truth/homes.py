"""Community, grids, buildings and dwellings, with their codes and addresses."""

import numpy as np
import polars as pl
from shapely import Polygon

from simulator.randomness import Ints, apportion, choose
from simulator.tables import settings
from simulator.truth import geometry, ground
from simulator.truth.names import full_names, surnames
from simulator.truth.place import Place


def community(place: Place) -> pl.DataFrame:
    """Return the community's one row, its boundary as GeoJSON in WGS84."""
    area = ground.communities(place.street_code)[place.code]
    return pl.DataFrame(
        {
            "community_code": place.code,
            "community_name": place.name,
            "kind": place.kind,
            "area_m2": round(area.area, 1),
            "boundary": geometry.geojson(area),
        }
    )


def grids(place: Place) -> tuple[pl.DataFrame, list[Polygon]]:
    """Return the grids that tile the community, and their areas on the plane in the same order."""
    rng = place.rng("grids")
    count = place.profile["grids"]
    areas = geometry.split(ground.communities(place.street_code)[place.code], count, rng)
    number = pl.Series(np.arange(1, count + 1))
    male = rng.random(count) < 0.45
    rows = pl.DataFrame(
        {
            "grid_code": place.code + number.cast(pl.String).str.zfill(3),
            "grid_name": place.short_name + "第" + number.cast(pl.String) + "网格",
            "community_code": place.code,
            "community_name": place.name,
            "officer_name": full_names(
                rng, surnames(rng, count), male, rng.integers(1975, 2000, count)
            ),
            "area_m2": [round(area.area, 1) for area in areas],
            "boundary": [geometry.geojson(area) for area in areas],
        }
    )
    return rows, areas


def buildings(place: Place, grid: pl.DataFrame, areas: list[Polygon]) -> pl.DataFrame:
    """Return the buildings: 19-digit code, address, kind, use, floors, middle and ground plan."""
    rng, habits = place.rng("buildings"), settings("habits")["building"]
    total = place.profile["buildings"]
    per_grid = geometry.spread(total, len(areas), habits["load_spread"], rng)
    points = np.concatenate(
        [geometry.place(area, n, rng) for area, n in zip(areas, per_grid, strict=True)]
    )
    degrees = geometry.to_degrees(points)
    low, high = habits["floors"][place.kind]
    oldest, newest = habits["year"][place.kind]
    floors = rng.integers(low, high + 1, total)
    use = choose(rng, _use_shares(place.kind), total)
    kind = habits["kind"][place.kind]
    return _named(place, per_grid).select(
        "building_code",
        "name",
        "address",
        community_code=pl.lit(place.code),
        grid_code=grid["grid_code"].gather(np.repeat(np.arange(len(areas)), per_grid)),
        kind=pl.Series([kind, kind, "商铺", "厂房"]).gather(use),
        use_code=pl.Series(["01", "06", "03", "04"]).gather(use),
        floors=pl.Series(floors),
        lift=pl.Series(floors >= 8),
        year_built=pl.Series(rng.integers(oldest, newest + 1, total)),
        lon=pl.Series(degrees[:, 0]),
        lat=pl.Series(degrees[:, 1]),
        footprint=_footprints(place, points, per_grid, areas),
    )


def _footprints(
    place: Place, points: geometry.Floats, per_grid: Ints, areas: list[Polygon]
) -> pl.Series:
    """Return the buildings' ground plans as GeoJSON text, grid by grid."""
    rng, reach = place.rng("footprints"), settings("habits")["building"]["reach_m"][place.kind]
    of_grids = np.split(points, np.cumsum(per_grid)[:-1])
    plans = [
        geometry.geojson(plan)
        for area, within in zip(areas, of_grids, strict=True)
        for plan in geometry.footprints(area, within, reach, rng)
    ]
    return pl.Series(plans)


def _named(place: Place, per_grid: Ints) -> pl.DataFrame:
    """Return code, name and address of the buildings, numbered from 1 within each grid."""
    grid = np.repeat(np.arange(1, len(per_grid) + 1), per_grid)
    number = np.arange(1, len(grid) + 1) - np.repeat(np.cumsum(per_grid) - per_grid, per_grid)
    name = pl.format("{}{}栋", _compound(place), "number")
    before = f"{place.address}{place.name}{place.profile['road']}"
    road = pl.format("{}{}号", pl.lit(before), pl.col("grid") * 2 - 1)
    return pl.DataFrame({"grid": grid, "number": number}).select(
        building_code=pl.lit(place.code) + _padded("grid", 2) + _padded("number", 5),
        name=name,
        address=road + name,
    )


def _use_shares(kind: str) -> list[float]:
    habits = settings("habits")["building"]
    mixed, empty = habits["shops_below"][kind], habits["no_homes"][kind]
    return [1 - mixed - empty, mixed, empty * 0.6, empty * 0.4]


def _padded(column: str, width: int) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(width)


def _compound(place: Place) -> pl.Expr:
    """Return the name of a grid's compound: a block of the village, or a garden estate."""
    words = settings("habits")["words"]
    if place.kind == "village":
        return pl.format("{}村{}坊", pl.lit(place.short_name), "grid")
    names = [a + b for b in words["compound_suffix"] for a in words["compound_formal"]]
    shifted = (pl.col("grid") * 7 + place.index * 5) % len(names)
    return pl.lit(place.short_name) + shifted.replace_strict(dict(enumerate(names)))


def dwellings(place: Place, building: pl.DataFrame) -> pl.DataFrame:
    """Return the dwellings: 25-digit house code, room number, and the building's places."""
    rng, habits = place.rng("dwellings"), settings("habits")["building"]
    homes = building.filter(pl.col("use_code").is_in(["01", "06"]))
    wanted = round(place.profile["households"] * (1 + habits["vacant_dwellings"]))
    weights = homes["floors"].to_numpy() * rng.lognormal(0, habits["load_spread"], len(homes))
    count = apportion(wanted - len(homes), weights) + 1
    at = np.repeat(np.arange(len(homes)), count)
    order = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    per_floor = -(-count // homes["floors"].to_numpy())
    floor, door = order // per_floor[at] + 1, order % per_floor[at] + 1
    rows = homes.select("building_code", "address", "community_code", "grid_code")[at]
    rows = rows.with_columns(floor=pl.Series(floor), door=pl.Series(door))
    return rows.select(
        house_code=pl.col("building_code") + _padded("floor", 4) + _padded("door", 2),
        building_code="building_code",
        room=pl.col("floor").cast(pl.String) + _padded("door", 2),
        address=pl.col("address") + pl.col("floor").cast(pl.String) + _padded("door", 2) + "房",
        community_code="community_code",
        grid_code="grid_code",
    )
