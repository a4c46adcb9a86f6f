"""How two persons' data are compared, level by level: comparisons for Splink, in DuckDB's SQL."""

from typing import Any

Level = tuple[str, str]  # condition, label
# By comparison and label: how often records of one person agree so, and how often strangers do.
Weights = dict[str, dict[str, tuple[float, float]]]
DIFFERENT = "different"


def _same(position: int) -> str:
    return f"substr(name_l, {position}, 1) = substr(name_r, {position}, 1)"


TWO_OF_THREE = " or ".join(
    f"({_same(first)} and {_same(second)})" for first, second in ((1, 2), (1, 3), (2, 3))
)
ONE_CHARACTER = (
    f"(length(name_l) = 3 and length(name_r) = 3 and ({TWO_OF_THREE}))"
    " or (abs(length(name_l) - length(name_r)) = 1"
    " and (starts_with(name_l, name_r) or starts_with(name_r, name_l)))"
)
FAMILIAR = "(name_l like '阿%' or name_r like '阿%') and right(name_l, 1) = right(name_r, 1)"
UNNAMED = "name_l is null or name_r is null"

NAME: list[Level] = [
    ("name_l = name_r", "same name"),
    ("sound_l = sound_r", "sounds alike"),
    ("shape_l = shape_r", "looks alike"),
    (ONE_CHARACTER, "one character differs, is missing or doubled"),
    (FAMILIAR, "familiar form"),
    (f"({UNNAMED}) and surname_l = surname_r", "surname, the given name unsaid"),
]
BIRTH_DATE: list[Level] = [
    ("born_l = born_r", "same day"),
    (
        "year(born_l) = year(born_r) and month(born_l) = day(born_r)"
        " and day(born_l) = month(born_r)",
        "day and month swapped",
    ),
    (
        "(month(born_l) = month(born_r) and day(born_l) = day(born_r))"
        " or (year(born_l) = year(born_r) and (month(born_l) = month(born_r)"
        " or day(born_l) = day(born_r)))",
        "one of year, month, day differs",
    ),
]
PHONE: list[Level] = [("list_has_any(phones_l, phones_r)", "same phone")]
ADDRESS: list[Level] = [
    ("list_has_any(homes_l, homes_r)", "same dwelling"),
    ("list_has_any(buildings_l, buildings_r)", "same building"),
    ("list_has_any(communities_l, communities_r)", "same community"),
]
SEX: list[Level] = [("sex_l = sex_r", "same sex")]


def comparison(
    column: str, unknown: str, levels: list[Level], weights: Weights | None
) -> dict[str, Any]:
    """Return one comparison as Splink's settings have it, its levels weighed if that is known."""
    known = (weights or {}).get(column, {})
    told = [
        {"sql_condition": condition, "label_for_charts": label, **_shares(known.get(label))}
        for condition, label in [*levels, ("ELSE", DIFFERENT)]
    ]
    nothing = {"sql_condition": unknown, "label_for_charts": "unknown", "is_null_level": True}
    return {"output_column_name": column, "comparison_levels": [nothing, *told]}


def _shares(weight: tuple[float, float] | None) -> dict[str, float]:
    return {"m_probability": weight[0], "u_probability": weight[1]} if weight else {}


def either_empty(column: str) -> str:
    """Return the condition that one side has nothing in a list column."""
    return f"len({column}_l) = 0 or len({column}_r) = 0"


def comparisons(weights: Weights | None = None) -> list[dict[str, Any]]:
    """Return all comparisons, to be trained or with known weights."""
    unnamed = "surname_l is null or surname_r is null"
    return [
        comparison("name", unnamed, NAME, weights),
        comparison("born", "born_l is null or born_r is null", BIRTH_DATE, weights),
        comparison("sex", "sex_l is null or sex_r is null", SEX, weights),
        comparison("phones", either_empty("phones"), PHONE, weights),
        comparison("homes", either_empty("homes"), ADDRESS, weights),
    ]
