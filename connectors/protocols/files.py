"""Files that a department leaves somewhere: which are new, whole and ready, and how to read them.

Where they lie is a :class:`FileStore` (a folder, an SFTP directory); what they hold is decided by
the contract's format. Each file is one batch, and none is read twice (by name and SHA-256).
"""

import fnmatch
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from connectors.contracts import FileContract
from connectors.contracts.formats import CsvFormat, ExcelFormat, GeojsonFormat, ParquetFormat
from connectors.protocols import archive, csv_file, excel_file, json_file, parquet_file
from connectors.protocols.base import BatchHeldError, Drift, Extraction, Since, SourceError
from connectors.protocols.scratch import scratch_folder

SETTLE_SECONDS = 1.0
LARGEST_FILE = 8 << 30
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file as a listing shows it."""

    name: str
    size: int
    modified: float


class FileStore(Protocol):
    """A place where files lie; errors of the place are raised as SourceError."""

    def list(self) -> list[Entry]:
        """Return all plain files of the directory."""
        ...

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to ``target``."""
        ...


class FileSource:
    """Reads the files of one contract from a store, in the order of their names.

    A file counts as ready when its flag (``<name><ok_flag>``) lies beside it, or, where no flag
    is agreed, when its size and time stand still for a moment.
    """

    def __init__(
        self,
        contract: FileContract,
        store: Callable[[], AbstractContextManager[FileStore]],
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._contract = contract
        self._store = store
        self._settle_seconds = settle_seconds

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction per file that was not landed before."""
        with self._store() as store, scratch_folder() as folder:
            for entry in self._ready(store):
                if entry.size > LARGEST_FILE:
                    limit = f"{LARGEST_FILE:,}"
                    raise SourceError(f"{entry.name} 有 {entry.size:,} 字节，超过上限 {limit}")
                path = folder / f"file{Path(entry.name).suffix}"
                store.fetch(entry.name, path)
                digest = _sha256(path)
                grown = path.stat().st_size != entry.size
                if grown or self._is_known(entry.name, digest, since):
                    continue  # what is still being written, the next run takes
                drift: list[Drift] = []
                yield Extraction(
                    source_ref=entry.name,
                    source_sha256=digest,
                    original=path,
                    rows=self._rows(path, entry.name, drift),
                    drift=drift,
                )

    def _is_known(self, name: str, digest: str, since: Since) -> bool:
        """Tell whether a file was read before, or is a whole table older than the one we have."""
        if self._contract.extract.mode == "files":
            return (name, digest) in since.files
        return since.newest is not None and (
            name < since.newest[0] or (name, digest) == since.newest
        )

    def _ready(self, store: FileStore) -> list[Entry]:
        extract = self._contract.extract
        listed = store.list()
        names = {entry.name for entry in listed}
        wanted = [e for e in listed if fnmatch.fnmatchcase(e.name, extract.object)]
        if extract.ok_flag:
            wanted = [e for e in wanted if e.name + extract.ok_flag in names]
        elif wanted:
            time.sleep(self._settle_seconds)
            still = set(store.list())
            wanted = [e for e in wanted if e in still]
        return sorted(wanted, key=lambda entry: entry.name)

    def _rows(self, path: Path, name: str, drift: list[Drift]) -> Iterator[pa.RecordBatch]:
        try:
            packed = self._contract.extract.archive
            for one in archive.entries(path, packed.entries) if packed else (path,):
                found: list[Drift] = []
                try:
                    yield from self._read(one, found)
                finally:
                    drift += [difference for difference in found if difference not in drift]
        except BatchHeldError as error:
            raise BatchHeldError(f"文件 {name}：{error}", error.lines) from None

    def _read(self, path: Path, drift: list[Drift]) -> Iterator[pa.RecordBatch]:
        declared, columns = self._contract.extract.format, self._contract.columns
        scratch = path.with_name("decoded")
        if isinstance(declared, CsvFormat):
            return csv_file.read(path, scratch, declared, columns, drift)
        if isinstance(declared, ExcelFormat):
            return excel_file.read(path, declared, columns, drift)
        if isinstance(declared, ParquetFormat):
            return parquet_file.read(path, columns, drift)
        if isinstance(declared, GeojsonFormat):
            return json_file.read_geojson(path, columns, drift)
        return json_file.read_lines(path, scratch, columns, drift)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
