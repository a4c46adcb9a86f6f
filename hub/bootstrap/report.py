"""Progress on the screen, and the error that a person is meant to read."""

import sys


class BootstrapError(Exception):
    """The machine lacks something that cannot be installed from here: says what to do."""


def say(line: str) -> None:
    """Print one line at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
