"""Find and end processes that an earlier life of this stack left behind, and no others.

Every service notes its process id, which is also that of its process group, in a file when it
starts. A process of that group is ours when it was born after the note was made, and its leader,
if it lives, is the one that made the note: an id that was given away since then is left alone.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

SLACK = 2.0  # seconds between the birth of a process and the note of its id


def lives(pid: int) -> bool:
    """Tell whether a process lives; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def members(record: Path) -> list[psutil.Process]:
    """Return the living processes of the group noted in ``record``; none when it is not ours."""
    try:
        group, noted = int(record.read_text()), record.stat().st_mtime
    except (FileNotFoundError, ValueError):
        return []
    if noted < psutil.boot_time():
        return []
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    if any(process.pid == group and process.create_time() > noted + SLACK for process in found):
        return []
    return [process for process in found if process.create_time() >= noted - SLACK]


def end_recorded(*records: Path, patience: float = 5) -> None:
    """End the groups noted in ``records``: politely, then for good; then forget the notes."""
    # PostgreSQL waits for its clients after SIGTERM, and ends at once after SIGINT.
    for step in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        for process in [process for record in records for process in members(record)]:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(step)
        until = time.monotonic() + patience
        while time.monotonic() < until and any(members(record) for record in records):
            time.sleep(0.1)
    for record in records:
        record.unlink(missing_ok=True)
