"""How land is cut and where things stand: cells, blocks, points and ground plans in them.

Work is done in metres on a local plane; everything returned is WGS84 degrees.
"""

from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from simulator.randomness import apportion

Floats = NDArray[np.float64]

ORIGIN = (114.033, 22.5255)
_E2, _A = 0.00669437999014, 6_378_137.0
_CURVE = 1 - _E2 * np.sin(np.radians(ORIGIN[1])) ** 2
METRES_PER_DEGREE = np.radians(1) * np.array(
    [_A / _CURVE**0.5 * np.cos(np.radians(ORIGIN[1])), _A * (1 - _E2) / _CURVE**1.5]
)


def to_plane(lonlat: Floats) -> Floats:
    """Turn degrees (n, 2) into metres east and north of the origin."""
    metres: Floats = (lonlat - ORIGIN) * METRES_PER_DEGREE
    return metres


def to_degrees(metres: Floats) -> Floats:
    """Turn metres (n, 2) into degrees, rounded to a centimetre."""
    lonlat: Floats = np.round(metres / METRES_PER_DEGREE + ORIGIN, 7)
    return lonlat


def geojson(area: Polygon) -> str:
    """Return a polygon of the plane as GeoJSON text in degrees, counter-clockwise."""
    turned = shapely.transform(shapely.orient_polygons(area), to_degrees)
    return str(shapely.to_geojson(turned))


def power_diagram(area: Polygon, sites: Floats, wanted: Floats, tolerance: float) -> list[Polygon]:
    """Cut ``area`` into cells of the ``wanted`` square metres, to within ``tolerance`` of each.

    Each cell is what lies nearest to its site (n, 2), with weights grown until the areas are right.
    """
    weights = np.zeros(len(sites))
    for _ in range(400):
        cells = [_cell(area, sites, weights, i) for i in range(len(sites))]
        missing = wanted - np.array([cell.area for cell in cells])
        if np.abs(missing).max() < tolerance:
            break
        weights += 0.4 * missing
    return cells


def _cell(street: Polygon, sites: Floats, weights: Floats, i: int) -> Polygon:
    cell = street
    for j in np.argsort(((sites - sites[i]) ** 2).sum(axis=1))[1:]:
        away = sites[j] - sites[i]
        distance = float(np.hypot(*away))
        along = (distance**2 + weights[i] - weights[j]) / (2 * distance)
        cell = _keep(cell, sites[i], away / distance, along)
    return cell


def _keep(area: Polygon, start: Floats, direction: Floats, along: float) -> Polygon:
    """Return the part of ``area`` less than ``along`` metres from ``start`` in ``direction``."""
    far, across = 20_000.0, np.array([-direction[1], direction[0]])
    edge = start + direction * along
    back = edge - direction * far
    half = Polygon(
        [edge - across * far, edge + across * far, back + across * far, back - across * far]
    )
    return cast("Polygon", shapely.intersection(area, half))


def split(area: Polygon, parts: int, rng: np.random.Generator) -> list[Polygon]:
    """Cut ``area`` into ``parts`` blocks of about equal size, each cut across the longer side."""
    if parts == 1:
        return [area]
    first = parts // 2
    share = np.clip(first / parts * rng.uniform(0.92, 1.08), 0.05, 0.95)
    frame = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
    sides = np.diff(frame[:3], axis=0)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longer = int(lengths.argmax())
    direction, start = sides[longer] / lengths[longer], frame[longer]
    low, high = 0.0, float(lengths[longer])
    for _ in range(40):
        middle = (low + high) / 2
        too_small = _keep(area, start, direction, middle).area < share * area.area
        low, high = (middle, high) if too_small else (low, middle)
    near = _keep(area, start, direction, low)
    far = _keep(area, start + direction * low * 2, -direction, low)
    return split(near, first, rng) + split(far, parts - first, rng)


def scatter(area: Polygon, count: int, rng: np.random.Generator) -> Floats:
    """Return ``count`` random points (count, 2) of the plane inside ``area``."""
    west, south, east, north = area.bounds
    found: Floats = np.empty((0, 2))
    while len(found) < count:
        tries = rng.uniform((west, south), (east, north), ((count - len(found)) * 3 + 8, 2))
        found = np.concatenate([found, tries[shapely.contains_xy(area, *tries.T)]])
    return found[:count]


def place(area: Polygon, count: int, rng: np.random.Generator) -> Floats:
    """Return ``count`` points (count, 2) inside ``area`` on a jittered lattice, so apart."""
    west, south, east, north = area.bounds
    pitch = (area.area / max(count, 1)) ** 0.5
    while True:
        xs, ys = np.meshgrid(np.arange(west, east, pitch), np.arange(south, north, pitch))
        points = np.column_stack([xs.ravel(), ys.ravel()]) + pitch / 2
        points += rng.uniform(-0.3, 0.3, points.shape) * pitch
        points = points[shapely.contains_xy(area, *points.T)]
        if len(points) >= count:
            chosen: Floats = points[np.sort(rng.permutation(len(points))[:count])]
            return chosen
        pitch *= 0.93


def footprints(
    area: Polygon, points: Floats, reach: float, rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return a polygon of the plane around each point: oblongs along one street grid.

    ``reach`` is half a diagonal in metres at most; what would touch a neighbour is smaller, and
    what would leave ``area`` is cut off.
    """
    gap = np.full(len(points), np.inf)
    if len(points) > 1:
        spots = np.asarray(shapely.points(points), dtype=np.object_)
        tree = shapely.STRtree(spots)
        (own, _), distance = tree.query_nearest(
            spots, exclusive=True, all_matches=False, return_distance=True
        )
        gap[own] = distance
    half = np.minimum(reach * rng.uniform(0.7, 1.0, len(points)), gap * 0.48)
    turn, slant = rng.uniform(0, np.pi / 2), rng.uniform(0.45, np.pi / 4, len(points))
    angles = turn + np.column_stack([slant, np.pi - slant, np.pi + slant, -slant])
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * half[:, None, None]
    oblongs = shapely.polygons(points[:, None, :] + corners)
    cut: NDArray[np.object_] = shapely.intersection(oblongs, area)
    return cut


def spread(total: int, parts: int, sigma: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Split ``total`` unevenly into ``parts`` whole numbers of at least 1."""
    return apportion(total - parts, rng.lognormal(0, sigma, parts)) + 1
