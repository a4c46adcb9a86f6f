"""What was so on a day, as known now and as known then; figures on the boundaries of their time."""

from datetime import UTC, datetime

import pytest

from hub.pipeline.build import build
from tests.integration.warehouse import district
from tests.integration.warehouse.district import GRID_2, SHANGSHA, SHAZUI, Tables, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Rows = list[tuple[object, ...]]
# Until the 10th registration 3 and grid 2 are as in the district; 10 is missing on the 10th only.
FIRST, SECOND, THIRD = (datetime(2026, 11, day, 4, tzinfo=UTC) for day in (1, 10, 20))
SELECTION = "+dim_resident_history +bridge_building_grid +dim_community_history"


@pytest.fixture(scope="module")
def told(empty_warehouse: Warehouse) -> Warehouse:
    """Three days of the change log, built once."""
    tables = district.district()
    land(empty_warehouse, tables, FIRST)
    land(empty_warehouse, moved(), SECOND)
    returned = moved()["police.resident"] + [tables["police.resident"][9]]
    land(empty_warehouse, {"police.resident": returned}, THIRD)
    build(empty_warehouse.settings, selection=SELECTION)
    return empty_warehouse


def moved() -> Tables:
    """Registration 3 moved to 上沙 on the 8th, 10 is gone; grid 2 begins 100 m further west."""
    tables = district.district()
    residents = [row for row in tables["police.resident"] if row["xlh"] != "10"]
    residents[2] |= {"sqbm": SHANGSHA, "gxsj": "2026-11-08 09:00:00"}
    grids = tables["city_management.grid"]
    grids[0], grids[1] = (
        grids[0] | {"geometry": box(114.030, 114.0305)},
        grids[1] | {"geometry": box(114.0305, 114.034)},
    )
    return {"police.resident": residents, "city_management.grid": grids}


def box(west: float, east: float) -> str:
    ring = [[west, 22.52], [east, 22.52], [east, 22.522], [west, 22.522], [west, 22.52]]
    return f'{{"type": "Polygon", "coordinates": [{ring}]}}'


def as_of(day: str, known_at: str = "2026-11-30") -> str:
    """Return the condition of docs/warehouse.md: what was so on a day, as known at a moment."""
    return (
        f" (true_from is null or true_from <= '{day}') and (true_to is null or true_to > '{day}')"
        f" and recorded_from <= '{known_at}'"
        f" and (recorded_to is null or recorded_to > '{known_at}')"
    )


def query(warehouse: Warehouse, text: str) -> Rows:
    with warehouse.connect() as connection:
        return connection.execute(text).fetchall()  # type: ignore[arg-type]


def community_of(told: Warehouse, registration: str, day: str, known_at: str) -> Rows:
    return query(
        told,
        "select community_code from core_next.dim_resident_history"
        f" where source_key = '{registration}' and {as_of(day, known_at)}",
    )


@pytest.mark.parametrize(
    ("day", "known_at", "community"),
    [
        ("2026-11-05", "2026-11-30", SHAZUI),
        ("2026-11-09", "2026-11-30", SHANGSHA),
        ("2026-11-09", "2026-11-09", SHAZUI),  # nobody had told us yet
        ("2026-08-01", "2026-11-30", SHAZUI),  # since before we knew
    ],
)
def test_where_somebody_was_registered_on_a_day_and_what_we_believed_then(
    told: Warehouse, day: str, known_at: str, community: str
) -> None:
    assert community_of(told, "3", day, known_at) == [(community,)]


def test_a_record_that_went_and_came_back_has_a_gap(told: Warehouse) -> None:
    days = ["2026-11-05", "2026-11-12", "2026-11-25"]
    assert [len(community_of(told, "10", day, "2026-11-30")) for day in days] == [1, 0, 1]
    assert len(community_of(told, "10", "2026-11-05", "2026-11-05")) == 1


def test_a_figure_is_counted_on_the_boundaries_of_its_day(told: Warehouse) -> None:
    """Building 1 stood in grid 1 until the 10th; since then grid 2 reaches over it."""
    counted = (
        "select right(grid.grid_code, 3), count(distinct resident_id)"
        " from core_next.dim_resident_history as person"
        " inner join core_next.bridge_building_grid as grid using (building_code)"
        " where person.is_registered and {person} and {grid} group by 1 order by 1"
    )
    found = {
        day: query(
            told,
            counted.format(
                person=qualified("person", as_of(day)), grid=qualified("grid", as_of(day))
            ),
        )
        for day in ("2026-11-05", "2026-11-25")
    }
    assert found == {"2026-11-05": [("001", 3), ("002", 5)], "2026-11-25": [("002", 8)]}


def qualified(relation: str, condition: str) -> str:
    for column in ("true_from", "true_to", "recorded_from", "recorded_to"):
        condition = condition.replace(f"{column} ", f"{relation}.{column} ")
    return condition


def test_boundaries_of_grids_and_communities_have_versions(told: Warehouse) -> None:
    assert query(
        told,
        "select true_from::text, true_to::text from core_next.dim_grid_history"
        f" where grid_code = '{GRID_2}' and recorded_to is null order by true_from nulls first",
    ) == [(None, "2026-11-10"), ("2026-11-10", None)]
    assert query(
        told,
        "select community_code, true_from::text, true_to::text, grids"
        " from core_next.dim_community_history order by 1, true_from nulls first",
    ) == [
        (SHAZUI, None, "2026-11-10", 2),
        (SHAZUI, "2026-11-10", None, 2),
        (SHANGSHA, None, None, 1),
    ]
