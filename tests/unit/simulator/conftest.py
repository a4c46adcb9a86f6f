"""The truth of a generated 沙嘴, and what the systems show of it."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

Tables = Callable[[str], pl.DataFrame]


@pytest.fixture(scope="session")
def truth(district: Path) -> Tables:
    return lambda name: pl.read_parquet(district / "truth" / f"{name}.parquet")


@pytest.fixture(scope="session")
def living(truth: Tables) -> pl.DataFrame:
    return truth("person").filter(pl.col("presence") == "living")
