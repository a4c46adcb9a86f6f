"""Staging of devices, alarms and their messages: identities, clocks and readings are judged."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from hub.pipeline.build import build
from tests.integration.warehouse import district
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

STAGED = ("device", "alarm", "alarm_message", "telemetry")
SELECTION = " ".join(f"+stg_city_management__{name}" for name in STAGED)
NOON = 1_795_147_200_000  # 2026-11-20 12:00:00 in Shenzhen, milliseconds since 1970


def _reading(
    number: int, value: str, ts: str, heard: str = "2026-11-20 12:00:02"
) -> dict[str, str]:
    about = {"msgid": f"r{number}", "devid": "d1", "imei": "001042512432072", "unit": "°"}
    return about | {"value": value, "ts": ts, "gwts": heard, "payload": json.dumps(about)}


TABLES: dict[str, list[dict[str, Any]]] = {
    "city_management.device": [
        {"devid": "d1", "imei": "001042512432072", "devtype": "1", "state": "在线",
         "objid": "4403040101000001", "bgid": district.GRID_1, "azrq": "2024/2/12",
         "pointx": "114.031", "pointy": "22.521"},
        {"devid": "d2", "imei": "001042512432073  ", "devtype": "03", "state": "0",
         "lddm": district.HOUSE_1, "bgid": district.GRID_1, "battery": "75"},
        {"devid": "d3", "imei": "12345", "devtype": "99", "state": "离线"},
    ],
    "city_management.alarm": [
        {"recid": "GJ1", "alarmid": "d1-1", "devid": "d1", "alarm_level": "三级", "state": "已核实",
         "result": "误报", "alarm_time": "2026/11/20 12:00:00",
         "dismiss_time": "2026-11-20 12:05:00", "times": "2"},
        {"recid": "GJ2", "alarmid": "d1-2", "devid": "d1", "alarm_level": "1", "state": "未处置",
         "alarm_time": "2026-11-20 13:00:00"},
    ],
    "city_management.alarm_message": [
        {"msgid": "d1-1-a0", "devid": "d1", "alarmid": "d1-1", "event": "alarm", "level": "3",
         "value": "21.4", "ts": str(NOON), "gwts": "2026-11-20 12:00:01"},
    ],
    "city_management.telemetry": [
        _reading(1, "2.5", str(NOON)),
        _reading(2, "-9999", str(NOON)),
        _reading(3, "2.5", str(NOON - 28_800_000)),  # the device's clock runs in UTC
        _reading(4, "2.5", "17"),  # it began in 1970 again
        _reading(5, "2.5", ""),
        _reading(6, "2.5", str(NOON), heard=""),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(empty_warehouse: Warehouse) -> Iterator[Warehouse]:
    district.land(empty_warehouse, TABLES)
    build(empty_warehouse.settings, selection=SELECTION)
    yield empty_warehouse


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(query).fetchall()


def test_devices_are_known_by_a_checked_number_and_by_what_they_sit_on(built: Warehouse) -> None:
    assert rows(
        built,
        "select source_key, imei, imei_status, imei_rule, sensor_kind, is_online, component_code,"
        " building_code, installed_on::text"
        " from staging.stg_city_management__device order by source_key",
    ) == [
        ("d1", "001042512432072", "ok", None, "01", True, "4403040101000001", None, "2024-02-12"),
        ("d2", "001042512432073", "suspect", "check_digit", "03", False, None, district.HOUSE_1,
         None),
        ("d3", None, "invalid", "structure", None, False, None, None, None),
    ]  # fmt: skip


def test_alarms_tell_level_end_and_whether_they_were_false(built: Warehouse) -> None:
    assert rows(
        built,
        "select source_key, alarm_level, state_code, is_false_alarm, repeat_count,"
        " raised_at::text, raised_at_rule, dismissed_at::text"
        " from staging.stg_city_management__alarm order by source_key",
    ) == [
        ("GJ1", 3, "3", True, 2, "2026-11-20 12:00:00", "date_spelling", "2026-11-20 12:05:00"),
        ("GJ2", 1, "1", None, None, "2026-11-20 13:00:00", None, None),
    ]


def test_a_message_belongs_to_its_alarm(built: Warehouse) -> None:
    assert rows(
        built,
        "select alarm_id, event, alarm_level, measured_value, measured_at::text, received_at::text"
        " from staging.stg_city_management__alarm_message",
    ) == [("d1-1", "alarm", 3, Decimal("21.4"), "2026-11-20 12:00:00", "2026-11-20 12:00:01")]


def test_a_wrong_clock_gives_way_to_the_platforms_and_no_reading_is_no_value(
    built: Warehouse,
) -> None:
    assert rows(
        built,
        "select source_key, measured_value::text, measured_value_rule, measured_at::text,"
        " measured_at_status, measured_at_rule"
        " from staging.stg_city_management__telemetry order by source_key",
    ) == [
        ("r1", "2.5", None, "2026-11-20 12:00:00", "ok", None),
        ("r2", None, "no_reading", "2026-11-20 12:00:00", "ok", None),
        ("r3", "2.5", None, "2026-11-20 12:00:02", "repaired", "clock_skew"),
        ("r4", "2.5", None, "2026-11-20 12:00:02", "repaired", "clock_skew"),
        ("r5", "2.5", None, "2026-11-20 12:00:02", "repaired", "clock_missing"),
        ("r6", "2.5", None, "2026-11-20 12:00:00", "suspect", "gateway_missing"),
    ]
