"""Where a collector keeps messages until they are landed: segments of JSON lines on disk.

One folder per topic filter. A segment being written is called ``<moment>.open``; once whole it
becomes ``<moment>.jsonl`` and never changes again. A message counts as kept when :meth:`Spool.sync`
has returned, not before. Only one process writes (``lock``); others may ask it to ``seal``.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

OPEN, SEALED = ".open", ".jsonl"
SEGMENT_BYTES = 8 << 20
SEGMENT_SECONDS = 900.0
PROBE_BYTES = 1 << 16
TICK_SECONDS = 0.1
FRESH_SECONDS = 30.0


class SpoolBusyError(Exception):
    """Another process is writing here."""


class SpoolError(Exception):
    """What came could not be written down, so it must not be acknowledged."""


@dataclass(frozen=True)
class State:
    """What a collector says of itself: whether it listens, since when, and if not, why."""

    listening: bool
    since: str
    at: float
    messages: int
    reason: str | None = None

    def is_fresh(self) -> bool:
        """Tell whether this was said a moment ago; else the collector is gone, or its disk full."""
        return time.time() - self.at < FRESH_SECONDS

    def is_listening_now(self) -> bool:
        """Tell whether messages are being received."""
        return self.listening and self.is_fresh()


class Spool:
    """The spool of one broker's messages, below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._segments: dict[str, _Segment] = {}

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Be the only writer, as long as this process lives; finish what a dead one left behind.

        Raises:
            SpoolBusyError: somebody else is.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SpoolBusyError(str(self.folder)) from None
            self.recover()
            yield

    def recover(self) -> None:
        """Seal the segments that were being written, up to their last whole message."""
        self._segments = {}
        for path in sorted(self.folder.glob(f"*/*{OPEN}")):
            _cut_torn_tail(path)
            _seal(path)

    def probe(self) -> None:
        """See that there is room for more.

        Raises:
            SpoolError: there is not.
        """
        path = self.folder / "probe"
        try:
            with path.open("wb") as file:
                file.write(bytes(PROBE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SpoolError(f"无法写入 {self.folder}（{error.strerror}）") from None
        finally:
            path.unlink(missing_ok=True)

    def append(self, shelf: str, line: bytes) -> None:
        """Take a line for a folder's segment; it is safe after :meth:`sync`."""
        if shelf not in self._segments:
            self._segments[shelf] = _Segment(self.folder / shelf)
        self._segments[shelf].append(line)

    def sync(self) -> None:
        """Put on disk what was appended; all of it, or it is an error.

        Raises:
            SpoolError: the disk is full or broken; what was appended since the last time is gone.
        """
        try:
            for segment in self._segments.values():
                segment.sync()
        except OSError as error:
            for segment in self._segments.values():
                segment.abandon()
            self._segments = {}
            raise SpoolError(f"无法写入 {self.folder}（{error.strerror}）") from None

    def rotate(self, *, everything: bool = False) -> None:
        """Seal the segments that are large or old enough, or ``everything``."""
        for shelf, segment in list(self._segments.items()):
            if everything or segment.is_full():
                segment.seal()
                del self._segments[shelf]

    def sealed(self, shelf: str) -> list[Path]:
        """Return the whole segments of a folder, oldest first."""
        return sorted((self.folder / shelf).glob(f"*{SEALED}"))

    # Between the collector and whoever lands

    def ask_to_seal(self, seconds: float) -> bool:
        """Ask the writer to seal what it has, and wait for that; tell whether it did."""
        request = self.folder / "seal"
        request.touch()
        deadline = time.monotonic() + seconds
        while request.exists():
            if time.monotonic() > deadline:
                request.unlink(missing_ok=True)
                return False
            time.sleep(TICK_SECONDS)
        return True

    def answer_seal_request(self) -> None:
        """Seal everything if somebody asked for it."""
        request = self.folder / "seal"
        if request.exists():
            self.rotate(everything=True)
            request.unlink(missing_ok=True)

    def write_state(self, state: State) -> None:
        """Note how the collector is; where that is impossible, there is no note at all."""
        part, note = self.folder / "state.part", self.folder / "state.json"
        try:
            part.write_text(json.dumps(asdict(state), ensure_ascii=False), encoding="utf-8")
            part.replace(note)
        except OSError:
            for path in (part, note):
                path.unlink(missing_ok=True)

    def read_state(self) -> State | None:
        """Return what the collector noted last."""
        try:
            return State(**json.loads((self.folder / "state.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


class _Segment:
    """One segment that is being written; the file appears with its first line."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}{OPEN}"
        self._file: BinaryIO | None = None
        self._lines: list[bytes] = []
        self._began = time.monotonic()
        self._safe = 0  # bytes that are on disk for certain

    def append(self, line: bytes) -> None:
        self._lines.append(line + b"\n")

    def sync(self) -> None:
        if not self._lines:
            return
        if self._file is None:
            self._file = self._path.open("xb", buffering=0)
            _sync_folder(self._path.parent)
        data = b"".join(self._lines)
        view = memoryview(data)
        while view:  # a disk that fills up takes a part
            view = view[self._file.write(view) :]
        os.fsync(self._file.fileno())
        self._lines.clear()
        self._safe += len(data)

    def is_full(self) -> bool:
        return self._safe >= SEGMENT_BYTES or time.monotonic() - self._began > SEGMENT_SECONDS

    def seal(self) -> None:
        self.sync()
        if self._file is not None:
            self._file.close()
            _seal(self._path)

    def abandon(self) -> None:
        """Take back what is not safe; what is will be sealed by :meth:`Spool.recover`."""
        if self._file is not None:
            with suppress(OSError):
                self._file.truncate(self._safe)
            self._file.close()


def _cut_torn_tail(path: Path) -> None:
    """Cut a segment behind its last whole line: a process died while it wrote the next."""
    with path.open("rb+") as file:
        good = 0
        for line in file:
            if not line.endswith(b"\n") or not _is_whole(line):
                break
            good += len(line)
        file.truncate(good)
        os.fsync(file.fileno())


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _seal(path: Path) -> None:
    if path.stat().st_size:
        path.rename(path.with_suffix(SEALED))
    else:
        path.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
