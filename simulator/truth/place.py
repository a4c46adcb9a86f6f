"""Which communities there are, the numbers and random streams of each, and the parts they form."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl

from simulator.randomness import Ints, stream
from simulator.tables import settings, table
from simulator.truth.ground import DRAWN
from simulator.truth.plan import AREA_DIGITS, STREET_DIGITS, profiles

FUTIAN = "440304"
LARGEST_PART = 13  # communities: a larger street comes in slices, so that memory stays bounded
# how many serials the communities of 沙头街道 have each, and all others
PEOPLE, OTHER_PEOPLE = 1_000_000, 100_000
COMPONENTS, OTHER_COMPONENTS = 20_000, 5_000  # of a class


@dataclass(frozen=True)
class Place:
    """A community about to be generated. ``index`` is its place in the full list."""

    index: int
    code: str
    name: str
    profile: dict[str, Any]
    seed: int
    day: date | None = None

    def rng(self, purpose: str) -> np.random.Generator:
        """Return this community's random stream for a purpose, on a later ``day`` another one."""
        return stream(self.seed, purpose, self.code, *([str(self.day)] if self.day else []))

    @property
    def today(self) -> date:
        """The day on which this place is looked at."""
        return self.day or today()

    @property
    def kind(self) -> str:
        """``village``, ``estate`` or ``park``."""
        return str(self.profile["kind"])

    @property
    def short_name(self) -> str:
        """The name without 社区."""
        return self.name.removesuffix("社区")

    @property
    def street_code(self) -> str:
        """The nine digits of the street."""
        return self.code[:STREET_DIGITS]

    @property
    def county_code(self) -> str:
        """The six digits of the area."""
        return self.code[:AREA_DIGITS]

    @property
    def local_code(self) -> str:
        """What tells the community from others of 福田; elsewhere the area comes first."""
        return self.code[AREA_DIGITS if self.county_code == FUTIAN else 4 :]

    @cached_property
    def street_name(self) -> str:
        """The street's name, such as 沙头街道."""
        return _name("streets", self.street_code)

    @cached_property
    def street_number(self) -> int:
        """The street's place in the list, from 1."""
        return table("streets")["code"].to_list().index(self.street_code) + 1

    @property
    def address(self) -> str:
        """The beginning of every address, down to the street."""
        return f"广东省深圳市{_name('areas', self.county_code)}{self.street_name}"

    @property
    def first_person(self) -> int:
        """The number below those of this community's people: eight digits hold the whole city's."""
        drawn, index = _drawn(), self.index
        return index * PEOPLE if index < drawn else drawn * PEOPLE + (index - drawn) * OTHER_PEOPLE

    @property
    def first_component(self) -> int:
        """The serial below those of this community's components of a class, within its area."""
        drawn, index = _drawn(), self.index
        if index < drawn:
            return index * COMPONENTS
        codes = profiles()["code"]
        within = index - int((~codes.str.starts_with(self.county_code)).head(index).sum())
        if self.county_code != FUTIAN:
            return within * OTHER_COMPONENTS
        return drawn * COMPONENTS + (within - drawn) * OTHER_COMPONENTS

    @cached_property
    def organisations_before(self) -> int:
        """How many organisations the communities before this one have: its serials follow."""
        before = profiles().head(self.index)
        coded = settings("habits")["business"]["coded"]
        cooperatives = (pl.col("kind") == "village").cast(pl.Int64)
        return int(
            before.select(
                pl.col("enterprises")
                + pl.col("social_organisations")
                + (pl.col("enterprises") * coded).round().cast(pl.Int64)
                + cooperatives
            )
            .sum()
            .item()
            or 0
        )


@dataclass(frozen=True)
class Part:
    """What is generated at a time: a street, or a slice of a large one.

    ``code`` names it among the parts of a district; it is empty for 沙头街道, the first.
    """

    code: str
    places: list[Place]
    opens_street: bool


def places(scale: str, seed: int) -> list[Place]:
    """Return the communities of a scale: 沙嘴, the twelve of 沙头街道, 福田's or the city's."""
    plan = [
        Place(index, row["code"], row["name"], row, seed)
        for index, row in enumerate(profiles().iter_rows(named=True))
    ]
    within = {"community": "440304005024", "street": DRAWN, "district": FUTIAN, "city": ""}[scale]
    return [place for place in plan if place.code.startswith(within)]


def parts(scale: str, seed: int, residents: int | None = None) -> list[Part]:
    """Return the communities of a scale part by part, until there are so many ``residents``."""
    found: list[Part] = []
    for street_code, group in groupby(places(scale, seed), key=lambda place: place.street_code):
        street = list(group)
        for start in range(0, len(street), LARGEST_PART):
            code = "" if street_code == DRAWN else f"{street_code}-{start // LARGEST_PART + 1}"
            found.append(Part(code, street[start : start + LARGEST_PART], start == 0))
    return found if residents is None else _first(found, residents)


def _first(found: list[Part], residents: int) -> list[Part]:
    """Return the first communities that together have at least so many residents."""
    kept = []
    for part in found:
        before = np.cumsum([0, *(place.profile["residents"] for place in part.places)])
        here = [p for p, sum_ in zip(part.places, before[:-1], strict=True) if sum_ < residents]
        if here:
            kept.append(replace(part, places=here))
        residents -= int(before[-1])
    return kept


def _drawn() -> int:
    """Return how many communities 沙头街道 has: they come first in the list."""
    return len(table("profiles"))


def _name(list_: str, code: str) -> str:
    rows = table(list_)
    return str(rows["name"][rows["code"].to_list().index(code)])


def today() -> date:
    """Return the district's present day."""
    return date.fromisoformat(str(settings("habits")["as_of"]))


def dates_before(days: Ints, day: date | None = None) -> pl.Series:
    """Return the dates that lie so many days before a day, by default the district's first."""
    return pl.Series((np.datetime64(day or today()) - days).astype("datetime64[D]"))
