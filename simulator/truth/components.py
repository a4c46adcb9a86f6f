"""Urban components: what stands in the street, where, in what state, and who answers for it."""

import numpy as np
import polars as pl
from shapely import Polygon

from simulator.randomness import apportion, choose
from simulator.tables import settings, table
from simulator.truth import geometry
from simulator.truth.place import Place, dates_before


def components(place: Place, grid: pl.DataFrame, areas: list[Polygon]) -> pl.DataFrame:
    """Return the components: 16-digit code, kind, grid, three agencies, state, point in WGS84."""
    rng, classes = place.rng("components"), table("components")
    square_km = sum(area.area for area in areas) / 1e6
    per_class = np.round(classes["per_km2"].to_numpy() * square_km).astype(np.int64)
    kind = rng.permutation(np.repeat(np.arange(len(classes)), per_class))
    size = len(kind)
    per_grid = apportion(size, np.array([area.area for area in areas]))
    points = [geometry.scatter(area, n, rng) for area, n in zip(areas, per_grid, strict=True)]
    degrees = geometry.to_degrees(np.concatenate(points))
    state = settings("habits")["component"]["state"]
    first, last = settings("habits")["component"]["surveyed"]
    rows = classes[kind].with_columns(
        at=pl.Series(np.repeat(np.arange(len(areas)), per_grid)),
        number=pl.int_range(1, pl.len() + 1).over("class_code"),
    )
    surveyed = (
        np.datetime64(f"{first}-03-01") + rng.integers(0, (last - first) * 365, size)
    ).astype("datetime64[D]")
    serial = pl.col("number") + place.first_component
    return rows.select(
        component_code=pl.lit(place.county_code)
        + pl.col("class_code")
        + serial.cast(pl.String).str.zfill(6),
        class_code="class_code",
        name="name",
        in_charge="in_charge",
        owner="owner",
        maintainer="maintainer",
        grid_code=grid["grid_code"].gather(rows["at"]),
        community_code=pl.lit(place.code),
        state=pl.Series(list(state)).gather(choose(rng, list(state.values()), size)),
        surveyed=pl.Series(surveyed),
        changed=pl.max_horizontal(pl.Series(surveyed), dates_before(rng.integers(1, 3600, size))),
        method=pl.Series(["实测", "移动测量", "图上量算"]).gather(
            choose(rng, (0.8, 0.15, 0.05), size)
        ),
        lon=pl.Series(degrees[:, 0]),
        lat=pl.Series(degrees[:, 1]),
    )
