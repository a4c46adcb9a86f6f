"""How Chinese addresses are read: each text and the levels that it names."""

import polars as pl
import pytest

from resolution.addresses.parse import LEVELS, parse

LONG = "广东省深圳市福田区沙头街道沙嘴社区沙嘴路37号沙嘴村19坊"
PLACE = {
    "province": "广东省",
    "city": "深圳市",
    "district": "福田区",
    "street": "沙头街道",
    "community": "沙嘴",
    "road": "沙嘴路",
    "number": "37",
    "compound": "沙嘴村19坊",
}
HOME = {"building_number": "5", "floor": "5", "room": "502"}


def levels(text: str) -> dict[str, str]:
    row = parse(pl.Series([text])).select(LEVELS).row(0, named=True)
    return {level: value for level, value in row.items() if value is not None}


def test_an_address_may_name_every_level() -> None:
    assert levels(f"{LONG}5栋2单元5楼502房") == PLACE | HOME | {"unit": "2"}


@pytest.mark.parametrize("word", ["栋", "幢", "座", "号楼", "#楼", "#", "栋楼"])
def test_a_building_has_many_words(word: str) -> None:
    assert levels(f"{LONG}5{word}502房") == PLACE | HOME


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5", "5"), ("05", "5"), ("５", "5"), ("五", "5"), ("第五", "5"), ("十", "10"),
        ("十二", "12"), ("二十", "20"), ("三十二", "32"), ("一百零三", "103"), ("一〇三", "103"),
        ("A", "A"), ("a", "A"), ("Ａ", "A"), ("B3", "B3"), ("3A", "3A"), ("3-2", "3-2"),
        ("东", "东"), ("甲", "甲"),
    ],
)  # fmt: skip
def test_a_building_is_numbered_in_digits_letters_or_words(written: str, number: str) -> None:
    assert levels(f"沙嘴村{written}栋") == {"compound": "沙嘴村", "building_number": number}


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("502", {"floor": "5", "room": "502"}),
        ("-502", {"floor": "5", "room": "502"}),
        ("502室", {"floor": "5", "room": "502"}),
        ("502号房", {"floor": "5", "room": "502"}),
        ("五〇二房", {"floor": "5", "room": "502"}),
        ("五楼02室", {"floor": "5", "room": "502"}),
        ("5楼502", {"floor": "5", "room": "502"}),
        ("12层1203", {"floor": "12", "room": "1203"}),
        ("1203", {"floor": "12", "room": "1203"}),
        ("A502", {"floor": "5", "room": "A502"}),
        ("7D", {"floor": "7", "room": "7D"}),
        ("2单元1502", {"unit": "2", "floor": "15", "room": "1502"}),
        ("二单元1502", {"unit": "2", "floor": "15", "room": "1502"}),
        ("2-1502", {"unit": "2", "floor": "15", "room": "1502"}),
        ("B1层", {"floor": "-1"}),
        ("负2楼", {"floor": "-2"}),
        ("104铺", {"shop": "104"}),
        ("A12号商铺", {"shop": "A12"}),
        ("", {}),
    ],
)
def test_within_a_building(home: str, expected: dict[str, str]) -> None:
    assert levels(f"{LONG}5栋{home}") == PLACE | {"building_number": "5"} | expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # levels are left out from the top, or in between
        ("沙头街道沙嘴社区沙嘴村19坊5栋",
         {"street": "沙头街道", "community": "沙嘴", "compound": "沙嘴村19坊",
          "building_number": "5"}),
        ("沙嘴路37号3栋", {"road": "沙嘴路", "number": "37", "building_number": "3"}),
        ("沙嘴社区居委会沙嘴村", {"community": "沙嘴", "compound": "沙嘴村"}),
        ("沙头街道办事处", {"street": "沙头街道"}),
        # numerals within names are names
        ("新洲九街61号", {"road": "新洲九街", "number": "61"}),
        ("泰然六路12号A座",
         {"road": "泰然六路", "number": "12", "building_number": "A"}),
        ("梅林一村5栋", {"compound": "梅林一村", "building_number": "5"}),
        # numbers of houses
        ("沙嘴路37-1号", {"road": "沙嘴路", "number": "37-1"}),
        ("福强路一百零三号院3号楼", {"road": "福强路", "number": "103", "building_number": "3"}),
        # a compound's phase is part of its name
        ("华润城三期8号楼", {"compound": "华润城三期", "building_number": "8"}),
        # nobody says which number is the building's, but the compound's word does
        ("沙嘴村19坊5号", {"compound": "沙嘴村19坊", "building_number": "5"}),
        ("沙嘴嘉花园3-502",
         {"compound": "沙嘴嘉花园", "building_number": "3", "floor": "5", "room": "502"}),
        ("沙嘴嘉花园3-2-1502",
         {"compound": "沙嘴嘉花园", "building_number": "3", "unit": "2", "floor": "15",
          "room": "1502"}),
        ("卢家村78号", {"compound": "卢家村", "building_number": "78"}),
        # blanks, commas, brackets and remarks
        ("沙嘴路３７号，（沙嘴村）19坊 5 栋 502 房（近地铁口）",
         {"road": "沙嘴路", "number": "37", "compound": "沙嘴村19坊"} | HOME),
        # other places
        ("广西壮族自治区南宁市青秀区民族大道1号",
         {"province": "广西壮族自治区", "city": "南宁市", "district": "青秀区", "road": "民族大道",
          "number": "1"}),
        ("广东省仿真县柳林乡卢家村78号",
         {"province": "广东省", "district": "仿真县", "street": "柳林乡", "compound": "卢家村",
          "building_number": "78"}),
        # what looks like a city or a district, and is neither
        ("城市花园3栋", {"compound": "城市花园", "building_number": "3"}),
        ("沙嘴工业区3栋", {"compound": "沙嘴工业区", "building_number": "3"}),
        ("", {}),
    ],
)  # fmt: skip
def test_levels(text: str, expected: dict[str, str]) -> None:
    assert levels(text) == expected


@pytest.mark.parametrize("word", ["附近", "旁", "对面", "门口", "的旁边", "东侧"])
def test_what_lies_nearby_is_not_the_place_itself(word: str) -> None:
    row = parse(pl.Series([f"{LONG}5栋{word}"])).row(0, named=True)
    assert row["is_nearby"]
    assert row["building_number"] == "5"


def test_what_the_grammar_cannot_place_is_kept() -> None:
    [remainder] = parse(pl.Series([f"{LONG}5栋502房找阿强"]))["remainder"]
    assert remainder == "找阿强"


def test_rows_stay_in_order_and_missing_texts_are_rows_too() -> None:
    texts = ["沙嘴村2栋", None, "沙嘴村1栋", "沙嘴村2栋"]
    parsed = parse(pl.Series(texts))
    assert parsed["address_text"].to_list() == texts
    assert parsed["building_number"].to_list() == ["2", None, "1", "2"]
