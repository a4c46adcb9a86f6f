"""Excel sheets with headers of one or more rows, merged cells included.

Cells arrive as text: numbers in their shortest spelling, dates that Excel knows as dates in ISO
form (``2026-11-20 00:00:00``), text as typed (a serial number typed as a number stays one),
errors as Excel shows them (``#DIV/0!``). Rows without any content are no records.
"""

import fnmatch
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa

from connectors.contracts import Column
from connectors.contracts.formats import ExcelFormat
from connectors.protocols import archive
from connectors.protocols.base import BATCH_ROWS, BatchHeldError, Drift
from connectors.protocols.columns import match

ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def read(
    path: Path, declared: ExcelFormat, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows below the header of each sheet that the contract means.

    Raises:
        BatchHeldError: no workbook, no such sheet, no header, a column missing.
    """
    reader = _open(path)
    for name in _wanted(reader, declared.sheet):
        found: list[Drift] = []
        try:
            yield from _rows(_sheet(reader, name), declared, columns, found)
        finally:
            drift += [difference for difference in found if difference not in drift]


def _rows(
    sheet: pl.DataFrame, declared: ExcelFormat, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    first = declared.title_rows + declared.header_rows
    header = _header(
        sheet.slice(declared.title_rows, declared.header_rows), declared.header_separator
    )
    body = sheet.slice(first)
    body = body.filter(~pl.all_horizontal(pl.all().is_null())) if sheet.width else body
    if not any(header):
        raise BatchHeldError("工作表是空的，没有表头", body.height)
    try:
        found = match(columns, header, drift)
    except BatchHeldError as error:
        raise BatchHeldError(str(error), body.height) from None
    named = body.select(
        pl.nth(at).alias(column.name) for column, at in zip(columns, found, strict=True)
    )
    table = named.to_arrow(compat_level=pl.CompatLevel.oldest())
    names = [column.name for column in columns]
    yield from table.cast(pa.schema([(n, pa.string()) for n in names])).to_batches(BATCH_ROWS)


def _open(path: Path) -> fastexcel.ExcelReader:
    archive.see_size(path)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise _unreadable(error) from None


def _wanted(reader: fastexcel.ExcelReader, pattern: str | None) -> list[str]:
    if pattern is None:
        return reader.sheet_names[:1]
    if pattern in reader.sheet_names:
        return [pattern]
    found = [name for name in reader.sheet_names if fnmatch.fnmatchcase(name, pattern)]
    if not found:
        shown = "、".join(reader.sheet_names)
        raise BatchHeldError(f"没有工作表“{pattern}”，文件中有：{shown}")
    return found


def _unreadable(error: fastexcel.FastExcelError) -> BatchHeldError:
    return BatchHeldError(f"不是可读的 Excel 文件：{str(error).splitlines()[0]}")


def _sheet(reader: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    try:
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = sheet.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise _unreadable(error) from None
    frame = pl.DataFrame(pl.from_arrow(batch))
    return _with_errors(frame, errors)


def _with_errors(frame: pl.DataFrame, errors: fastexcel.CellErrors | None) -> pl.DataFrame:
    for cell in errors.errors if errors else ():
        row, column = cell.offset_position
        kind = cell.detail.rpartition("Error(")[2].partition(")")[0]
        frame[row, column] = ERRORS.get(kind, "#ERROR!")
    return frame


def _header(rows: pl.DataFrame, separator: str) -> list[str]:
    """Join the header rows of each column; a merged cell counts for all columns it covers."""
    *upper, lowest = [[(cell or "").strip() for cell in row] for row in rows.rows()] or [[]]
    spread = [_spread(row) for row in upper]
    names = []
    for column, name in enumerate(lowest):
        parts = [row[column] for row in spread] if name else [row[column] for row in upper]
        names.append(separator.join(part for part in [*parts, name] if part))
    return names


def _spread(row: list[str]) -> list[str]:
    seen, spread = "", []
    for cell in row:
        seen = cell or seen
        spread.append(seen)
    return spread
