"""One day of the district: what is true at its end, and what happened to bring that about."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from simulator.randomness import Bools, stream
from simulator.truth.district import District

NO_TEXT = pl.lit(None, pl.String)
EVENT = {"day": pl.Date, "event": pl.String, "thing": pl.String, "id": pl.String,
         "before": pl.String, "after": pl.String}  # fmt: skip
DAYS_PER_YEAR = 365.25


@dataclass
class Day:
    """A day at work on ``district``; each purpose has a random stream of its own."""

    date: date
    seed: int
    scale: str
    district: District
    events: list[pl.DataFrame] = field(default_factory=list)
    touched: dict[str, list[pl.Series]] = field(default_factory=dict)

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the day's random stream for a purpose."""
        return stream(self.seed, "life", str(self.date), purpose)

    def happens(self, yearly: np.ndarray, rng: np.random.Generator) -> Bools:
        """Draw which of some things happen today, given how often each does in a year."""
        drawn: Bools = rng.random(len(yearly)) * DAYS_PER_YEAR < yearly
        return drawn

    def count(self, yearly: float, rng: np.random.Generator) -> int:
        """Draw how often something happens today that happens so often in a year."""
        return int(rng.poisson(yearly / DAYS_PER_YEAR))

    def note(self, event: str, thing: str, rows: pl.DataFrame) -> None:
        """Write down what happened to the things of ``rows`` (id, and before, after if any)."""
        about = {"day": pl.lit(self.date), "event": pl.lit(event), "thing": pl.lit(thing)}
        for name in ("before", "after"):
            if name not in rows.columns:
                about[name] = NO_TEXT
        entries = rows.with_columns(**about).select(*EVENT).cast(EVENT)  # type: ignore[arg-type]
        self.events.append(entries)
        self.touch(thing, entries["id"])

    def touch(self, thing: str, ids: pl.Series) -> None:
        """Remember that these rows of a thing are no longer what they were."""
        if len(ids):
            self.touched.setdefault(thing, []).append(ids)

    def ids(self, thing: str) -> pl.Series:
        """Return the rows of a thing that were touched today, each once."""
        found = self.touched.get(thing, [])
        return (
            pl.concat(found).unique(maintain_order=True)
            if found
            else pl.Series([], dtype=pl.String)
        )

    def happened(self, *events: str) -> pl.DataFrame:
        """Return today's events of these kinds."""
        return pl.concat([pl.DataFrame(schema=EVENT), *self.events]).filter(
            pl.col("event").is_in(events)
        )


def banded(ages: pl.Series, bands: dict[int, float]) -> np.ndarray:
    """Return for each age the value of the highest band it reaches (0 below the first)."""
    limits = sorted(bands)
    values = np.array([0.0, *(bands[limit] for limit in limits)])
    return values[np.searchsorted(limits, ages.to_numpy(), side="right")]
