"""What happens in the small district: requests, visits, inspections, alarms, bookings, a project.

Told on noon of 20 November 2026, Beijing time. Somebody lives alone on the fifth floor without a
lift, runs a small place, and has a contract that lapsed three weeks ago.
"""

from datetime import UTC, datetime

from tests.integration.warehouse import district
from tests.integration.warehouse.district import GRID_1, HOUSE_1, HOUSE_2, SHAZUI, Row, Tables

TOLD = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HERMIT = district.id_number("19420202", 55)
PHONE = "15400000009"
VILLAGE = "广东省深圳市福田区沙头街道沙嘴社区沙嘴路1号沙嘴村1坊"
PLACE = {"coordinate_x": "114.031", "coordinate_y": "22.521", "cell_name": GRID_1}
NOISE = {"main_type_name": "噪声", "sub_type_name": "施工噪声", "first_unit_name": "街道办"}


def activity() -> Tables:
    """Return the rows of the district and of what happens in it."""
    tables = district.district()
    for number, building in enumerate(tables["police.building"], start=1):
        building["dz"] = f"{VILLAGE}{number}栋"
    somebody = tables["police.resident"][0]
    tables["police.resident"] += [
        {
            **somebody,
            "xlh": "20",
            "gmsfhm": HERMIT,
            "xm": "蒋独",
            "csrq": "1942-02-02",
            "hh": "H20",
            "yhzgx": "0",
            "fwbm": f"{HOUSE_2}000502",
            "xzdz": f"{VILLAGE}2栋502房",
            "lxdh": PHONE,
        }
    ]
    tables["requests.request"] += [
        request("R3", "2026-11-10 09:00:00", "2026-11-10 09:30:00", "2026-11-10 15:00:00"),
        request("R4", "2026-11-11 10:00:00", "2026-11-11 14:00:00", ""),  # again, and overdue
    ]
    tables["health.family_doctor_contract"] += [
        {"qybh": "Q9", "zjhm": HERMIT, "qyrq": "2025-11-01", "jsrq": "2026-10-31"}
    ]
    tables["health.chronic_followup"] += [
        {"sfbh": "F2", "zjhm": HERMIT, "mblx": "高血压", "sfrq": "2026-03-01"},
        {"sfbh": "F3", "zjhm": HERMIT, "mblx": "高血压", "sfrq": "2026-06-01"},
    ]
    tables["market_regulation.business"] += [
        {
            "recordid": "B5",
            "qymc": "蒋记水果",
            "fddbr": "蒋独",
            "yyzt": "存续",
            "clrq": "2020-01-01",
        }
    ]
    return tables | {
        "grid.small_place": [
            _place("P1", "蒋记水果", "蒋独", PHONE),
            _place("P2", "钱记", "钱", ""),
        ],
        "grid.visit": [
            _visit("V1", "2026-11-10 10:00:00", "老人探访", "无人在家", sfzh=HERMIT),
            _visit("V2", "2026-11-18 10:00:00", "老人探访", "正常", sfzh=district.OLD_WANG),
            _visit("V3", "2026-10-01 10:00:00", "三小场所检查", "发现隐患", csbh="P1"),
            _visit("V4", "2026-11-01 10:00:00", "三小场所检查", "发现隐患", csbh="P2"),
            _visit("V5", "2026-11-05 10:00:00", "三小场所检查", "正常", csbh="P2"),
        ],
        "city_management.device": [
            {"devid": "d1", "devtype": "01", "state": "在线", "objid": "4403040101000001",
             "bgid": GRID_1, "pointx": "114.031", "pointy": "22.521"},
        ],
        "city_management.alarm": [
            {"recid": "GJ1", "alarmid": "d1-1", "devid": "d1", "alarm_level": "3",
             "state": "已核实", "result": "误报", "alarm_time": "2026-11-19 12:00:00",
             "dismiss_time": "2026-11-19 12:05:00", "verify_time": "2026-11-19 14:00:00"},
        ],
        "party_building.centre": [
            {"zxdm": "C1", "zxmc": "沙嘴社区党群服务中心", "sqbm": SHAZUI, "jd": "114.031",
             "wd": "22.521", "cds": "2", "sxzt": "1"},
        ],
        "party_building.booking": [_booking("Y1", "已使用"), _booking("Y2", "未到场")],
        "party_building.project": [
            {"xmbh": "W1", "xmmc": "休闲座椅", "xmlb": "工程", "zxdm": "C1", "zt": "公示",
             "sbje": "30000", "zfje": "27000", "sbrq": "2026-01-01", "lxrq": "2026-02-01",
             "ssrq": "2026-03-01", "wcrq": "2026-03-31"},
        ],
    }  # fmt: skip


def request(key: str, accepted: str, assigned: str, closed: str) -> Row:
    """Return a complaint of the oldest resident about noise, due a day after it was assigned."""
    due = f"{assigned[:8]}{int(assigned[8:10]) + 1:02d}{assigned[10:]}"
    times = {
        "create_time": accepted,
        "update_time": accepted,
        "dispose_begin_time": assigned,
        "deadline_time": due,
        "dispose_end_time": closed,
    }
    about = {"event_type_name": "环境保护", "community_name": "沙嘴", "rec_type_name": "热线"}
    caller = {"caller_id_card": district.OLD_WANG, "state": "办结" if closed else "分拨"}
    return {"task_num": key, **times, **about, **NOISE, **PLACE, **caller}


def _place(key: str, name: str, operator: str, phone: str) -> Row:
    row = {"csbh": key, "csmc": name, "place_type": "60021", "lddm": HOUSE_1, "sqdm": SHAZUI}
    return {**row, "operator_name": operator, "operator_phone": phone, "checkstate": "1"}


def _visit(key: str, moment: str, purpose: str, result: str, **other: str) -> Row:
    row = {"zfbh": key, "zfsj": moment, "zfsy": purpose, "zfjg": result, "sqdm": SHAZUI}
    house = "" if "csbh" in other else f"{HOUSE_1}000101"
    return {**row, "wgdm": GRID_1, "hid": house, "cjrq": moment, **other}


def _booking(key: str, state: str) -> Row:
    row = {"yyh": key, "zxdm": "C1", "cdmc": "会议室", "sd": "上午", "syrq": "2026-11-18"}
    return {**row, "hdlx": "居民议事", "rs": "12", "yysj": "2026-11-16 09:00:00", "zt": state}
