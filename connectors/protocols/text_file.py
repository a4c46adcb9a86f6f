"""One pass over a text file: strictly decoded, written as UTF-8, its quotes looked at."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from connectors.protocols.base import BatchHeldError

CHUNK_BYTES = 4 << 20
BOM = "\ufeff"
# GB18030 text that looks like UTF-8 exists, but every further character makes it six times rarer.
CERTAIN_CHARACTERS = 12
QUOTE, LINE_FEED, CARRIAGE_RETURN = b'"'[0], b"\n"[0], b"\r"[0]


@dataclass(frozen=True)
class TextFile:
    """A decoded file: ``path`` is UTF-8, begins with its header and ends with a line end.

    ``regular``: every quote opens a field, closes one, or is doubled inside one, so that a fast
    parser cannot be led astray. ``lines`` counts physical lines.
    """

    path: Path
    regular: bool
    lines: int


def decode(source: Path, target: Path, encoding: str, delimiter: str) -> TextFile:
    """Write ``source`` to ``target`` as UTF-8.

    Raises:
        BatchHeldError: a byte sequence is not valid in ``encoding``; names its offset.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    quotes = _Quotes(delimiter)
    offset = lines = 0
    last = b"\n"
    with source.open("rb") as file, target.open("wb") as out:
        first = True
        while True:
            chunk = file.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - pending + error.start
                raise _undecodable(source, encoding, at) from None
            offset += len(chunk)
            # What stands before the header, a byte order mark or blank lines, is no record.
            data = (text.removeprefix(BOM).lstrip("\r\n") if first else text).encode()
            first = first and not data
            lines += data.count(b"\n")
            quotes.see(data)
            out.write(data)
            last = data[-1:] or last
            if not chunk:
                break
        if last != b"\n":
            out.write(b"\n")
            lines += 1
    return TextFile(target, quotes.regular(), lines)


def settle_encoding(source: Path, encoding: str, fallback: str | None) -> str:
    """Return the encoding of a file: ``encoding`` (UTF-8) where all of it is, else ``fallback``.

    Raises:
        BatchHeldError: it is so short that it might be either, and would say different things.
    """
    if fallback is None or _begins_with_bom(source):
        return encoding
    characters = _characters(source, encoding)
    if characters is None:
        return fallback
    if 0 < characters < CERTAIN_CHARACTERS and _characters(source, fallback) is not None:
        raise BatchHeldError(f"非 ASCII 字符太少，无法判定编码是 {encoding} 还是 {fallback}")
    return encoding


def _begins_with_bom(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(3) == codecs.BOM_UTF8


def _characters(source: Path, encoding: str) -> int | None:
    """Count the characters beyond ASCII; ``None`` when the file is not in ``encoding``."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    found = 0
    with source.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                return None
            found += len(text) - len(text.encode("ascii", "ignore"))
            if not chunk:
                return found


def _undecodable(source: Path, encoding: str, at: int) -> BatchHeldError:
    with source.open("rb") as file:
        lines = _count_lines(file)
    reason = f"第 {at} 字节起不是合法的 {encoding} 编码（从 0 计）"
    return BatchHeldError(reason, max(lines - 1, 0))


def _count_lines(file: BinaryIO) -> int:
    lines, last = 0, b"\n"
    while chunk := file.read(CHUNK_BYTES):
        lines += chunk.count(b"\n")
        last = chunk[-1:]
    return lines + (last != b"\n")


class _Quotes:
    """Checks all quotes of a file, chunk by chunk, without a look at the fields between them.

    Well-formed quoting is a matter of neighbours: counted from 0, an even quote stands at the
    start of a field or right behind the quote before it (a doubled one); an odd quote stands at
    the end of a field or right before the next quote.
    """

    def __init__(self, delimiter: str) -> None:
        edges = {LINE_FEED, CARRIAGE_RETURN, delimiter.encode()[0]}
        self._edges = np.array(sorted(edges), dtype=np.uint8)
        self._count = 0
        self._regular = True
        self._before = LINE_FEED  # the byte before this chunk
        self._open_question = False  # an odd quote was the last byte of the last chunk

    def see(self, data: bytes) -> None:
        """Look at the next chunk of UTF-8."""
        if not data:
            return
        if b'"' in data or self._open_question:
            self._look(np.frombuffer(data, dtype=np.uint8))
        self._before = data[-1]

    def regular(self) -> bool:
        """Tell whether all quotes were in their place and came in pairs."""
        return self._regular and self._count % 2 == 0

    def _look(self, data: NDArray[np.uint8]) -> None:
        around = np.concatenate(([np.uint8(self._before)], data, [np.uint8(LINE_FEED)]))
        at = np.flatnonzero(data == QUOTE) + 1
        if self._open_question and not self._follows(around[1:2])[0]:
            self._regular = False
        even = (np.arange(len(at)) + self._count) % 2 == 0
        opening, closing = at[even], at[~even]
        starts = np.isin(around[opening - 1], self._edges) | (around[opening - 1] == QUOTE)
        ends = self._follows(around[closing + 1])
        self._regular &= bool(starts.all() and ends.all())
        self._count += len(at)
        self._open_question = bool(data[-1] == QUOTE and self._count % 2 == 0)

    def _follows(self, after: NDArray[np.uint8]) -> NDArray[np.bool_]:
        ends: NDArray[np.bool_] = np.isin(after, self._edges) | (after == QUOTE)
        return ends
