"""Zip archives, taken apart with suspicion: who packs decides neither where files go nor how big.

An archive holds the parts of one table, all in the contract's format. Only plain entries within
it are taken, under names of our own; what they grow to is counted while they are unpacked, since
the sizes that an archive declares are only claims.
"""

import fnmatch
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from connectors.protocols.base import BatchHeldError

MOST_ENTRIES = 1_000
LARGEST_TOTAL = 4 << 30
# Deflate reaches about 1000 on zeros; text of tables seldom exceeds 20.
GREATEST_RATIO = 200
SMALL = 1 << 20  # below this, the ratio does not matter
CHUNK_BYTES = 1 << 20
UTF8_NAMES = 0x800
TOO_LARGE = "压缩包展开后过大，已停止（疑似压缩炸弹）"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def entries(path: Path, pattern: str) -> Iterator[Path]:
    """Yield the unpacked entries whose names match, in the order of their names, one at a time.

    Each lies beside ``path`` until the next is asked for.

    Raises:
        BatchHeldError: no archive, encrypted, leading out of itself, or too large.
    """
    budget = _budget(path)
    with _opened(path) as archive:
        wanted = _wanted(archive, pattern)
        for number, entry in enumerate(wanted):
            target = path.with_name(f"entry-{number}{PurePosixPath(entry.filename).suffix}")
            budget -= _unpack(archive, entry, target, budget)
            yield target
            target.unlink()


def see_size(path: Path) -> None:
    """See that a document that is an archive itself, as a workbook is, does not grow too large.

    Raises:
        BatchHeldError: it claims to. Who claims less gets no more than that.
    """
    if zipfile.is_zipfile(path):
        with _opened(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _budget(path):
                raise BatchHeldError(TOO_LARGE)


def _budget(path: Path) -> int:
    return min(LARGEST_TOTAL, max(SMALL, path.stat().st_size * GREATEST_RATIO))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise BatchHeldError("不是可读的 zip 压缩包") from None


def _wanted(archive: zipfile.ZipFile, pattern: str) -> list[zipfile.ZipInfo]:
    found = archive.infolist()
    if len(found) > MOST_ENTRIES:
        raise BatchHeldError(f"压缩包内文件超过 {MOST_ENTRIES} 个，已拒绝")
    for entry in found:
        if _leads_out(entry):
            raise BatchHeldError("压缩包内有指向包外的路径，已拒绝")
        if entry.flag_bits & 1:
            raise BatchHeldError("压缩包已加密，无法读取")
    wanted = [e for e in found if not e.is_dir() and fnmatch.fnmatchcase(_name(e), pattern)]
    if not wanted:
        raise BatchHeldError(f"压缩包内没有与“{pattern}”相符的文件")
    return sorted(wanted, key=_name)


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.replace("\\", "/")
    absolute = name.startswith("/") or name[1:2] == ":"
    link = stat.S_ISLNK(entry.external_attr >> 16)
    return absolute or link or ".." in name.split("/")


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the last part of an entry's name; old archivers in China write names in GBK."""
    name = PurePosixPath(entry.filename).name
    if entry.flag_bits & UTF8_NAMES:
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: int) -> int:
    broken = BatchHeldError("压缩包已损坏，或用了不支持的压缩方式")
    try:
        packed = archive.open(entry)
    except (*BROKEN, OSError):  # an offset that points before the file's beginning
        raise broken from None
    try:
        with packed, target.open("wb") as out:
            return _copy(packed, out, budget)
    except BROKEN:
        raise broken from None


def _copy(packed: IO[bytes], out: IO[bytes], budget: int) -> int:
    size = 0
    while chunk := packed.read(CHUNK_BYTES):
        size += len(chunk)
        if size > budget:
            raise BatchHeldError(TOO_LARGE)
        out.write(chunk)
    return size
