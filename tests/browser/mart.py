"""A small made mart: two communities, their grids, five departments of which one is stale.

The tables are made from dbt's models, so they have the columns that a real build has.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from superset_assets.definitions import Definitions

AS_OF = "2026-11-21 02:03:00+08"
STALE_SENTENCE = "自 2026-11-20 02:00 起未更新：对方服务器没有应答"
LEVELS = ("绿", "黄", "红")
WEST, SOUTH, STEP = 114.030, 22.520, 0.002

COMMUNITIES = [
    {
        "community_code": "440304004011",
        "community_name": "沙嘴社区",
        "as_of": AS_OF,
        **{"residents": 26918, "households": 13346, "buildings": 416, "grids": 22},
        **{"elderly_60_plus": 2874, "party_members": 1103, "legal_persons": 59},
        **{"components": 2315, "components_in_use": 2290, "components_intact": 2209},
        **{"components_four_elements": 2001, "family_doctor_contracts": 18213},
    },
    {
        "community_code": "440304004007",
        "community_name": "沙头社区",
        "as_of": AS_OF,
        **{"residents": 11204, "households": 4870, "buildings": 151, "grids": 8},
        **{"elderly_60_plus": 1790, "party_members": 655, "legal_persons": 29},
        **{"components": 820, "components_in_use": 812, "components_intact": 790},
        **{"components_four_elements": 688, "family_doctor_contracts": 8011},
    },
]

DEPARTMENTS = [
    {"department": "police", "title": "公安", "fresh_at": AS_OF, "appended": 123},
    {"department": "civil_affairs", "title": "民政", "fresh_at": AS_OF, "appended": 2},
    {"department": "party_building", "title": "党建", "fresh_at": AS_OF, "appended": 0},
    {"department": "city_management", "title": "城管", "fresh_at": AS_OF, "appended": 5},
    {
        "department": "health",
        "title": "卫健",
        "fresh_at": "2026-11-19 02:02:00+08",
        "stale": True,
        "stale_since": "2026-11-20 02:00:00+08",
        "status_text": f"{STALE_SENTENCE}（[Errno 111] Connect call failed）",
    },
]


def make(connection: psycopg.Connection) -> None:
    """Create schema ``mart`` as readers see it, filled with the made data."""
    connection.execute("CREATE SCHEMA mart")
    for table, model in Definitions().tables.items():
        schema, name = table.split(".")
        if schema == "mart":
            columns = [
                sql.SQL("{} {}").format(sql.Identifier(each["name"]), sql.SQL(each["data_type"]))
                for each in model["columns"]
            ]
            connection.execute(
                sql.SQL("CREATE TABLE mart.{} ({})").format(
                    sql.Identifier(name), sql.SQL(", ").join(columns)
                )
            )
    _fill(connection, "community_overview", COMMUNITIES)
    _fill(connection, "grid_overview", _grids())
    _fill(
        connection,
        "department_status",
        [{"stale": False, "status_text": "正常"} | each for each in DEPARTMENTS],
    )
    connection.execute("GRANT USAGE ON SCHEMA mart TO hub_dashboards")
    connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA mart TO hub_dashboards")


def _grids() -> list[dict[str, Any]]:
    """Return grids side by side, of all three levels of load."""
    grids = []
    for community in COMMUNITIES:
        for number in range(1, int(community["grids"]) + 1):
            place = len(grids)
            west, south = WEST + STEP * (place % 8), SOUTH + STEP * (place // 8)
            east, north = west + STEP, south + STEP
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            load = 0.4 + place * 7 % 13 / 10
            grids.append(
                {
                    "grid_code": f"{community['community_code']}{number:03}",
                    "grid_name": f"{community['community_name'][:2]}第{number:02}网格",
                    "community_code": community["community_code"],
                    "community_name": community["community_name"],
                    "as_of": AS_OF,
                    "residents": int(load * 1500),
                    "households": int(load * 480),
                    "household_load": load * 0.8,
                    "resident_load": load,
                    "load": load,
                    "load_level": LEVELS[(load > 1) + (load > 1.3)],
                    "components": 60 + place * 37 % 110,
                    "contour": str([[round(x, 6), round(y, 6)] for x, y in ring]),
                }
            )
    return grids


def _fill(connection: psycopg.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        columns = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(map(sql.Literal, row.values()))
        connection.execute(
            sql.SQL("INSERT INTO mart.{} ({}) VALUES ({})").format(
                sql.Identifier(table), columns, values
            )
        )
