"""Zip archives, Parquet files, and files that come now in one encoding, now in another."""

import io
import stat
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.protocols.base import FAULT, BatchHeldError, Since
from connectors.protocols.registry import open_source
from tests.support import contracts

HEADER = "编号,树种,种植日期\n"


def read(
    folder: Path, content: bytes, layout: dict[str, Any], **extract: Any
) -> list[tuple[str | None, ...]]:
    """Land one file in a folder and return its good rows."""
    lying = folder / "lying"
    lying.mkdir()
    (lying / "trees_1").write_bytes(content)
    (lying / "trees_1.ok").touch()
    extract = {**contracts.FILES, "ok_flag": ".ok", "format": layout, **extract}
    server = {"type": "folder", "directory": str(lying)}
    contract = contracts.tree_contract(folder, contracts.table(extract=extract), server=server)
    rows = [
        row
        for extraction in open_source(contract).extractions(Since())
        for batch in extraction.rows
        for row in batch.to_pylist()
    ]
    names = [column.name for column in contract.columns]
    return [tuple(row[name] for name in names) for row in rows if not row.get(FAULT)]


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """Return an archive of these entries."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return content.getvalue()


def in_zip(folder: Path, content: bytes, entries: str = "*.csv") -> list[tuple[str | None, ...]]:
    """Read an archive of CSV files."""
    return read(folder, content, contracts.CSV, archive={"kind": "zip", "entries": entries})


def test_an_archive_gives_the_rows_of_its_matching_files_in_the_order_of_their_names(
    tmp_path: Path,
) -> None:
    content = zipped(
        ("b/2.csv", (HEADER + "2,樟,\n").encode()),
        ("说明.txt", b"read me"),
        ("1.csv", (HEADER + "1,榕,\n").encode()),
    )
    assert in_zip(tmp_path, content) == [("1", "榕", ""), ("2", "樟", "")]


def link(name: str) -> zipfile.ZipInfo:
    """Return an entry that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


ROW = (HEADER + "1,榕,\n").encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped(("../../1.csv", ROW)), "包外"),
        (zipped(("/etc/1.csv", ROW)), "包外"),
        (zipped(("..\\1.csv", ROW)), "包外"),
        (zipped((link("1.csv"), b"/etc/passwd")), "包外"),
        (zipped(("1.csv", ROW + b"\0" * 50_000_000)), "压缩炸弹"),
        (zipped(*[(f"{n}.csv", ROW) for n in range(1001)]), "1000 个"),
        (zipped(("1.txt", ROW)), "没有与"),
        (zipped(("1.csv", ROW))[:-10], "不是可读的 zip"),
        (zipped(("1.csv", ROW)).replace(b"1.csv", b"2.csv", 1), "已损坏"),
        (b"", "不是可读的 zip"),
    ],
)
def test_an_archive_that_is_hostile_or_broken_is_held(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(BatchHeldError, match=reason):
        in_zip(tmp_path, content)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in left} == {"trees_1", "trees_1.ok", "department.yaml", "tree.yaml"}


def test_a_workbook_that_grows_without_bounds_is_held(tmp_path: Path) -> None:
    content = zipped(("xl/worksheets/sheet1.xml", b"\0" * 50_000_000))
    with pytest.raises(BatchHeldError, match="压缩炸弹"):
        read(tmp_path, content, {"kind": "excel"})


def parquet(**columns: pa.Array) -> bytes:
    """Return a Parquet file."""
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def test_typed_values_of_parquet_become_the_text_that_loses_nothing(tmp_path: Path) -> None:
    content = parquet(
        编号=pa.array([10**17 + 1, 2], pa.int64()),
        树种=pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        种植日期=pa.array([date(2026, 1, 2), None]),
        多余=pa.array([[1], [2]]),
    )
    rows = [("100000000000000001", "1.50", "2026-01-02"), ("2", None, None)]
    assert read(tmp_path, content, {"kind": "parquet"}) == rows


def test_moments_of_parquet_keep_their_instant(tmp_path: Path) -> None:
    moment = pa.array(
        [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)], pa.timestamp("us", "Asia/Shanghai")
    )
    content = parquet(
        编号=pa.array(["1"]), 树种=pa.array(["榕"]).dictionary_encode(), 种植日期=moment
    )
    rows = [("1", "榕", "2026-01-02 03:04:05.000000Z")]
    assert read(tmp_path, content, {"kind": "parquet"}) == rows


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PAR1 no parquet PAR1", "不是可读的 Parquet"),
        (parquet(编号=pa.array(["1"]), 树种=pa.array(["榕"])), "缺少列：种植日期"),
        (
            parquet(编号=pa.array(["1"]), 树种=pa.array([[1]]), 种植日期=pa.array(["1"])),
            "不能写成文字",
        ),
    ],
)
def test_a_parquet_file_that_is_not_this_table_is_held(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(BatchHeldError, match=reason):
        read(tmp_path, content, {"kind": "parquet"})


SNIFFED = {"kind": "csv", "encoding": "utf-8", "fallback_encoding": "gb18030"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_utf_8_is_told_from_the_old_encoding(tmp_path: Path, encoding: str) -> None:
    content = (HEADER + "1,小叶榕树与香樟,\n").encode(encoding)
    assert read(tmp_path, content, SNIFFED) == [("1", "小叶榕树与香樟", "")]


def test_a_file_in_neither_encoding_is_held(tmp_path: Path) -> None:
    with pytest.raises(BatchHeldError, match="不是合法的 gb18030 编码"):
        read(tmp_path, HEADER.encode("gb18030") + b"1,\xff,\n", SNIFFED)


def test_a_file_too_short_to_tell_its_encoding_is_held(tmp_path: Path) -> None:
    with pytest.raises(BatchHeldError, match="无法判定编码"):
        read(tmp_path, "code,树种\n".encode(), SNIFFED)
