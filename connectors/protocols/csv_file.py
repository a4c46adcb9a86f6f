"""Delimited text files: fast where quoting is regular, line by line where it is not.

Either way each record is one row: with the header's number of fields it is data, else it is a
``broken_line`` that carries its raw text. Blank lines are no records. Where the contract says
``quoting: lenient``, a line that breaks the rules of quoting gets a second, equally strict reading.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from connectors.contracts import Column
from connectors.contracts.formats import CsvFormat
from connectors.protocols import unescaped
from connectors.protocols.base import BATCH_ROWS, BatchHeldError, Drift, fault_batch
from connectors.protocols.broken_lines import named_faults
from connectors.protocols.columns import match
from connectors.protocols.text_file import TextFile, decode, settle_encoding

BLOCK_BYTES = 8 << 20
LONGEST_FIELD = BLOCK_BYTES // 2
# A field whose quote stays open for more lines than this is taken for a broken line.
LONGEST_RECORD_LINES = 1000

csv.field_size_limit(LONGEST_FIELD)


def read(
    path: Path, scratch: Path, declared: CsvFormat, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    """Yield the records of ``path``; ``scratch`` is a file to write the decoded text to.

    Raises:
        BatchHeldError: not in the declared encoding, no header, a column missing.
    """
    encoding = settle_encoding(path, declared.encoding, declared.fallback_encoding)
    text = decode(path, scratch, encoding, declared.delimiter)
    header = _header(text, declared.delimiter)
    try:
        found = match(columns, header, drift)
    except BatchHeldError as error:
        raise BatchHeldError(str(error), max(text.lines - 1, 0)) from None
    reader = _fast if text.regular else _careful
    names = [column.name for column in columns]
    leading = _leading_keys(columns, found)
    for batch in reader(text, declared, len(header), found, names):
        if batch.num_rows:
            yield named_faults(batch, leading, declared.delimiter)


def _leading_keys(columns: Sequence[Column], found: list[int]) -> list[str]:
    """Return the key columns in the file's order, if every line begins with them, else nothing."""
    keys = sorted((at, c.name) for at, c in zip(found, columns, strict=True) if c.primary_key)
    begins = [at for at, _ in keys] == list(range(len(keys)))
    return [name for _, name in keys] if begins else []


def _header(text: TextFile, delimiter: str) -> list[str]:
    with text.path.open(encoding="utf-8", newline="") as file:
        try:
            return next(row for row in csv.reader(file, delimiter=delimiter) if row)
        except StopIteration:
            raise BatchHeldError("文件是空的，没有表头") from None
        except csv.Error:
            raise BatchHeldError("文件的表头无法解析", max(text.lines - 1, 0)) from None


def _fast(
    text: TextFile, declared: CsvFormat, width: int, found: list[int], names: list[str]
) -> Iterator[pa.RecordBatch]:
    faults: list[tuple[str, str]] = []

    def broken(row: arrow_csv.InvalidRow) -> str:
        faults.append((_broken(row.number, row.actual_columns, width), row.text))
        return "skip"

    positions = [str(position) for position in range(width)]
    wanted = [positions[at] for at in found]
    try:
        reader = arrow_csv.open_csv(
            text.path,
            read_options=arrow_csv.ReadOptions(
                column_names=positions,
                skip_rows_after_names=1,
                block_size=BLOCK_BYTES,
                use_threads=False,  # only then does a broken row know its number
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=declared.delimiter, newlines_in_values=True, invalid_row_handler=broken
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()),
                include_columns=wanted,
                strings_can_be_null=False,
            ),
        )
        for batch in reader:
            yield batch.rename_columns(names)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise BatchHeldError(f"文件无法按 CSV 解析：{_reason(error)}", text.lines - 1) from None
    if faults:
        yield fault_batch(names, faults)


def _reason(error: pa.ArrowInvalid) -> str:
    # Arrow quotes the offending row in some messages: keep only what it says about the file.
    return "一行超过 8 MB" if "straddling" in str(error) else "结构不完整"


def _careful(
    text: TextFile, declared: CsvFormat, width: int, found: list[int], names: list[str]
) -> Iterator[pa.RecordBatch]:
    good: list[list[str]] = []
    faults: list[tuple[str, str]] = []
    with text.path.open(encoding="utf-8", newline="") as file:
        for number, (fields, raw) in enumerate(_records(file, declared, width), start=1):
            if number == 1:
                continue
            if isinstance(fields, list):
                good.append(fields)
            else:
                faults.append((fields, raw))
            if len(good) == BATCH_ROWS:
                yield _columns(good, found, names)
                good.clear()
    yield _columns(good, found, names)
    if faults:
        yield fault_batch(names, faults)


def _columns(rows: list[list[str]], found: list[int], names: list[str]) -> pa.RecordBatch:
    arrays = [pa.array([row[at] for row in rows], pa.string()) for at in found]
    return pa.record_batch(arrays, names=names)


def _records(
    file: io.TextIOBase, declared: CsvFormat, width: int
) -> Iterator[tuple[list[str] | str, str]]:
    """Yield each record as (fields or reason, raw text).

    A record whose quote stays open is tried with more and more lines; if it never closes well,
    only its first line is broken and reading goes on with the next.
    """
    lines = _Lines(file)
    delimiter = declared.delimiter
    while (line := lines.take()) is not None:
        if not line.strip("\r\n"):
            continue
        record, more = line, 0
        fields = _parse(record, delimiter)
        if declared.quoting == "lenient" and not isinstance(fields, list):
            fields = _unescaped(line, delimiter, width) or fields
        while fields is None and more < LONGEST_RECORD_LINES:
            following = lines.peek(more)
            if following is None:
                break
            record, more = record + following, more + 1
            if '"' in following:  # nothing else can close the field
                fields = _parse(record, delimiter)
        if isinstance(fields, list) and len(fields) == width:
            lines.drop(more)
            yield fields, record
        elif isinstance(fields, list) and not more:
            yield f"broken_line: 应有 {width} 个字段，实有 {len(fields)} 个", line.rstrip("\r\n")
        else:
            yield "broken_line: 引号没有正确闭合", line.rstrip("\r\n")


def _parse(record: str, delimiter: str) -> list[str] | str | None:
    """Return the fields, ``None`` when a quote is still open, or a word when there is no hope."""
    try:
        rows = list(csv.reader([record], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return None if "unexpected end" in str(error) else "broken"
    return rows[0] if len(rows) == 1 else "broken"


def _unescaped(line: str, delimiter: str, width: int) -> list[str] | None:
    fields = unescaped.split(line, delimiter)
    return fields if fields is not None and len(fields) == width else None


class _Lines:
    """Physical lines with a look ahead."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self._ahead: list[str] = []

    def take(self) -> str | None:
        if self._ahead:
            return self._ahead.pop(0)
        return self._file.readline() or None

    def peek(self, position: int) -> str | None:
        while len(self._ahead) <= position:
            line = self._file.readline()
            if not line:
                return None
            self._ahead.append(line)
        return self._ahead[position]

    def drop(self, count: int) -> None:
        del self._ahead[:count]


def _broken(number: int, actual: int, width: int) -> str:
    return f"broken_line: 第 {number} 条记录应有 {width} 个字段，实有 {actual} 个"
