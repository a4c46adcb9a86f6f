"""网格: people, dwellings, 三小场所 and visits, as the officers of the grids see them.

They know tenants better than owners, and where people live better than what their papers say. The
system has its own codes of streets (``grid_streets.csv``), and calls a house code FWDM in one
table and HID in the others.
"""

import polars as pl

from simulator.systems.view import View, office_hours, person_columns, sex_code
from simulator.tables import table
from simulator.truth.district import District
from simulator.truth.plan import STREET_DIGITS

WRITTEN_DOWN_MINUTES = 25  # after a visit


def population(district: District) -> pl.DataFrame:
    """Return the people in the register (BLK_POPULATION)."""
    rows = person_columns(
        district, "grid_resident", "id_number", "name", "male", "birth_date", "ethnic_code",
        "residence_kind", "phone",
    )  # fmt: skip
    return rows.select(
        sfzh="id_number",
        xm="name",
        xb=sex_code(),
        csrq=pl.col("birth_date").dt.strftime("%Y-%m-%d"),
        mz="ethnic_code",
        rkxz=pl.col("residence_kind").cast(pl.String),
        is_citizen=pl.when(pl.col("residence_kind") <= 2).then(pl.lit("1")).otherwise(pl.lit("0")),
        lxfs="phone",
        hid="house_code",
        lddm="building_code",
        jddm=_own_street(),
        sqdm="community_code",
        hcrq=pl.col("verified").dt.strftime("%Y-%m-%d"),
        cjrq=pl.col("verified").cast(pl.Datetime("us")) + office_hours(),
    )


def houses(district: District) -> pl.DataFrame:
    """Return the dwellings and how they are used (BLK_HOUSE)."""
    return district["grid_house"].select(
        fwdm="house_code",
        syyt="use_code",
        syqk="usage",
        glfl="tier",
        lddm="building_code",
        jddm=_own_street(),
        sqdm="community_code",
    )


def small_places(district: District) -> pl.DataFrame:
    """Return the 三小场所 (BLK_SANXIAO_PLACE)."""
    people = district["person"].select("person_id", "name", "phone")
    rows = district["small_place"].rename({"name": "place_name"})
    for role in ("operator", "owner"):
        about = people.select(pl.all().name.prefix(f"{role}_")).rename(
            {f"{role}_person_id": f"{role}_id"}
        )
        rows = rows.join(about, on=f"{role}_id", how="left", maintain_order="left")
    area = pl.col("area_m2")
    return rows.select(
        csbh="place_id",
        csmc="place_name",
        place_type="kind",
        lddm="building_code",
        address="address",
        operator_name="operator_name",
        operator_phone="operator_phone",
        owner_name="owner_name",
        owner_phone="owner_phone",
        business_area=pl.when(area < 100).then(pl.lit("1")).when(area <= 200).then(pl.lit("2"))
        .otherwise(pl.lit("3")),
        checkstate=pl.when("checked").then(pl.lit("1")).otherwise(pl.lit("0")),
        isdoublecheck="double_check",
        jddm=_own_street(),
        sqdm="community_code",
    )  # fmt: skip


def visits(district: District) -> pl.DataFrame:
    """Return the visits (BLK_VISIT), with who was met, if anybody."""
    people = district["person"].select("person_id", "id_number", "name")
    rows = district["visit"].join(people, on="person_id", how="left", maintain_order="left")
    return rows.select(
        wgy="officer_name",
        wgdm="grid_code",
        zfsj=pl.col("visited_at").dt.strftime("%Y-%m-%d %H:%M:%S"),
        zfdd="address",
        hid="house_code",
        csbh="place_id",
        sfzh="id_number",
        xm="name",
        zfsy="purpose",
        zfjg="result",
        jddm=_own_street(),
        sqdm="community_code",
        cjrq=pl.col("visited_at") + pl.duration(minutes=WRITTEN_DOWN_MINUTES),
    )


def _own_street() -> pl.Expr:
    streets = table("grid_streets")
    return pl.col("community_code").str.slice(0, STREET_DIGITS).replace(
        streets["code"], streets["own_code"]
    )  # fmt: skip


def _capitals(*names: str) -> dict[str, str]:
    return {name: name.upper() for name in names}


VIEWS = [
    View(
        "grid", "population", "ryid", population, "grid_resident", numbering="RY", stamp="cjrq",
        headers=_capitals("ryid", "sfzh", "xm", "xb", "csrq", "mz", "rkxz", "is_citizen", "lxfs",
                          "hid", "lddm", "jddm", "sqdm", "hcrq", "cjrq"),
    ),
    View(
        "grid", "house", "fwdm", houses, "grid_house",
        headers=_capitals("fwdm", "syyt", "syqk", "glfl", "lddm", "jddm", "sqdm"),
    ),
    View(
        "grid", "small_place", "csbh", small_places, "small_place",
        headers=_capitals("csbh", "csmc", "place_type", "lddm", "address", "operator_name",
                          "operator_phone", "owner_name", "owner_phone", "business_area",
                          "checkstate", "isdoublecheck", "jddm", "sqdm"),
    ),
    View(
        "grid", "visit", "zfbh", visits, "visit", numbering="ZF", stamp="cjrq", live=True,
        headers=_capitals("zfbh", "wgy", "wgdm", "zfsj", "zfdd", "hid", "csbh", "sfzh", "xm",
                          "zfsy", "zfjg", "jddm", "sqdm", "cjrq"),
    ),
]  # fmt: skip
