"""What every community of the city is like: known for 沙头街道, by rates for the others.

The plan does not depend on the seed: other people come to live on the same ground.
"""

from functools import cache
from typing import Any

import numpy as np
import polars as pl

from simulator.randomness import apportion, choose, stream
from simulator.tables import settings, table

GROUND = 0  # the seed of what is the same in every district
AREA_DIGITS, STREET_DIGITS = 6, 9


@cache
def profiles() -> pl.DataFrame:
    """Return one row per community, in the order of ``communities.csv``.

    Columns are those of ``profiles.csv`` (a number that only 沙头 has is 0 elsewhere), ``name``
    and ``street_code``, and ``land``, its share of the street's area before scaling.
    """
    known = table("profiles").with_columns(land="area_km2")
    unknown = table("communities").join(known, on="code", how="anti", maintain_order="left")
    area_code = unknown["code"].str.slice(0, AREA_DIGITS)
    areas = [
        _area(area, unknown.filter(area_code == area["code"]))
        for area in table("areas").iter_rows(named=True)
    ]
    rows = pl.concat([known, *areas], how="diagonal_relaxed")
    named = table("communities").join(rows, on="code", how="left", maintain_order="left")
    return named.with_columns(pl.selectors.numeric().fill_null(0))


def _area(area: dict[str, Any], communities: pl.DataFrame) -> pl.DataFrame:
    """Return the profiles of an area's communities that the table does not know."""
    rng, rates = stream(GROUND, "plan", area["code"]), settings("plan")
    shares = {kind: area[kind] for kind in rates["land"]}
    count, kinds = len(communities), list(shares)
    kind = pl.Series(kinds, dtype=pl.String).gather(choose(rng, list(shares.values()), count))
    size = rng.lognormal(0, rates["spread"], count)
    residents = apportion(_others(area), size * _rate("crowd", kind))
    households = residents / _rate("persons_per_household", kind)

    def whole(numbers: np.ndarray) -> pl.Series:
        return pl.Series(np.maximum(np.round(numbers), 1).astype(np.int64))

    grids = whole(households / _rate("households_per_grid", kind))
    return communities.select(
        "code",
        kind=kind,
        grids=grids,
        buildings=pl.max_horizontal(
            whole(households / _rate("households_per_building", kind)), grids * 5
        ),
        households=whole(households),
        residents=pl.Series(residents),
        enterprises=whole(residents * _rate("enterprises_per_thousand", kind) / 1000),
        social_organisations=whole(
            residents * _rate("social_organisations_per_thousand", kind) / 1000
        ),
        road=pl.Series(rates["roads"]).gather(rng.integers(0, len(rates["roads"]), count)),
        land=pl.Series(_rate("land", kind) * rng.lognormal(0, rates["spread"], count)),
    )


def _others(area: dict[str, Any]) -> int:
    """Return how many of an area's residents live where the table knows nothing."""
    known = table("profiles").filter(pl.col("code").str.starts_with(area["code"]))
    return int(area["residents"] - known["residents"].sum())


def _rate(name: str, kind: pl.Series) -> np.ndarray:
    return kind.replace_strict(settings("plan")[name], return_dtype=pl.Float64).to_numpy()
