"""Runs an iterator in a thread of its own, a few items ahead of whoever consumes it."""

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")

TICK_SECONDS = 0.2


class StalledError(Exception):
    """The iterator gave nothing for too long."""


def ahead(items: Iterator[T], depth: int = 2, stall_seconds: float | None = None) -> Iterator[T]:
    """Yield ``items``, produced by another thread at most ``depth`` ahead.

    Raises:
        StalledError: nothing came for ``stall_seconds``. The thread is left behind: a driver
            that hangs cannot be interrupted.
        Exception: whatever the iterator raised.
    """
    waiting: queue.Queue[T | _End] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: "T | _End") -> bool:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(item, timeout=TICK_SECONDS)
                return True
        return False

    def produce() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_End(None))
        except BaseException as error:
            put(_End(error))
        finally:
            close = getattr(items, "close", None)
            if close:
                close()

    threading.Thread(target=produce, daemon=True).start()
    try:
        yield from _consume(waiting, stall_seconds)
    finally:
        stopped.set()


class _End:
    """Nothing more comes; perhaps because of ``error``."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def _consume(waiting: "queue.Queue[T | _End]", stall_seconds: float | None) -> Iterator[T]:
    while True:
        try:
            item = waiting.get(timeout=stall_seconds)
        except queue.Empty:
            raise StalledError from None
        if isinstance(item, _End):
            if item.error:
                raise item.error
            return
        yield item
