"""Households and the people in them: ages, kin, names, identity numbers, phones."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulator import identifiers
from simulator.randomness import Bools, Ints, choose
from simulator.tables import settings, table
from simulator.truth.names import full_names, surnames
from simulator.truth.place import Place, dates_before

HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, OTHER = 0, 1, 2, 5, 4, 8
ABROAD = 5  # residence kinds from here on: 港澳台, foreign
# numbers of one birthday, place and sex that each community of a group has; see _number_range
SEQUENCES, OTHER_SEQUENCES = 40, 60
COMMUNITIES, OTHER_COMMUNITIES = 12, 8


@dataclass
class Roster:
    """One entry per person, households together and each head first."""

    household: Ints
    position: Ints
    head: Ints
    role: Ints
    age: Ints
    male: Bools


def households(place: Place, dwelling: pl.DataFrame) -> pl.DataFrame:
    """Return the households in their dwellings, and after them the households of the gone.

    ``size`` adds up to the residents of the plan; a household of the gone is one person.
    """
    rng, habits = place.rng("households"), settings("habits")
    count = place.profile["households"]
    gone = round(place.profile["residents"] * habits["gone"])
    sizes = _sizes(count, place.profile["residents"], rng)
    home = rng.permutation(len(dwelling))[:count]
    home = np.concatenate([home, rng.choice(home, gone)])
    age = head_ages(place.kind, count + gone, rng)
    too_young = (sizes >= 3) & (age[:count] < 25)
    age[:count][too_young] = rng.integers(25, 40, int(too_young.sum()))
    died = np.zeros(count + gone, dtype=bool)
    died[count:] = rng.random(gone) < habits["gone_died"]
    age = np.where(died, 62 + (35 * rng.beta(2, 2, count + gone)).astype(np.int64), age)
    kind = choose(rng, habits["household"]["residence_kind"][place.kind], count + gone) + 1
    settled = (age >= 60) & (rng.random(count + gone) < habits["household"]["elderly_registered"])
    kind = np.where(settled & (kind > 2), 1, kind)
    number = pl.Series(np.arange(1, count + gone + 1)).cast(pl.String).str.zfill(6)
    return dwelling[home].select(
        household_id=place.local_code + number,
        house_code="house_code",
        building_code="building_code",
        grid_code="grid_code",
        community_code="community_code",
        address="address",
        size=pl.Series(np.concatenate([sizes, np.ones(gone, dtype=np.int64)])),
        residence_kind=pl.Series(kind),
        head_age=pl.Series(age),
        presence=pl.Series(
            np.where(np.arange(count + gone) < count, "living", np.where(died, "died", "left"))
        ),
    )


def _sizes(count: int, people: int, rng: np.random.Generator) -> Ints:
    """Return household sizes that add up to ``people`` exactly, in the shape of the table."""
    base = np.array(settings("habits")["household"]["size_weights"])
    steps = np.arange(1, len(base) + 1)
    low, high = -3.0, 3.0
    for _ in range(60):
        tilt = (low + high) / 2
        weights = base * np.exp(tilt * steps)
        low, high = (
            (tilt, high) if weights @ steps / weights.sum() < people / count else (low, tilt)
        )
    sizes = rng.permutation(choose(rng, weights.tolist(), count) + 1)
    while (missing := people - int(sizes.sum())) != 0:
        step = 1 if missing > 0 else -1
        able = np.flatnonzero((sizes + step >= 1) & (sizes + step <= len(base)))
        sizes[rng.permutation(able)[: abs(missing)]] += step
    return sizes


def head_ages(kind: str, size: int, rng: np.random.Generator) -> Ints:
    """Draw the ages of heads of households in a kind of community."""
    bands = np.array(settings("habits")["household"]["head_age"][kind])
    band = choose(rng, bands[:, 2].tolist(), size)
    low, high = bands[band, :2].astype(np.int64).T
    return _between(low, high, rng)


def people(place: Place, household: pl.DataFrame, first: int = 1) -> pl.DataFrame:
    """Return everybody, one row per person, the gone included (``presence``).

    ``first`` is the serial of the first of them within the community.
    """
    rng = place.rng("people")
    roster = _roster(place, household, rng)
    size = len(roster.age)
    born = dates_before(
        (roster.age * 365.2425).astype(np.int64) + rng.integers(1, 364, size),
        place.today,
    )
    serial = place.first_person + np.arange(first, first + size)
    of_household = household[roster.household].select(
        "household_id", "house_code", "building_code", "grid_code", "community_code", "address",
        "residence_kind", "presence",
    )  # fmt: skip
    names = full_names(rng, _surnames(roster, rng), roster.male, born.dt.year().to_numpy())
    kind = of_household["residence_kind"].to_numpy()
    origin = np.where(roster.role == OTHER, np.arange(size), roster.head)
    region = _regions(kind, origin, rng)
    ethnic = choose(rng, table("ethnic_groups")["share"].to_list(), size)[origin]
    rows = of_household.with_columns(
        person_id="R" + pl.Series(serial).cast(pl.String).str.zfill(8),
        name=names,
        male=pl.Series(roster.male),
        birth_date=born,
        age=pl.Series(roster.age),
        relation=_relations(roster),
        ethnic_code=table("ethnic_groups")["code"].gather(ethnic),
        region=region,
        id_number=_id_numbers(place, region, born, roster.male),
        phone=identifiers.phone_numbers(str(settings("habits")["phone_prefix"]), serial),
        gone_date=dates_before(rng.integers(3, 366, size), place.today),
        changed_date=dates_before((rng.beta(1, 3, size) * 1800).astype(np.int64) + 1, place.today),
    )
    return rows.with_columns(
        # people from 港澳台 and abroad are registered by a travel document, not by such a number
        id_number=pl.when(pl.col("residence_kind") < ABROAD).then("id_number"),
        phone=pl.when(pl.col("age") >= 12).then("phone"),
        gone_date=pl.when(pl.col("presence") != "living").then("gone_date"),
        registered_address=_registered_addresses(rng, size),
    ).drop("region")


def _roster(place: Place, household: pl.DataFrame, rng: np.random.Generator) -> Roster:
    sizes = household["size"].to_numpy()
    start = np.cumsum(sizes) - sizes
    of = np.repeat(np.arange(len(sizes)), sizes)
    position = np.arange(len(of)) - start[of]
    head = start[of]
    shared = rng.random(len(sizes)) < settings("habits")["household"]["shared_flat"][place.kind]
    role = _roles(position, shared[of], rng.random(len(of)), household["head_age"].to_numpy()[of])
    age = _ages(role, household["head_age"].to_numpy()[of], rng)
    male = rng.random(len(of)) < 0.52
    male = np.where(role == HEAD, rng.random(len(of)) < 0.60, male)
    male = np.where(role == SPOUSE, ~male[head], male)
    return Roster(of, position, head, role, age, male)


def _roles(position: Ints, shared: Bools, luck: NDArray[np.float64], head_age: Ints) -> Ints:
    """Return each person's place in the family, by position in the household."""
    elder = np.where(head_age < 66, PARENT, GRANDCHILD)
    by_position = [
        np.full(len(position), HEAD),
        np.where((luck < 0.86) | (head_age < 24), SPOUSE, CHILD),
        np.where(luck < 0.88, CHILD, elder),
        np.where(luck < 0.62, CHILD, elder),
        elder,
        elder,
    ]
    role = np.choose(position, by_position)
    return np.where(shared & (position > 0), OTHER, role)


def _ages(role: Ints, head_age: Ints, rng: np.random.Generator) -> Ints:
    size = len(role)
    near = head_age + np.round(rng.normal(-1, 3, size)).astype(np.int64)
    options = {
        HEAD: head_age,
        SPOUSE: np.maximum(near, 20),
        OTHER: np.maximum(near, 17),
        CHILD: _between(np.maximum(head_age - 36, 0), np.maximum(head_age - 23, 1), rng),
        PARENT: head_age + rng.integers(22, 33, size),
        GRANDCHILD: np.maximum(head_age - rng.integers(50, 64, size), 0),
    }
    age: Ints = np.select([role == key for key in options], list(options.values()))
    return age.clip(0, 102)


def _between(low: Ints, high: Ints, rng: np.random.Generator) -> Ints:
    age: Ints = low + (rng.random(len(low)) * (high - low + 1)).astype(np.int64)
    return age


def _surnames(roster: Roster, rng: np.random.Generator) -> Ints:
    """Children carry the father's surname, a head's father the head's."""
    own = surnames(rng, len(roster.age))
    spouse = np.minimum(roster.head + 1, len(own) - 1)
    has_spouse = (roster.role[spouse] == SPOUSE) & (roster.head[spouse] == roster.head)
    father = np.where(~roster.male[roster.head] & has_spouse, spouse, roster.head)
    inherits = np.isin(roster.role, (CHILD, GRANDCHILD))
    own_line = (roster.role == PARENT) & roster.male
    line: Ints = np.where(inherits, own[father], np.where(own_line, own[roster.head], own))
    return line


def _relations(roster: Roster) -> pl.Series:
    """Return relations to the head as GB/T 4761 one-digit codes (2 son, 3 daughter)."""
    daughter = (roster.role == CHILD) & ~roster.male
    return pl.Series(np.where(daughter, 3, roster.role)).cast(pl.String)


def _regions(kind: Ints, origin: Ints, rng: np.random.Generator) -> pl.Series:
    """Return the (synthetic) first six digits: families come from one place."""
    regions = table("regions")
    region = choose(rng, regions["share"].to_list(), len(kind))[origin]
    local = (rng.random(len(kind)) < 0.55)[origin] & (kind <= 2)
    return regions["code"].gather(np.where(local, 0, region))


def _id_numbers(place: Place, region: pl.Series, born: pl.Series, male: Bools) -> pl.Series:
    """Return different 18-digit numbers: people of one place, birthday and sex count upwards."""
    frame = pl.DataFrame({"region": region, "born": born, "male": male})
    rank = frame.select(pl.int_range(pl.len()).over("region", "born", "male")).to_series()
    county, member, numbers = _number_range(place.index)
    if int(rank.max() or 0) >= numbers:  # type: ignore[arg-type]
        raise ValueError(f"{place.name}: more birthdays of one day and place than numbers for them")
    sequence = (rank + member * numbers) * 2 + pl.Series(male).cast(pl.Int64)
    first17 = (
        region.str.slice(0, 4)
        + f"{county:02d}"
        + born.dt.strftime("%Y%m%d")
        + sequence.cast(pl.String).str.zfill(3)
    )
    return identifiers.resident_numbers(first17)


def _number_range(index: int) -> tuple[int, int, int]:
    """Return the county digits of a community's numbers, its place in the group that shares them,
    and how many numbers of a birthday, place and sex it has.

    The first group is 沙头街道; three digits are too few for a whole city in one county.
    """
    if index < COMMUNITIES:
        return 1, index, SEQUENCES
    group, member = divmod(index - COMMUNITIES, OTHER_COMMUNITIES)
    return group + 2, member, OTHER_SEQUENCES


def _registered_addresses(rng: np.random.Generator, size: int) -> pl.Expr:
    """Return the address of household registration; far ones are villages of synthetic counties."""
    townships = settings("habits")["words"]["township"]
    places = table("regions").select("code", "place")
    town = pl.Series(townships).gather(rng.integers(0, len(townships), size))
    village = table("surnames")["surname"].gather(surnames(rng, size)) + "家村"
    number = pl.Series(rng.integers(1, 120, size)).cast(pl.String) + "号"
    home = pl.col("region").replace(places["code"], places["place"])
    return (
        pl.when(pl.col("residence_kind") == 1)
        .then("address")
        .when(pl.col("residence_kind") == 2)
        .then(pl.lit("广东省深圳市仿真区") + town + "仿真路" + number)
        .when(pl.col("residence_kind") <= 4)
        .then(home + town + village + number)
    )


def adults(person: pl.DataFrame) -> pl.DataFrame:
    """Return the living people of 18 and more with an identity number."""
    return person.filter(
        (pl.col("presence") == "living") & (pl.col("age") >= 18) & pl.col("id_number").is_not_null()
    )
