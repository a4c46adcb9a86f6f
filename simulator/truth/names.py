"""Names of people, drawn by sex and year of birth."""

from functools import cache

import numpy as np
import polars as pl

from simulator.randomness import Bools, Ints, choose
from simulator.tables import settings, table


def surnames(rng: np.random.Generator, size: int) -> Ints:
    """Draw positions in ``surnames.csv`` by weight."""
    return choose(rng, table("surnames")["weight"].to_list(), size)


@cache
def _characters() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all characters on end, and the start and length of each (sex, era) list."""
    lists = [text for sex in ("male", "female") for text in settings("given_names")[sex]]
    lengths = np.array([len(text) for text in lists])
    starts = np.cumsum(lengths) - lengths
    return np.array(list("".join(lists))), starts, lengths


def full_names(rng: np.random.Generator, surname: Ints, male: Bools, born: Ints) -> pl.Series:
    """Return a name for each person, given surname position, sex and year of birth."""
    table_ = settings("given_names")
    era = np.searchsorted(np.array(table_["eras"]), born, side="right") - 1
    characters, starts, lengths = _characters()
    which = np.where(male, 0, len(table_["eras"])) + era
    drawn = rng.random((2, len(born)))
    first, second = (
        pl.Series(characters[starts[which] + (draw * lengths[which]).astype(np.int64)])
        for draw in drawn
    )
    single = rng.random(len(born)) < np.array(table_["single_character_share"])[era]
    tail = second.set(pl.Series(single), "")
    return table("surnames")["surname"].gather(surname) + first + tail
