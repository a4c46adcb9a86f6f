"""民政: old-age benefit, social organisations. Names communities, learns of deaths late."""

import polars as pl

from simulator.systems.view import View, community_names, person_columns
from simulator.truth.district import District


def old_age_benefits(district: District) -> pl.DataFrame:
    """Return the benefit files (gljt_ffxx)."""
    files = person_columns(
        district, "old_age_benefit", "id_number", "name", "male", "birth_date", "phone"
    )
    return files.select(
        sfzh="id_number",
        xm="name",
        xb=pl.when(pl.col("male")).then(pl.lit("男")).otherwise(pl.lit("女")),
        csrq=pl.col("birth_date").dt.strftime("%Y-%m-%d"),
        dc="band",
        ffje="amount",
        ffyf="last_paid",
        sqmc=community_names(district),
        lxdh="phone",
        zt=pl.when(pl.col("ended")).then(pl.lit("停发")).otherwise(pl.lit("在享")),
    )


def social_organisations(district: District) -> pl.DataFrame:
    """Return the register of social organisations (shzz_djxx)."""
    return district["social_organisation"].select(
        tyshxydm="credit_code",
        mc="name",
        zzlx="kind",
        fddbr="representative",
        zs="address",
        sqmc=community_names(district),
        clrq=pl.col("founded").dt.strftime("%Y-%m-%d"),
        njjg="inspection",
        zt=pl.when(pl.col("dissolved")).then(pl.lit("注销")).otherwise(pl.lit("正常")),
    )


VIEWS = [
    View(
        "civil_affairs",
        "old_age_benefit",
        "djbh",
        old_age_benefits,
        "old_age_benefit",
        numbering="GLJT",
    ),
    View(
        "civil_affairs",
        "social_organisation",
        "djzh",
        social_organisations,
        "social_organisation",
        numbering="FTSZ",
    ),
]
