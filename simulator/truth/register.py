"""What grid officers have in their register: dwellings and how they are used, and people."""

import polars as pl

from simulator.randomness import choose
from simulator.tables import settings
from simulator.truth.place import Place, dates_before
from simulator.truth.visits import LET, VACANT, met

OWNED = 2  # residence kinds up to here are registered in the city, and own their homes
LIVING = pl.col("presence") == "living"
RESIDENT = ["person_id", "house_code", "building_code", "community_code", "verified"]


def houses(place: Place, dwelling: pl.DataFrame, household: pl.DataFrame) -> pl.DataFrame:
    """Return the register of houses: use, how each is used, and the tier of those to let."""
    rng, rules = place.rng("register of houses"), settings("grid_work")["dwelling"]
    count = len(dwelling)
    home = household.filter(LIVING).unique("house_code", keep="first", maintain_order=True)
    rows = dwelling.join(
        home.select("house_code", "residence_kind"),
        on="house_code", how="left", maintain_order="left",
    )  # fmt: skip
    use, tier = (
        pl.Series(list(rules[what])).gather(choose(rng, list(rules[what].values()), count))
        for what in ("use", "tier")
    )
    rows = rows.with_columns(owner_lets=pl.Series(rng.random(count) < rules["owned_but_let"]))
    rows = rows.with_columns(use_code=use, usage=usage(), tier=tier)
    return rows.select(
        "house_code",
        "building_code",
        "grid_code",
        "community_code",
        "address",
        "use_code",
        "usage",
        "owner_lets",
        tier=pl.when(pl.col("usage") == LET).then("tier"),
    )


def usage() -> pl.Expr:
    """Say how a dwelling is used, by the ``residence_kind`` of who lives there.

    Who is not registered in the city rents; some others do too (``owner_lets``).
    """
    return (
        pl.when(pl.col("residence_kind").is_null())
        .then(pl.lit(VACANT))
        .when((pl.col("residence_kind") > OWNED) | pl.col("owner_lets"))
        .then(pl.lit(LET))
        .otherwise(pl.lit("自住"))
    )


def residents(place: Place, person: pl.DataFrame, visit: pl.DataFrame) -> pl.DataFrame:
    """Return the people whom officers know, with the day each was last seen (``verified``).

    Tenants are known better; some who died or left stay until somebody calls.
    """
    rng, rules = place.rng("register of people"), settings("grid_work")
    rows = person.join(met(visit), on="house_code", how="left", maintain_order="left")
    household = person["household_id"].unique(maintain_order=True)
    luck = pl.DataFrame({"household_id": household, "luck": rng.random(len(household))})
    rows = rows.join(luck, on="household_id", how="left", maintain_order="left")
    rented = pl.col("residence_kind") > OWNED
    share = pl.when(rented).then(rules["known"]["rented"]).otherwise(rules["known"]["owned"])
    missed = pl.col("verified").is_null() | (pl.col("verified") < pl.col("gone_date"))
    gone = ~LIVING & missed & pl.Series(rng.random(len(rows)) < rules["gone_unnoticed"])
    low, high = rules["verified_before"]
    before = dates_before(rng.integers(low, high, len(rows)), place.today)
    rows = rows.with_columns(before=before).filter((LIVING | gone) & (pl.col("luck") < share))
    seen = pl.when(LIVING).then("verified")
    return rows.with_columns(verified=pl.coalesce(seen, "before")).select(RESIDENT)
