"""城管: components, grids and cases. Knows where things are, not always whose they are."""

import polars as pl

from simulator.systems.view import View
from simulator.tables import table
from simulator.truth.district import District
from simulator.truth.progress import known


def components(district: District) -> pl.DataFrame:
    """Return the components with the agencies that answer for them."""
    agencies = table("agencies")

    def agency(column: str, field: str) -> pl.Expr:
        return pl.col(column).replace_strict(agencies["code"], agencies[field])

    return district["component"].select(
        objid="component_code",
        objname="name",
        deptcode1=agency("in_charge", "number"),
        deptname1=agency("in_charge", "name"),
        deptcode2=agency("owner", "number"),
        deptname2=agency("owner", "name"),
        deptcode3=agency("maintainer", "number"),
        deptname3=agency("maintainer", "name"),
        bgid="grid_code",
        objstate="state",
        ordate=pl.col("surveyed").dt.strftime("%Y-%m-%d"),
        chdate=pl.col("changed").dt.strftime("%Y-%m-%d"),
        datasource="method",
        note=pl.lit(None, pl.String),
        pointx="lon",
        pointy="lat",
    )


def grids(district: District) -> pl.DataFrame:
    """Return the grids with their boundaries as GeoJSON text."""
    return district["grid"].select(
        bgid="grid_code",
        bgname="grid_name",
        sqdm="community_code",
        sqmc="community_name",
        area="area_m2",
        wgy="officer_name",
        geometry="boundary",
    )


def cases(district: District) -> pl.DataFrame:
    """Return the cases (案卷), each as far as it has come; times as text."""
    types = table("case_types").with_columns(big_code=pl.col("small_code").str.head(2))
    rows = district["case"].join(types, on="small_code", how="left", maintain_order="left")
    handled = pl.col("handled_at") <= pl.col("updated_at")
    photo = pl.format("case/{}/{}", pl.col("reported_at").dt.strftime("%Y%m"), "case_id")

    def moment(column: str) -> pl.Expr:
        return known(column).dt.strftime("%Y-%m-%d %H:%M:%S")

    dispatched = pl.col("dispatched_at") <= pl.col("updated_at")
    return rows.select(
        big_class="big_code",
        big_class_name="big_class",
        small_class="small_code",
        small_class_name="small_class",
        bgid="grid_code",
        address="address",
        event_src="source",
        state="state",
        create_time=moment("reported_at"),
        file_time=moment("filed_at"),
        dispatch_time=moment("dispatched_at"),
        deadline_time=pl.when(dispatched).then(pl.col("due_at").dt.strftime("%Y-%m-%d %H:%M:%S")),
        dispose_time=moment("handled_at"),
        check_time=moment("checked_at"),
        archive_time=moment("closed_at"),
        dispose_unit=pl.when(dispatched).then(_disposer()),
        rework_count=pl.when(handled).then("reworked"),
        is_postponed=pl.when(dispatched & pl.col("postponed"))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0")),
        photo_before=photo + "_1.jpg",
        photo_after=pl.when(handled).then(photo + "_2.jpg"),
        pointx="lon",
        pointy="lat",
    )


def _disposer() -> pl.Expr:
    """Return the agency; that of a street bears the street's name."""
    streets = table("streets")
    street = pl.col("community_code").str.head(9).replace_strict(streets["code"], streets["name"])
    of_street = pl.col("unit") == STREET_OFFICE
    return pl.when(of_street).then(street + "办事处").otherwise("unit")


COMPONENT_HEADERS = {
    "objid": "ObjID",
    "objname": "ObjName",
    "deptcode1": "DeptCode1",
    "deptname1": "DeptName1",
    "deptcode2": "DeptCode2",
    "deptname2": "DeptName2",
    "deptcode3": "DeptCode3",
    "deptname3": "DeptName3",
    "bgid": "BGID",
    "objstate": "ObjState",
    "ordate": "ORDate",
    "chdate": "CHDate",
    "datasource": "DataSource",
    "note": "Note",
    "pointx": "PointX",
    "pointy": "PointY",
}
GRID_HEADERS = {
    "bgid": "BGID",
    "bgname": "BGName",
    "sqdm": "SQDM",
    "sqmc": "SQMC",
    "area": "Area",
    "wgy": "WGY",
}
CASE_HEADERS = {
    "task_num": "TASK_NUM",
    "bgid": "BGID",
    "address": "ADDRESS",
    "state": "STATE",
    "big_class": "BIG_CLASS",
    "big_class_name": "BIG_CLASS_NAME",
    "small_class": "SMALL_CLASS",
    "small_class_name": "SMALL_CLASS_NAME",
    "event_src": "EVENT_SRC_NAME",
    "create_time": "CREATE_TIME",
    "file_time": "FILE_TIME",
    "dispatch_time": "DISPATCH_TIME",
    "deadline_time": "DEADLINE_TIME",
    "dispose_time": "DISPOSE_TIME",
    "check_time": "CHECK_TIME",
    "archive_time": "ARCHIVE_TIME",
    "dispose_unit": "DISPOSE_UNIT_NAME",
    "rework_count": "REWORK_COUNT",
    "is_postponed": "IS_POSTPONED",
    "photo_before": "PHOTO_BEFORE",
    "photo_after": "PHOTO_AFTER",
    "pointx": "PointX",
    "pointy": "PointY",
}
STREET_OFFICE = "街道办事处"

VIEWS = [
    View(
        "city_management", "component", "objid", components, "component", headers=COMPONENT_HEADERS
    ),
    View("city_management", "grid", "bgid", grids, "grid", headers=GRID_HEADERS),
    View(
        "city_management",
        "case",
        "task_num",
        cases,
        "case",
        numbering="CG",
        headers=CASE_HEADERS,
    ),
]
