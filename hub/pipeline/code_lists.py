"""The code lists of the warehouse, as landing needs them: every spelling that a list knows."""

import csv
from pathlib import Path

from connectors.landing.drift import CodeLists
from hub.settings import REPOSITORY

FILE = REPOSITORY / "dbt_project" / "seeds" / "code_list.csv"


def load(file: Path = FILE) -> CodeLists:
    """Return codes, names and aliases of each list; staging maps all of them to the code."""
    known: dict[str, set[str]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for entry in csv.DictReader(lines):
            aliases = filter(None, (entry["aliases"] or "").split("|"))
            known.setdefault(entry["list"], set()).update((entry["code"], entry["name"], *aliases))
    return {name: frozenset(spellings) for name, spellings in known.items()}
