"""What the simulator knows of records: whom or what each is of."""

from pathlib import Path

import polars as pl

CALLS = "requests.request"
RESIDENTS = (
    "police.resident", "grid.population", "civil_affairs.old_age_benefit", "party_building.member",
    "health.family_doctor_contract", "health.chronic_followup", "others.student",
    "others.student_2025",
)  # fmt: skip


def persons(truth: Path) -> pl.DataFrame:
    """Return ``source_system``, ``source_key`` and ``thing``: the person each record is of.

    Contracts and visits are known by person and day (``R02000003-20260404``); requests by number,
    and to whom they belong is told elsewhere. Records of nobody are left out.
    """
    people = [
        records(truth, source).with_columns(pl.col("thing").str.split("-").list.first())
        for source in RESIDENTS
    ]
    callers = pl.read_parquet(truth / "request.parquet").select(
        thing="request_id", person="person_id"
    )
    calls = records(truth, CALLS).join(callers, on="thing").drop("thing")
    return pl.concat([*people, calls.rename({"person": "thing"})]).drop_nulls("thing")


def records(truth: Path, source: str) -> pl.DataFrame:
    """Return the records of one source with the ``thing`` that each is of."""
    return pl.read_parquet(truth / "record" / f"{source}.parquet").select(
        source_system=pl.lit(source), source_key="key", thing="id"
    )
