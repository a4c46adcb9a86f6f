"""What our own servers have in common: where they are, and a life as the child of a test."""

import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from hub.settings import LOOPBACK
from hub.stack.accounts import remove_data_directory
from hub.stack.child import Child, plain_environment


@dataclass
class PrivateServer(ABC):
    """One server with a ``data`` directory of its own, on ``port``.

    ``host`` is where clients find it, ``bind`` the address on which it listens.
    """

    data: Path
    port: int
    host: str = field(default=LOOPBACK, kw_only=True)
    bind: str = field(default=LOOPBACK, kw_only=True)
    _child: Child | None = field(default=None, init=False, repr=False)

    program: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @abstractmethod
    def command(self, *, die_with_parent: bool = False) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether the server really answers."""

    def start(self) -> None:
        """Run the server as a child of this process, and wait until it answers (tests)."""
        self._child = Child(
            title=f"{self.program} on port {self.port}",
            command=self.command(die_with_parent=True),
            log=self.data.parent / f"{self.data.name}.log",
            environment=plain_environment(),
            stop_signal=self.stop_signal,
        )
        self._child.start(self.is_ready)

    def stop(self) -> None:
        """Stop the server that :meth:`start` started."""
        if self._child:
            self._child.stop()

    def remove(self) -> None:
        """Delete the data directory, wherever it lies."""
        remove_data_directory(self.data)
