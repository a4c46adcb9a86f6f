"""Legal persons by credit code, organisation code, register number, name and place."""

import polars as pl

from resolution.clusters import decided
from resolution.clusters.exact import RECORD
from resolution.clusters.keys import by_keys

BY_CODE = "exact_credit_code"
BY_OTHER_CODE = {
    "organisation_code": "organisation",
    "damaged_credit_code": "code_stem",
    "registration_number": "registration_number",
}
BY_NAME = {"name_and_place": "name_and_place", "unique_name": "name_key"}
# The code's alphabet has none of these letters (GB 32100): who typed one meant the digit.
MISREAD = {"O": "0", "I": "1", "S": "5", "Z": "2"}
NOT_IN_A_NAME = r"[\s()（）·.]|^广东省|^(广东省)?深圳市"


def link(records: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Cluster records that name legal persons.

    Takes the columns of ``resolve.legal_person_record`` and where the address is
    (``building_code``, ``shop``, ``house_code``), and what stewards decided. Returns clusters as
    :func:`resolution.clusters.exact.by_identifier` does.
    """
    rows = records.sort("source_system", "source_key").with_row_index("row").with_columns(_keys())
    coded = rows.select("row", "identifier", *BY_OTHER_CODE.values())
    by_code = by_keys(coded, BY_CODE, BY_OTHER_CODE)
    # whoever has any code of its own is nobody's namesake
    has_code = coded.select(pl.any_horizontal(pl.exclude("row").is_not_null())).to_series()
    known = rows.select("row", *BY_NAME.values()).with_columns(
        identifier=pl.when(has_code).then(by_code["cluster"])
    )
    by_name = by_keys(known, BY_CODE, BY_NAME)
    rows = rows.join(by_name.select("row", "cluster"), on="row", maintain_order="left")
    rows = rows.with_columns(
        rule=pl.when(has_code).then(by_code["rule"]).otherwise(by_name["rule"])
    )
    rows = decided.in_rows(rows, decided.with_rows(decisions, rows))
    return rows.with_columns(record=RECORD).select(
        "source_system",
        "source_key",
        cluster=pl.col("record").min().over("cluster"),
        rule="rule",
        probability=pl.lit(1.0),
    )


def _keys() -> list[pl.Expr]:
    """Return the key columns of the rules."""
    name = pl.col("name").str.replace_all(NOT_IN_A_NAME, "")
    stem = pl.col("credit_code").str.replace_many(MISREAD).str.head(17)
    room = pl.coalesce("house_code", pl.format("{}:{}", "building_code", "shop"))
    stated = pl.col("organisation_code").str.replace_all("-", "", literal=True)
    return [
        pl.coalesce(pl.col("identifier").str.slice(8, 9), stated).alias("organisation"),
        _joined(stem, name).alias("code_stem"),
        _joined(name, room).alias("name_and_place"),
        name.alias("name_key"),
    ]


def _joined(*parts: pl.Expr) -> pl.Expr:
    return pl.concat_str(parts, separator="\n")
