"""The entity-relationship diagram says what the models' tests say, and is up to date."""

from pathlib import Path

import pytest

from hub.settings import REPOSITORY
from hub.warehouse.entities import page

MODELS = """
models:
  - name: dim_grid
    config: {meta: {zh: 网格}}
    columns:
      - {name: grid_code, data_type: text}
    data_tests:
      - unique_key: {arguments: {columns: [grid_code]}}
  - name: fct_visit
    config: {meta: {zh: 走访}}
    columns:
      - {name: visit_number, data_type: bigint}
      - {name: grid_code, data_type: text}
    data_tests:
      - unique_key: {arguments: {columns: [visit_number]}}
      - relationships: {arguments: {column_name: grid_code, to: ref('dim_grid'), field: grid_code}}
"""


@pytest.fixture
def drawn(tmp_path: Path) -> list[str]:
    """The page of a project with two tables."""
    (tmp_path / "models" / "core").mkdir(parents=True)
    (tmp_path / "models" / "core" / "_core.yml").write_text(MODELS, encoding="utf-8")
    return page(tmp_path).splitlines()


def test_a_table_has_its_key_and_its_title(drawn: list[str]) -> None:
    assert "| `core.fct_visit` | visit_number | 走访 |" in drawn


def test_a_relation_goes_from_the_parent_to_the_child(drawn: list[str]) -> None:
    assert "  dim_grid |o--o{ fct_visit : grid_code" in drawn
    assert "    text grid_code FK" in drawn
    assert "    bigint visit_number PK" in drawn


def test_the_page_in_the_repository_is_up_to_date() -> None:
    written = (REPOSITORY / "docs" / "entities.md").read_text(encoding="utf-8")
    assert written == page(), "run: hub entities docs/entities.md"
