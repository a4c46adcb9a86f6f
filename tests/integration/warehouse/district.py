"""A district small enough to count by hand: two communities, three grids, eleven registrations.

Rows are as departments send them, by the contracts' column names; what is left out is null.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from connectors.contracts import load_contracts
from connectors.landing.raw_table import prepare
from hub.warehouse.apply import apply_schema
from tests.support.warehouse import Warehouse

Row = dict[str, str]
Tables = dict[str, list[Row]]

SHAZUI, SHANGSHA = "440304005024", "440304005026"
GRID_1, GRID_2, GRID_3 = f"{SHAZUI}001", f"{SHAZUI}002", f"{SHANGSHA}001"
HOUSE_1, HOUSE_2 = "4403040050240100001", "4403040050240100002"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(birth: str, serial: int) -> str:
    """A valid number of a county that does not exist."""
    body = f"449901{birth}{serial:03d}"
    check = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[check]


OLD_WANG, OLD_LI = id_number("19400105", 11), id_number("19450606", 22)
ZHANG, ZHAO, QIAN = (id_number(f"199{i}0301", 31 + i) for i in range(3))
SUN, ZHOU = id_number("20000229", 42), id_number("19850808", 52)
MISTYPED = ZHOU[:17] + ("0" if ZHOU[17] != "0" else "1")
ABROAD = id_number("19700707", 77)
TENANT = id_number("19990909", 94)


def district() -> Tables:
    """Return the rows of every source table."""
    return {
        "city_management.grid": [
            _grid(GRID_1, SHAZUI, 114.030, 22.520),
            _grid(GRID_2, SHAZUI, 114.032, 22.520),
            _grid(GRID_3, SHANGSHA, 114.040, 22.530),
        ],
        "city_management.component": [
            _component("4403040101000001", GRID_1, "114.031", "22.521"),
            _component("4403040118000002", GRID_1, "22.521", "114.031"),  # axes swapped
            _component("4403040118000003", GRID_1, "114.033", "22.521"),  # stands in grid 2
            _component("4403040118000004", GRID_2, "114.033", "22.521", objstate="破损"),
            _component("4403040118000005", GRID_2, "114.033", "22.521", objstate="废弃"),
            _component("4403040305000006", GRID_2, "114.033", "22.521", deptcode3=""),
            _component("4403040305000007", "", "114.033", "22.521"),  # place known, grid not said
        ],
        "city_management.case": [
            _case("A1", GRID_1, small_class="102"),  # leading zero lost
            _case("A2", "", state="结案", archive_time="2026-11-19 10:00:00"),
        ],
        "requests.request": [
            _request("R1", caller_id_card=OLD_WANG, state="分拨"),
            _request("R2", caller_phone="+8615400000001", evaluate_name="满意", state="3"),
        ],
        "police.building": [
            _building(HOUSE_1, GRID_1, "114.031", "22.521"),
            _building(HOUSE_2, GRID_2, "114.033", "22.521"),
        ],
        "police.resident": [
            _resident("1", OLD_WANG, "王一", HOUSE_1, "H1", csrq="19400105"),
            _resident("2", f" {OLD_LI[:17]}{OLD_LI[17].lower()}　", "李二", HOUSE_1, "H1"),
            _resident("3", ZHANG, "欧阳三三", HOUSE_1, "H2", csrq="1990.3.1", mzdm="汉族"),
            _resident("4", ZHAO, "赵四", HOUSE_2, "H3", csrq="1991-03-01", mzdm="HA"),
            _resident("5", ZHAO, "赵四", HOUSE_2, "H3"),  # registered twice
            _resident("6", QIAN[:6] + QIAN[8:17], "钱五", HOUSE_2, "H4"),  # number of 15 digits
            _resident("7", SUN, "孙六", HOUSE_2, "H4", zxbs="1"),  # cancelled
            _resident("8", MISTYPED, "周七", HOUSE_2, "H5"),
            _resident("9", "440304191202299000", "吴八", HOUSE_2, "H6"),  # rounded by Excel
            _resident("10", "", "郑九", HOUSE_2, "H7"),
            _resident("11", "无", "冯十", "", "H7"),
        ],
        "party_building.organisation": [
            _organisation("001", "51440304PDY00001XX"),  # check digit wrong: no legal person
            _organisation("001.002", "52440304PDY005208B"),
            _organisation("001.003", ""),
        ],
        "party_building.member": [
            {"dyid": "D1", "sfzh": OLD_WANG, "xm": "王一", "zzdm": "001", "csrq": "1940-01-05"},
            {"dyid": "D2", "sfzh": ZHANG.lower(), "xm": "欧阳三", "zzdm": "001.002"},
            {"dyid": "D3", "sfzh": ABROAD, "xm": "陈外", "zzdm": "001"},  # not registered here
            {"dyid": "D4", "sfzh": MISTYPED, "xm": "周七", "zzdm": "001"},  # not usable: no link
        ],
        "civil_affairs.old_age_benefit": [
            {"djbh": "G1", "sfzh": OLD_WANG, "xm": "王一", "sqmc": "沙嘴", "zt": "在享"},
            {"djbh": "G2", "sfzh": OLD_LI, "xm": "李二", "sqmc": "沙嘴社区", "zt": "停发"},
        ],
        "civil_affairs.social_organisation": [
            _social("S1", "52440304PDY005208B", clrq="2010年1月5日"),
            _social("S2", "51440304PDY00001XX", zt="注销"),
        ],
        "others.student": [
            {
                "xjh": f"G{SUN}",
                "xm": "孙六",
                "xb": "女",
                "csrq": "36585",
                "nj": "7",
                "xjzt": "转出",
            },
        ],
        "others.student_2025": [
            {"xjh": f"G{SUN}", "xm": "孙六", "xb": "女", "csrq": "2000.2.29", "nj": "六年级"},
        ],
        "others.compound": [
            {"xqbh": "XQ1", "xqmc": "沙嘴村1坊", "sqmc": "沙嘴", "tcws": "40", "yjtc": "80"},
        ],
        "market_regulation.business": [
            _business("B1", "91440304PDY00001XW"),
            _business("B2", "91440304pdy00001xw ", yyzt="开业"),  # registered twice
            _business("B3", "92440304PDY000175B", yyzt="注销", qylx="个体工商户"),
            _business("B4", "", zch="440399600000017", zczb="10万元"),
        ],
        "health.family_doctor_contract": [
            {"qybh": "Q1", "zjhm": OLD_WANG, "lxdh": "15400000001", "jsrq": "2099-12-31"},
            {"qybh": "Q2", "zjhm": ZHANG, "qyrq": "2020/1/1", "jsrq": "2021/1/1"},  # over
            {"qybh": "Q3", "zjhm": "", "lxdh": "15400000002", "jsrq": "2099-12-31"},
        ],
        "grid.population": [
            _known("RY1", ZHAO, "阿四", hcrq="2026-11-18"),
            _known("RY2", TENANT, "何十一", hcrq="2026/11/3"),  # only officers know her
            _known("RY3", "", "阿强"),  # no number: names nobody yet
        ],
        "grid.house": [
            {"fwdm": f"{HOUSE_1}000101", "syyt": "01", "syqk": "租赁", "jddm": "440304004"},
            {"fwdm": f"{HOUSE_2}000101", "syyt": "01", "syqk": "空置", "jddm": "440304005"},
        ],
        "health.chronic_followup": [{"sfbh": "F1", "zjhm": OLD_LI, "sfrq": "45321", "ssy": "130"}],
    }


COUNTED = {
    "residents": 9,  # 11 registrations, one of them doubled, one cancelled
    "households": 7,
    "buildings": 2,
    "grids": 2,
    "elderly_60_plus": 2,
    "elderly_share": 0.222222,
    "party_members": 3,  # one of them by a mistyped number and his name
    "party_organisations": 3,
    "social_organisations": 1,
    "legal_persons": 3,  # a social organisation, a business, and one without a code
    "components": 7,
    "components_intact": 5,
    "components_in_use": 6,
    "component_intact_rate": 0.833333,
    "components_four_elements": 4,
    "four_elements_rate": 0.666667,
    "old_age_beneficiaries": 1,
    "family_doctor_contracts": 1,
    "family_doctor_rate": 0.111111,
    "suspect_ids": 2,
}

# The other community has a grid and nobody: counts are 0, and there are no rates.
EMPTY = {name: 0 if isinstance(figure, int) else None for name, figure in COUNTED.items()}
EXPECTED = {SHAZUI: COUNTED, SHANGSHA: EMPTY | {"grids": 1}}


def land(warehouse: Warehouse, tables: Tables, moment: datetime | None = None) -> None:
    """Put rows into the change log as one landed batch per table, replacing what was open."""
    moment = moment or datetime.now(UTC)
    apply_schema(warehouse.dsn())
    contracts = {c.identifier: c for c in load_contracts(warehouse.settings.contracts_dir)}
    with warehouse.connect() as connection:
        connection.execute(
            "insert into ops.run (run_id, trigger, business_date) values ('test', 'test', now())"
            " on conflict do nothing"
        )
        for name, rows in tables.items():
            prepare(warehouse.dsn(), contracts[name])
            _land_table(connection, contracts[name].department, name, rows, moment)


def _land_table(
    connection: psycopg.Connection, department: str, name: str, rows: list[Row], moment: datetime
) -> None:
    _, table = name.split(".")
    batch = connection.execute(
        "insert into ops.batch (run_id, department, table_name, mode, contract_version,"
        " source_ref, received, appended, status, extracted_at)"
        " values ('test', %s, %s, 'snapshot', '1.0.0', 'test', %s, %s, 'landed', %s)"
        " returning batch_id",
        [department, table, len(rows), len(rows), moment],
    ).fetchone()
    raw = sql.Identifier("raw", f"{department}__{table}")
    connection.execute(
        sql.SQL("update {} set _recorded_to = %s where _recorded_to is null").format(raw), [moment]
    )
    for number, row in enumerate(rows):
        values = {**row, "_row_hash": number, "_batch_id": batch[0], "_recorded_from": moment}  # type: ignore[index]
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                raw,
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(sql.Placeholder() * len(values)),
            ),
            list(values.values()),
        )


def repository_file(path: str) -> Path:
    """Return a file of the repository."""
    return Path(__file__).parents[3] / path


def _grid(code: str, community: str, x: float, y: float) -> Row:
    ring = [[x, y], [x + 0.002, y], [x + 0.002, y + 0.002], [x, y + 0.002], [x, y]]
    shape = json.dumps({"type": "Polygon", "coordinates": [ring]})
    return {"bgid": code, "bgname": code, "sqdm": community, "area": "45000", "geometry": shape}


def _component(code: str, grid: str, x: str, y: str, **other: str) -> Row:
    departments = {"deptcode1": "D1", "deptcode2": "D2", "deptcode3": "D3", "objstate": "完好"}
    return {"objid": code, "bgid": grid, "pointx": x, "pointy": y, **departments, **other}


def _case(key: str, grid: str, **other: str) -> Row:
    row = {"task_num": key, "small_class": "0102", "bgid": grid, "state": "派遣"}
    place = {"pointx": "114.031", "pointy": "22.521"}
    return {**row, **place, "create_time": "2026/11/18 09:30:00", **other}


def _request(key: str, **other: str) -> Row:
    row = {"task_num": key, "event_type_name": "市容环卫", "community_name": "沙嘴"}
    times = {"create_time": "2026-11-18 22:15:09", "update_time": "2026-11-18 22:40:00"}
    return {**row, **times, **other}


def _building(code: str, grid: str, x: str, y: str) -> Row:
    place = {"sqbm": SHAZUI, "wgbm": grid, "jd": x, "wd": y}
    return {"ldbm": code, "jzlx": "城中村自建", "fwyt": "01", "cs": "7", "ywdt": "无", **place}


def _resident(key: str, number: str, name: str, building: str, household: str, **other: str) -> Row:
    house = f"{building}000101" if building else ""
    row = {"xlh": key, "gmsfhm": number, "xm": name, "fwbm": house, "hh": household}
    return {**row, "sqbm": SHAZUI, "rkxz": "3", "zxbs": "0", "gxsj": "2026-11-20 08:00:00", **other}


def _known(key: str, number: str, name: str, **other: str) -> Row:
    row = {"ryid": key, "sfzh": number, "xm": name, "hid": f"{HOUSE_1}000102", "sqdm": SHAZUI}
    return {**row, "jddm": "440304004", "cjrq": "2026-11-18 10:00:00", **other}


def _organisation(code: str, unit: str) -> Row:
    return {"zzdm": code, "zzmc": code, "zzlb": "党支部", "dwtyshxydm": unit, "sqbm": SHAZUI}


def _business(key: str, code: str, **other: str) -> Row:
    place = "广东省深圳市福田区沙头街道沙嘴社区沙嘴路1号沙嘴村1坊1栋101铺"
    row = {"recordid": key, "tyshxydm": code, "qymc": key, "qylx": "有限责任公司", "jycs": place}
    return {**row, "hymldm": "F", "clrq": "2016/3/4", "bizhong": "156", "yyzt": "存续", **other}


def _social(key: str, code: str, **other: str) -> Row:
    row = {"djzh": key, "tyshxydm": code, "mc": key, "zzlx": "民办非企业单位", "sqmc": "沙嘴社区"}
    return {**row, "zt": "正常", **other}
