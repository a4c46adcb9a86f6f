"""One community of the plan, and its random streams."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from simulator.randomness import Ints, stream
from simulator.tables import settings, table


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

    @cached_property
    def organisations_before(self) -> int:
        """How many organisations the communities before this one have: its serials follow."""
        before = table("profiles").head(self.index)
        return int((before["enterprises"] + before["social_organisations"]).sum() or 0)


def places(scale: str, seed: int) -> list[Place]:
    """Return the communities of a scale: ``community`` is 沙嘴, ``street`` all twelve."""
    rows = table("communities").join(table("profiles"), on="code", maintain_order="left")
    plan = [
        Place(index, row["code"], row["name"], row, seed)
        for index, row in enumerate(rows.iter_rows(named=True))
    ]
    return [place for place in plan if scale == "street" or place.short_name == "沙嘴"]


def today() -> date:
    """Return the district's present day."""
    return date.fromisoformat(str(settings("habits")["as_of"]))


def dates_before(days: Ints, day: date | None = None) -> pl.Series:
    """Return the dates that lie so many days before a day, by default the district's first."""
    return pl.Series((np.datetime64(day or today()) - days).astype("datetime64[D]"))
