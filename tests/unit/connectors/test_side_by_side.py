"""Side by side: two at once, results in order, the first error raised once all is quiet."""

import threading

import pytest

from hub.pipeline.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_calls() -> None:
    assert side_by_side([lambda n=n: n * n for n in range(5)], at_once=2) == [0, 1, 4, 9, 16]
    assert side_by_side([], at_once=2) == []


def test_two_calls_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)
    side_by_side([both.wait, both.wait], at_once=2)


def test_a_single_call_stays_in_the_thread_that_asked() -> None:
    assert side_by_side([threading.get_ident], at_once=2) == [threading.get_ident()]


def test_after_a_failure_nothing_new_begins_and_what_runs_is_waited_for() -> None:
    failing: list[threading.Thread] = []
    failed, done = threading.Event(), []

    def fail() -> None:
        failing.append(threading.current_thread())
        failed.set()
        raise OSError("the disk is full")

    def finish() -> None:
        failed.wait(5)
        failing[0].join(5)
        done.append("finished")

    with pytest.raises(OSError, match="the disk is full"):
        side_by_side([finish, fail, lambda: done.append("began late")], at_once=2)
    assert done == ["finished"]
