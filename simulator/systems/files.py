"""The files that departments leave: health with ``.ok`` flags, others without (``workbooks``)."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from simulator.systems import workbooks
from simulator.truth.schools import school_year

CONTRACT_HEADERS = {
    "qybh": "签约编号",
    "xm": "姓名",
    "zjhm": "证件号码",
    "lxdh": "联系电话",
    "xzdz": "现住址",
    "jgmc": "签约机构",
    "ysxm": "签约医生",
    "qyrq": "签约日期",
    "jsrq": "到期日期",
    "rqbq": "人群标签",
}
FOLLOWUP_HEADERS = {
    "基本信息": {"sfbh": "随访编号", "xm": "姓名", "zjhm": "证件号码", "lxdh": "联系电话"},
    "随访": {"mblx": "慢病类型", "sfrq": "随访日期", "sfys": "随访医生"},
    "血压": {"ssy": "收缩压", "szy": "舒张压"},
    "血糖": {"kfxt": "空腹血糖"},
}
CREATED = datetime(2026, 11, 1, tzinfo=UTC)  # a fixed one: same rows, same bytes


def leave(table: str, rows: pl.DataFrame, outbox: Path, day: date, part: str = "") -> None:
    """Write a table as a day's file of its kind, and the flag that says it is complete, if any.

    Each ``part`` of a large district has a file of its own.
    """
    name, write, flag = WRITERS[table]
    year = school_year(day)
    words = {"day": day, "last_month": day.replace(day=1) - timedelta(days=1), "year": year}
    plain = Path(name.format(**words, next_year=year + 1, quarter=(day.month + 2) // 3))
    path = outbox / (f"{plain.stem}_{part}{plain.suffix}" if part else plain)
    outbox.mkdir(parents=True, exist_ok=True)
    write(rows, path)
    if flag:
        path.with_name(path.name + flag).write_text("ok\n", encoding="ascii")


def write_contracts(rows: pl.DataFrame, path: Path) -> None:
    """Write the contracts as CSV in GB18030."""
    text = io.BytesIO()
    rows.select(*CONTRACT_HEADERS).rename(CONTRACT_HEADERS).write_csv(text, line_terminator="\r\n")
    path.write_bytes(text.getvalue().decode().encode("gb18030"))


def write_followups(rows: pl.DataFrame, path: Path) -> None:
    """Write the visits as Excel: groups in merged cells, column names under them.

    Dates are text, but for the ones that Excel turned into its own day numbers.
    """
    columns = [name for group in FOLLOWUP_HEADERS.values() for name in group]
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": CREATED, "comments": "合成数据"})
        sheet = book.add_worksheet("随访记录")
        bold = book.add_format({"bold": True, "align": "center", "border": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        _write_headers(sheet, bold)
        for place, name in enumerate(columns):
            sheet.write_column(2, place, rows[name].to_list())
        serials = rows.with_row_index().filter(pl.col("sfrq").str.contains(r"^\d{5}$"))
        for line, serial in serials.select("index", "sfrq").iter_rows():
            sheet.write_number(2 + line, columns.index("sfrq"), int(serial), day)


def _write_headers(sheet: Worksheet, bold: Format) -> None:
    at = 0
    for group, headers in FOLLOWUP_HEADERS.items():
        last = at + len(headers) - 1
        if last > at:
            sheet.merge_range(0, at, 0, last, group, bold)
        else:
            sheet.write_string(0, at, group, bold)
        sheet.write_row(1, at, headers.values(), bold)
        at = last + 1


WRITERS = {
    "family_doctor_contract": ("jtys_qy_{day:%Y%m%d}.csv", write_contracts, ".ok"),
    "chronic_followup": ("mb_sf_{last_month:%Y%m}.xlsx", write_followups, ".ok"),
    "student": ("xj_{year}_{next_year}_{day:%Y%m}.xlsx", workbooks.write_students, ""),
    "student_2025": ("xj_2025_2026.xlsx", workbooks.write_past_students, ""),
    "compound": ("wyxq_{day:%Y}Q{quarter}.xlsx", workbooks.write_compounds, ""),
}
