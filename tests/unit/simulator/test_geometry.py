"""Communities tile the street, grids tile their community, and things lie where they say."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
import shapely

from simulator.tables import table
from simulator.truth import geometry, ground

Tables = Callable[[str], pl.DataFrame]
SQUARE_METRE = 1.0


def polygons(rows: pl.DataFrame) -> np.ndarray:
    return shapely.from_geojson(rows["boundary"].to_numpy())


def square_metres(areas: np.ndarray) -> np.ndarray:
    return shapely.area(shapely.transform(areas, geometry.to_plane))


def test_the_communities_tile_a_street_of_13_59_square_kilometres() -> None:
    areas = np.array(list(ground.communities("440304005").values()))
    assert shapely.area(areas).sum() / 1e6 == pytest.approx(13.59, abs=0.001)
    assert shapely.union_all(areas).area / 1e6 == pytest.approx(13.59, abs=0.001)
    assert {type(area) for area in areas} == {shapely.Polygon}


def test_each_community_has_the_area_of_the_plan() -> None:
    plan = dict(table("profiles").select("code", "area_km2").iter_rows())
    for code, area in ground.communities("440304005").items():
        assert area.area / 1e6 == pytest.approx(plan[code], abs=0.001)


def test_the_grids_tile_their_community(truth: Tables) -> None:
    community, grids = polygons(truth("community"))[0], polygons(truth("grid"))
    assert len(grids) == 22
    assert shapely.is_valid(grids).all()
    assert square_metres(grids).sum() == pytest.approx(720_000, abs=30 * SQUARE_METRE)
    gap = shapely.transform(
        community.symmetric_difference(shapely.union_all(grids)), geometry.to_plane
    )
    assert gap.area < 30 * SQUARE_METRE


def test_the_street_lies_where_shatou_lies(truth: Tables) -> None:
    west, south, east, north = shapely.total_bounds(polygons(truth("community")))
    assert 114.00 < west < east < 114.06
    assert 22.50 < south < north < 22.55


@pytest.mark.parametrize("thing", ["building", "component"])
def test_things_lie_in_the_grid_of_their_code(thing: str, truth: Tables) -> None:
    grids = truth("grid")
    things = truth(thing).join(
        grids.select("grid_code", area=pl.Series(polygons(grids), dtype=pl.Object)), on="grid_code"
    )
    inside = shapely.contains_xy(
        things["area"].to_numpy(), things["lon"].to_numpy(), things["lat"].to_numpy()
    )
    assert inside.mean() > 0.999, "coordinates are rounded to a centimetre"


def test_buildings_stand_on_ground_of_their_own_in_their_grid(truth: Tables) -> None:
    buildings = truth("building")
    plans = shapely.from_geojson(buildings["footprint"].to_numpy())
    assert {type(plan) for plan in plans} == {shapely.Polygon}
    assert shapely.is_valid(plans).all()
    sizes = square_metres(plans)
    assert 10 < sizes.min() < sizes.max() < 150, "an urban village is narrow"
    middles = shapely.points(buildings.select("lon", "lat").to_numpy())
    assert shapely.distance(plans, middles).max() < 1e-7
    pairs = shapely.STRtree(plans).query(plans, predicate="intersects")
    left, right = pairs[:, pairs[0] < pairs[1]]
    shared = shapely.intersection(plans[left], plans[right])
    assert square_metres(shared).sum() < SQUARE_METRE
    grids = truth("grid")
    areas = dict(zip(grids["grid_code"], polygons(grids), strict=True))
    own = np.array([areas[code] for code in buildings["grid_code"]])
    assert square_metres(shapely.difference(plans, own)).max() < SQUARE_METRE


def test_codes_name_the_place_they_belong_to(truth: Tables) -> None:
    buildings, dwellings = truth("building"), truth("dwelling")
    assert buildings["building_code"].is_unique().all()
    assert (buildings["building_code"].str.slice(0, 12) == buildings["community_code"]).all()
    grid = buildings["grid_code"].str.slice(13, 2)
    assert (buildings["building_code"].str.slice(12, 2) == grid).all()
    assert dwellings["house_code"].str.contains(r"^\d{25}$").all()
    assert (dwellings["house_code"].str.slice(0, 19) == dwellings["building_code"]).all()
    assert set(dwellings["building_code"]) <= set(buildings["building_code"])
    assert dwellings["house_code"].is_unique().all()


def test_no_two_households_share_a_dwelling(truth: Tables) -> None:
    occupied = truth("household").filter(pl.col("presence") == "living")
    assert occupied["house_code"].is_unique().all()
    assert set(occupied["house_code"]) <= set(truth("dwelling")["house_code"])
