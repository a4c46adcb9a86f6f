"""Makes of a record what can be compared: one birth date, one name, the homes that it states."""

import polars as pl

from resolution.residents.names import surname

BUILDING = 19  # first digits of a house code
COMMUNITY = 12
MAN, WOMAN = "1", "2"
HOMES = ("house_code", "home_code")


def features(records: pl.DataFrame) -> pl.DataFrame:
    """Return the records, numbered by ``row``, with what is compared.

    Takes the columns of ``resolve.resident_record`` and ``home_code``, the dwelling that the
    record's address means (null: unknown). Adds ``surname``, ``sex``, ``born`` (what the number
    says goes before what is stated) and ``number_stem`` (what is left of a damaged number).
    """
    number, rule = pl.col("identifier"), pl.col("id_number_rule")
    stem = pl.col("id_number").str
    return records.with_row_index("row").with_columns(
        name=pl.col("name").str.replace_all(" ", "", literal=True),
        surname=surname(pl.coalesce("name", "courtesy_name")),
        sex=_sex(),
        born=pl.coalesce(_born(number), "birth_date"),
        number_stem=pl.when(rule == "check_digit").then(stem.head(17))
        .when(rule.is_in(["excel_rounded", "may_be_rounded"])).then(stem.head(15)),
    )  # fmt: skip


def _born(number: pl.Expr) -> pl.Expr:
    """Return the birth date in a number of 18 digits; other documents have none."""
    day = pl.when(number.str.len_chars() == 18).then(number.str.slice(6, 8))
    return day.str.to_date("%Y%m%d", strict=False)


def homes(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return these columns and ``home``: one row for each home that a row states."""
    stated = [rows.select(*columns, home=name).drop_nulls("home") for name in HOMES]
    return pl.concat(stated).unique()


def _sex() -> pl.Expr:
    """Return the sex that a record states or that a form of address tells."""
    title = pl.col("courtesy_name").str.tail(2)
    called = pl.when(title == "先生").then(pl.lit(MAN)).when(title == "女士").then(pl.lit(WOMAN))
    return pl.coalesce("sex_code", called)
