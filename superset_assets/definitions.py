"""What the warehouse says about its marts: columns from dbt's models, figures from the registry."""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

DBT = Path(__file__).resolve().parents[1] / "dbt_project"


@dataclass(frozen=True)
class Definitions:
    """Tables and figures, read from a dbt project."""

    dbt: Path = DBT

    @cached_property
    def figures(self) -> dict[str, dict[str, str]]:
        """The seed of ``mart.metric_registry`` by metric: ``title``, ``definition``, ``owner`` …"""
        file = self.dbt / "seeds" / "metric_definition.csv"
        with file.open(encoding="utf-8", newline="") as rows:
            return {row["metric"]: row for row in csv.DictReader(rows)}

    @cached_property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Every table that readers may see, as ``schema.table``, with its model."""
        return {
            f"{folder}.{model['name']}": model
            for folder in ("core", "mart")
            for file in sorted((self.dbt / "models" / folder).glob("*.yml"))
            for model in yaml.safe_load(file.read_text("utf-8")).get("models", [])
        }

    def columns(self, table: str) -> dict[str, dict[str, Any]]:
        """Return Superset's columns of a table; titles from the registry, else from the model."""
        return {
            column["name"]: {
                "verbose_name": column["config"]["meta"]["zh"],
                "type": column["data_type"].upper(),
                "is_dttm": column["data_type"].startswith(("date", "timestamp")),
            }
            | self.title(column["name"])
            for column in self.tables[table]["columns"]
        }

    def title(self, figure: str) -> dict[str, str]:
        """Return Chinese title and definition of a registered figure; empty for anything else."""
        known = self.figures.get(figure)
        return {"verbose_name": known["title"], "description": known["definition"]} if known else {}

    def reckoning(self, figure: str) -> str:
        """Return how a figure comes about and from whom, short enough to stand below it."""
        known = self.figures.get(figure)
        if known is None:
            return ""
        parts = [known["numerator"], known["denominator"]]
        reckoning = " ÷ ".join(part for part in parts if part and part != known["title"])
        return " · ".join(part for part in (reckoning, known["owner"]) if part)

    def table_of(self, figures: set[str]) -> str:
        """Return title, definition and owner of ``figures`` as a Markdown table."""
        rows = [
            f"| **{known['title']}** | {known['definition']} | {known['owner']} |"
            for figure, known in self.figures.items()
            if figure in figures
        ]
        return "\n".join(["| 指标 | 口径 | 来源 |", "|---|---|---|", *rows])
