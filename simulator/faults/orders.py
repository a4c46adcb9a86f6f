"""The faults that are ordered of one system: a small file that its server reads at each request.

It lies beside what the system shows (``<home>/faults/<system>.json``), so that a fault needs no
restart, outlives one, and goes with the district.
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Order:
    """One fault at work: so many ``times`` more, or ``until`` a moment (seconds since 1970)."""

    fault: str
    arguments: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    until: float | None = None

    def __str__(self) -> str:
        arguments = " ".join(f"{name}={value}" for name, value in self.arguments.items() if value)
        times = f", {self.times} times more" if self.times is not None else ""
        seconds = f", {self.until - time.time():.0f} s more" if self.until is not None else ""
        return f"{self.fault} {arguments}".rstrip() + times + seconds


class OrderBook:
    """The orders of one system, shared by its server, the command line and the control page."""

    def __init__(self, home: Path, system: str) -> None:
        self.system = system
        self._path = home / "faults" / f"{system}.json"

    def active(self) -> list[Order]:
        """Return the orders that still hold."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        orders = [Order(**entry) for entry in json.loads(text)]
        now = time.time()
        return [o for o in orders if o.times != 0 and (o.until is None or o.until > now)]

    def add(self, order: Order) -> None:
        """Put a fault to work; one of the same name is replaced."""
        with self._locked():
            others = [other for other in self.active() if other.fault != order.fault]
            self._write([*others, order])

    def remove(self, fault: str) -> None:
        """End one fault."""
        with self._locked():
            self._write([order for order in self.active() if order.fault != fault])

    def clear(self) -> None:
        """End every fault."""
        with self._locked():
            self._write([])

    def due(self, applies: Callable[[Order], bool]) -> list[Order]:
        """Return the orders that apply now, and count them as carried out once more."""
        if not any(applies(order) for order in self.active()):
            return []
        with self._locked():
            orders = self.active()
            found = [order for order in orders if applies(order)]
            if any(order.times is not None for order in found):
                self._write([_once_less(o) if applies(o) else o for o in orders])
        return found

    def _write(self, orders: list[Order]) -> None:
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps([asdict(order) for order in orders], ensure_ascii=False))
        partial.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _once_less(order: Order) -> Order:
    return order if order.times is None else replace(order, times=order.times - 1)
