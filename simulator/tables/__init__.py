"""The simulator's numbers, as small files: rates, habits, code lists, names."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    import polars as pl

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> "pl.DataFrame":
    """Return ``<name>.csv``; columns called ``*code`` stay text."""
    import polars as pl  # the command line knows its faults without it

    path = FOLDER / f"{name}.csv"
    codes = {
        column: pl.String
        for column in pl.read_csv(path, comment_prefix="#", n_rows=0).columns
        if column.endswith(("code", "number"))
    }
    return pl.read_csv(path, comment_prefix="#", schema_overrides=codes)


@cache
def settings(name: str) -> Any:
    """Return ``<name>.yaml``."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)  # safe_load is ten times slower
