"""What is learnt from addresses that stand beside codes, some of them wrong."""

import polars as pl

from resolution.addresses import gazetteer, match
from resolution.addresses.gazetteer import Gazetteer

COMMUNITY = "440304005024"
FIRST, SECOND = f"{COMMUNITY}0100001", f"{COMMUNITY}0100002"
PLACE = "福田区沙头街道沙嘴社区沙嘴路1号沙嘴村1坊"
NO_REGIONS = pl.DataFrame(
    schema=dict.fromkeys(["community", "street", "community_code"], pl.String)
)
NO_ALIASES = pl.DataFrame(schema=dict.fromkeys(["level", "alias", "name"], pl.String))
SCHEMA = {
    "address_text": pl.String,
    "building_code": pl.String,
    "house_code": pl.String,
    "weight": pl.Float64,
}


def learnt(
    *said: tuple[str, str | None, str | None, float], house_codes: tuple[str, ...] = ()
) -> Gazetteer:
    evidence = pl.DataFrame(said, schema=SCHEMA, orient="row")
    codes = pl.Series(house_codes, dtype=pl.String)
    return gazetteer.build(evidence, codes, NO_REGIONS, NO_ALIASES)


def code(text: str, known: Gazetteer) -> str | None:
    row = match.resolve(pl.Series([text]), known).row(0, named=True)
    return row["house_code"] or row["building_code"]


def test_a_code_goes_to_the_address_that_most_evidence_names() -> None:
    known = learnt(
        (f"{PLACE}1栋", FIRST, None, 100),
        (f"{PLACE}2栋", SECOND, None, 100),
        (f"{PLACE}2栋301房", None, f"{FIRST}000301", 1),  # moved: the address is an old one
    )
    assert code(f"{PLACE}2栋", known) == SECOND


def test_an_address_that_two_codes_claim_alike_is_nobodys() -> None:
    known = learnt((f"{PLACE}1栋", FIRST, None, 100), (f"{PLACE}1栋", SECOND, None, 100))
    row = match.resolve(pl.Series([f"{PLACE}1栋"]), known).row(0, named=True)
    assert (row["building_code"], row["reason"]) == (None, "ambiguous")


def test_a_building_that_only_house_codes_name_is_known_too() -> None:
    known = learnt((f"{PLACE}1栋301房", None, f"{FIRST}000301", 3))
    assert code(f"{PLACE}1栋", known) == FIRST


def test_rooms_of_houses_without_address_follow_from_their_code_where_evidence_says_so() -> None:
    rooms = [f"{floor}0{door}" for floor in range(1, 6) for door in range(1, 5)]
    said = [(f"{PLACE}1栋{room}房", None, f"{FIRST}000{room}", 1.0) for room in rooms]
    known = learnt((f"{PLACE}1栋", FIRST, None, 100), *said, house_codes=(f"{FIRST}000906",))
    assert code(f"{PLACE}1栋906房", known) == f"{FIRST}000906"


def test_rooms_do_not_follow_from_codes_that_merely_count() -> None:
    said = [(f"{PLACE}1栋{100 + n}房", None, f"{FIRST}{n:06d}", 1.0) for n in range(1, 20)]
    known = learnt((f"{PLACE}1栋", FIRST, None, 100), *said, house_codes=(f"{FIRST}000021",))
    assert code(f"{PLACE}1栋105房", known) == f"{FIRST}000005"
    assert code(f"{PLACE}1栋21房", known) == FIRST


def test_one_wrong_piece_of_evidence_does_not_move_a_home() -> None:
    known = learnt(
        (f"{PLACE}1栋", FIRST, None, 100),
        (f"{PLACE}1栋301房", None, f"{FIRST}000301", 2),
        (f"{PLACE}1栋502房", None, f"{FIRST}000301", 1),
        (f"{PLACE}1栋502房", None, f"{FIRST}000502", 2),
    )
    assert code(f"{PLACE}1栋301房", known) == f"{FIRST}000301"
    assert code(f"{PLACE}1栋502房", known) == f"{FIRST}000502"


def test_names_of_communities_are_learnt_from_buildings() -> None:
    known = learnt((f"{PLACE}1栋", FIRST, None, 100))
    [row] = match.resolve(pl.Series(["沙嘴社区沙嘴路"]), known).rows(named=True)
    assert row["community_code"] == COMMUNITY


def test_without_any_evidence_nothing_is_found_and_nothing_is_elsewhere() -> None:
    rows = match.resolve(pl.Series(["深圳市沙嘴村1坊5栋"]), learnt())
    assert rows["reason"].to_list() == ["unknown_building"]


def test_the_version_changes_with_what_is_known_and_only_then() -> None:
    first = (f"{PLACE}1栋", FIRST, None, 100.0)
    second = (f"{PLACE}2栋", SECOND, None, 100.0)
    assert learnt(first, second).version == learnt(second, first).version
    assert learnt(first).version != learnt(first, second).version


def test_more_of_the_same_evidence_is_no_new_version() -> None:
    first = (f"{PLACE}1栋", FIRST, None, 100.0)
    assert learnt(first).version == learnt(first, (f"{PLACE}1栋", FIRST, None, 3.0)).version
