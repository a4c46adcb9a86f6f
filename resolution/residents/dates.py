"""When two birth dates cannot be of one person: further apart than a slip of the pen."""

import polars as pl


def differ(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Tell whether two dates differ in more than one of year, month and day, and are not swapped.

    A slip is one wrong part, or day and month exchanged, or within a month. Null where either is.
    """
    parts = [(each(left), each(right)) for each in (_year, _month, _day)]
    (year, other_year), (month, other_month), (day, other_day) = parts
    wrong = sum((mine != other).cast(pl.Int8) for mine, other in parts)
    swapped = (year == other_year) & (month == other_day) & (day == other_month)
    near = (left - right).dt.total_days().abs() <= 31
    return (wrong > 1) & ~swapped & ~near


def _year(date: pl.Expr) -> pl.Expr:
    return date.dt.year()


def _month(date: pl.Expr) -> pl.Expr:
    return date.dt.month()


def _day(date: pl.Expr) -> pl.Expr:
    return date.dt.day()
