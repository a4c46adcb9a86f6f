"""Random numbers that depend on the seed and on what they are for, on nothing else.

Each use has its own stream, so adding a draw in one place leaves all the others as they were, and
a community comes out the same whether it is generated alone or within its street.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """Return the random stream for a purpose, such as ``("people", "440304005024")``."""
    key = [zlib.crc32(word.encode()) for word in purpose]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *key])))


def choose(rng: np.random.Generator, shares: Sequence[float], size: int) -> Ints:
    """Draw ``size`` positions with probabilities proportional to ``shares``."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    drawn: Ints = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return drawn


def apportion(total: int, weights: NDArray[np.float64]) -> Ints:
    """Split ``total`` by weight into whole numbers that add up to it (largest remainder)."""
    exact = total * weights / weights.sum()
    parts: Ints = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts


def pick(rng: np.random.Generator, mask: Bools, count: int) -> Ints:
    """Return ``count`` different positions (fewer if there are fewer) where ``mask`` is true."""
    where = np.flatnonzero(mask)
    return np.sort(rng.permutation(where)[:count])
