"""Row hashes, row checks, profiles and watermarks: what is found out while a batch streams by."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from connectors.contracts import Contract
from connectors.landing.profile import ColumnProfile, Profile
from connectors.landing.row_check import RowCheck, may_hold_nul
from connectors.landing.row_hash import row_hashes, value_hashes
from connectors.landing.watermark import Watermark
from connectors.protocols.base import FAULT, FAULT_TEXT
from tests.support import contracts as given

Value = str | None
TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=10)
ROW = st.tuples(TEXT, TEXT, TEXT)


def hashes(rows: list[tuple[Value, ...]], columns: str = "abc") -> list[int]:
    schema = dict.fromkeys(columns, pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return row_hashes(value_hashes(frame, list(columns))).tolist()


@for_all(rows=st.lists(ROW, min_size=1, max_size=20))
def test_rows_have_the_same_hash_exactly_when_their_content_is_the_same(rows: list) -> None:
    by_hash: dict[int, tuple[Value, ...]] = {}
    for row, value in zip(rows, hashes(rows), strict=True):
        assert by_hash.setdefault(value, row) == row
    assert len(by_hash) == len(set(rows))


def test_null_and_empty_differ_and_values_may_not_change_places() -> None:
    assert len(set(hashes([("", None, ""), (None, "", ""), ("x", "y", ""), ("y", "x", "")]))) == 4


@for_all(row=ROW)
def test_order_of_columns_and_new_empty_columns_leave_the_hash_as_it_was(row: tuple) -> None:
    a, b, c = row
    assert hashes([(a, b, c)]) == hashes([(c, a, b)], "cab") == hashes([(a, b, c, None)], "abcd")


def test_a_hash_never_changes_between_versions_of_the_hub() -> None:
    assert hashes([("440304", "福田", None)]) == [8459686338936065329]


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    columns = [
        given.key("code", "编号"),
        given.column("name", "名称", classification="L3"),
        given.column("planted", "日期", logicalType="date", required=True),
        given.column("height", "高度", logicalType="number"),
        given.column("count", "数量", logicalType="integer"),
        given.column("old", "古树", logicalType="boolean"),
    ]
    return given.tree_contract(tmp_path, given.table(columns))


def frame(contract: Contract, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = [*(column.name for column in contract.columns), FAULT, FAULT_TEXT]
    schema = dict.fromkeys(names, pl.String)
    return pl.DataFrame([{n: row.get(n) for n in names} for row in rows], schema=schema)


GOOD = {"code": "1", "name": "王某", "planted": "2026-01-01"}


def test_good_rows_have_no_story(contract: Contract) -> None:
    assert (
        RowCheck(contract).story(frame(contract, [GOOD, {**GOOD, "height": "tall"}]), nul=True)
        is None
    )


@pytest.mark.parametrize(
    ("bad", "rule", "reason"),
    [
        ({"code": None}, "key_missing", "主键列 编号（code）为空"),
        ({"code": " \u3000"}, "key_missing", "主键列 编号（code）为空"),
        ({"planted": ""}, "required_missing", "必填列 日期（planted）为空"),
        ({"code": "", "planted": ""}, "key_missing", "主键列 编号（code）为空"),
        ({"name": "a\x00b"}, "undecodable", "name 列含有 NUL 字符"),
    ],
)
def test_bad_rows_are_rejected_with_rule_reason_and_payload(
    contract: Contract, bad: dict[str, Any], rule: str, reason: str
) -> None:
    check = RowCheck(contract)
    rows = frame(contract, [GOOD, {**GOOD, **bad}, GOOD])
    story = check.story(rows, nul=True)
    assert story is not None
    (rejected,) = check.rejected(rows, story, first_number=11)
    assert (rejected.row_number, rejected.rule, rejected.reason) == (12, rule, reason)
    payload = json.loads(rejected.payload)
    assert payload["name"] == (bad.get("name") or "王某").replace("\x00", "␀")
    assert "王某" not in rejected.reason


@pytest.mark.parametrize(("text", "found"), [("a\x00b", True), ("ab", False), ("", False)])
def test_a_glance_finds_nul_characters_in_any_slice(text: str, *, found: bool) -> None:
    batch = pa.record_batch({"a": ["x\x00", None, text, "y\x00"], "n": [0, 0, 0, 0]})
    assert may_hold_nul(batch)
    assert may_hold_nul(batch.slice(1, 2)) is found


def test_a_line_that_could_not_be_parsed_carries_its_raw_text(contract: Contract) -> None:
    check = RowCheck(contract)
    rows = frame(contract, [{FAULT: "broken_line: 引号没有正确闭合", FAULT_TEXT: '1,"\\u0000'}])
    story = check.story(rows, nul=True)
    assert story is not None
    (rejected,) = check.rejected(rows, story, 1)
    assert (rejected.rule, rejected.reason) == ("broken_line", "引号没有正确闭合")
    assert json.loads(rejected.payload) == {"raw": '1,"\\u0000'}


def profiled(contract: Contract, *pieces: list[dict[str, Any]]) -> dict[str, ColumnProfile]:
    profile = Profile(contract.columns)
    names = [column.name for column in contract.columns]
    for piece in pieces:
        rows = frame(contract, piece)
        profile.see(rows, value_hashes(rows, names))
    return {one.column: one for one in profile.result()}


def test_a_profile_counts_columns_over_all_pieces(contract: Contract) -> None:
    found = profiled(
        contract,
        [{"code": "1", "name": "王某", "height": "9.5", "old": "是"}, {"code": "2", "height": "x"}],
        [{"code": "3", "name": "", "height": "10", "old": "maybe"}],
    )
    assert found[""].rows == 3
    assert found["code"] == ColumnProfile("code", 3, 0, 3, None, 1, 1, "1", "3")
    assert found["name"] == ColumnProfile("name", 3, 2, 1, None, 2, 2, None, None)
    assert found["height"] == ColumnProfile("height", 3, 0, 3, 2, 1, 3, "9.5", "10")
    assert (found["old"].nulls, found["old"].type_ok) == (1, 1)
    assert found["planted"] == ColumnProfile("planted", 3, 3, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02", "2026/1/2", "2026.01.02", "20260102", "2026年1月2日", "45981",
        "2026-01-02 03:04:05", "2026-01-02T03:04:05.123+08:00", "2024/10/10 上午 08:55:04",
        "20260102030405", " 2026-01-02 ", "2013-11-05 10:00:00+00",
    ],
)  # fmt: skip
def test_dates_count_in_every_spelling_that_staging_reads(contract: Contract, text: str) -> None:
    assert profiled(contract, [{"planted": text}])["planted"].type_ok == 1


@pytest.mark.parametrize("text", ["0000-00-00", "2026-13-01", "2026-01-32", "明天", "1", "202601"])
def test_what_is_no_date_does_not_count(contract: Contract, text: str) -> None:
    assert profiled(contract, [{"planted": text}])["planted"].type_ok == 0


@pytest.mark.parametrize(
    ("column", "text", "ok"),
    [
        ("count", "12", 1), ("count", "-3", 1), ("count", "12.0", 1), ("count", "12.5", 0),
        ("height", "1e3", 1), ("height", " 2.5 ", 1), ("height", "nan", 0), ("height", "1,5", 0),
        ("old", "Y", 1), ("old", "2", 0),
    ],
)  # fmt: skip
def test_numbers_and_truths(contract: Contract, column: str, text: str, ok: int) -> None:
    assert profiled(contract, [{column: text}])[column].type_ok == ok


def test_distinct_values_are_estimated_closely_in_large_batches(contract: Contract) -> None:
    pieces = [[{"code": str(at + n)} for n in range(20_000)] for at in range(0, 60_000, 10_000)]
    assert profiled(contract, *pieces)["code"].distinct == pytest.approx(70_000, rel=0.003)


def watermark(tmp_path: Path, values: list[Value], logical_type: str = "timestamp") -> str | None:
    server = {
        "type": "postgresql", "host": "h", "port": 1, "database": "d", "user": "u",
        "password": "${PW}",
    }  # fmt: skip
    columns = [given.key("code"), given.column("at", logicalType=logical_type, required=True)]
    extract = {"object": "t", "mode": "cursor", "cursor": "at"}
    made = given.tree_contract(tmp_path, given.table(columns, extract=extract), server=server)
    mark = Watermark(made)
    for value in values:
        mark.see(pl.DataFrame({"at": [value]}, schema={"at": pl.String}))
    return mark.value()


def test_the_watermark_is_the_greatest_plausible_moment(tmp_path: Path) -> None:
    assert watermark(tmp_path, []) is None
    values = ["2026-01-02 03:04:05", None, "2026-01-02T03:04:05.5", "2999-01-01 00:00:00", "soon"]
    assert watermark(tmp_path, values) == "2026-01-02 03:04:05.5"
    assert watermark(tmp_path, ["01/02/2026"]) is None
    assert watermark(tmp_path, ["9", "10", "x"], "integer") == "10"
