"""How the city's ground is cut: areas into streets, streets into communities.

沙头街道 has a drawn outline; the other streets are blocks of the area they belong to.
"""

from functools import cache

import numpy as np
import polars as pl
from shapely import Polygon, affinity, box

from simulator.randomness import stream
from simulator.tables import settings, table
from simulator.truth import geometry
from simulator.truth.plan import AREA_DIGITS, GROUND, profiles

DRAWN = "440304005"


@cache
def communities(street_code: str) -> dict[str, Polygon]:
    """Cut a street into its communities, whose areas have the proportions of their ``land``."""
    rows = profiles().filter(street_code=street_code)
    street, land = outline(street_code), rows["land"].to_numpy()
    if street_code == DRAWN:
        sites, tolerance = geometry.to_plane(rows.select("lon", "lat").to_numpy()), 1.0
    else:
        rng = stream(GROUND, "sites", street_code)
        sites, tolerance = geometry.place(street, len(rows), rng), street.area / 10_000
    cells = geometry.power_diagram(street, sites, land * (street.area / land.sum()), tolerance)
    return dict(zip(rows["code"].to_list(), cells, strict=True))


@cache
def outline(street_code: str) -> Polygon:
    """Return a street's outline on the plane."""
    if street_code != DRAWN:
        return _blocks(street_code[:AREA_DIGITS])[street_code]
    drawn = Polygon(geometry.to_plane(table("outline").to_numpy()))
    scale = (settings("habits")["area_km2"] * 1e6 / drawn.area) ** 0.5
    return affinity.scale(drawn, scale, scale, origin="centroid")


@cache
def _blocks(area_code: str) -> dict[str, Polygon]:
    """Cut an area's block of land into its streets."""
    area = table("areas").row(by_predicate=pl.col("code") == area_code, named=True)
    corner = geometry.to_plane(np.array([[area["west"], area["south"]]]))[0]
    block = box(*corner, *(corner + np.array([area["width_km"], area["height_km"]]) * 1000))
    codes = [
        code for code in table("streets")["code"] if code.startswith(area_code) and code != DRAWN
    ]
    parts = geometry.split(block, len(codes), stream(GROUND, "streets", area_code))
    return dict(zip(codes, parts, strict=True))
