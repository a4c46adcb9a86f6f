"""The analyst's cookbook answers: every block of SQL in it runs as a reader and finds something."""

import re
from typing import Any

import pytest

from hub.pipeline.build import build
from hub.pipeline.publish import publish
from hub.settings import REPOSITORY
from tests.integration.warehouse.activity import TOLD, activity
from tests.integration.warehouse.district import land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

COOKBOOK = REPOSITORY / "docs" / "cookbook.md"
RECIPE = re.compile(r"^### (\d+)\. (.+?)\n+```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
RECIPES = {int(n): (title, sql) for n, title, sql in RECIPE.findall(COOKBOOK.read_text("utf-8"))}


@pytest.fixture(scope="module")
def published(empty_warehouse: Warehouse) -> Warehouse:
    """The small district and what happens in it, published to readers."""
    land(empty_warehouse, activity(), TOLD)
    build_id = build(empty_warehouse.settings).build_id
    with empty_warehouse.connect() as connection:
        connection.execute(
            "update ops.build set checked_at = now() where build_id = %s", [build_id]
        )
    publish(empty_warehouse.dsn())
    return empty_warehouse


def answer(warehouse: Warehouse, recipe: int) -> list[dict[str, Any]]:
    with warehouse.connect("hub_reader") as connection:
        cursor = connection.execute(RECIPES[recipe][1])
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_there_are_twenty_questions_in_english_and_chinese() -> None:
    assert sorted(RECIPES) == list(range(1, 21))
    assert all(re.search(r"[a-z].* · .*[一-鿿]", title) for title, _ in RECIPES.values())


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_a_reader_gets_an_answer(published: Warehouse, recipe: int) -> None:
    assert answer(published, recipe), RECIPES[recipe][0]


def test_who_lives_alone_on_the_fifth_floor_without_a_doctor_is_found(
    published: Warehouse,
) -> None:
    assert [row["elderly"] for row in answer(published, 1)] == [1]


def test_a_request_told_again_is_counted_as_repeated_and_as_closed_on_paper(
    published: Warehouse,
) -> None:
    # the noise twice; and the second caller, unnamed, is known by the phone of the health contract
    assert sum(row["repeats"] for row in answer(published, 10)) == 2
    assert sum(row["closed_requests_followed_by_another"] for row in answer(published, 11)) == 1
