"""Columns that are dropped, added, renamed or of another type: one plan for every protocol."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from simulator.faults.orders import Order

SHAPES = {"drop_column", "add_column", "rename_column", "change_type"}


@dataclass(frozen=True)
class Shown:
    """A column as it is shown: from ``source`` (of another type if ``changed``), or a ``value``."""

    name: str
    source: str | None
    changed: bool = False
    value: str = ""


def plan(columns: Sequence[str], orders: Sequence[Order]) -> list[Shown]:
    """Return what is shown of a table's columns under these orders; the key comes first.

    A column that the table does not have leaves it as it is: an order may mean another table.
    """
    shown = [Shown(name, name) for name in columns]
    for order in orders:
        if order.fault in SHAPES:
            shown = _reshaped(shown, order, str(order.arguments["column"]) or columns[1])
    return shown


def _reshaped(shown: list[Shown], order: Order, column: str) -> list[Shown]:
    match order.fault:
        case "drop_column":
            return [one for one in shown if one.source != column]
        case "add_column":
            return [*shown, Shown(column, None, value=str(order.arguments["value"]))]
        case "rename_column":
            to = str(order.arguments["to"]) or f"{column}_new"
            return [replace(one, name=to) if one.source == column else one for one in shown]
        case _:
            return [replace(one, changed=True) if one.source == column else one for one in shown]


def reshape(rows: pl.DataFrame, orders: Sequence[Order]) -> pl.DataFrame:
    """Return rows with their columns as these orders show them."""
    return rows.select(_expression(one, rows.schema) for one in plan(rows.columns, orders))


def _expression(one: Shown, schema: pl.Schema) -> pl.Expr:
    if one.source is None:
        return pl.lit(one.value).alias(one.name)
    cell = pl.col(one.source)
    if one.changed:
        to = pl.Int64 if schema[one.source] == pl.String else pl.String
        cell = cell.cast(to, strict=False)
    return cell.alias(one.name)
