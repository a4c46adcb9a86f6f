"""The code lists of the warehouse, as landing needs them: every spelling that a list knows."""

import csv
from collections.abc import Iterator
from pathlib import Path

from connectors.landing.drift import CodeLists
from hub.settings import REPOSITORY

SEEDS = REPOSITORY / "dbt_project" / "seeds"


def load(seeds: Path = SEEDS) -> CodeLists:
    """Return codes, names and aliases of each list; staging maps all of them to the code.

    Regions are lists too, one for each level, as staging's ``code_alias`` has them.
    """
    known: dict[str, set[str]] = {}
    for entry in _rows(seeds / "code_list.csv"):
        known.setdefault(entry["list"], set()).update(_spellings(entry, "code", "name"))
    for entry in _rows(seeds / "region.csv"):
        spellings = _spellings(entry, "region_code", "name", "short_name")
        known.setdefault(entry["level"], set()).update(spellings)
    return {name: frozenset(spellings) for name, spellings in known.items()}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _spellings(entry: dict[str, str], *columns: str) -> set[str]:
    given = [entry[column] for column in columns]
    return set(filter(None, [*given, *(entry["aliases"] or "").split("|")]))
