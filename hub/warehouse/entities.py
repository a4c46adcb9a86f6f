"""The entity-relationship diagram of what readers see, from the keys and relations dbt tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hub.settings import REPOSITORY

PROJECT = REPOSITORY / "dbt_project"
LAYERS = ("core", "core_private", "mart")
HEAD = """# Entities and their relations

Written by `hub entities docs/entities.md` from the key tests and relationships tests of the dbt
models, and checked by a test: edit those, not this page. A line from a table to another says that
one row of the first has any number of rows of the second, which name it in the column beside the
line; it may be unknown. What each column means: `\\d+ core.<table>`, or `dbt_project/models`.
"""
CHAPTERS = {
    "The libraries and their places": ("dim_",),
    "Who and what belong together": ("bridge_",),
    "What happens": ("fct_",),
    "In clear, and what is made of it": ("",),
}


@dataclass(frozen=True)
class Relation:
    """A column that names a row of another table, its parent."""

    column: str
    parent: str
    field: str


@dataclass(frozen=True)
class Entity:
    """One table: its schema, name, Chinese title, key, column types and relations to parents."""

    layer: str
    name: str
    title: str
    key: tuple[str, ...]
    types: dict[str, str]
    relations: tuple[Relation, ...]


def page(project: Path = PROJECT) -> str:
    """Return the whole page in Markdown."""
    found = list(entities(project))
    parts = [HEAD, *_table(found)]
    left = found
    for title, prefixes in CHAPTERS.items():
        chosen = [entity for entity in left if entity.name.startswith(prefixes)]
        left = [entity for entity in left if entity not in chosen]
        parts += [f"\n## {title}\n", "```mermaid", *_diagram(chosen), "```"]
    return "\n".join(parts) + "\n"


def entities(project: Path) -> Iterator[Entity]:
    """Read the tables that readers see from the YAML beside the models, by layer and name."""
    for layer in LAYERS:
        files = sorted((project / "models" / layer).glob("*.yml"))
        models = [model for file in files for model in _models(file)]
        for model in sorted(models, key=lambda each: str(each["name"])):
            yield _entity(layer, model)


def _models(file: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load(file.read_text(encoding="utf-8")).get("models") or [])


def _entity(layer: str, model: dict[str, Any]) -> Entity:
    tests = [test for test in model.get("data_tests") or [] if isinstance(test, dict)]
    keys = [test["unique_key"]["arguments"]["columns"] for test in tests if "unique_key" in test]
    related = [test["relationships"]["arguments"] for test in tests if "relationships" in test]
    return Entity(
        layer=layer,
        name=model["name"],
        title=str(model.get("config", {}).get("meta", {}).get("zh", "")),
        key=tuple(keys[0]) if keys else (),
        types={column["name"]: column["data_type"] for column in model.get("columns") or []},
        relations=tuple(
            Relation(each["column_name"], _referred(each["to"]), each["field"]) for each in related
        ),
    )


def _referred(reference: str) -> str:
    """Return the model's name of ``ref('name')``."""
    return reference.removeprefix("ref('").removesuffix("')")


def _table(found: list[Entity]) -> Iterator[str]:
    yield "| Table | One row per | 内容 |"
    yield "|---|---|---|"
    for entity in found:
        yield f"| `{entity.layer}.{entity.name}` | {', '.join(entity.key)} | {entity.title} |"


def _diagram(chosen: list[Entity]) -> Iterator[str]:
    yield "erDiagram"
    for entity in chosen:
        yield from _box(entity)
    for entity in chosen:
        for relation in entity.relations:
            many = "o|" if entity.key == (relation.column,) else "o{"
            yield f"  {relation.parent} |o--{many} {entity.name} : {relation.column}"


def _box(entity: Entity) -> Iterator[str]:
    """Yield the columns by which a table is found and finds others."""
    named = [relation.column for relation in entity.relations]
    yield f"  {entity.name} {{"
    for column in dict.fromkeys([*entity.key, *named]):
        marks = [
            mark for mark, has in (("PK", column in entity.key), ("FK", column in named)) if has
        ]
        kind = entity.types.get(column, "text").split("(")[0].replace(" ", "_")
        yield f"    {kind} {column} {', '.join(marks)}"
    yield "  }"
