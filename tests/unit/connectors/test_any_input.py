"""Whatever a source sends ends as rows, as rejected rows or in a clear error.

Never in a crash, never in a value that nobody sent. Files of every kind are damaged at random, and
what writers write is read back.
"""

import csv
import io
import json
import tempfile
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from hypothesis import HealthCheck, example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from connectors.contracts import Contract, FileContract
from connectors.landing.land import Examination
from connectors.protocols.base import (
    FAULT,
    FAULT_TEXT,
    BatchHeldError,
    Extraction,
    Since,
    SourceError,
)
from connectors.protocols.files import FileSource
from connectors.protocols.folder import Folder
from tests.support import contracts

Row = tuple[str | None, ...]
HEADER = ("编号", "树种", "种植日期")
SAMPLE = [("1", "榕", "2026-01-02"), ("2", '樟"树"', "45678.5"), ("3", "木\n棉", "")]
BOUNDED = settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def contract(**extract: Any) -> FileContract:
    """The contract of trees whose files look as ``extract`` says, with typed columns."""
    columns = [
        contracts.key("code", "编号"),
        contracts.column("species", "树种"),
        contracts.column("planted", "种植日期", logicalType="date"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        declared = {**contracts.FILES, **extract}
        found = contracts.tree_contract(Path(folder), contracts.table(columns, extract=declared))
    assert isinstance(found, FileContract)
    return found


def land(declared: FileContract, content: bytes) -> tuple[list[Row], list[str]]:
    """Read and examine one file; return the rows received and the raw text of broken ones."""
    good: list[Row] = []
    broken: list[str] = []
    examination = Examination(declared)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "trees_1").write_bytes(content)
        store = nullcontext(Folder(Path(folder)))
        source = FileSource(declared, lambda: store, settle_seconds=0)
        for extraction in source.extractions(Since()):
            for batch, _, _ in examination.pieces(extraction):
                for row in batch.to_pylist():
                    if row.get(FAULT):
                        broken.append(row[FAULT_TEXT])
                    else:
                        good.append((row["code"], row["species"], row["planted"]))
    examination.profile.result()
    assert examination.rows == len(good) + len(broken)
    return good, broken


def survives(declared: FileContract, content: bytes) -> None:
    """See that a file is taken or refused in words; everything else is a crash."""
    try:
        land(declared, content)
    except (BatchHeldError, SourceError) as error:
        assert str(error)


def written_csv(rows: list[tuple[str, ...]], **options: Any) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n", **options).writerows([HEADER, *rows])
    return file.getvalue()


def written_excel(rows: list[tuple[str, ...]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEADER, *rows]):
            for column, value in enumerate(row):
                sheet.write_string(at, column, value)
    return content.getvalue()


def written_parquet(rows: list[tuple[str, ...]]) -> bytes:
    content = io.BytesIO()
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(HEADER))]
    pq.write_table(pa.table(columns, names=list(HEADER)), content)
    return content.getvalue()


def written_lines(rows: list[tuple[str, ...]]) -> bytes:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in rows]
    return "\n".join(lines).encode()


def written_geojson(rows: list[tuple[str, ...]]) -> bytes:
    found = [{"type": "Feature", "properties": dict(zip(HEADER, r, strict=True))} for r in rows]
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


def written_zip(rows: list[tuple[str, ...]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.csv", written_csv(rows))
    return content.getvalue()


KINDS: dict[str, tuple[FileContract, bytes]] = {
    "csv": (contract(format=contracts.CSV), written_csv(SAMPLE).encode()),
    "lenient csv": (
        contract(format={**contracts.CSV, "quoting": "lenient"}),
        written_csv(SAMPLE).encode(),
    ),
    "sniffed csv": (
        contract(format={**contracts.CSV, "fallback_encoding": "gb18030"}),
        written_csv(SAMPLE).encode("gb18030"),
    ),
    "excel": (contract(format={"kind": "excel"}), written_excel(SAMPLE)),
    "jsonl": (contract(format={"kind": "jsonl"}), written_lines(SAMPLE)),
    "geojson": (contract(format={"kind": "geojson"}), written_geojson(SAMPLE)),
    "parquet": (contract(format={"kind": "parquet"}), written_parquet(SAMPLE)),
    "zip": (contract(format=contracts.CSV, archive={"kind": "zip"}), written_zip(SAMPLE)),
}
KIND = st.sampled_from(sorted(KINDS))


def test_undamaged_samples_are_read_as_written() -> None:
    for declared, content in KINDS.values():
        assert land(declared, content) == (SAMPLE, [])


@BOUNDED
@for_all(kind=KIND, content=st.binary(max_size=300))
def test_arbitrary_bytes_are_taken_or_refused(kind: str, content: bytes) -> None:
    survives(KINDS[kind][0], content)


@settings(BOUNDED, max_examples=300)
@for_all(data=st.data(), kind=KIND)
def test_damaged_files_are_taken_or_refused(data: st.DataObject, kind: str) -> None:
    declared, content = KINDS[kind]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(start + 8, len(content))))
        content = content[:start] + data.draw(st.binary(max_size=8)) + content[end:]
    survives(declared, content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*HEADER, "features", "properties"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@BOUNDED
@for_all(kind=st.sampled_from(["jsonl", "geojson"]), shape=JSON)
def test_json_of_any_shape_is_taken_or_refused(kind: str, shape: Any) -> None:
    survives(KINDS[kind][0], json.dumps(shape).encode())


VALUE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)


@BOUNDED
@for_all(
    rows=st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=5),
    write=st.sampled_from(
        [("excel", written_excel), ("parquet", written_parquet), ("jsonl", written_lines)]
    ),
)
def test_text_is_read_back_as_it_was_written(rows: list, write: tuple) -> None:
    kind, writer = write
    assert land(KINDS[kind][0], writer(rows)) == (rows, [])


QUOTED = st.text(st.sampled_from('"",甲 1'), max_size=6)


@settings(BOUNDED, max_examples=300)
@for_all(rows=st.lists(st.tuples(QUOTED, QUOTED, QUOTED), min_size=1, max_size=4))
def test_a_writer_that_escapes_is_understood_by_lenient_reading_too(rows: list) -> None:
    content = written_csv(rows, quoting=csv.QUOTE_ALL).encode()
    assert land(KINDS["lenient csv"][0], content) == (rows, [])


DATES = st.text(
    st.sampled_from("0123456789-/:. 年月日TZ+上下午"), max_size=20
) | st.datetimes().map(str)


@BOUNDED
@for_all(dates=st.lists(DATES, min_size=1, max_size=10))
def test_dates_of_any_spelling_are_profiled_and_kept_as_sent(dates: list[str]) -> None:
    rows = [(str(at), "榕", date) for at, date in enumerate(dates)]
    assert land(KINDS["csv"][0], written_csv(rows).encode()) == (rows, [])


def is_blank(text: str) -> bool:
    """White space as Unicode defines it; Python takes its four separators for space as well."""
    return not text.strip() and not set(text) & set("\x1c\x1d\x1e\x1f")


@BOUNDED
@example(values=["\x1f"])
@for_all(values=st.lists(st.none() | st.text(max_size=6), min_size=1, max_size=6))
def test_any_text_in_any_column_is_examined(values: list[str | None]) -> None:
    declared: Contract = KINDS["csv"][0]
    encodable = [v and v.encode("utf-8", "replace").decode() for v in values]
    frame = pl.DataFrame(dict.fromkeys(("code", "species", "planted"), encodable))
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    names = [column.name for column in declared.columns]
    batches = table.cast(pa.schema([(name, pa.string()) for name in names])).to_batches()
    examination = Examination(declared)
    pieces = list(examination.pieces(Extraction("any", iter(batches))))
    assert sum(batch.num_rows for batch, _, _ in pieces) == len(values)
    bad = sum(v is None or is_blank(v) or "\0" in v for v in encodable)
    assert len(examination.rejected) == bad
