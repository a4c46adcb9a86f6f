"""The edition of the cleaning rules: rows that staging keeps were cleaned by one of them."""

import hashlib
from pathlib import Path

# Beside these, a staging model's own text counts (macros/staging.sql).
RULES = ("functions", "macros", "seeds", "models/staging/hub")


def cleaning_edition(project: Path) -> str:
    """Return a hash of everything that cleaning depends on, in names and content of its files."""
    digest = hashlib.sha256()
    for folder in RULES:
        for file in sorted((project / folder).rglob("*")):
            if file.suffix in (".sql", ".csv", ".yml"):
                digest.update(f"{file.relative_to(project)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
