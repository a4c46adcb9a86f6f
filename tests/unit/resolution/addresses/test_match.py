"""Which building and dwelling an address names, how sure that is, and why.

The gazetteer of these tests: two communities of one street. In 沙嘴 two blocks of a village and a
tower with units; in 新洲 a garden with the same numbers, and a lone building at a road.
"""

import polars as pl
import pytest

from resolution.addresses import gazetteer, match
from resolution.addresses.gazetteer import Gazetteer

SHAZUI, XINZHOU = "440304005024", "440304005023"
BLOCK_1_HOUSE_5, BLOCK_11_HOUSE_5 = f"{SHAZUI}0100005", f"{SHAZUI}1100005"
TOWER, GARDEN_5, LONE = f"{SHAZUI}0200001", f"{XINZHOU}0100005", f"{XINZHOU}0200001"
STREET = "广东省深圳市福田区沙头街道"
BUILDINGS = {
    BLOCK_1_HOUSE_5: f"{STREET}沙嘴社区沙嘴路1号沙嘴村1坊5栋",
    BLOCK_11_HOUSE_5: f"{STREET}沙嘴社区沙嘴路21号沙嘴村11坊5栋",
    TOWER: f"{STREET}沙嘴社区福强路9号金海湾花园A座",
    GARDEN_5: f"{STREET}新洲社区新洲九街61号新洲嘉花园5栋",
    LONE: f"{STREET}新洲社区滨河大道3号滨河大厦1栋",
}
HOUSES = {
    f"{BLOCK_1_HOUSE_5}000302": f"{BUILDINGS[BLOCK_1_HOUSE_5]}302房",
    f"{BLOCK_11_HOUSE_5}000302": f"{BUILDINGS[BLOCK_11_HOUSE_5]}302房",
    f"{GARDEN_5}001203": f"{BUILDINGS[GARDEN_5]}1203房",
    f"{TOWER}000011": f"{BUILDINGS[TOWER]}1单元302房",
    f"{TOWER}000021": f"{BUILDINGS[TOWER]}2单元302房",
    f"{TOWER}000022": f"{BUILDINGS[TOWER]}2单元502房",
}
ALIASES = [
    ("road", "滨河路", "滨河大道"),
    ("compound", "沙嘴旧村", "沙嘴村"),
]


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    said = [(address, code, None, 100.0) for code, address in BUILDINGS.items()]
    said += [(address, None, code, 1.0) for code, address in HOUSES.items()]
    evidence = pl.DataFrame(
        said,
        schema={"address_text": pl.String, "building_code": pl.String, "house_code": pl.String,
                "weight": pl.Float64},
        orient="row",
    )  # fmt: skip
    regions = pl.DataFrame(
        {"community": ["沙嘴"], "street": ["沙头街道"], "community_code": [SHAZUI]}
    )
    aliases = pl.DataFrame(ALIASES, schema=["level", "alias", "name"], orient="row")
    return gazetteer.build(evidence, pl.Series([], dtype=pl.String), regions, aliases)


def resolved(text: str, known: Gazetteer) -> tuple[str | None, str]:
    """Return the finest code that the text names, and the reason."""
    row = match.resolve(pl.Series([text]), known).row(0, named=True)
    return row["house_code"] or row["building_code"], row["reason"]


FOUND = [
    # as the departments write it, or with other words for the same
    (f"{BUILDINGS[BLOCK_1_HOUSE_5]}302房", f"{BLOCK_1_HOUSE_5}000302", "exact"),
    (BUILDINGS[BLOCK_1_HOUSE_5], BLOCK_1_HOUSE_5, "exact"),
    ("沙嘴社区沙嘴路1号沙嘴村1坊五号楼三〇二", f"{BLOCK_1_HOUSE_5}000302", "exact"),
    # levels missing
    ("沙嘴社区沙嘴村11坊5幢-302", f"{BLOCK_11_HOUSE_5}000302", "missing_level"),
    ("沙嘴村11坊5座302", f"{BLOCK_11_HOUSE_5}000302", "missing_level"),
    ("沙嘴路21号5栋302房", f"{BLOCK_11_HOUSE_5}000302", "missing_level"),
    ("新洲社区新洲九街61号", GARDEN_5, "missing_level"),
    # old and popular names
    ("滨河路3号滨河大厦1栋", LONE, "alias"),
    ("沙嘴社区沙嘴旧村1坊5栋302房", f"{BLOCK_1_HOUSE_5}000302", "alias"),
    # misspelt names, but never another number
    ("沙嘴社区金海弯花园A座", TOWER, "similar_name"),
    ("新洲家花园5栋1203", f"{GARDEN_5}001203", "similar_name"),
    # a level that is wrong
    ("沙嘴社区沙嘴路21号沙嘴村1坊5栋302房", f"{BLOCK_1_HOUSE_5}000302", "conflicting_level"),
    ("新洲社区沙嘴路1号沙嘴村1坊5栋", BLOCK_1_HOUSE_5, "conflicting_level"),
    # homes told apart by their unit
    ("金海湾花园A座1单元302", f"{TOWER}000011", "missing_level"),
    ("金海湾花园A座二单元302", f"{TOWER}000021", "missing_level"),
    ("金海湾花园A座502", f"{TOWER}000022", "missing_level"),
    ("新洲嘉花园5栋1单元1203", f"{GARDEN_5}001203", "missing_level"),
    # the building is known, the home is not, or none is meant
    ("金海湾花园A座302", TOWER, "unknown_dwelling"),
    ("金海湾花园A座1单元502", TOWER, "unknown_dwelling"),
    (f"{BUILDINGS[BLOCK_1_HOUSE_5]}909房", BLOCK_1_HOUSE_5, "unknown_dwelling"),
    (f"{BUILDINGS[BLOCK_1_HOUSE_5]}302铺", BLOCK_1_HOUSE_5, "exact"),
    (f"{BUILDINGS[BLOCK_1_HOUSE_5]}旁", BLOCK_1_HOUSE_5, "exact"),
]
NOT_FOUND = [
    ("广东省仿真县柳林乡卢家村78号", "elsewhere"),
    ("深圳市前海深港合作区仿真路12号A栋201室", "elsewhere"),
    ("湖南省长沙市岳麓区沙嘴路1号5栋", "elsewhere"),
    ("沙嘴社区", "incomplete"),
    ("沙嘴社区沙嘴村", "incomplete"),
    ("地铁站出口", "incomplete"),
    ("沙嘴村12坊5栋", "unknown_building"),
    ("沙嘴村1坊6栋302", "unknown_building"),
    ("沙嘴社区海滨广场5栋", "unknown_building"),
    ("沙嘴社区金海湾大厦A座", "unknown_building"),
]


@pytest.mark.parametrize(("text", "code", "reason"), FOUND)
def test_an_address_finds_its_code(text: str, code: str, reason: str, known: Gazetteer) -> None:
    assert resolved(text, known) == (code, reason)


@pytest.mark.parametrize(("text", "reason"), NOT_FOUND)
def test_what_is_not_known_is_not_guessed(text: str, reason: str, known: Gazetteer) -> None:
    assert resolved(text, known) == (None, reason)


def test_the_more_is_missing_or_wrong_the_less_sure(known: Gazetteer) -> None:
    texts = [
        "沙嘴社区沙嘴路1号沙嘴村1坊5栋302房",
        "沙嘴社区沙嘴村1坊5栋302房",
        "沙嘴村1坊5栋302房",
        "沙嘴路1号5栋302房",
        "沙嘴社区沙嘴路21号沙嘴村1坊5栋302房",
    ]
    rows = match.resolve(pl.Series(texts), known)
    assert rows["house_code"].n_unique() == 1
    assert rows["confidence"].to_list() == sorted(rows["confidence"], reverse=True)
    assert rows["confidence"].is_between(0, 1).all()


def test_every_text_is_one_row_once(known: Gazetteer) -> None:
    rows = match.resolve(pl.Series(["沙嘴村1坊5栋", "", None, "沙嘴村1坊5栋", "？"]), known)
    assert rows["address_text"].to_list() == ["沙嘴村1坊5栋", "", "？"]
    assert rows["reason"].null_count() == 0
