"""A folder on this machine as a store of files."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.contracts.sources import FolderServer
from connectors.protocols.base import SourceError
from connectors.protocols.files import Entry
from connectors.protocols.sql import settle


class Folder:
    """The plain files of one directory; links that lead out of it are not followed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def list(self) -> list[Entry]:
        """Return all plain files."""
        try:
            found = [p for p in self._directory.iterdir() if p.is_file() and not p.is_symlink()]
            return [Entry(p.name, p.stat().st_size, p.stat().st_mtime) for p in found]
        except OSError as error:
            raise SourceError(f"无法读取目录 {self._directory}（{error.strerror}）") from None

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to ``target``."""
        try:
            shutil.copyfile(self._directory / name, target)
        except OSError as error:
            raise SourceError(f"无法读取文件 {name}（{error.strerror}）") from None


@contextmanager
def open_folder(server: FolderServer) -> Iterator[Folder]:
    """Open the folder that a contract names."""
    yield Folder(Path(settle(server.directory)))
