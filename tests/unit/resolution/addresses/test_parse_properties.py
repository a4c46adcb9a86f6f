"""Whatever the text, reading it ends, keeps its row and its order."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.addresses.parse import LEVELS, parse
from resolution.addresses.text import LARGEST_NUMERAL, in_digits, written

CHARACTERS = (
    "省市区县镇乡街道社村坊栋幢座号楼单元层室房路巷一二三十百〇零东甲第之#-（）()AB0123 　９Ａ"
)
WORDS = [*CHARACTERS, "广东省", "深圳市", "社区", "街道办事处", "号楼", "附近", "沙嘴", "花园"]
ANYTHING = st.text(max_size=80)
LIKE_AN_ADDRESS = st.lists(st.sampled_from(WORDS), max_size=25).map("".join)
SOMETHING = st.none() | ANYTHING | LIKE_AN_ADDRESS


@settings(deadline=None, max_examples=100)
@given(st.lists(SOMETHING, max_size=20))
def test_any_texts_become_as_many_rows(texts: list[str | None]) -> None:
    parsed = parse(pl.Series(texts, dtype=pl.String))
    assert parsed["address_text"].to_list() == texts
    assert not any((parsed[level] == "").any() for level in LEVELS)


@settings(deadline=None, max_examples=50)
@given(LIKE_AN_ADDRESS)
def test_a_row_does_not_depend_on_its_neighbours(text: str) -> None:
    alone = parse(pl.Series([text]))
    among = parse(pl.Series(["沙嘴村1栋", text, "沙嘴路3号"])).slice(1, 1)
    assert alone.equals(among)


def test_very_long_texts_are_read_too() -> None:
    [text] = parse(pl.Series(["村" * 20_000 + "栋" * 20_000]))["address_text"]
    assert len(text) == 40_000


def test_numerals_are_what_they_say() -> None:
    numbers = range(1, LARGEST_NUMERAL + 1)
    said = pl.DataFrame({"said": [written(number) for number in numbers]})
    assert said.select(in_digits(pl.col("said"))).to_series().to_list() == [str(n) for n in numbers]
