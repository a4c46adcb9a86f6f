"""The grammar of Chinese addresses: one regular expression per level.

The expressions are Rust's, which run in linear time whatever the text. In each, the first group is
what the level takes off the beginning of the text and the second its value; what must follow but
belongs to the next level stands outside. Words are in ``words.yaml``.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HAN = r"\p{Han}"
NUMERAL = "[〇零一二三四五六七八九十百两]"
DIGITS = r"\d{1,5}"
NUMBER = rf"(?:[甲乙丙]?{DIGITS}(?:-\d{{1,4}})?[A-Z]?|{NUMERAL}{{1,4}})"
BUILDING = (
    rf"(?:\d{{1,4}}-\d{{1,3}}|[A-Z]{{0,2}}\d{{1,4}}[A-Z]?|[A-Z]{{1,2}}"
    rf"|[甲乙丙丁戊己东南西北中]|{NUMERAL}{{1,4}})"
)
PHASE = rf"(?:\d{{1,2}}|[A-Z]|{NUMERAL}{{1,2}})"
ROOM = rf"(?:[A-Z]?{DIGITS}[A-Z]?|{NUMERAL}{{1,4}})"
# a number of a house, which a building's or a room's word must not follow
HOUSE_NUMBER = rf"{NUMBER}号(?:[^楼栋幢房室铺]|$)"


@cache
def words() -> dict[str, Any]:
    """Return the word lists."""
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text())
    return found


def any_of(name: str) -> str:
    """Return an expression that matches each word of a list."""
    return "(?:" + "|".join(words()[name]) + ")"


@cache
def place_levels() -> dict[str, str]:
    """Return the levels from the province to the building's compound, outermost first."""
    no_district, no_city = words()["not_district"], words()["not_city"]
    autonomous, short = any_of("autonomous"), any_of("provinces_without_suffix")
    road, alone, estate = any_of("road"), any_of("road_alone"), any_of("estate")
    return {
        "province": rf"^((?:中国|中华人民共和国)?({HAN}{{2,3}}省|{autonomous}|{short}))",
        "city": rf"^(({HAN}{{2,4}}?(?:市|自治州)))(?:[^{no_city}]|$)",
        "district": rf"^(({HAN}{{1,6}}?[^{no_district}\d]区|{HAN}{{1,5}}?[县旗]))",
        "street": rf"^(({HAN}{{1,6}}?{any_of('street')}|{HAN}{{1,4}}?[镇乡]))",
        "community": rf"^(({HAN}{{1,8}}?){any_of('community')})",
        "road": rf"^(({HAN}[{HAN}\d]{{0,10}}?{road}(?:[东南西北中]段)?)){HOUSE_NUMBER}",
        "road_alone": rf"^(({HAN}{{1,6}}?{alone}(?:[东南西北中]段)?))",
        "number": rf"^(({NUMBER})号(?:大院|院)?(?:之{NUMERAL})?)(?:[^楼栋幢房室铺]|$)",
        "compound": rf"^((.*{estate}(?:{PHASE}[期区])?|{HAN}+))",
    }


@cache
def building() -> str:
    """Return a building with its word: value, and what follows."""
    return rf"^({BUILDING}){any_of('building')}(.*)$"


@cache
def building_found() -> str:
    """Return a building with its word anywhere, without groups: many times faster to find."""
    return rf"{BUILDING}{any_of('building')}"


@cache
def bare_buildings() -> list[str]:
    """Return how a building is written without its word, behind a compound's: value, rest."""
    return [
        rf"^(.*{any_of('estate')})(\d{{1,3}}[A-Z]?|[A-Z])号(?:([^楼房室铺].*)|$)",
        rf"^(.*{any_of('estate')})(\d{{1,3}}|[A-Z]\d?)-(\d.*)$",
        rf"^(.*{any_of('estate')})(\d{{1,2}}[A-Z]?|[A-Z])()$",
    ]


@cache
def home_levels() -> dict[str, str]:
    """Return the levels within a building."""
    return {
        "unit": rf"^(-?(\d{{1,2}}|[A-Z]|{NUMERAL}{{1,2}}){any_of('unit')})",
        "unit_dashed": r"^(-?(\d{1,2}|[A-Z])-)\d{3,5}",
        "floor": rf"^(-?((?:负|地下|B)?(?:\d{{1,3}}|{NUMERAL}{{1,3}})){any_of('floor')})",
        "shop": rf"^(-?({ROOM}){any_of('shop')})",
        "room": rf"^(-?({ROOM}){any_of('room')}?)(?:[^\d]|$)",
    }


@cache
def nearby() -> str:
    """Return what the end of a text says of a neighbourhood."""
    return rf"的?(?:{any_of('nearby')}|[东南西北前后左右][侧边面])$"
