"""三小场所: small shops, workshops and places of amusement, and who runs and owns them."""

import numpy as np
import polars as pl

from simulator.randomness import choose
from simulator.tables import settings
from simulator.truth.businesses import INDIVIDUAL, OPERATING
from simulator.truth.place import Place


def small_places(
    place: Place, building: pl.DataFrame, person: pl.DataFrame, business: pl.DataFrame
) -> pl.DataFrame:
    """Return the small places: run by sole proprietors, and by firms where these do not suffice."""
    rng, rules = place.rng("small places"), settings("grid_work")["small_place"]
    wanted = round(place.profile["residents"] * rules["per_thousand"][place.kind] / 1000)
    running = business.filter(pl.col("state").is_in(OPERATING))
    order = running.with_columns(
        late=pl.col("kind") != INDIVIDUAL, draw=pl.Series(rng.random(len(running)))
    ).sort("late", "draw")
    rows = described(order.head(wanted).sort("business_id"), building, person, rng)
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)
    return rows.select((f"SX{place.local_code}" + number).alias("place_id"), pl.all())


def described(
    business: pl.DataFrame,
    building: pl.DataFrame,
    person: pl.DataFrame,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return small places for some businesses, each with an owner, without an id."""
    rules, count = settings("grid_work")["small_place"], len(business)
    adult = person.filter((pl.col("presence") == "living") & (pl.col("age") >= 25))["person_id"]
    landlord = adult.gather(rng.integers(0, len(adult), count))
    kind, double = (
        pl.Series(list(rules[what])).gather(choose(rng, list(rules[what].values()), count))
        for what in ("kind", "double_check")
    )
    own = pl.Series(rng.random(count) < rules["owner_runs_it"])
    where = building.select("building_code", "grid_code")
    return business.join(where, on="building_code", how="left", maintain_order="left").select(
        "business_id",
        "name",
        "building_code",
        "grid_code",
        "community_code",
        kind=kind,
        address="operating_address",
        operator_id="representative_id",
        owner_id=pl.when(own).then("representative_id").otherwise(landlord),
        area_m2=_areas(kind, rng),
        checked=pl.Series(rng.random(count) < rules["checked"]),
        double_check=double,
    )


def _areas(kind: pl.Series, rng: np.random.Generator) -> pl.Series:
    rules = settings("grid_work")["small_place"]["area_m2"]
    mean, spread, most = (
        kind.replace_strict(
            {code: rule[at] for code, rule in rules.items()}, return_dtype=pl.Float64
        ).to_numpy()
        for at in range(3)
    )
    drawn = np.exp(mean + spread * rng.standard_normal(len(kind)))
    return pl.Series(np.minimum(drawn, most).round(1))
