"""卫健: family-doctor contracts and visits. Knows people by phone; identity numbers often lack."""

import polars as pl

from simulator.systems.view import View, person_columns
from simulator.truth.district import District

NEWBORN_DAYS = 180


def contracts(district: District) -> pl.DataFrame:
    """Return the contracts; a newborn's has no identity number yet."""
    rows = person_columns(
        district, "family_doctor_contract", "name", "id_number", "phone", "address", "birth_date"
    )
    newborn = (pl.col("signed") - pl.col("birth_date")).dt.total_days() < NEWBORN_DAYS
    return rows.select(
        xm="name",
        zjhm=pl.when(~newborn).then("id_number"),
        lxdh="phone",
        xzdz="address",
        jgmc="centre",
        ysxm="doctor",
        qyrq=pl.col("signed").dt.strftime("%Y-%m-%d"),
        jsrq=pl.col("ends").dt.strftime("%Y-%m-%d"),
        rqbq="labels",
    )


def followups(district: District) -> pl.DataFrame:
    """Return last month's visits to people with chronic disease."""
    rows = person_columns(district, "chronic_followup", "name", "id_number", "phone")
    return rows.select(
        xm="name",
        zjhm="id_number",
        lxdh="phone",
        mblx="disease",
        sfrq=pl.col("visited").dt.strftime("%Y-%m-%d"),
        sfys="doctor",
        ssy="systolic",
        szy="diastolic",
        kfxt="glucose",
    )


VIEWS = [
    View(
        "health",
        "family_doctor_contract",
        "qybh",
        contracts,
        "family_doctor_contract",
        numbering="QY",
    ),
    View("health", "chronic_followup", "sfbh", followups, "chronic_followup", numbering="SF"),
]
