"""Shows how far a build is: a bar for each part on a terminal, a line for each elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from hub.console import console


class Watch(Protocol):
    """Takes how many nodes of a part are finished; ``total`` is None where nobody knows."""

    def __call__(self, part: str, finished: int, total: int | None) -> None:
        """Show it."""


def unseen(part: str, finished: int, total: int | None) -> None:
    """Let nobody know."""


@contextmanager
def watching(screen: Console | None = None) -> Iterator[Watch]:
    """Yield how to say how far a build is; on a terminal nothing of it stays."""
    screen = screen or console()
    if not screen.is_terminal:
        yield Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as bars:
        yield Bars(bars)


class Bars:
    """A bar for each part; one that begins ends the part before."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._parts: dict[str, TaskID] = {}

    def __call__(self, part: str, finished: int, total: int | None) -> None:
        """Draw."""
        if part not in self._parts:
            for bar in self._parts.values():
                self._bars.stop_task(bar)
            self._parts[part] = self._bars.add_task(part, total=total)
        self._bars.update(self._parts[part], completed=finished, total=total, refresh=True)


class Lines:
    """A line for each part that ended, for logs: what it was, and how long it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, part: str, finished: int, total: int | None) -> None:
        """Print when all is finished."""
        if finished == total:
            seconds, self._began = time.monotonic() - self._began, time.monotonic()
            typer.echo(f"{part}: {total} nodes, {seconds:.0f} s")
