"""Where things happen, and who lives there."""

import numpy as np
import polars as pl

from simulator.randomness import choose
from simulator.truth.place import FUTIAN

NEAR_DEGREES = 0.00015  # some 15 m


def spots(
    dwelling: pl.DataFrame, building: pl.DataFrame, count: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Draw places where people live: a dwelling's codes and addresses, and a point outside."""
    at = rng.integers(0, len(dwelling), count)
    about = building.select("building_code", "lon", "lat", building_address="address")
    rows = dwelling[at].join(about, on="building_code", how="left", maintain_order="left")
    east, north = rng.normal(0, NEAR_DEGREES, (2, count))
    return rows.select(
        "community_code",
        "grid_code",
        "building_code",
        home_address="address",
        building_address="building_address",
        lon=(pl.col("lon") + pl.Series(east)).round(7),
        lat=(pl.col("lat") + pl.Series(north)).round(7),
    )


def neighbours(
    grid_codes: pl.Series, person: pl.DataFrame, devotion: float, rng: np.random.Generator
) -> pl.Series:
    """Draw an adult who lives in each of these grids (null where nobody does).

    With a ``devotion`` above 1 some people are drawn again and again.
    """
    adult = (
        person.filter((pl.col("presence") == "living") & (pl.col("age") >= 18))
        .filter(pl.col("grid_code").is_in(grid_codes.unique().to_list()))
        .select("person_id", "grid_code")
        .sort("grid_code", maintain_order=True)
    )
    ranges = adult.with_row_index("first").group_by("grid_code", maintain_order=True).agg(
        pl.col("first").first().cast(pl.Int64), size=pl.len().cast(pl.Int64)
    )  # fmt: skip
    found = pl.DataFrame({"grid_code": grid_codes}).join(
        ranges, on="grid_code", how="left", maintain_order="left"
    )
    luck = pl.Series(rng.random(len(found)) ** devotion)
    at = found["first"] + (luck * found["size"]).cast(pl.Int64)
    return adult["person_id"].gather(at)


def numbered(communities: pl.Series, moments: pl.Series) -> pl.Series:
    """Return ids that are unique everywhere: community, day, and the number within both."""
    place = pl.col("place")
    local = pl.when(place.str.starts_with(FUTIAN)).then(place.str.slice(6))
    number = pl.int_range(1, pl.len() + 1).over("place", "day").cast(pl.String).str.zfill(4)
    rows = pl.DataFrame({"place": communities, "day": moments.dt.strftime("%y%m%d")})
    return rows.select(local.otherwise(place.str.slice(4)) + pl.col("day") + number).to_series()


def one_of(values: dict[str, float], count: int, rng: np.random.Generator) -> pl.Series:
    """Draw names by their shares."""
    return pl.Series(list(values)).gather(choose(rng, list(values.values()), count))
