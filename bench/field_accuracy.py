"""How often each chosen value is right, beside each department's own, on the same persons.

Compares ``resolve.resident_choice`` and ``resolve.resident_statement`` of a built warehouse with
the truth of the simulated district that it was landed from.
"""

from pathlib import Path

import polars as pl
import psycopg

STATEMENTS = (
    "select resident_id, source_system, source_key, name, id_number, phone,"
    " coalesce(sex_code, id_sex_code) as sex,"
    " coalesce(birth_date, id_birth_date)::text as birth_date, house_code as address,"
    " written_house_code as written_address from resolve.resident_statement"
)
CHOICES = "select entity_id as resident_id, field, value as chosen from resolve.resident_choice"
FIELDS = ["name", "id_number", "sex", "birth_date", "phone", "address"]


def field_accuracy(dsn: str, truth: Path) -> pl.DataFrame:
    """Compare chosen values with each source's on the persons whom that source names.

    ``truth`` is the folder of a simulated district's answers. Returns one row per field and source:
    field, source, persons, said_share (of them the source says anything), source_share (it is
    right), chosen_share (the chosen value is right); shares of 0 to 1. A person is who most of the
    records of a resident are; a value that is missing is not right.
    """
    with psycopg.connect(dsn) as connection:
        statements = _read(connection, STATEMENTS)
        choices = _read(connection, CHOICES)
    residents = _persons(statements, truth)
    right = _right_values(truth)
    said = _said(statements)
    judged = (
        said.join(residents, on="resident_id")
        .join(right, on=["person_id", "field"])
        .join(choices, on=["resident_id", "field"], how="left")
        .with_columns(
            said=pl.col("value").is_not_null(),
            source_right=(pl.col("value") == pl.col("right")).fill_null(value=False),
            chosen_right=(pl.col("chosen") == pl.col("right")).fill_null(value=False),
        )
    )
    return (
        judged.group_by("field", "source")
        .agg(
            persons=pl.len(),
            said_share=pl.col("said").mean(),
            source_share=pl.col("source_right").mean(),
            chosen_share=pl.col("chosen_right").mean(),
        )
        .sort("field", "persons", "source", descending=[False, True, False])
    )


def _read(connection: psycopg.Connection, query: str) -> pl.DataFrame:
    cursor = connection.execute(query)  # type: ignore[arg-type]
    columns = [column.name for column in cursor.description or []]
    return pl.DataFrame(cursor.fetchall(), schema=columns, orient="row", infer_schema_length=None)


def _persons(statements: pl.DataFrame, truth: Path) -> pl.DataFrame:
    """Return resident_id and person_id: whom most of a resident's records mean."""
    records = pl.concat(
        pl.read_parquet(truth / "record" / f"{source}.parquet").select(
            pl.lit(source).alias("source_system"),
            pl.col("key").alias("source_key"),
            pl.col("id").alias("person_id"),
        )
        for source in statements["source_system"].unique().sort()
    )
    return (
        statements.join(records, on=["source_system", "source_key"])
        .group_by("resident_id", "person_id")
        .len()
        .sort("len", "person_id", descending=[True, False])
        .unique("resident_id", keep="first", maintain_order=True)
        .select("resident_id", "person_id")
    )


def _right_values(truth: Path) -> pl.DataFrame:
    """Return person_id, field and what is really so; nothing where nothing is so."""
    person = pl.read_parquet(truth / "person.parquet")
    return (
        person.select(
            "person_id",
            "name",
            "id_number",
            "phone",
            sex=pl.when("male").then(pl.lit("1")).otherwise(pl.lit("2")),
            birth_date=pl.col("birth_date").cast(pl.String),
            address="house_code",
        )
        .unpivot(FIELDS, index="person_id", variable_name="field", value_name="right")
        .drop_nulls("right")
    )


def _said(statements: pl.DataFrame) -> pl.DataFrame:
    """Return one row per resident, field and source, with what the source's first record says.

    A written address is a source of its own beside the house code of the same record.
    """
    codes = statements.unpivot(
        FIELDS,
        index=["resident_id", "source_system", "source_key"],
        variable_name="field",
        value_name="value",
    ).rename({"source_system": "source"})
    written = statements.select(
        "resident_id",
        "source_key",
        source=pl.col("source_system") + " (written)",
        field=pl.lit("address"),
        value="written_address",
    )
    silent = pl.len().over("source", "field") == pl.col("value").is_null().sum().over(
        "source", "field"
    )
    return (
        pl.concat([codes, written.select(codes.columns)])
        .filter(~silent)
        .sort("source_key")
        .unique(["resident_id", "source", "field"], keep="first")
    )
