"""From addresses and house codes to dwellings, compounds, households and who lives where."""

import pytest

from hub.pipeline.build import build
from hub.pipeline.resolve import resolve
from tests.integration.warehouse import district
from tests.integration.warehouse.district import HOUSE_1, HOUSE_2, SHAZUI, Row, Tables, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

BLOCK = "广东省深圳市福田区沙头街道沙嘴社区沙嘴路1号沙嘴村1坊"
HOME_1, NEXT_DOOR, HOME_2 = f"{HOUSE_1}000101", f"{HOUSE_1}000102", f"{HOUSE_2}000101"


def with_addresses() -> Tables:
    """The district counted by hand, its two buildings and some of its people with addresses."""
    tables = district.district()
    for number, building in enumerate(tables["police.building"], start=1):
        building.update({"dz": f"{BLOCK}{number}栋", "ldmc": f"沙嘴村1坊{number}栋"})
    addresses = {
        "1": {"xzdz": f"{BLOCK}1栋101房", "hjdz": f"{BLOCK}1栋101房", "yhzgx": "户主"},
        "2": {"xzdz": "沙嘴社区沙嘴村1坊一幢-101", "yhzgx": "配偶"},
        "3": {"xzdz": "沙嘴村1坊2栋101"},  # his house code names the other building
        "4": {"hjdz": "广东省仿真县柳林乡卢家村78号"},
    }
    for resident in tables["police.resident"]:
        resident.update(addresses.get(resident["xlh"], {}))
    return tables | {"requests.request": [_request("R1", f"{BLOCK}1栋旁")]}


def _request(key: str, address: str) -> Row:
    return {"task_num": key, "community_name": "沙嘴", "address": address}


@pytest.fixture(scope="module")
def built(empty_warehouse: Warehouse) -> Warehouse:
    """The district, landed and built once."""
    land(empty_warehouse, with_addresses())
    build(empty_warehouse.settings, run_id="first")
    return empty_warehouse


def rows(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def test_every_address_text_is_resolved_once(built: Warehouse) -> None:
    found = rows(
        built, "select address_text, building_code, house_code, reason from resolve.address"
    )
    expected = {
        (f"{BLOCK}1栋", HOUSE_1, None, "exact"),
        (f"{BLOCK}1栋101房", HOUSE_1, HOME_1, "exact"),
        ("沙嘴社区沙嘴村1坊一幢-101", HOUSE_1, HOME_1, "missing_level"),
        ("沙嘴村1坊2栋101", HOUSE_2, HOME_2, "missing_level"),
        (f"{BLOCK}1栋旁", HOUSE_1, None, "exact"),
        ("广东省仿真县柳林乡卢家村78号", None, None, "elsewhere"),
    }
    assert expected <= set(found)
    assert len(found) == len({text for text, *_ in found})


def test_a_dwelling_is_known_by_its_house_code_and_shown_down_to_its_building(
    built: Warehouse,
) -> None:
    assert rows(
        built,
        "select house_code, building_code, floor, room, masked_address, house_usage,"
        " is_in_grid_register from core_next.dim_dwelling order by 1",
    ) == [
        (HOME_1, HOUSE_1, 1, "101", f"{BLOCK}1栋***", "出租", True),
        (NEXT_DOOR, HOUSE_1, 1, "102", f"{BLOCK}1栋***", None, False),
        (HOME_2, HOUSE_2, 1, "101", f"{BLOCK}2栋***", "空置", True),
    ]


def test_the_exact_address_of_a_dwelling_is_private(built: Warehouse) -> None:
    [address] = rows(
        built,
        f"select address from core_private_next.dwelling_address where house_code = '{HOME_1}'",
    )
    assert address == (f"{BLOCK}1栋101房",)


def test_a_compound_of_the_housing_department_is_the_one_that_addresses_name(
    built: Warehouse,
) -> None:
    assert rows(
        built,
        "select compound_name, community_code, road, buildings, dwellings, compound_number,"
        " parking_bays from core_next.dim_compound",
    ) == [("沙嘴村1坊", SHAZUI, "沙嘴路", 2, 3, "XQ1", 40)]
    assert rows(
        built, "select building_number, dwellings from core_next.dim_building order by 1"
    ) == [("1", 2), ("2", 1)]


@pytest.mark.parametrize(
    ("registration", "relations"),
    [
        ("1", {("lives", "police.resident", HOME_1), ("registered", "police.resident", HOME_1),
               ("rents", "grid.house", HOME_1)}),
        # the code and the address of one record may name two homes: both are claims
        ("3", {("lives", "police.resident", HOME_1), ("lives", "police.resident", HOME_2),
               ("rents", "grid.house", HOME_1)}),
        # the police and the grid disagree
        ("4", {("lives", "police.resident", HOME_2), ("lives", "grid.population", NEXT_DOOR)}),
        # whoever is cancelled lives nowhere by it
        ("7", set()),
    ],
)  # fmt: skip
def test_who_says_that_somebody_lives_where(
    built: Warehouse, registration: str, relations: set[tuple[str, str, str]]
) -> None:
    found = rows(
        built,
        "select relation, bridge.source_system, house_code"
        " from core_next.bridge_resident_dwelling as bridge"
        " inner join resolve.resident_crosswalk as link using (resident_id)"
        " where link.source_system = 'police.resident' and link.valid_to is null"
        f" and link.source_key = '{registration}'",
    )
    assert set(found) == relations


def test_a_household_counts_its_registered_members(built: Warehouse) -> None:
    found = rows(
        built,
        "select household_number, members, elderly, is_only_elderly, is_elderly_alone, house_code"
        " from core_next.dim_household where household_number in ('H1', 'H3') order by 1",
    )
    assert found == [("H1", 2, 2, True, False, HOME_1), ("H3", 1, 0, False, False, HOME_2)]


def test_a_text_that_is_known_is_kept_while_the_gazetteer_is_the_same(built: Warehouse) -> None:
    stamped = "select address_text, xmin::text from resolve.address"
    before = dict(rows(built, stamped))
    with built.connect() as connection:
        connection.execute("update staging.stg_requests__request set address = '沙嘴村1坊2栋旁'")
    resolve(built.settings)
    after = dict(rows(built, stamped))
    assert set(before) - set(after) == {f"{BLOCK}1栋旁"}
    assert set(after) - set(before) == {"沙嘴村1坊2栋旁"}
    assert all(after[text] == before[text] for text in set(before) & set(after))
