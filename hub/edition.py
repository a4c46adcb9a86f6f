"""Editions of what lies in files: a hash, so that whoever used them before knows of a change."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

# What cleaning depends on; beside these, a staging model's own text counts (macros/staging.sql).
CLEANING = ("functions", "macros", "seeds", "models/staging/hub")
# What Superset's import reads: its assets, the columns of tables, the registry of figures.
DASHBOARDS = (
    "superset_assets",
    "dbt_project/models/core",
    "dbt_project/models/mart",
    "dbt_project/seeds",
)


def edition(root: Path, folders: Iterable[str]) -> str:
    """Return a hash of every file in ``folders`` below ``root``, by name and content."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(root)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
