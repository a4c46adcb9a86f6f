"""Businesses of a community: companies, sole proprietors, share-cooperatives, and what they do.

Bodies that ended, or never changed their licence, before October 2015 have a registration number
and no unified social credit code; the others have a code that belongs to nobody.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from simulator import identifiers
from simulator.randomness import Bools, Ints, choose
from simulator.tables import settings, table
from simulator.truth.place import Place, dates_before

ENTERPRISE, INDIVIDUAL, COOPERATIVE = "有限责任公司", "个体工商户", "股份合作公司"
OPERATING = ("存续", "异常名录")
CNY = "156"
NOWHERE = "440399"  # no county has these digits: registration numbers begin with them


@dataclass(frozen=True)
class Group:
    """Businesses that are drawn alike: ``name`` is their row in the table of habits."""

    name: str
    individual: Bools
    days: Ints  # since they were registered


def businesses(
    place: Place, building: pl.DataFrame, adult: pl.DataFrame, enterprise: pl.DataFrame
) -> pl.DataFrame:
    """Return the businesses, in operation or not: the ``enterprise`` table's and others.

    Each has a living adult of the community as its legal representative or operator.
    """
    rng, habits = place.rng("businesses"), settings("habits")["business"]
    count = place.profile["enterprises"]
    coded, uncoded = round(count * habits["coded"]), round(count * habits["uncoded"])
    first = place.organisations_before + count + place.profile["social_organisations"] + 1
    since = (place.today - date.fromisoformat(str(habits["codes_since"]))).days
    known = enterprise.select("name", "credit_code", "address", "building_code", "founded")
    days = (pl.lit(place.today) - pl.col("founded")).dt.total_days()
    groups = [
        Group("enterprise", np.zeros(count, bool), known.select(days).to_series().to_numpy()),
        _group("coded", coded, (1, since), rng),
        _group("uncoded", uncoded, (since + 1, 8000), rng),
    ]
    rows = [drawn(building, group, rng) for group in groups]
    rows[0] = rows[0].with_columns(known.drop("founded"), word=_word(known["name"]))
    serials = first + np.arange(coded)
    rows[1] = rows[1].with_columns(credit_code=codes(rows[1]["kind"], serials, place.county_code))
    rows[2] = rows[2].with_columns(credit_code=pl.lit(None, pl.String))
    if place.kind == "village":
        rows.append(_cooperative(place, building, first + coded, rng))
    every = pl.concat(rows, how="diagonal_relaxed")
    return finished(every, adult, place.today, rng).select(
        (pl.lit(f"B{place.index:04d}") + _padded(pl.int_range(1, pl.len() + 1), 6)).alias(
            "business_id"
        ),
        pl.all(),
    )


def _group(name: str, count: int, days: tuple[int, int], rng: np.random.Generator) -> Group:
    share = settings("habits")["business"]["individuals"][name]
    return Group(name, rng.random(count) < share, rng.integers(*days, count))


def drawn(building: pl.DataFrame, group: Group, rng: np.random.Generator) -> pl.DataFrame:
    """Return businesses with a trade, a name, a place, a state, without a code."""
    count = len(group.individual)
    states = settings("habits")["business"]["state"][group.name]
    kind = pl.Series(group.individual).replace_strict({True: INDIVIDUAL, False: ENTERPRISE})
    word = trades(group.individual, rng)
    state = pl.Series(list(states)).gather(choose(rng, list(states.values()), count))
    return building[sites(building, count, rng)].select(
        "building_code",
        "address",
        "community_code",
        name=names(word, group.individual, rng),
        kind=kind.cast(pl.String),
        word=word,
        state=state,
        days=pl.Series(group.days),
    )


def trades(individual: Bools, rng: np.random.Generator) -> pl.Series:
    """Draw a trade (its word in ``trades.csv``) for each of some businesses."""
    rows = table("trades")
    count = len(individual)
    company, person = (choose(rng, rows[who].to_list(), count) for who in ("company", "individual"))
    return rows["word"].gather(np.where(individual, person, company))


def names(word: pl.Series, individual: Bools, rng: np.random.Generator) -> pl.Series:
    """Return names; a few brands stand in quotes."""
    brands = settings("habits")["words"]["brand"]
    one, two = (pl.Series(brands).gather(rng.integers(0, len(brands), len(word))) for _ in "ab")
    quoted = pl.Series(rng.random(len(word)) < settings("habits")["business"]["quoted_name"])
    brand = (one + two).rename("brand")
    before = pl.Series(np.where(individual, "深圳市福田区仿真", "深圳市仿真"))
    rows = pl.DataFrame({"before": before, "brand": brand, "word": word, "quoted": quoted})
    shown = pl.when("quoted").then(pl.format('"{}"', "brand")).otherwise("brand")
    tail = pl.col("word").replace_strict(table("trades")["word"], table("trades")["tail"])
    return rows.select((pl.col("before") + shown + pl.col("word") + tail).alias("name")).to_series()


def sites(building: pl.DataFrame, count: int, rng: np.random.Generator) -> Ints:
    """Draw buildings by their use."""
    weights = building["use_code"].replace_strict({"01": 1, "06": 12, "03": 60, "04": 30})
    return choose(rng, weights.to_list(), count)


def _word(name: pl.Series) -> pl.Series:
    words = "|".join(settings("habits")["words"]["industry"])
    return name.str.extract(f"({words})有限公司$")


def codes(kind: pl.Series, serials: Ints, county: str) -> pl.Series:
    """Return credit codes: 92 for sole proprietors, 91 for the rest."""
    individual, other = (identifiers.credit_codes(k, serials, county) for k in ("92", "91"))
    return other.zip_with(kind != INDIVIDUAL, individual)


def _cooperative(
    place: Place, building: pl.DataFrame, serial: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the village's own company, one row: what became of its collective land."""
    at = building[rng.integers(0, len(building), 1)]
    return at.select(
        "building_code",
        "address",
        "community_code",
        name=pl.lit(f"深圳市仿真{place.short_name}股份合作公司"),
        kind=pl.lit(COOPERATIVE),
        word=pl.lit("物业"),
        state=pl.lit("存续"),
        days=pl.lit((place.today - date(1994, 9, 28)).days),
        credit_code=codes(pl.Series([COOPERATIVE]), np.array([serial]), place.county_code),
    )


def finished(
    rows: pl.DataFrame, adult: pl.DataFrame, today: date, rng: np.random.Generator
) -> pl.DataFrame:
    """Return businesses with all that does not depend on their group.

    ``registered_address`` differs from the ``operating_address`` for a share; capital in 10,000
    units of its currency; ``approved`` is the day of the last entry (of the end, if it ended).
    """
    habits, count = settings("habits")["business"], len(rows)
    individual = (rows["kind"] == INDIVIDUAL).to_numpy()
    share = habits["registered_elsewhere"]
    elsewhere = rng.random(count) < np.where(individual, share["individual"], share["company"])
    door = pl.Series(rng.integers(101, 132, count))
    road = pl.Series(rng.integers(1, 90, count))
    currency = pl.Series([CNY, *habits["abroad"]]).gather(
        choose(rng, [1 - sum(habits["abroad"].values()), *habits["abroad"].values()], count)
    )
    capital = [pl.Series(habits["capital"][w]) for w in ("individual", "company")]
    sums = [choices.gather(rng.integers(0, len(choices), count)) for choices in capital]
    entered = (rng.beta(1, 2, count) * (rows["days"].to_numpy() - 1)).astype(np.int64)
    serial, word = rng.integers(0, 10**8, count), table("trades")["word"]
    found = rows.with_columns(
        section_code=pl.col("word").replace_strict(word, table("trades")["section_code"]),
        scope=_scopes(rows["word"], rng),
        operating_address=pl.col("address") + door.cast(pl.String) + "铺",
        registered_address=pl.format("深圳市前海深港合作区仿真路{}号A栋201室", road),
        representative_id=adult["person_id"].gather(rng.integers(0, len(adult), count)),
        register_number=_register_numbers(serial, individual),
        registered=dates_before(rows["days"].to_numpy(), today),
        approved=dates_before(entered, today),
        currency=pl.when(pl.Series(individual)).then(pl.lit(CNY)).otherwise(currency),
        capital=sums[0].zip_with(pl.Series(individual), sums[1]),
    )
    old = pl.col("registered") < date.fromisoformat(str(habits["codes_since"]))
    return found.select(
        "name",
        "kind",
        "credit_code",
        pl.when(old).then("register_number").alias("register_number"),
        "section_code",
        "scope",
        "representative_id",
        pl.when(pl.Series(elsewhere))
        .then("registered_address")
        .otherwise("operating_address")
        .alias("registered_address"),
        "operating_address",
        "building_code",
        "community_code",
        "registered",
        "approved",
        "state",
        "capital",
        "currency",
    )


def _scopes(word: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return what the businesses may do; a star in the table becomes a brand in quotes, or two."""
    brands = settings("habits")["words"]["brand"]
    one, two = (pl.Series(brands).gather(rng.integers(0, len(brands), len(word))) for _ in "ab")
    both = pl.Series(rng.random(len(word)) < settings("habits")["business"]["two_brands"])
    rows = pl.DataFrame({"word": word, "one": one, "two": two, "both": both})
    goods = pl.when("both").then(pl.format('"{}","{}"', "one", "two"))
    trade = table("trades")
    parts = pl.col("word").replace_strict(trade["word"], trade["scope"]).str.split("*")
    rest = parts.list.get(1, null_on_oob=True)
    whole = parts.list.get(0) + (goods.otherwise(pl.format('"{}"', "one")) + rest).fill_null("")
    return rows.select(whole.alias("scope")).to_series()


def _register_numbers(serial: Ints, individual: Bools) -> pl.Series:
    """Return registration numbers: county, kind, serial, check digit of ISO 7064 MOD 11,10."""
    kind = pl.Series(np.where(individual, "6", "1"))
    body = NOWHERE + kind + pl.Series(serial % 10**7).cast(pl.String).str.zfill(7)
    return body + pl.Series(identifiers.mod_11_10(body)).cast(pl.String)


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)
