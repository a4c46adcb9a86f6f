"""What happens to people: birthdays, deaths, leaving, moving, marrying, arriving, being born."""

from dataclasses import replace

import numpy as np
import polars as pl

from simulator import identifiers
from simulator.life.day import Day, banded
from simulator.randomness import choose
from simulator.tables import settings, table
from simulator.truth.names import full_names
from simulator.truth.people import head_ages, people
from simulator.truth.place import Place, places

HOME = ["house_code", "building_code", "grid_code", "community_code", "address"]
LIVING = pl.col("presence") == "living"
HEAD = pl.col("relation") == "0"
PERSON_ID = (4, 5)  # characters that tell the community, digits that tell the person in it
LATER_SEQUENCES = 480  # the first ranks of a birthday belong to those who were there first
LAST_SEQUENCE = 499


def live(day: Day) -> None:
    """Let the day pass for everybody."""
    _grow_older(day)
    _die(day)
    _leave(day)
    _succeed(day)
    _move(day)
    _marry(day)
    newcomers = [*_arrive(day), *_be_born(day)]
    if newcomers:
        _add(day, pl.concat(newcomers))
    _count_households(day)


def birthday(day: Day) -> pl.Expr:
    """Say who has a birthday; those born on 29 February have it on 1 March in other years."""
    born, today = pl.col("birth_date"), day.date
    leap_day = (born.dt.month() == 2) & (born.dt.day() == 29)
    same = (born.dt.month() == today.month) & (born.dt.day() == today.day)
    common_year = today.year % 4 != 0 or (today.year % 100 == 0 and today.year % 400 != 0)
    observed = leap_day if common_year and (today.month, today.day) == (3, 1) else pl.lit(False)
    return (same | observed) & (born < today)


def _grow_older(day: Day) -> None:
    older = (LIVING & birthday(day)).cast(pl.Int64)
    day.district["person"] = day.district["person"].with_columns(pl.col("age") + older)


def _go(day: Day, event: str, presence: str, going: pl.Series) -> None:
    """Let people (a mask) be no longer there."""
    person = day.district["person"]
    day.note(event, "person", person.filter(going).select(id="person_id", before="house_code"))
    day.district["person"] = person.with_columns(
        presence=pl.when(going).then(pl.lit(presence)).otherwise("presence"),
        gone_date=pl.when(going).then(pl.lit(day.date)).otherwise("gone_date"),
    )


def _die(day: Day) -> None:
    person = day.district["person"]
    yearly = banded(person["age"], settings("life")["deaths"])
    dies = pl.Series(day.happens(yearly, day.rng("deaths")))
    _go(day, "death", "died", dies & person.select(LIVING).to_series())


def _heads(day: Day) -> pl.DataFrame:
    return day.district["person"].filter(LIVING & HEAD)


def _of_households(households: pl.Series) -> pl.Expr:
    return LIVING & pl.col("household_id").is_in(households.to_list())


def _leave(day: Day) -> None:
    head = _heads(day)
    yearly = head["residence_kind"].replace_strict(settings("life")["leaving"])
    gone = head.filter(pl.Series(day.happens(yearly.to_numpy(), day.rng("leaving"))))
    person = day.district["person"]
    leaving = person.select(_of_households(gone["household_id"])).to_series()
    _go(day, "departure", "left", leaving)


def _succeed(day: Day) -> None:
    """Where the head died, make the oldest who is left the head."""
    person = day.district["person"]
    died = day.happened("death")["id"]
    households = person.filter(pl.col("person_id").is_in(died.to_list()) & HEAD)["household_id"]
    left = person.filter(_of_households(households)).sort("birth_date", "person_id")
    heirs = left.unique("household_id", keep="first", maintain_order=True)["person_id"]
    heir = pl.col("person_id").is_in(heirs.to_list())
    day.district["person"] = person.with_columns(
        relation=pl.when(heir).then(pl.lit("0")).otherwise("relation")
    )
    day.note("succession", "person", pl.DataFrame({"id": heirs}))


def _vacant(day: Day, purpose: str) -> pl.DataFrame:
    """Return the dwellings in which nobody lives, in the day's own order."""
    lived_in = day.district["person"].lazy().filter(LIVING).select("house_code")
    dwelling = day.district["dwelling"].lazy().join(lived_in, on="house_code", how="anti")
    vacant = dwelling.sort("house_code").select(HOME).collect()
    return vacant[day.rng(purpose).permutation(len(vacant))]


def _rehouse(day: Day, event: str, homes: pl.DataFrame) -> None:
    """Give living people (person_id) other homes, and other columns, in ``homes``."""
    person = day.district["person"]
    columns = [name for name in homes.columns if name != "person_id"]
    found = person.select("person_id").join(
        homes.with_columns(_moved=pl.lit(True)), on="person_id", how="left", maintain_order="left"
    )
    moved = found["_moved"].fill_null(False)
    day.district["person"] = person.with_columns(
        pl.when(moved).then(found[name]).otherwise(name).alias(name) for name in columns
    ).with_columns(
        changed_date=pl.when(moved).then(pl.lit(day.date)).otherwise("changed_date"),
    )
    before = person.filter(moved).select("person_id", before="house_code")
    after = day.district["person"].filter(moved)["house_code"]
    day.note(event, "person", before.select(id="person_id", before="before", after=after))


def _move(day: Day) -> None:
    head = _heads(day).sort("household_id")
    yearly = np.full(len(head), float(settings("life")["moves"]))
    movers = head.filter(pl.Series(day.happens(yearly, day.rng("moves"))))
    vacant = _vacant(day, "vacant for moves")
    homes = pl.concat(
        [movers.select("household_id").head(len(vacant)), vacant.head(len(movers))],
        how="horizontal",
    )
    people_ = day.district["person"].filter(_of_households(homes["household_id"]))
    moved = people_.select("person_id", "household_id").join(homes, on="household_id")
    _rehouse(day, "move", moved.drop("household_id"))


def _marry(day: Day) -> None:
    """Let people who live alone marry others of about their age; she moves to his home."""
    rng, (youngest, oldest) = day.rng("marriages"), settings("life")["marriage_age"]
    alone = pl.len().over("household_id") == 1
    single = (
        day.district["person"]
        .filter(LIVING)
        .filter(alone & HEAD & pl.col("age").is_between(youngest, oldest))
    )
    pairs = day.count(len(day.district["person"]) * settings("life")["marriages"], rng)
    men, women = (single.filter(pl.col("male") == male) for male in (True, False))
    pairs = min(pairs, len(men), len(women))
    hers, his = (
        group[rng.permutation(len(group))[:pairs]].sort("birth_date", "person_id")
        for group in (women, men)
    )
    wedding = pl.DataFrame({"id": his["person_id"], "after": hers["person_id"]})
    day.note("marriage", "person", wedding)
    homes = his.select("household_id", *HOME).with_columns(
        person_id=hers["person_id"], relation=pl.lit("1")
    )
    _rehouse(day, "move", homes)


def _serials(ids: pl.Series, prefix: int, width: int) -> dict[str, int]:
    """Return the largest serial behind each prefix of ids of ``width`` digits at the end."""
    last = pl.DataFrame({"id": ids}).group_by(
        pl.col("id").str.slice(0, prefix).alias("prefix"), maintain_order=True
    ).agg(pl.col("id").str.slice(prefix, width).cast(pl.Int64).max())  # fmt: skip
    return dict(last.iter_rows())


def _arrive(day: Day) -> list[pl.DataFrame]:
    """Let households come into vacant dwellings, community by community."""
    rng, living = day.rng("arrivals"), day.district["person"].select(LIVING.sum()).item()
    weights = settings("habits")["household"]["size_weights"]
    mean = float(np.average(np.arange(1, len(weights) + 1), weights=weights))
    vacant = _vacant(day, "vacant for arrivals")
    wanted = day.count(living * settings("life")["arrivals"] / mean, rng)
    homes = vacant.head(min(wanted, len(vacant) // 2)).sort("community_code", "house_code")
    person = _serials(day.district["person"]["person_id"], *PERSON_ID)
    household = _serials(day.district["household"]["household_id"], 6, 6)
    come = []
    for place in places(day.scale, day.seed):
        here = homes.filter(pl.col("community_code") == place.code)
        if len(here):
            visiting = replace(place, day=day.date)
            families = _families(visiting, here, household.get(place.local_code, 0))
            prefix = f"R{place.first_person:08d}"[: PERSON_ID[0]]
            come.append(people(visiting, families, person.get(prefix, 0) + 1))
            day.district["household"] = pl.concat(
                [day.district["household"], families.select(day.district["household"].columns)]
            )
    arrived = [rows.with_columns(changed_date=pl.lit(day.date)) for rows in come]
    for rows in arrived:
        day.note("arrival", "person", rows.select(id="person_id", after="house_code"))
    return arrived


def _families(place: Place, homes: pl.DataFrame, last: int) -> pl.DataFrame:
    rng, habits, count = place.rng("households"), settings("habits")["household"], len(homes)
    size = choose(rng, habits["size_weights"], count) + 1
    age = head_ages(place.kind, count, rng)
    age = np.where((size >= 3) & (age < 25), rng.integers(25, 40, count), age)
    number = pl.Series(np.arange(last + 1, last + 1 + count)).cast(pl.String).str.zfill(6)
    return homes.with_columns(
        household_id=place.local_code + number,
        size=pl.Series(size),
        residence_kind=pl.Series(choose(rng, habits["residence_kind"][place.kind], count) + 1),
        head_age=pl.Series(age),
        presence=pl.lit("living"),
    )


def _be_born(day: Day) -> list[pl.DataFrame]:
    """Let children be born to couples; they carry the father's name and live with the mother."""
    rng, person = day.rng("births"), day.district["person"]
    couple = person.filter(LIVING & pl.col("relation").is_in(["0", "1"]))
    fathers = couple.filter("male").select("household_id", father="name")
    mothers = couple.filter(
        ~pl.col("male") & pl.col("age").is_between(*settings("life")["mother_age"])
    ).join(fathers, on="household_id", maintain_order="left")
    wanted = day.count(person.select(LIVING.sum()).item() * settings("life")["births"], rng)
    mother = mothers[rng.permutation(len(mothers))[:wanted]].sort("person_id")
    count = len(mother)
    if not count:
        return []
    male = rng.random(count) < 0.52
    year = np.full(count, day.date.year)
    serial = _newborn_serials(day, mother)
    child = mother.with_columns(
        person_id="R" + serial.cast(pl.String).str.zfill(8),
        name=full_names(rng, _surname(mother["father"]), male, year),
        male=pl.Series(male),
        birth_date=pl.lit(day.date),
        age=pl.lit(0, pl.Int64),
        relation=pl.Series(np.where(male, "2", "3")),
        phone=pl.lit(None, pl.String),
        changed_date=pl.lit(day.date),
    ).select(person.columns)
    day.note("birth", "person", child.select(id="person_id", after=mother["person_id"]))
    return [child]


def _newborn_serials(day: Day, mother: pl.DataFrame) -> pl.Series:
    """Return the next serials of the mothers' communities, today's arrivals counted."""
    known = [day.district["person"]["person_id"], day.happened("arrival")["id"]]
    last = _serials(pl.concat(known), *PERSON_ID)
    prefix = mother["person_id"].str.slice(0, PERSON_ID[0])
    rank = mother.select(pl.int_range(1, pl.len() + 1).over(prefix)).to_series()
    block = prefix.str.slice(1).cast(pl.Int64) * int(10 ** PERSON_ID[1])
    return block + prefix.replace_strict(last) + rank


def _surname(names: pl.Series) -> np.ndarray:
    """Return the places in ``surnames.csv`` of the surnames of names."""
    known = table("surnames")["surname"]
    place = {surname: at for at, surname in enumerate(known)}
    found = pl.coalesce(
        names.str.slice(0, width).replace_strict(place, default=None, return_dtype=pl.Int64)
        for width in (2, 1)
    )
    return pl.select(found).to_series().to_numpy()


def _add(day: Day, newcomers: pl.DataFrame) -> None:
    """Give the newcomers identity numbers that nobody has, and add them."""
    person = day.district["person"]
    later = person.filter(
        pl.col("id_number").str.slice(14, 3).cast(pl.Int64) >= 2 * LATER_SEQUENCES
    )
    first14 = pl.col("id_number").str.slice(0, 14)
    taken = later.group_by(first14=first14, male="male").len("taken")
    numbered = newcomers.with_columns(
        first14=first14.str.slice(0, 6) + pl.col("birth_date").dt.strftime("%Y%m%d")
    ).join(taken, on=["first14", "male"], how="left", maintain_order="left")
    rank = (
        pl.int_range(pl.len()).over("first14", "male")
        + pl.col("taken").fill_null(0).cast(pl.Int64)
        + LATER_SEQUENCES
    )
    sequence = numbered.select(rank * 2 + pl.col("male").cast(pl.Int64)).to_series()
    has = numbered["first14"].is_not_null()
    if int(sequence.filter(has).max() or 0) > 2 * LAST_SEQUENCE + 1:  # type: ignore[arg-type]
        raise ValueError("more newcomers of one birthday and place than numbers for them")
    first17 = numbered["first14"].fill_null("0" * 14) + sequence.cast(pl.String).str.zfill(3)
    number = identifiers.resident_numbers(first17)
    added = newcomers.with_columns(id_number=pl.when(has).then(number))
    day.district["person"] = pl.concat([person, added.select(person.columns)])


def _count_households(day: Day) -> None:
    """Bring the households in line with who lives in them, and where."""
    household = day.district["household"]
    heads = day.district["person"].lazy().filter(LIVING).group_by("household_id")
    now = heads.agg(pl.len().cast(pl.Int64).alias("_size"), pl.col(HOME).first().name.prefix("_"))
    rows = household.lazy().join(now, on="household_id", how="left", maintain_order="left")
    lived_in = LIVING & pl.col("_size").is_not_null()
    emptied = LIVING & pl.col("_size").is_null()
    homes = (pl.when(lived_in).then(f"_{name}").otherwise(name).alias(name) for name in HOME)
    day.district["household"] = (
        rows.with_columns(
            *homes,
            size=pl.when(LIVING).then(pl.col("_size").fill_null(0)).otherwise("size"),
            presence=pl.when(emptied).then(pl.lit("left")).otherwise("presence"),
        )
        .select(household.columns)
        .collect()
    )
