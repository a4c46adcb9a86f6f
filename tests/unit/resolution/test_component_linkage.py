"""Which records are one urban component: by code, else by class and place."""

import polars as pl

from resolution.components.linkage import link

COVER, LAMP = "0101", "0118"
METRE = 1 / 110_700  # degrees of latitude
NO_DECISIONS = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "decision": pl.String})
SCHEMA = {
    "source_system": pl.String, "source_key": pl.String, "identifier": pl.String,
    "class_code": pl.String, "state": pl.String, "longitude": pl.Float64, "latitude": pl.Float64,
}  # fmt: skip
Record = dict[str, object]


def component(
    key: str, code: str | None, north_m: float = 0.0, kind: str = COVER, state: str = "完好"
) -> Record:
    row = {"source_system": "city_management.component", "source_key": key, "identifier": code}
    place = {"longitude": 114.03, "latitude": 22.52 + north_m * METRE}
    return {**row, **place, "class_code": kind, "state": state}


def linked(*records: Record, decisions: pl.DataFrame = NO_DECISIONS) -> tuple[int, list[object]]:
    """Return the number of components, and the pairs that a steward should look at."""
    found = link(pl.DataFrame(records, schema=SCHEMA), decisions)
    return found.clusters["cluster"].n_unique(), found.review.select("left", "right").rows()


def pair(one: str, other: str) -> tuple[str, str]:
    return f"city_management.component:{one}", f"city_management.component:{other}"


def test_a_component_that_was_moved_is_the_same() -> None:
    assert linked(component("1", "A"), component("2", "A", north_m=400)) == (1, [])


def test_a_record_without_a_code_is_the_component_of_its_class_that_stands_there() -> None:
    assert linked(component("1", "A"), component("2", None, north_m=1.5)) == (1, [])


def test_another_class_or_a_place_further_off_is_another_component() -> None:
    assert linked(component("1", "A"), component("2", None, north_m=1, kind=LAMP)) == (2, [])
    assert linked(component("1", "A"), component("2", None, north_m=3)) == (2, [])


def test_between_two_components_nobody_guesses() -> None:
    records = component("1", "A"), component("2", "B", north_m=2), component("3", None, north_m=1)
    assert linked(*records) == (3, [])


def test_two_codes_on_one_spot_are_asked_about() -> None:
    assert linked(component("1", "A"), component("2", "B", north_m=0.3)) == (2, [pair("1", "2")])


def test_what_was_retired_and_replaced_on_the_spot_is_another_one() -> None:
    assert linked(component("1", "A", state="废弃"), component("2", "B")) == (2, [])


def test_a_steward_decides_whether_it_was_surveyed_twice() -> None:
    one, other = pair("1", "2")
    same = pl.DataFrame({"left": [one], "right": [other], "decision": ["same"]})
    assert linked(component("1", "A"), component("2", "B"), decisions=same) == (1, [])
