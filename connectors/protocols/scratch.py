"""Scratch folders for what is received: a killed process leaves its own, the next one removes it.

They may hold personal data, and the machine's own cleaning of its temporary files may be far off.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "hub-scratch-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder that only we can read; it goes with the block, or with our death."""
    _sweep()
    folder, ours = _locked()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(ours)


def _locked() -> tuple[Path, int]:
    """Make a folder and lock it for as long as we live; a sweeper may be faster than our lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            ours = os.open(folder, os.O_RDONLY)
            fcntl.flock(ours, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, ours
            os.close(ours)


def _sweep() -> None:
    """Remove our account's folders that nobody holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, in use, or gone already
            left = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(left)
