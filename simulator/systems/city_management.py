"""城管: components and grids. Knows where things are, not always whose they are."""

import polars as pl

from simulator.systems.view import View
from simulator.tables import table
from simulator.truth.district import District


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

VIEWS = [
    View(
        "city_management", "component", "objid", components, "component", headers=COMPONENT_HEADERS
    ),
    View("city_management", "grid", "bgid", grids, "grid", headers=GRID_HEADERS),
]
