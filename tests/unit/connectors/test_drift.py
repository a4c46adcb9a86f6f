"""Differences between a source and its contract: named by kind, judged by the contract."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors.contracts import Column, Contract
from connectors.landing.drift import (
    UnknownCodes,
    changed_types,
    reason_to_hold,
    strictness,
)
from connectors.protocols.base import BatchHeldError, Drift
from connectors.protocols.columns import match
from connectors.protocols.json_rows import Rows
from tests.support import contracts as given

CODES = {"species": frozenset({"1", "榕", "2", "樟"})}


def columns(*names: str, **more: Any) -> list[Column]:
    return [Column.model_validate(given.column(name, name.upper(), **more)) for name in names]


def compared(sent: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Match a table of A, B, C with what was sent: kinds and columns, and why it is held."""
    drift: list[Drift] = []
    try:
        match(columns("a", "b", "c"), sent, drift)
    except BatchHeldError as held:
        return [(one.kind, one.column) for one in drift], str(held)
    return [(one.kind, one.column) for one in drift], ""


@pytest.mark.parametrize(
    ("sent", "drift", "held"),
    [
        (["A", "B", "C"], [], ""),
        (["C", "A", "B"], [], ""),
        (["A", "X", "B", "C"], [("added", "X")], ""),
        (["A", "C"], [("missing", "B")], "缺少列：B"),
        (["A", "X", "C"], [("renamed", "B")], "缺少列：B（疑似改名为 X）"),
        (["A", "C", "B_new"], [("renamed", "B")], "缺少列：B（疑似改名为 B_new）"),
        (["X", "B", "C"], [("renamed", "A")], "缺少列：A（疑似改名为 X）"),
        (["A", "B", "X"], [("renamed", "C")], "缺少列：C（疑似改名为 X）"),
        (["A", "C", "X", "Y"], [("added", "X"), ("added", "Y"), ("missing", "B")], "缺少列：B"),
        (["A", "X", "C", "Y"], [("added", "Y"), ("renamed", "B")], "缺少列：B（疑似改名为 X）"),
        (["A", "A", "B", "C"], [], "列名重复：A"),
    ],
)
def test_columns_that_differ_are_named_by_kind(
    sent: list[str], drift: list[tuple[str, str]], held: str
) -> None:
    assert compared(sent) == (drift, held)


def test_a_type_that_changed_since_the_last_landed_batch_is_drift() -> None:
    before = {"a": "text", "b": "number|string", "c": "string"}
    now = {"a": "bigint", "b": "string", "d": "text"}
    assert changed_types(columns("a", "b", "c", "d"), now, before, whole=True) == [
        Drift("type", "A", "类型变化的列：A（text → bigint）"),
        Drift("type", "C", "类型变化的列：C（string → 全部为空）"),
    ]
    assert len(changed_types(columns("a", "b", "c"), now, before, whole=False)) == 1
    assert changed_types(columns("a"), {}, before, whole=True) == [], "nothing is known"


def test_json_tells_how_it_types_each_column() -> None:
    rows = Rows(columns("a", "b", "c"), [])
    rows.batch([{"A": "1", "B": None, "C": []}, {"A": 2, "B": None, "C": [1]}])
    rows.batch([{"A": "x", "B": True, "C": {}}])
    assert rows.types == {"a": "string", "b": "boolean", "c": "array|object"}


def test_codes_outside_their_list_are_counted_and_any_known_spelling_passes() -> None:
    unknown = UnknownCodes(columns("species", "note", codeList="species"), CODES)
    unknown.see(pl.DataFrame({"species": ["1", "榕", " 樟 ", "7", None], "note": ["2"] * 5}))
    unknown.see(pl.DataFrame({"species": ["7", "8", ""], "note": ["1"] * 3}))
    assert unknown.result() == [
        Drift("code_list", "SPECIES", "编码表 species 之外的值：SPECIES 列 2 种 3 行：7、8")
    ]


def test_values_that_may_be_personal_are_counted_but_never_shown() -> None:
    unknown = UnknownCodes(columns("species", codeList="species", classification="L3"), CODES)
    unknown.see(pl.DataFrame({"species": ["王某"]}))
    (found,) = unknown.result()
    assert "1 种 1 行" in found.note
    assert "王某" not in found.note


def test_a_list_that_nobody_has_says_nothing() -> None:
    unknown = UnknownCodes(columns("species", codeList="elsewhere"), CODES)
    unknown.see(pl.DataFrame({"species": ["7"]}))
    assert unknown.result() == []


def test_the_contract_says_what_holds_a_batch(tmp_path: Path) -> None:
    def declared(name: str, policy: dict[str, str]) -> Contract:
        return given.tree_contract(tmp_path / name, given.table(drift=policy))

    added = Drift("added", "bz", "多出的列：bz")
    assert strictness(declared("usual", {}), added) == "warn"
    assert reason_to_hold(declared("usual", {}), [added]) is None
    strict = declared("strict", {"added": "hold"})
    assert reason_to_hold(strict, [added]) == "多出的列：bz（契约 drift：hold）"
    assert strictness(declared("lax", {"added": "accept"}), added) == "accept"
