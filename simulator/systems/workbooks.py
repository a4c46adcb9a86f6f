"""The Excel files of the drop folder: titles, merged headers, a sheet per school; made by hand."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

CREATED = datetime(2026, 11, 1, tzinfo=UTC)  # a fixed one: same rows, same bytes
Headers = dict[str, dict[str, str]]  # group above → column → name below
STUDENTS: Headers = {
    "学生": {"xjh": "学籍号", "xm": "姓名", "xb": "性别", "csrq": "出生日期", "sfzh": "身份证件号"},
    "就读": {"xx": "学校", "nj": "年级", "bj": "班级", "xjzt": "学籍状态"},
    "监护人": {"jhr": "姓名", "jhrdh": "联系电话"},
    "住址": {"jtzz": "现住址"},
}
PAST_STUDENTS = {
    "xx": "学校名称", "nj": "年级", "bj": "班号", "xjh": "学籍号", "xm": "学生姓名", "xb": "性别",
    "sfzh": "身份证号", "csrq": "出生年月", "jtzz": "家庭住址", "jhrdh": "家长电话",
}  # fmt: skip
COMPOUNDS: Headers = {
    "小区": {"xqbh": "编号", "xqmc": "名称", "dz": "地址", "sqmc": "社区"},
    "物业": {"wyqy": "企业", "lds": "楼栋数", "jcnf": "建成年份", "hs": "户数"},
    "停车": {"tcws": "车位数", "rjtc": "日间停车", "yjtc": "夜间停车"},
}


def write_students(rows: pl.DataFrame, path: Path) -> None:
    """Write a register with one sheet per school, two rows of headers each."""
    with xlsxwriter.Workbook(str(path)) as book:
        bold, day = _formats(book)
        for (school,), pupils in rows.group_by("xx", maintain_order=True):
            sheet = book.add_worksheet(str(school))
            columns = _grouped(sheet, 0, STUDENTS, bold)
            _fill(sheet, 2, pupils, columns, day)


def write_past_students(rows: pl.DataFrame, path: Path) -> None:
    """Write a register as one sheet under a title, with one row of headers."""
    with xlsxwriter.Workbook(str(path)) as book:
        bold, day = _formats(book)
        sheet = book.add_worksheet("学籍")
        sheet.merge_range(0, 0, 0, len(PAST_STUDENTS) - 1, "义务教育阶段学生学籍表", bold)
        sheet.write_row(1, 0, PAST_STUDENTS.values(), bold)
        _fill(sheet, 2, rows, list(PAST_STUDENTS), day)


def write_compounds(rows: pl.DataFrame, path: Path) -> None:
    """Write the compounds under a title and two rows of headers."""
    with xlsxwriter.Workbook(str(path)) as book:
        bold, day = _formats(book)
        sheet = book.add_worksheet("物业小区")
        width = sum(map(len, COMPOUNDS.values()))
        sheet.merge_range(0, 0, 0, width - 1, "物业小区及停车情况一览表", bold)
        columns = _grouped(sheet, 1, COMPOUNDS, bold)
        _fill(sheet, 3, rows, columns, day)


def _formats(book: xlsxwriter.Workbook) -> tuple[Format, Format]:
    book.set_properties({"created": CREATED, "comments": "合成数据"})
    bold = book.add_format({"bold": True, "align": "center", "border": 1})
    return bold, book.add_format({"num_format": "yyyy-mm-dd"})


def _grouped(sheet: Worksheet, top: int, headers: Headers, bold: Format) -> list[str]:
    """Write groups over their columns' names; return the columns from left to right."""
    at = 0
    for group, names in headers.items():
        last = at + len(names) - 1
        if last > at:
            sheet.merge_range(top, at, top, last, group, bold)
        else:
            sheet.write_string(top, at, group, bold)
        sheet.write_row(top + 1, at, names.values(), bold)
        at = last + 1
    return [name for names in headers.values() for name in names]


def _fill(sheet: Worksheet, top: int, rows: pl.DataFrame, columns: list[str], day: Format) -> None:
    """Write rows; dates that Excel turned into its own numbers become real dates."""
    for place, name in enumerate(columns):
        sheet.write_column(top, place, rows[name].to_list())
    if "csrq" not in columns:
        return
    serials = rows.with_row_index().filter(pl.col("csrq").str.contains(r"^\d{5}$"))
    for line, serial in serials.select("index", "csrq").iter_rows():
        sheet.write_number(top + line, columns.index("csrq"), int(serial), day)
