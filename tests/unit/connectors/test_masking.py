"""What people see of a refused row: the fault, never the person."""

from pathlib import Path

from hypothesis import given as any_of
from hypothesis import strategies

from hub.pipeline.masking import masked, shape
from tests.support import contracts as given


def test_public_columns_are_shown_and_personal_ones_keep_their_shape(tmp_path: Path) -> None:
    columns = [
        given.key("code"),
        given.column("species", classification="L2"),
        given.column("planted", classification="L3"),
    ]
    contract = given.tree_contract(tmp_path, given.table(columns))
    row = {"code": "A-1", "species": "榕", "planted": "王小明 13800138000", "unknown": "李"}
    assert masked(row, contract) == {
        "code": "A-1", "species": "榕", "planted": "某某某 00000000000", "unknown": "某",
    }  # fmt: skip
    assert masked({"species": None, "raw": '1,"王'}, contract) == {"species": None, "raw": '0,"某'}


def test_without_a_contract_nothing_is_public() -> None:
    assert masked({"code": "A-1"}, None) == {"code": "x-0"}


@any_of(strategies.text())
def test_a_shape_is_as_long_as_its_value_and_says_nothing_of_it(value: str) -> None:
    shown = shape(value)
    assert len(shown) == len(value)
    letters = {character for character in shown if character.isalnum()}
    assert letters <= set("0x某")
