"""What a user reads of a failed build: the node and the reason, never anybody's data."""

import pytest

from hub.warehouse.dbt_nodes import Node, Subject, failures, without_values

RESIDENT = Subject("core", None, "dim_resident", "数据枢纽组")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Database Error in model stg_police__resident (models/x.sql)\n"
            '  invalid input syntax for type date: "王五 19490230"\n  compiled code at target/x',
            "invalid input syntax for type date: …",
        ),
        (
            "Database Error in model dim_resident (models/x.sql)\n"
            '  could not create unique index "x"\n'
            "  DETAIL:  Key (id_number)=(449901199001010011) is duplicated.",
            "could not create unique index …",
        ),
        ("column 449901199001010011 is odd", "column … is odd"),
        ("", ""),
    ],
)
def test_messages_show_no_values(message: str, shown: str) -> None:
    assert without_values(message) == shown


def test_only_what_stops_the_build_is_listed_one_line_each() -> None:
    nodes = [
        Node("a", "model", "success", "SELECT 1", 0, RESIDENT),
        Node("b", "model", "error", "relation … does not exist", 0, RESIDENT),
        Node("c", "model", "skipped", "", 0, RESIDENT),
        Node("d", "test", "warn", "", 7, RESIDENT, "warn", "row_rules"),
        Node("e", "test", "fail", "", 2, RESIDENT, "error", "unique_key", {"columns": ["a", "b"]}),
        Node("f", "test", "fail", "", 1, RESIDENT, "error", "not_null", {"column_name": "age"}),
    ]
    assert failures(nodes) == [
        "model core.dim_resident: relation … does not exist",
        "core.dim_resident: unique_key (a, b) failed on 2 rows",
        "core.dim_resident: not_null (age) failed on 1 rows",
    ]
