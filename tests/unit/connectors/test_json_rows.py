"""JSON into text columns: spelling survives, nesting becomes compact JSON, odd rows are faults."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contracts import Column
from connectors.protocols import json_file
from connectors.protocols.base import FAULT, FAULT_TEXT, BatchHeldError, Drift, SourceError
from connectors.protocols.json_rows import Rows, features, loads, parse


def columns(*physical: str) -> list[Column]:
    return [
        Column.model_validate(
            {
                "name": f"c{position}",
                "physicalName": name,
                "businessName": name,
                "description": name,
                "logicalType": "string",
                "classification": "L1",
            }
        )
        for position, name in enumerate(physical)
    ]


def texts(found: list[Any], *physical: str) -> list[dict[str, str | None]]:
    rows = Rows(columns(*physical), [], "应答")
    batch = rows.batch(found)
    rows.finish()
    return batch.to_pylist()


def test_values_keep_their_spelling() -> None:
    text = '[{"a": 1.50, "b": 12345678901234567890, "c": 1e5, "d": true, "e": null, "f": "1.50"}]'
    assert texts(loads(text), *"abcdef") == [
        {"c0": "1.50", "c1": "12345678901234567890", "c2": "1e5", "c3": "true", "c4": None,
         "c5": "1.50"}
    ]  # fmt: skip


def test_nested_values_become_compact_json_with_numbers_as_sent() -> None:
    text = '[{"a": {"type": "Point", "coordinates": [114.050, 22.5]}, "b": ["甲", null, false]}]'
    assert texts(loads(text), "a", "b") == [
        {"c0": '{"type":"Point","coordinates":[114.050,22.5]}', "c1": '["甲",null,false]'}
    ]


def test_fields_that_come_and_go() -> None:
    drift: list[Drift] = []
    rows = Rows(columns("a", "b"), drift, "应答")
    batch = rows.batch([{"a": "1"}, {"b": "2", "x": "3"}])
    rows.finish()
    assert batch.to_pylist() == [{"c0": "1", "c1": None}, {"c0": None, "c1": "2"}]
    assert drift == [Drift("added", "x", "多出的列：x")]
    never = Rows(columns("a", "b"), [], "应答")
    never.batch([{"a": "1"}, {"a": "2"}])
    with pytest.raises(BatchHeldError, match="应答 缺少列：b") as held:
        never.finish()
    assert held.value.lines == 2


def test_what_is_no_object_and_what_is_no_unicode_are_faults_of_one_row() -> None:
    found = loads('[{"a": "1"}, 7, {"a": "\\ud800"}, null]')
    got = texts(found, "a")
    assert [row["c0"] for row in got] == ["1", None, None, None]
    assert [(row[FAULT] or "").partition(":")[0] for row in got] == [
        "", "broken_line", "undecodable", "broken_line",
    ]  # fmt: skip
    assert got[1][FAULT_TEXT] == "7"


def test_a_feature_is_a_row_with_its_geometry() -> None:
    document = parse(
        b'\xef\xbb\xbf{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,'
        b'"properties":{"a":1}},{"type":"Feature","geometry":{"type":"Point"},"properties":null}]}',
        "x",
    )
    assert features(document, "x") == [
        {"a": "1", "geometry": None},
        {"geometry": {"type": "Point"}},
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"[1", b"\xff{}", b"[" * 100_000])
def test_what_is_no_json_says_where_and_shows_nothing(content: bytes) -> None:
    with pytest.raises(SourceError, match="应答"):
        parse(content, "应答")


@pytest.mark.parametrize("document", ["{}", "[]", '{"features": 1}', "null"])
def test_what_is_no_feature_collection_is_told(document: str) -> None:
    with pytest.raises(SourceError, match="FeatureCollection"):
        features(loads(document), "应答")


def test_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n\n{"a": \n{"a": "二"}\n[]\n', encoding="utf-8")
    batches = json_file.read_lines(path, tmp_path / "scratch", columns("a"), [])
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [row["c0"] for row in rows if not row.get(FAULT)] == ["1", "二"]
    assert sorted(row[FAULT_TEXT] for row in rows if row.get(FAULT)) == ["[]", '{"a": ']


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(values=st.lists(JSON, min_size=1, max_size=8))
def test_any_json_value_is_kept_as_text_that_means_the_same(values: list[Any]) -> None:
    sent = loads(json.dumps([{"a": value} for value in values]))
    for row, value in zip(texts(sent, "a"), values, strict=True):
        got = row["c0"]
        if isinstance(value, str):
            assert got == value
        else:
            assert (None if got is None else json.loads(got)) == value


@given(content=st.binary(max_size=100))
def test_any_bytes_end_as_json_or_as_a_clear_error(content: bytes) -> None:
    try:
        parse(content, "应答")
    except SourceError as error:
        assert "应答" in str(error)
