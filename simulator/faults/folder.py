"""Faults of the drop folder, which no server stands before: its files themselves are altered.

What a fault takes away or alters is kept beside the orders, and comes back when the fault ends.
"""

import shutil
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from simulator.faults.orders import Order


def realise(home: Path, orders: Sequence[Order]) -> None:
    """Make the folder look as these orders say, and as usual in everything else."""
    outbox, kept = home / "systems/others/outbox", home / "faults/others"
    _restore(outbox, kept)
    for order in orders:
        if order.fault == "refuse":
            kept.mkdir(parents=True, exist_ok=True)
            outbox.rename(kept / "outbox")
            return
        for path in sorted(outbox.iterdir()):
            if fnmatch(path.name, str(order.arguments["file"])):
                _alter(path, order, kept)


def _alter(path: Path, order: Order, kept: Path) -> None:
    if order.fault == "duplicate_file":
        copy = path.with_stem(path.stem + str(order.arguments["suffix"]))
        shutil.copy2(path, copy)
        (kept / "added").mkdir(parents=True, exist_ok=True)
        (kept / "added" / copy.name).touch()
        return
    (kept / "files").mkdir(parents=True, exist_ok=True)
    original = kept / "files" / path.name
    if not original.exists():
        shutil.copy2(path, original)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * order.arguments["share"])])


def _restore(outbox: Path, kept: Path) -> None:
    """Take everything back that a fault did; a file that came in the meantime stays."""
    if not kept.exists():
        return
    if (kept / "outbox").exists():
        for path in outbox.iterdir() if outbox.exists() else ():
            path.replace(kept / "outbox" / path.name)
        shutil.rmtree(outbox, ignore_errors=True)
        (kept / "outbox").rename(outbox)
    for mark in (kept / "added").glob("*"):
        (outbox / mark.name).unlink(missing_ok=True)
    for original in (kept / "files").glob("*"):
        original.replace(outbox / original.name)
    shutil.rmtree(kept)
