"""市场监管: every business ever registered. Knows what one is, learns late that it ended."""

import polars as pl

from simulator.systems.view import View
from simulator.truth.district import District


def businesses(district: District) -> pl.DataFrame:
    """Return the register of businesses (ztxx.csv): codes, names, places, scope, state."""
    people = district["person"].select(representative_id="person_id", representative="name")
    rows = district["business"].join(
        people, on="representative_id", how="left", maintain_order="left"
    )
    code = pl.col("credit_code")
    return rows.select(
        tyshxydm=code,
        zzjgdm=pl.format("{}-{}", code.str.slice(8, 8), code.str.slice(16, 1)),
        zch="register_number",
        qymc="name",
        qylx="kind",
        hymldm="section_code",
        fddbr="representative",
        zs="registered_address",
        jycs="operating_address",
        jyfw="scope",
        zczb=pl.col("capital").cast(pl.String),
        bizhong="currency",
        clrq=pl.col("registered").dt.strftime("%Y-%m-%d"),
        hzrq=pl.col("approved").dt.strftime("%Y-%m-%d"),
        yyzt="state",
        djjgdh=pl.col("community_code").str.head(6),
    )


HEADERS = {
    name: name.upper()
    for name in (
        "recordid", "tyshxydm", "zzjgdm", "zch", "qymc", "qylx", "hymldm", "fddbr", "zs", "jycs",
        "jyfw", "zczb", "bizhong", "clrq", "hzrq", "yyzt", "djjgdh",
    )
}  # fmt: skip

VIEWS = [
    View(
        "market_regulation",
        "business",
        "recordid",
        businesses,
        "business",
        numbering="SC",
        headers=HEADERS,
    )
]
