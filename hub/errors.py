"""Errors that a person is meant to read, and how the command line shows them."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class HubError(Exception):
    """Something a user can act on: the message says what happened, where, and what to do.

    ``exit_code``: 2 wrong use, 10 data held, 11 a source failed, 1 anything else.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def friendly(verb: Callable[P, R]) -> Callable[P, R]:
    """Show a :class:`HubError` of a command-line verb as one line and leave with its exit code."""

    @functools.wraps(verb)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except HubError as error:
            sys.stderr.write(f"hub: {error}\n")
            raise SystemExit(error.exit_code) from None

    return shown
