"""党建: organisations, members, service centres. Knows whose branch one is in, not one's home."""

import polars as pl

from simulator.systems.view import View, community_names, person_columns, sex_code
from simulator.truth.district import District
from simulator.truth.progress import known


def organisations(district: District) -> pl.DataFrame:
    """Return the party organisations."""
    return district["party_organisation"].select(
        zzdm="organisation_code",
        zzmc="name",
        zzlb="level",
        sjzzdm="parent_code",
        dwlb="unit_kind",
        dwmc="unit_name",
        dwtyshxydm="unit_credit_code",
        sjxm="secretary",
        sqbm="community_code",
        clrq=pl.col("founded").dt.strftime("%Y-%m-%d"),
    )


def members(district: District) -> pl.DataFrame:
    """Return the members."""
    rows = person_columns(
        district, "party_member", "name", "id_number", "male", "birth_date", "phone"
    )
    return rows.select(
        xm="name",
        sfzh="id_number",
        xb=sex_code(),
        csrq=pl.col("birth_date").dt.strftime("%Y-%m-%d"),
        rdrq=pl.col("joined").dt.strftime("%Y-%m-%d"),
        dylb=pl.when(pl.col("probationary")).then(pl.lit("预备党员")).otherwise(pl.lit("正式党员")),
        zzdm="organisation_code",
        lxdh="phone",
        bdsq="community_code",
    )


def centres(district: District) -> pl.DataFrame:
    """Return the service centres of party and masses."""
    return district["centre"].select(
        zxdm="centre_code",
        zxmc="name",
        dz="address",
        sqbm="community_code",
        mj="area_m2",
        cds="rooms",
        sxzt=pl.col("online").cast(pl.Int64).cast(pl.String),
        jd="lon",
        wd="lat",
    )


def bookings(district: District) -> pl.DataFrame:
    """Return who booked which room of a centre, and what became of it."""
    rows = person_columns(district, "booking", "name", "phone")
    return rows.select(
        yyh="booking_id",
        zxdm="centre_code",
        cdmc="room",
        sd="slot",
        syrq=pl.col("begins_at").dt.strftime("%Y-%m-%d"),
        hdlx="activity",
        yyr="name",
        lxdh="phone",
        rs="attendees",
        yysj=pl.col("booked_at").dt.strftime("%Y-%m-%d %H:%M:%S"),
        zt="state",
    )


def projects(district: District) -> pl.DataFrame:
    """Return the projects (民生微实事), each as far as it has come."""
    rows = person_columns(district, "project", "name")
    return rows.select(
        xmbh="project_id",
        xmmc="title",
        xmlb="kind",
        zxdm="centre_code",
        sqmc=community_names(district),
        sbr="name",
        sbje="amount",
        **{
            column: known(stage).dt.strftime("%Y-%m-%d")
            for column, stage in {
                "sbrq": "applied_at",
                "pyrq": "discussed_at",
                "lxrq": "approved_at",
                "ssrq": "started_at",
                "wcrq": "finished_at",
                "gsrq": "published_at",
            }.items()
        },
        zfje=pl.when(known("finished_at").is_not_null()).then("paid"),
        zt="state",
    )


VIEWS = [
    View("party_building", "organisation", "zzdm", organisations, "party_organisation"),
    View("party_building", "member", "dyid", members, "party_member", numbering="DY"),
    View("party_building", "centre", "zxdm", centres, "centre"),
    View("party_building", "booking", "yyh", bookings, "booking"),
    View("party_building", "project", "xmbh", projects, "project"),
]
