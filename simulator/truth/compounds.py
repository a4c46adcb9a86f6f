"""Housing compounds: one per grid, with who manages it and where its cars stand at night."""

import numpy as np
import polars as pl

from simulator.tables import settings
from simulator.truth.place import Place


def compounds(place: Place, building: pl.DataFrame, household: pl.DataFrame) -> pl.DataFrame:
    """Return the compounds: name, address, manager, households, bays, cars by day and by night.

    At night about half of the cars find no bay (the seed's figure of the gap, near 50 %).
    """
    rng, habits = place.rng("compounds"), settings("habits")["compound"]
    homes = building.filter(pl.col("use_code").is_in(["01", "06"]))
    living = household.filter(pl.col("presence") == "living")
    living = living.group_by("grid_code").len("households")
    name = pl.col("name").str.replace(r"\d+栋$", "")
    rows = (
        homes.group_by("grid_code", maintain_order=True)
        .agg(
            name.first(),
            pl.col("address").first().str.replace(r"号.*$", "号"),
            pl.len().alias("buildings"),
            pl.col("year_built").min(),
            pl.col("community_code").first(),
        )
        .join(living, on="grid_code", how="left", maintain_order="left")
    )
    count, brands = len(rows), settings("habits")["words"]["brand"]
    demand = rows["households"].fill_null(0).to_numpy() * habits["cars_per_household"][place.kind]
    night = np.round(demand * rng.normal(1, 0.05, count)).astype(np.int64)
    bays = np.round(night * (1 - rng.normal(habits["night_gap"], 0.04, count))).astype(np.int64)
    low, high = habits["day_use"]
    day = np.round(bays * rng.uniform(low, high, count)).astype(np.int64)
    brand = pl.Series(brands).gather(rng.integers(0, len(brands), count))
    return rows.select(
        compound_id="XQ" + pl.col("grid_code"),
        name="name",
        address="address",
        manager=pl.lit("深圳市仿真") + brand + "物业服务有限公司",
        buildings=pl.col("buildings").cast(pl.Int64),
        year_built="year_built",
        households=pl.col("households").fill_null(0).cast(pl.Int64),
        bays=pl.Series(bays),
        cars_by_day=pl.Series(day),
        cars_by_night=pl.Series(night),
        grid_code="grid_code",
        community_code="community_code",
    )
