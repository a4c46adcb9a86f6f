"""党建: organisations and members. Knows whose branch one is in, not always where one lives."""

import polars as pl

from simulator.systems.view import View, person_columns, sex_code
from simulator.truth.district import District


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


VIEWS = [
    View("party_building", "organisation", "zzdm", organisations, "party_organisation"),
    View("party_building", "member", "dyid", members, "party_member", numbering="DY"),
]
