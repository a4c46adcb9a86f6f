"""Excel sheets: headers over several rows, cells as text, nothing silently dropped."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contracts import Column
from connectors.contracts.formats import ExcelFormat
from connectors.protocols import excel_file
from connectors.protocols.base import BatchHeldError, Drift

ONE_ROW = ExcelFormat(kind="excel")
TWO_ROWS = ExcelFormat(kind="excel", sheet="登记", header_rows=2)


def columns(*physical: str) -> list[Column]:
    return [
        Column.model_validate(
            {
                "name": f"c{position}",
                "physicalName": name,
                "businessName": name,
                "description": name,
                "logicalType": "string",
                "classification": "L1",
            }
        )
        for position, name in enumerate(physical)
    ]


def write(path: Path, rows: list[list[Any]], sheet: str = "登记") -> Path:
    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page = book.add_worksheet(sheet)
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                if isinstance(value, datetime):
                    page.write_datetime(number, position, value, date)
                elif isinstance(value, str) and value.startswith("=1/0"):
                    page.write_formula(number, position, "=1/0", None, "#DIV/0!")
                elif isinstance(value, str):
                    page.write_string(number, position, value)
                elif value is not None:
                    page.write(number, position, value)
    return path


def read(path: Path, declared: ExcelFormat, *physical: str) -> list[tuple[str | None, ...]]:
    drift: list[Drift] = []
    batches = excel_file.read(path, declared, columns(*physical), drift)
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def test_merged_headers_of_two_rows_become_one_name(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("登记")
        page.merge_range(0, 0, 1, 0, "编号")
        page.merge_range(0, 1, 0, 2, "基本信息")
        page.write_row(1, 1, ["姓名", "电话"])
        page.merge_range(0, 3, 0, 4, "血压")
        page.write_row(1, 3, ["收缩压", "舒张压"])
        page.write_row(2, 0, ["A1", "甲", "1", 120, 80])
    names = ["血压/舒张压", "编号", "基本信息/姓名", "基本信息/电话", "血压/收缩压"]
    assert read(tmp_path / "a.xlsx", TWO_ROWS, *names) == [("80", "A1", "甲", "1", "120")]


def test_cells_arrive_as_text(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 20, 8, 30)  # noqa: DTZ001 - Excel knows no zones
    row = ["007", 13800000001, 0.1, 1e-7, True, moment, 45981, "=1/0"]
    names = [f"列{position}" for position in range(len(row))]
    path = write(tmp_path / "a.xlsx", [names, row])
    assert read(path, ONE_ROW, *names) == [
        (
            "007",
            "13800000001",
            "0.1",
            "0.0000001",
            "true",
            "2026-11-20 08:30:00",
            "45981",
            "#DIV/0!",
        )
    ]


def test_rows_without_any_content_are_no_records(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["编号", "名称"], [None, None], ["1", None], [None, "乙"]])
    assert read(path, ONE_ROW, "编号", "名称") == [("1", None), (None, "乙")]


def test_what_is_not_this_table_is_held(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["编号"], ["1"], ["2"]])
    with pytest.raises(BatchHeldError, match="缺少列：名称") as held:
        read(path, ONE_ROW, "编号", "名称")
    assert held.value.lines == 2
    with pytest.raises(BatchHeldError, match="没有工作表“登记簿”，文件中有：登记"):
        read(path, ExcelFormat(kind="excel", sheet="登记簿"), "编号")
    (tmp_path / "b.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(BatchHeldError, match="不是可读的 Excel 文件"):
        read(tmp_path / "b.xlsx", ONE_ROW, "编号")
    with pytest.raises(BatchHeldError, match="没有表头"):
        read(write(tmp_path / "c.xlsx", []), ONE_ROW, "编号")


# XML cannot hold most control characters, and Excel itself folds \r.
CELL = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_categories=["Cc"]), max_size=15
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.just("x"), CELL.filter(bool)), max_size=10))
def test_text_cells_are_read_back_unchanged(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = write(tmp_path / "a.xlsx", [["编号", "名称"], *map(list, rows)])
    assert read(path, ONE_ROW, "编号", "名称") == rows


@given(content=st.binary(max_size=300))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_held_not_crashed_on(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(BatchHeldError):
        read(tmp_path / "a.xlsx", ONE_ROW, "编号")


def test_a_title_in_merged_cells_above_the_header_is_no_header(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("登记")
        page.merge_range(0, 0, 0, 2, "2026年树木登记表")
        page.write_row(2, 0, ["编号", "树种"])
        page.write_row(3, 0, ["1", "榕"])
    declared = ExcelFormat(kind="excel", title_rows=2)
    assert read(tmp_path / "a.xlsx", declared, "树种", "编号") == [("榕", "1")]


def test_a_pattern_reads_every_sheet_that_it_means_in_their_order(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name, rows in {"说明": ["无"], "东园": ["1", "2"], "西园": [], "北园": ["3"]}.items():
            book.add_worksheet(name).write_column(0, 0, ["编号", *rows])
    declared = ExcelFormat(kind="excel", sheet="?园")
    assert read(tmp_path / "a.xlsx", declared, "编号") == [("1",), ("2",), ("3",)]
    with pytest.raises(BatchHeldError, match=r"没有工作表“南\*”，文件中有：说明、东园、西园、北园"):
        read(tmp_path / "a.xlsx", ExcelFormat(kind="excel", sheet="南*"), "编号")
