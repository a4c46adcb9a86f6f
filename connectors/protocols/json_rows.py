"""JSON into text columns: numbers keep their spelling, nested values become compact JSON."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from connectors.contracts import Column
from connectors.protocols.base import BatchHeldError, Drift, SourceError, fault_batch
from connectors.protocols.columns import match

GEOMETRY = "geometry"


class Number(str):
    """A JSON number as it was spelt."""

    __slots__ = ()


KINDS = {Number: "number", str: "string", bool: "boolean", list: "array", dict: "object"}


def parse(content: bytes, where: str) -> Any:
    """Parse JSON with every number as the text that was sent (``1.50`` stays ``1.50``).

    Raises:
        SourceError: not JSON; says at which character, never what stands there.
    """
    try:
        return loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise SourceError(f"{where} 不是合法的 JSON（第 {error.pos} 个字符处）") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{where} 不是合法的 UTF-8（第 {error.start} 字节处）") from None
    except RecursionError:
        raise SourceError(f"{where} 的 JSON 嵌套过深") from None


def loads(text: str) -> Any:
    """Parse one JSON text, numbers as text."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)


def dig(answer: Any, path: str) -> Any:
    """Follow a dotted path into nested objects; ``None`` where it leads nowhere."""
    for part in path.split("."):
        answer = answer.get(part) if isinstance(answer, dict) else None
    return answer


def features(document: Any, where: str) -> list[Any]:
    """Flatten a FeatureCollection: one object per feature, with ``geometry`` beside its fields.

    Raises:
        SourceError: the document is no FeatureCollection.
    """
    found = document.get("features") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise SourceError(f"{where} 不是 GeoJSON FeatureCollection")
    return [_flat(feature) for feature in found]


def _flat(feature: Any) -> Any:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        return feature
    return {**(feature.get("properties") or {}), GEOMETRY: feature.get(GEOMETRY)}


class Rows:
    """Turns lists of JSON objects into record batches, and watches which fields were ever sent."""

    def __init__(self, columns: Sequence[Column], drift: list[Drift], where: str = "") -> None:
        self._columns = columns
        self._drift = drift
        self._where = where
        self._sent: dict[str, None] = {}  # in the order in which fields first came
        self._types: dict[str, set[str]] = {column.name: set() for column in columns}
        self._count = 0

    def batch(self, found: list[Any]) -> pa.RecordBatch:
        """Make one record batch; what is no object becomes a faulty row.

        Raises:
            BatchHeldError: a value is nested too deeply to be written down again.
        """
        self._count += len(found)
        try:
            return self._batch(found)
        except RecursionError:
            raise BatchHeldError(f"{self._where} JSON 嵌套过深".strip(), self._count) from None

    def _batch(self, found: list[Any]) -> pa.RecordBatch:
        if not all(isinstance(one, dict) for one in found):
            return self._batch_with_faults(found)
        self._see(found)
        names = [column.name for column in self._columns]
        try:
            arrays = [self._column(c, found) for c in self._columns]
        except UnicodeEncodeError:
            return self._batch_with_faults(found)
        return pa.record_batch(arrays, names=names)

    def finish(self) -> None:
        """Compare the fields that were sent with the contract's.

        Raises:
            BatchHeldError: a column never came in any row.
        """
        if not self._count:
            return
        try:
            match(self._columns, list(self._sent), self._drift, self._where, str)
        except BatchHeldError as error:
            raise BatchHeldError(str(error), self._count) from None

    @property
    def types(self) -> dict[str, str]:
        """How JSON typed each column: ``number``, ``string`` …; several joined by ``|``."""
        return {name: "|".join(sorted(found)) for name, found in self._types.items() if found}

    def _see(self, found: list[dict[str, Any]]) -> None:
        self._sent.update(dict.fromkeys(chain.from_iterable(found)))

    def _column(self, column: Column, found: list[dict[str, Any]]) -> pa.Array:
        values = [one.get(column.physical_name) for one in found]
        kinds = {KINDS[kind] for kind in set(map(type, values)) if kind in KINDS}
        self._types[column.name] |= kinds
        return _texts(values)

    def _batch_with_faults(self, found: list[Any]) -> pa.RecordBatch:
        good: list[dict[str, Any]] = []
        faults: list[tuple[str, str]] = []
        for one in found:
            if not isinstance(one, dict):
                faults.append(("broken_line: 不是 JSON 对象", _compact(one)))
            elif not _is_unicode(one):
                faults.append(
                    ("undecodable: 含有不成对的代理字符，不是合法的 Unicode", _compact(one))
                )
            else:
                good.append(one)
        self._see(good)
        names = [column.name for column in self._columns]
        arrays = [self._column(c, good) for c in self._columns]
        parts = [pa.record_batch(arrays, names=names)] if good else []
        return _joined([*parts, fault_batch(names, faults)])


def _texts(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _compact(value)


def _compact(value: Any) -> str:
    """Write a value as compact JSON, escaping what UTF-8 cannot hold.

    Numbers were parsed as text and are written without quotes again.
    """
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for at, (name, inner) in enumerate(value.items()):
            yield f"{',' if at else ''}{json.dumps(name, ensure_ascii=False)}:"
            yield from _pieces(inner)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for at, inner in enumerate(value):
            if at:
                yield ","
            yield from _pieces(inner)
        yield "]"
    elif isinstance(value, Number):
        yield value
    else:
        yield json.dumps(value, ensure_ascii=False)


def _is_unicode(one: dict[str, Any]) -> bool:
    try:
        json.dumps(one, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    tables = [pa.Table.from_batches([batch]) for batch in batches]
    table = pa.concat_tables(tables, promote_options="default").combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], table.schema)
