"""Files of JSON: GeoJSON feature collections, and one object per line."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.contracts import Column
from connectors.protocols.base import BATCH_ROWS, BatchHeldError, Drift, SourceError, fault_batch
from connectors.protocols.json_rows import Rows, features, loads, parse
from connectors.protocols.text_file import decode


def read_geojson(
    path: Path, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    """Yield the features of one FeatureCollection.

    Raises:
        BatchHeldError: not JSON, not UTF-8, no FeatureCollection, a column missing.
    """
    rows = Rows(columns, drift)
    try:
        found = features(parse(path.read_bytes(), "文件"), "文件")
    except SourceError as error:
        raise BatchHeldError(str(error)) from None
    for start in range(0, len(found), BATCH_ROWS):
        yield rows.batch(found[start : start + BATCH_ROWS])
    rows.finish()


def read_lines(
    path: Path, scratch: Path, columns: Sequence[Column], drift: list[Drift]
) -> Iterator[pa.RecordBatch]:
    """Yield the objects of a JSON-lines file; a line that is no JSON is one faulty row.

    Raises:
        BatchHeldError: not UTF-8, a column missing.
    """
    text = decode(path, scratch, "utf-8", ",")
    rows = Rows(columns, drift)
    names = [column.name for column in columns]
    with text.path.open(encoding="utf-8", newline="\n") as file:
        while lines := [line for line, _ in zip(file, range(BATCH_ROWS), strict=False)]:
            found, faults = _parsed(lines)
            if found:
                yield rows.batch(found)
            if faults:
                yield fault_batch(names, faults)
    rows.finish()


def _parsed(lines: list[str]) -> tuple[list[Any], list[tuple[str, str]]]:
    found: list[Any] = []
    faults: list[tuple[str, str]] = []
    for line in lines:
        if not line.strip():
            continue
        try:
            found.append(loads(line))
        except (json.JSONDecodeError, RecursionError):
            faults.append(("broken_line: 不是合法的 JSON", line.rstrip("\r\n")))
    return found, faults
