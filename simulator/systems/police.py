"""公安: everybody registered, and every building. Knows who, learns late where."""

import polars as pl

from simulator.systems.view import View, office_hours, sex_code
from simulator.truth.district import District


def residents(district: District) -> pl.DataFrame:
    """Return registrations (v_czrk); those of the dead and the departed are cancelled."""
    gone = pl.col("presence") != "living"
    changed = pl.when(gone).then("gone_date").otherwise("changed_date")
    return district["person"].select(
        gmsfhm="id_number",
        xm="name",
        xbdm=sex_code(),
        mzdm="ethnic_code",
        csrq=pl.col("birth_date").dt.strftime("%Y%m%d"),
        hjdz="registered_address",
        xzdz="address",
        fwbm="house_code",
        hh="household_id",
        yhzgx="relation",
        rkxz=pl.col("residence_kind").cast(pl.String),
        lxdh="phone",
        sqbm="community_code",
        zxbs=pl.when(gone).then(pl.lit("1")).otherwise(pl.lit("0")),
        gxsj=changed.cast(pl.Datetime("us")) + office_hours(),
    )


def buildings(district: District) -> pl.DataFrame:
    """Return every building (v_ldxx)."""
    return district["building"].select(
        ldbm="building_code",
        ldmc="name",
        dz="address",
        sqbm="community_code",
        wgbm="grid_code",
        jzlx="kind",
        fwyt="use_code",
        cs="floors",
        ywdt=pl.when(pl.col("lift")).then(pl.lit("1")).otherwise(pl.lit("0")),
        jcnf="year_built",
        jd="lon",
        wd="lat",
    )


VIEWS = [
    View("police", "resident", "xlh", residents, "person", numbering="GA440304", stamp="gxsj"),
    View("police", "building", "ldbm", buildings, "building"),
]
