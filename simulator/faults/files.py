"""What health's outbox looks like when its files are faulty: an altered copy of the real one."""

import io
import json
import shutil
import zlib
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from simulator.faults.columns import SHAPES, reshape
from simulator.faults.orders import Order

ALTERING = SHAPES | {"truncate_file", "duplicate_file", "forget_ok", "mojibake"}
ENCODING, FLAG = "gb18030", ".ok"


def touches(order: Order, name: str) -> bool:
    """Say whether an order means the file of this name; flags go with their files."""
    return fnmatch(name.removesuffix(FLAG), str(order.arguments.get("file", "")))


def altered(root: Path, orders: Sequence[Order], shelf: Path) -> Path:
    """Return a copy of ``root`` as these orders show it, made on ``shelf`` unless it is there."""
    outbox = root / "outbox"
    seen = [(path.name, path.stat().st_mtime_ns) for path in sorted(outbox.iterdir())]
    wishes = [(order.fault, order.arguments) for order in orders]
    copy = shelf / f"health-{zlib.crc32(json.dumps([seen, wishes]).encode()):08x}"
    if not copy.exists():
        for old in shelf.glob("health-*"):
            shutil.rmtree(old)
        partial = shelf / "health-new"
        shutil.copytree(outbox, partial / "outbox")  # with its times
        for order in orders:
            _alter(partial / "outbox", order)
        partial.rename(copy)
    return copy


def _alter(outbox: Path, order: Order) -> None:
    for path in sorted(outbox.iterdir()):
        flag = path.name.endswith(FLAG)
        if not touches(order, path.name) or flag != (order.fault == "forget_ok"):
            continue
        content = path.read_bytes()
        match order.fault:
            case "forget_ok":
                path.unlink()
            case "truncate_file":
                path.write_bytes(content[: int(len(content) * order.arguments["share"])])
            case "duplicate_file":
                name = path.stem + str(order.arguments["suffix"]) + path.suffix
                for end in ("", FLAG):
                    _copy_if_there(outbox / (path.name + end), outbox / (name + end))
            case "mojibake":
                path.write_bytes(content.decode(ENCODING).encode(str(order.arguments["encoding"])))
            case _:
                path.write_bytes(_reshaped(content, order))


def _copy_if_there(path: Path, target: Path) -> None:
    if path.exists():
        shutil.copy2(path, target)


def _reshaped(content: bytes, order: Order) -> bytes:
    """Return a CSV file with its columns as an order shows them."""
    rows = pl.read_csv(io.BytesIO(content.decode(ENCODING).encode()), infer_schema=False)
    text = reshape(rows, [order]).write_csv(line_terminator="\r\n")
    return text.encode(ENCODING)
