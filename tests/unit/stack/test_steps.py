import threading

import pytest

from hub.stack.steps import Step, run_steps, without


def test_a_step_waits_for_those_it_names() -> None:
    order: list[str] = []
    steps = [
        Step("c", "C", lambda: order.append("c"), ["a", "b"]),
        Step("b", "B", lambda: order.append("b"), ["a"]),
        Step("a", "A", lambda: order.append("a")),
    ]
    run_steps(steps, lambda line: None)
    assert order == ["a", "b", "c"]


def test_steps_that_need_not_wait_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)
    run_steps([Step(name, name, both.wait) for name in ("a", "b")], lambda line: None)


def test_a_failure_stops_what_comes_after_and_is_raised() -> None:
    lines: list[str] = []
    ran: list[str] = []

    def fail() -> None:
        raise OSError("the disk is full")

    steps = [Step("a", "first", fail), Step("b", "second", lambda: ran.append("b"), ["a"])]
    with pytest.raises(OSError, match="the disk is full"):
        run_steps(steps, lines.append)
    assert ran == []
    assert lines == ["✗ first"]


def test_steps_that_wait_for_each_other_are_a_mistake() -> None:
    steps = [Step("a", "A", print, ["b"]), Step("b", "B", print, ["a"])]
    with pytest.raises(ValueError, match="wait for each other"):
        run_steps(steps, lambda line: None)


def test_a_step_can_be_left_out() -> None:
    steps = without([Step("a", "A", print), Step("b", "B", print, ["a"])], "a")
    assert [(step.name, list(step.after)) for step in steps] == [("b", [])]
