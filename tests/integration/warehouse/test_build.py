"""From landed rows to the tables that readers will see, on a district counted by hand."""

import re
from decimal import Decimal

import pytest
import yaml

from hub.pipeline.build import build
from tests.integration.warehouse import district
from tests.integration.warehouse.district import EXPECTED, SHAZUI, land
from tests.integration.warehouse.district import district as all_rows
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def built(empty_warehouse: Warehouse) -> Warehouse:
    """The district, landed and built once."""
    land(empty_warehouse, all_rows())
    build(empty_warehouse.settings, run_id="first")
    return empty_warehouse


def rows(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


@pytest.mark.parametrize("community", EXPECTED)
def test_every_figure_of_the_community_overview_is_the_one_counted_by_hand(
    built: Warehouse, community: str
) -> None:
    expected = EXPECTED[community]
    [figures] = rows(
        built,
        f"select {', '.join(expected)} from mart_next.community_overview"
        f" where community_code = '{community}'",
    )
    plain = [float(figure) if isinstance(figure, Decimal) else figure for figure in figures]
    assert dict(zip(expected, plain, strict=True)) == expected


def test_every_figure_has_its_definition(built: Warehouse) -> None:
    defined = {metric for (metric,) in rows(built, "select metric from mart_next.metric_registry")}
    assert set(EXPECTED[SHAZUI]) <= defined


def test_grids_count_the_residents_of_their_buildings(built: Warehouse) -> None:
    """Grid officers met 赵四 in building 1 two days ago, where the police do not have him."""
    assert rows(
        built,
        "select right(grid_code, 6), residents, households, components, load_level,"
        " json_array_length(contour::json) from mart_next.grid_overview order by grid_code",
    ) == [("024001", 4, 3, 3, "绿", 5), ("024002", 4, 4, 3, "绿", 5), ("026001", 0, 0, 0, "绿", 5)]


def test_a_person_is_one_resident_whoever_names_him(built: Warehouse) -> None:
    [wang] = rows(
        built,
        "select masked_name, masked_id_number, id_status, source_count, is_party_member,"
        " receives_old_age_benefit, has_family_doctor, age from core_next.dim_resident"
        " inner join core_private_next.resident_identity using (resident_id)"
        f" where id_number = '{district.OLD_WANG}'",
    )
    assert wang[:7] == (
        "王*",
        f"4****************{district.OLD_WANG[-1]}",
        "ok",
        5,
        True,
        True,
        True,
    )
    assert isinstance(wang[7], int)
    assert wang[7] >= 86


def test_grid_officers_know_people_whom_nobody_else_does(built: Warehouse) -> None:
    found = rows(
        built,
        "select name, is_registered, source_count, grid_verified_on::text"
        " from core_next.dim_resident"
        " inner join core_private_next.resident_identity using (resident_id)"
        f" where id_number in ('{district.ZHAO}', '{district.TENANT}') order by source_count",
    )
    assert found == [("何十一", False, 1, "2026-11-03"), ("赵四", True, 2, "2026-11-18")]


def test_a_street_code_means_what_its_own_system_means(built: Warehouse) -> None:
    assert rows(
        built,
        "select street_source_code, street_code, house_usage_code from staging.stg_grid__house"
        " order by source_key",
    ) == [("440304004", "440304005", "出租"), ("440304005", "440304006", "空置")]


def test_requests_and_cases_are_cleaned_row_by_row(built: Warehouse) -> None:
    assert rows(
        built,
        "select task_number, accepted_at::text, community_code, caller_id_number, caller_phone,"
        " satisfaction_code, state_code from staging.stg_requests__request order by task_number",
    ) == [
        ("R1", "2026-11-18 22:15:09", SHAZUI, district.OLD_WANG, None, None, "1"),
        ("R2", "2026-11-18 22:15:09", SHAZUI, None, "15400000001", "3", "3"),
    ]
    assert rows(
        built,
        "select case_class_code, grid_code_status, reported_at::text, reported_at_rule,"
        " closed_at::text, state_code from staging.stg_city_management__case order by task_number",
    ) == [
        ("0102", "ok", "2026-11-18 09:30:00", "date_spelling", None, "3"),
        ("0102", None, "2026-11-18 09:30:00", "date_spelling", "2026-11-19 10:00:00", "6"),
    ]


def test_authority_decides_and_the_number_fills_what_nobody_sent(built: Warehouse) -> None:
    [zhang] = rows(
        built,
        "select name, ethnic_group, birth_date::text, sex from core_next.dim_resident"
        " inner join core_private_next.resident_identity using (resident_id)"
        f" where id_number = '{district.ZHANG}'",
    )
    assert zhang == ("欧阳三三", "汉族", "1990-03-01", "男")


def test_whoever_lives_elsewhere_is_known_but_not_counted(built: Warehouse) -> None:
    assert rows(
        built,
        "select is_registered, community_code, is_party_member from core_next.dim_resident"
        " inner join core_private_next.resident_identity using (resident_id)"
        f" where id_number = '{district.ABROAD}'",
    ) == [(False, None, True)]


def test_doubtful_numbers_are_flagged_and_link_only_with_a_name_beside(built: Warehouse) -> None:
    assert rows(
        built,
        "select id_status, id_rule, count(*), bool_or(is_party_member)"
        " from core_next.dim_resident where id_status in ('suspect', 'invalid')"
        " group by 1, 2 order by 1",
    ) == [("invalid", "excel_rounded", 1, False), ("suspect", "check_digit", 1, True)]


def test_no_row_is_lost_on_the_way_to_staging(built: Warehouse) -> None:
    for table, landed in all_rows().items():
        staged = f"staging.stg_{table.replace('.', '__')}"
        assert rows(built, f"select count(*) from {staged}") == [(len(landed),)], table


def test_components_are_placed_by_code_and_by_geometry(built: Warehouse) -> None:
    assert rows(
        built,
        "select right(component_code, 1), right(grid_code, 3), right(located_grid_code, 3),"
        " grid_agrees, coordinate_rule, has_four_elements"
        " from core_next.dim_urban_component order by component_code",
    ) == [
        ("1", "001", "001", True, None, True),
        ("2", "001", "001", True, "axes_swapped", True),
        ("3", "001", "002", False, None, True),
        ("4", "002", "002", True, None, True),
        ("5", "002", "002", True, None, True),
        ("6", "002", "002", True, None, False),
        ("7", None, "002", None, None, False),
    ]


def test_legal_persons_meet_by_credit_code_and_stand_alone_without_a_right_one(
    built: Warehouse,
) -> None:
    assert rows(
        built,
        "select credit_code, code_status, kind, is_active, founded_on::text, has_party_organisation"
        " from core_next.dim_legal_person order by credit_code",
    ) == [
        ("51440304PDY00001XX", "suspect", "民办非企业单位", False, None, False),
        ("52440304PDY005208B", "ok", "民办非企业单位", True, "2010-01-05", True),
        ("91440304PDY00001XW", "ok", "企业", True, "2016-03-04", False),
        ("92440304PDY000175B", "ok", "个体工商户", False, "2016-03-04", False),
        (None, None, "企业", True, "2016-03-04", False),
    ]


def test_registers_of_two_school_years_become_one(built: Warehouse) -> None:
    assert rows(
        built,
        "select school_year, birth_date::text, grade, is_enrolled from resolve.pupil_record"
        " order by school_year",
    ) == [("2025-2026", "2000-02-29", 6, True), ("2026-2027", "2000-02-29", 7, False)]


def test_every_column_that_readers_see_has_a_chinese_comment(built: Warehouse) -> None:
    without = [
        name
        for name, comment in rows(
            built,
            "select format('%s.%s.%s', nspname, relname, attname),"
            " col_description(attrelid, attnum) from pg_attribute"
            " inner join pg_class on pg_class.oid = attrelid"
            " inner join pg_namespace on pg_namespace.oid = relnamespace"
            " where nspname in ('core_next', 'core_private_next', 'mart_next', 'staging')"
            " and relkind = 'r' and attnum > 0 and not attisdropped"
            " union all select format('%s.%s', nspname, relname), obj_description(pg_class.oid)"
            " from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
            " where nspname in ('core_next', 'core_private_next', 'mart_next', 'staging')"
            " and relkind = 'r'",
        )
        if not re.search("[一-鿿]", str(comment))
    ]
    assert without == []


def test_a_column_is_described_in_english_and_commented_in_chinese(built: Warehouse) -> None:
    described = yaml.safe_load(
        district.repository_file("dbt_project/models/core/_core.yml").read_text()
    )
    [grid] = [model for model in described["models"] if model["name"] == "dim_grid"]
    [code] = [column for column in grid["columns"] if column["name"] == "grid_code"]
    assert code["description"].startswith("Code, 15 digits")
    assert rows(built, "select col_description('core_next.dim_grid'::regclass, 1)") == [
        ("网格编码（15位）",)
    ]


def test_every_check_is_recorded_with_its_owner(built: Warehouse) -> None:
    layers = rows(
        built,
        "select layer, count(*) filter (where owner is null), bool_and(passed or severity = 'warn')"
        " from quality.check_result where run_id = 'first' group by layer order by layer",
    )
    assert [layer for layer, *_ in layers] == [
        "core", "core_private", "mart", "reference", "resolve", "staging",
    ]  # fmt: skip
    assert {tuple(rest) for _, *rest in layers} == {(0, True)}


def test_a_rule_that_rows_break_says_which_and_how_many(built: Warehouse) -> None:
    assert rows(
        built,
        "select passed, failed_rows from quality.check_result"
        " where run_id = 'first' and check_name = 'grids_agree' and table_name = 'dim_building'"
        " or run_id = 'first' and check_name = 'grids_agree' and table_name like '%component'"
        " order by table_name",
    ) == [(True, 0), (False, 1)]
