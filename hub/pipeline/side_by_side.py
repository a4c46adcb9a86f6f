"""Runs calls at the same time, a few at once, in threads that never outlive an interrupt."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def side_by_side(calls: Sequence[Callable[[], T]], at_once: int) -> list[T]:
    """Return what each of ``calls`` returns, in their order; a single one runs where we are.

    After a failure nothing new begins; what runs is waited for, then the first error is raised.
    An interrupt is not kept waiting: the threads die with the process, as if it were killed.
    """
    if len(calls) == 1:
        return [calls[0]()]
    waiting = iter(list(enumerate(calls)))
    results: dict[int, T] = {}
    errors: list[BaseException] = []
    turn = threading.Lock()

    def work() -> None:
        while not errors:
            with turn:
                at, call = next(waiting, (0, None))
            if call is None:
                return
            try:
                results[at] = call()
            except BaseException as error:
                errors.append(error)

    hands = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    if errors:
        raise errors[0]
    return [results[at] for at in range(len(calls))]
