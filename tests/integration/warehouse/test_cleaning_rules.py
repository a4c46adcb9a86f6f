"""Each cleaning rule, called as the models call it, on DOMAIN §1's own examples and their dirt."""

from collections.abc import Callable
from typing import Any

import pytest
from stdnum.cn import ric, uscc

from hub.pipeline.build import build
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Clean = Callable[..., tuple[Any, ...]]


@pytest.fixture(scope="module")
def clean(empty_warehouse: Warehouse) -> Clean:
    """Call a cleaning function of the warehouse: ``clean('phone', raw)`` → its row."""
    build(empty_warehouse.settings, selection="resource_type:function")
    connection = empty_warehouse.connect()

    def call(function: str, *arguments: object) -> tuple[Any, ...]:
        places = ", ".join(["%s"] * len(arguments))
        row = connection.execute(
            f"select * from staging.{function}({places})", arguments
        ).fetchone()
        assert row is not None
        return row

    return call


TODAY = "2026-11-21"


@pytest.mark.parametrize(
    ("raw", "value", "status", "rule"),
    [
        ("11010519491231002X", "11010519491231002X", "ok", None),
        ("440304191202299978", "440304191202299978", "ok", None),
        ("810000191206019950", "810000191206019950", "ok", None),
        ("440304350704998", "440304193507049987", "repaired", "upgraded_15_digits"),
        (" 11010519491231002x ", "11010519491231002X", "repaired", "tidied"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", "repaired", "tidied"),
        ("110105 19491231 002X", "11010519491231002X", "repaired", "tidied"),
        ("\ufeff440304191202299978\u200b", "440304191202299978", "repaired", "tidied"),
        ("440304191202299979", "440304191202299979", "suspect", "check_digit"),
        ("000000191202299970", "000000191202299970", "suspect", "check_digit"),
        ("440304191302299975", None, "invalid", "no_such_date"),
        ("440304209912319964", None, "invalid", "future_birth"),
        ("440304191202299000", None, "invalid", "excel_rounded"),
        ("4.40304E+17", None, "invalid", "excel_notation"),
        ("44030419120229997", None, "invalid", "structure"),
        ("4403041912022999781", None, "invalid", "structure"),
        ("X40304191202299978", None, "invalid", "structure"),
        ("锟斤拷", None, "invalid", "structure"),
        ("无", None, None, None),
        ("  ", None, None, None),
        (None, None, None, None),
    ],
)
def test_resident_id(
    clean: Clean, raw: str | None, value: str | None, status: str | None, rule: str | None
) -> None:
    assert clean("identity_document", raw, TODAY)[:3] == (value, status, rule)


@pytest.mark.parametrize(
    ("body", "rule"),
    [("99030419120229997", "unknown_region"), ("44030418900101001", "age_over_120")],
)
def test_resident_id_that_is_merely_unlikely_is_suspect(clean: Clean, body: str, rule: str) -> None:
    number = body + ric.calc_check_digit(f"{body}0")
    assert clean("identity_document", number, TODAY)[:3] == (number, "suspect", rule)


def test_resident_id_tells_birth_date_and_sex(clean: Clean) -> None:
    birth_date, sex_code = clean("identity_document", "440304191202299978", TODAY)[3:5]
    assert (birth_date.isoformat(), sex_code) == ("1912-02-29", "1")


def test_resident_id_agrees_with_another_implementation(clean: Clean) -> None:
    """python-stdnum knows 18 digits of known regions; among those it must agree on the check."""
    for serial in range(0, 999, 37):
        body = f"4403041990{1 + serial % 12:02d}{1 + serial % 28:02d}{serial:03d}"
        for check in "0123456789X":
            status = clean("identity_document", body + check, TODAY)[1]
            rounded = (body + check).endswith("000")
            assert (status == "ok") == ric.is_valid(body + check) or rounded


@pytest.mark.parametrize(
    ("raw", "kind", "status", "rule"),
    [
        ("440304191202299978", "resident_id", "ok", None),
        ("810000199408230021", "hmt_residence_permit", "ok", None),
        ("830000199201300022", "hmt_residence_permit", "ok", None),
        ("830000199201300023", "hmt_residence_permit", "suspect", "check_digit"),
        ("931012199012010018", "permanent_residence_card", "ok", None),
        ("998012199012010015", "permanent_residence_card", "suspect", "unknown_region"),
        ("KAZ110090123105", "permanent_residence_card", "ok", None),
        ("kaz1100 90123105", "permanent_residence_card", "repaired", "tidied"),
        ("KAZ110090123106", "permanent_residence_card", "suspect", "check_digit"),
        ("KAZ110090133105", "permanent_residence_card", "invalid", "no_such_date"),
        ("H12345678", "hk_macao_travel_permit", "ok", None),
        ("M1234567801", "hk_macao_travel_permit", "ok", None),
        ("1234567890(B)", "taiwan_travel_permit", "repaired", "tidied"),
        ("12345678", "taiwan_travel_permit", "suspect", "shape_only"),
        ("E12345678", "passport", "ok", None),
        ("EA1234567", "passport", "ok", None),
        ("AB1234567", "passport", "suspect", "shape_only"),
        ("A12345", None, "invalid", "structure"),
    ],
)
def test_documents_of_whoever_is_no_citizen(
    clean: Clean, raw: str, kind: str | None, status: str, rule: str | None
) -> None:
    value, *judged, _, _, of_kind = clean("identity_document", raw, TODAY)
    assert (of_kind, *judged) == (kind, status, rule)
    assert (value is None) == (status == "invalid")


@pytest.mark.parametrize(
    ("raw", "value", "status", "rule"),
    [
        ("PDY00001-X", "PDY00001X", "ok", None),
        ("D2143569-X", "D2143569X", "ok", None),
        ("pdy000175", "PDY000175", "repaired", "tidied"),
        ("PDY00001-0", "PDY000010", "suspect", "check_digit"),
        ("PDY0001-X", None, "invalid", "structure"),
        ("PDY00001-A", None, "invalid", "structure"),
        (None, None, None, None),
    ],
)
def test_organisation_code(
    clean: Clean, raw: str | None, value: str | None, status: str | None, rule: str | None
) -> None:
    assert clean("organisation_code", raw) == (value, status, rule)


@pytest.mark.parametrize(
    ("raw", "status", "rule", "level"),
    [
        ("440304", "ok", None, "district"),
        ("440304005", "ok", None, "street"),
        ("440304 005024", "repaired", "tidied", "community"),
        ("990304", "suspect", "unknown_region", "district"),
        ("44030405", "invalid", "structure", None),
        ("440304005A01", "invalid", "structure", None),
    ],
)
def test_region_code(
    clean: Clean, raw: str, status: str, rule: str | None, level: str | None
) -> None:
    assert clean("region_code", raw)[1:] == (status, rule, level)


@pytest.mark.parametrize(
    ("raw", "status", "rule"),
    [
        ("440304005001001", "ok", None),
        ("440304005 001001", "repaired", "tidied"),
        ("44030400500101", "invalid", "structure"),
        ("440304005001000", "invalid", "part_is_zero"),
        ("440304005000001", "invalid", "part_is_zero"),
    ],
)
def test_grid_code(clean: Clean, raw: str, status: str, rule: str | None) -> None:
    assert clean("grid_code", raw)[1:] == (status, rule)


@pytest.mark.parametrize(
    ("raw", "value", "status", "rule"),
    [
        ("91440304PDY00001XW", "91440304PDY00001XW", "ok", None),
        ("92440304PDY000175B", "92440304PDY000175B", "ok", None),
        ("52440304PDY005208B", "52440304PDY005208B", "ok", None),
        ("91440304pdy00001xw ", "91440304PDY00001XW", "repaired", "tidied"),
        ("91440304PDY00001XX", "91440304PDY00001XX", "suspect", "check_digit"),
        ("91440304PDY0000103", "91440304PDY0000103", "suspect", "organisation_code"),
        ("91440304PDY0000IXW", None, "invalid", "structure"),
        ("PDY00001-X", None, "invalid", "structure"),
        ("-", None, None, None),
    ],
)
def test_credit_code(
    clean: Clean, raw: str, value: str | None, status: str | None, rule: str | None
) -> None:
    assert clean("credit_code", raw) == (value, status, rule)


def test_credit_code_agrees_with_another_implementation(clean: Clean) -> None:
    for last in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        code = f"91440304PDY00001X{last}"
        assert (clean("credit_code", code)[1] == "ok") == uscc.is_valid(code)


@pytest.mark.parametrize(
    ("raw", "value", "status", "rule"),
    [
        ("13800000000", "13800000000", "ok", None),
        ("19912345678", "19912345678", "ok", None),
        ("0755-82000000", "0755-82000000", "ok", None),
        ("+86 138-0000-0000", "13800000000", "repaired", "tidied"),
        ("008613800000000", "13800000000", "repaired", "tidied"),
        ("1380000００００", "13800000000", "repaired", "tidied"),
        ("(0755)82000000", "0755-82000000", "repaired", "tidied"),
        ("12800000000", None, "invalid", "structure"),
        ("1380000000", None, "invalid", "structure"),
        ("0755-820000", None, "invalid", "structure"),
        (None, None, None, None),
    ],
)
def test_phone(
    clean: Clean, raw: str | None, value: str | None, status: str | None, rule: str | None
) -> None:
    assert clean("phone", raw) == (value, status, rule)


HOUSE = "4403040050010200003001204"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (HOUSE, (HOUSE, "ok", None, HOUSE[:19])),
        ("440304005001 0200003 001204", (HOUSE, "repaired", "tidied", HOUSE[:19])),
        (HOUSE[:19], (None, "suspect", "building_only", HOUSE[:19])),
        (HOUSE[:19] + "000000", (None, "suspect", "building_only", HOUSE[:19])),
        (HOUSE[:14] + "00000001204", (None, "invalid", "part_is_zero", None)),
        ("4.40304E+24", (None, "invalid", "excel_notation", None)),
        ("440304005", (None, "invalid", "structure", None)),
    ],
)
def test_house_code(clean: Clean, raw: str, expected: tuple[object, ...]) -> None:
    assert clean("house_code", raw) == expected


@pytest.mark.parametrize(
    ("raw", "value", "status", "rule"),
    [
        ("2026-11-20", "2026-11-20", "ok", None),
        ("20261120", "2026-11-20", "ok", None),
        ("20261120093000", "2026-11-20", "ok", None),
        ("2026-11-20 09:30:00", "2026-11-20", "ok", None),
        ("2026-11-20T09:30:00", "2026-11-20", "ok", None),
        ("2024.1.5", "2024-01-05", "repaired", "date_spelling"),
        ("2024/01/05", "2024-01-05", "repaired", "date_spelling"),
        ("2024年1月5日", "2024-01-05", "repaired", "date_spelling"),
        ("２０２４-1-5", "2024-01-05", "repaired", "date_spelling"),
        ("45321", "2024-01-30", "repaired", "excel_serial"),
        ("45321.0", "2024-01-30", "repaired", "excel_serial"),
        ("20240229", "2024-02-29", "ok", None),
        ("20230229", None, "invalid", "no_such_date"),
        ("20240230", None, "invalid", "no_such_date"),
        ("0000-00-00", None, "invalid", "no_such_date"),
        ("19000229", None, "invalid", "no_such_date"),
        ("2026-11-310", None, "invalid", "unreadable_date"),
        ("昨天", None, "invalid", "unreadable_date"),
        ("NULL", None, None, None),
    ],
)
def test_calendar_date(
    clean: Clean, raw: str, value: str | None, status: str | None, rule: str | None
) -> None:
    day, *rest = clean("calendar_date", raw)
    assert (day and day.isoformat(), *rest) == (value, status, rule)


@pytest.mark.parametrize(
    ("raw", "value", "status", "rule"),
    [
        ("2026-11-20 09:30:05", "2026-11-20T09:30:05", "ok", None),
        ("2026-11-20T09:30:05.250", "2026-11-20T09:30:05", "ok", None),
        ("2026-11-20 23:59", "2026-11-20T23:59:00", "ok", None),
        ("20261120093005", "2026-11-20T09:30:05", "ok", None),
        ("2026/11/3 9:05", "2026-11-03T09:05:00", "repaired", "date_spelling"),
        ("２０２６-11-20 ０9:30:00", "2026-11-20T09:30:00", "ok", None),
        ("2026-11-20", "2026-11-20T00:00:00", "suspect", "time_missing"),
        ("2026-11-20 24:00:00", None, "invalid", "no_such_time"),
        ("2026-02-30 08:00:00", None, "invalid", "no_such_date"),
        ("0000-00-00 00:00:00", None, "invalid", "no_such_date"),
        ("昨晚", None, "invalid", "unreadable_date"),
        ("", None, None, None),
        (None, None, None, None),
    ],
)
def test_moment(
    clean: Clean, raw: str | None, value: str | None, status: str | None, rule: str | None
) -> None:
    moment, *rest = clean("moment", raw)
    assert (moment and moment.isoformat(), *rest) == (value, status, rule)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ("114.037", "22.519", (114.037, 22.519, "ok", None)),
        ("22.519", "114.037", (114.037, 22.519, "repaired", "axes_swapped")),
        ("0.0", "0.0", (None, None, "invalid", "outside_shenzhen")),
        ("113000.5", "22000.5", (None, None, "invalid", "outside_shenzhen")),
        ("东经114度", "22.519", (None, None, "invalid", "outside_shenzhen")),
        (None, "22.519", (None, None, None, None)),
    ],
)
def test_coordinate(
    clean: Clean, x: str | None, y: str | None, expected: tuple[object, ...]
) -> None:
    assert clean("coordinate", x, y) == expected


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("4403040101000001", "ok"),
        ("4403040118000123", "ok"),
        ("4403040305004567", "ok"),
        ("4403040101 000001", "repaired"),
        ("440304010100001", "invalid"),
        ("4403040001000001", "invalid"),
        ("4403049901000001", "invalid"),
        ("4403040101000000", "invalid"),
    ],
)
def test_component_code(clean: Clean, raw: str, status: str) -> None:
    assert clean("component_code", raw)[1] == status


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("欧阳娜娜", "欧阳**"), ("李小明", "李**"), ("欧阳", "欧*"), ("张", "张*")],
)
def test_mask_name(clean: Clean, name: str, masked: str) -> None:
    assert clean("mask_name", name) == (masked,)


def test_mask_id_number_hides_birth_date_and_region(clean: Clean) -> None:
    assert clean("mask_id_number", "440304191202299978") == ("4****************8",)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  张　三 ", "张 三"),
        ("Ａ座（１）", "A座(1)"),
        ("张\u200b三", "张三"),
        ("无", None),
        ("-", None),
        ("NULL", None),
        ("", None),
        ("无名路", "无名路"),
    ],
)
def test_clean_text(clean: Clean, raw: str, text: str | None) -> None:
    assert clean("clean_text", raw) == (text,)


def test_boundary_of_what_is_no_geometry_is_null(clean: Clean) -> None:
    for raw in ("{}", "not json", '{"type": "Polygon", "coordinates": [["a"]]}', None):
        assert clean("boundary", raw) == (None,)
