"""Delimited files: every record becomes a row or a broken line, and no value changes."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.contracts import Column
from connectors.contracts.formats import CsvFormat
from connectors.protocols import csv_file
from connectors.protocols.base import FAULT, FAULT_TEXT, BatchHeldError, Drift


def column(name: str, physical: str) -> Column:
    return Column.model_validate(
        {
            "name": name,
            "physicalName": physical,
            "businessName": physical,
            "description": physical,
            "logicalType": "string",
            "classification": "L1",
        }
    )


COLUMNS = [column("code", "编号"), column("name", "名称")]


def read(
    content: bytes, encoding: str = "utf-8", delimiter: str = ",", **more: Any
) -> tuple[list, list, list]:
    """Return the good rows, the faults with their raw text, and the drift."""
    good: list[tuple[str, ...]] = []
    faults: list[tuple[str, str]] = []
    drift: list[Drift] = []
    with tempfile.TemporaryDirectory() as folder:
        path, scratch = Path(folder) / "file.csv", Path(folder) / "decoded"
        path.write_bytes(content)
        declared = CsvFormat(kind="csv", encoding=encoding, delimiter=delimiter, **more)
        for batch in csv_file.read(path, scratch, declared, COLUMNS, drift):
            for row in batch.to_pylist():
                if row.get(FAULT):
                    faults.append((row[FAULT], row[FAULT_TEXT]))
                else:
                    good.append((row["code"], row["name"]))
    return good, faults, [str(one) for one in drift]


def test_columns_are_found_by_their_physical_names_in_any_order() -> None:
    good, faults, drift = read("备注,名称,编号\nx,甲,1\ny,乙,2\n".encode())
    assert good == [("1", "甲"), ("2", "乙")]
    assert (faults, drift) == ([], ["多出的列：备注"])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16", "utf-8-sig"])
def test_declared_encodings_and_byte_order_marks(encoding: str) -> None:
    good, _, _ = read("编号,名称\r\n1,福田\r\n".encode(encoding), encoding)
    assert good == [("1", "福田")]
    if encoding in {"utf-8", "gb18030"}:
        assert read("\ufeff编号,名称\n1,福\n".encode(encoding), encoding)[0] == [("1", "福")]


def test_line_breaks_and_delimiters_inside_quotes_survive() -> None:
    content = '编号,名称\n1,"第一行\n第二行,""引""\r\n第三行"\n2,""\n'
    assert read(content.encode())[0] == [("1", '第一行\n第二行,"引"\r\n第三行'), ("2", "")]


def test_a_line_with_the_wrong_number_of_fields_is_one_broken_line() -> None:
    good, faults, _ = read("编号,名称\n1,甲\n2\n3,丙,多\n4,丁\n".encode())
    assert good == [("1", "甲"), ("4", "丁")]
    assert faults == [
        ("broken_line: 第 3 条记录应有 2 个字段，实有 1 个", "2"),
        ("broken_line: 第 4 条记录应有 2 个字段，实有 3 个", "3,丙,多"),
    ]


def test_a_quote_that_never_closes_costs_one_line_not_the_rest_of_the_file() -> None:
    good, faults, _ = read('编号,名称\n1,甲\n2,"乙\n3,丙\n4,丁\n'.encode())
    assert good == [("1", "甲"), ("3", "丙"), ("4", "丁")]
    assert faults == [("broken_line: 引号没有正确闭合", '2,"乙')]


def test_text_behind_a_closing_quote_is_a_broken_line() -> None:
    good, faults, _ = read('编号,名称\n1,"甲"x\n2,乙 "丙" 丁\n3,"多\n行"\n'.encode())
    assert good == [("2", '乙 "丙" 丁'), ("3", "多\n行")]
    assert [text for _, text in faults] == ['1,"甲"x']


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('1,"某"商行"', '某"商行'),
        ('1,"他说"好""', '他说"好"'),
        ('1,""好"字商行"', '"好"字商行'),
        ('1,"""', '"'),
        ('1,"甲,"乙"丙"', None),  # the quote behind the delimiter may open a field
        ('1,"甲""乙"丙"', None),  # the doubled quote may be an escaped one
        ('1,"甲"乙', None),
        ('1,"甲"乙","丙"', None),
        ('1,"甲,乙"丙"', '甲,乙"丙'),
    ],
)
def test_unescaped_quotes_are_read_where_only_one_reading_is_possible(
    line: str, name: str | None
) -> None:
    content = f'编号,名称\n0,"多\n行"\n{line}\n9,"引""号"\n'.encode()
    good, faults, _ = read(content, quoting="lenient")
    assert good == [("0", "多\n行"), *([("1", name)] if name else []), ("9", '引"号')]
    assert [text for _, text in faults] == ([] if name else [line])
    assert (("1", name) in read(content)[0]) is False


def test_bytes_that_are_not_in_the_declared_encoding_hold_the_file_and_name_the_place() -> None:
    content = "编号,名称\n1,甲\n2,乙\n".encode("gb18030") + b"3,\xff\xff\n"
    at = content.index(b"\xff")
    with pytest.raises(BatchHeldError, match=f"第 {at} 字节起不是合法的 gb18030 编码") as held:
        read(content, "gb18030")
    assert held.value.lines == 3
    long = "编号,名称\n".encode() + b"1,a\n" * 1_200_000 + b"2,\xff\n"
    with pytest.raises(BatchHeldError, match=f"第 {len(long) - 2} 字节"):
        read(long)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("编号\n1\n", "缺少列：名称"),
        ("编号,名称,名称\n1,a,b\n", "列名重复：名称"),
        ("", "没有表头"),
        ("\n\n", "没有表头"),
    ],
)
def test_a_file_without_the_columns_is_held(content: str, reason: str) -> None:
    with pytest.raises(BatchHeldError, match=reason):
        read(content.encode())


@pytest.mark.parametrize("content", ["编号,名称", "编号,名称\n", "\n编号,名称\r\n"])
def test_a_file_with_nothing_but_a_header_has_no_rows(content: str) -> None:
    assert read(content.encode()) == ([], [], [])


def test_empty_and_missing_last_line_ends_are_no_records() -> None:
    assert read("\n编号,名称\n\n1,甲\n\n2,乙".encode()) == ([("1", "甲"), ("2", "乙")], [], [])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(
    rows=st.lists(st.tuples(TEXT, TEXT), max_size=20),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_whatever_a_csv_writer_writes_is_read_back_unchanged(
    rows: list, quoting: int, end: str, encoding: str, delimiter: str
) -> None:
    file = io.StringIO(newline="")
    if quoting == csv.QUOTE_MINIMAL:  # the writer leaves a lone carriage return unquoted
        rows = [(a.replace("\r", ""), b.replace("\r", "")) for a, b in rows]
    writer = csv.writer(file, quoting=quoting, lineterminator=end, delimiter=delimiter)  # type: ignore[arg-type]
    writer.writerow(["编号", "名称"])
    writer.writerows(rows)
    good, faults, _ = read(file.getvalue().encode(encoding), encoding, delimiter)
    assert (good, faults) == (rows, [])


PIECES = st.lists(
    st.sampled_from(["甲", "b", '"', '""', ",", "\n", "\r\n", " ", "\r"]), max_size=40
)


@given(pieces=PIECES)
@example(pieces=["甲", ",", '"', "b", "\n", "b", ",", "甲", "\n"])
@example(pieces=['"', "b", "\n", "b", '"', ",", "甲", "\n"])
def test_any_text_ends_as_rows_or_broken_lines_with_nothing_left_out(pieces: list[str]) -> None:
    body = "".join(pieces)
    good, faults, _ = read(("编号,名称\n" + body).encode())
    seen = "".join(a + b for a, b in good) + "".join(text for _, text in faults)
    for letter in ("甲", "b"):
        assert seen.count(letter) == body.count(letter)


@given(content=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_bytes_end_as_rows_or_as_a_held_file(content: bytes, encoding: str) -> None:
    try:
        read("编号,名称\n".encode(encoding) + content, encoding)
    except BatchHeldError as held:
        assert "编码" in str(held) or "列" in str(held)


KEYED = [column("name", "名称"), COLUMNS[0].model_copy(update={"primary_key": True})]


def keys_of_broken_lines(content: str) -> list[str | None]:
    with tempfile.TemporaryDirectory() as folder:
        path, scratch = Path(folder) / "file.csv", Path(folder) / "decoded"
        path.write_bytes(content.encode())
        declared = CsvFormat(kind="csv", quoting="lenient")
        rows = [
            row
            for batch in csv_file.read(path, scratch, declared, KEYED, [])
            for row in batch.to_pylist()
        ]
    return [row["code"] for row in rows if row.get(FAULT)]


def test_a_broken_line_says_whose_it_is_where_a_line_begins_with_the_key() -> None:
    assert keys_of_broken_lines('编号,名称\n1,甲\n2,乙,丙\n"3","丁","戊"\n') == ["2", "3"]
    assert keys_of_broken_lines('编号,名称\n"4","甲"乙","丙"\n5,甲\n') == ["4"]
    assert keys_of_broken_lines('编号,名称\n,甲,乙\n"6\n') == [None, None]


def test_a_broken_line_keeps_its_secret_where_the_key_stands_further_on() -> None:
    assert keys_of_broken_lines("名称,编号\n甲,1,乙\n") == [None]
