"""Running ahead: the same items in the same order, errors handed on, threads that end."""

import threading
import time
from collections.abc import Iterator

import pytest

from connectors.landing.ahead import StalledError, ahead


def test_items_arrive_in_order_and_the_thread_ends() -> None:
    before = threading.active_count()
    assert list(ahead(iter(range(100)))) == list(range(100))
    time.sleep(0.05)
    assert threading.active_count() == before


def test_an_error_reaches_the_consumer_behind_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    got = ahead(items())
    assert next(got) == 1
    with pytest.raises(ValueError, match="broken"):
        next(got)


def test_a_consumer_that_leaves_early_ends_the_iterator() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(10_000)
        finally:
            closed.set()

    got = ahead(items())
    assert next(got) == 0
    got.close()  # type: ignore[attr-defined]
    assert closed.wait(2)


def test_silence_is_noticed() -> None:
    release = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        release.wait(5)

    got = ahead(items(), stall_seconds=0.05)
    assert next(got) == 1
    with pytest.raises(StalledError):
        next(got)
    release.set()
