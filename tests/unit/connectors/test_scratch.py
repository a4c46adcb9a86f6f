"""Scratch folders: gone with the block, and gone after a death, but never while somebody works."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.protocols.scratch import scratch_folder

WORKS_UNTIL_KILLED = """
from connectors.protocols.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "received.csv").write_text("personal data")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], tuple[subprocess.Popen[str], Path]]:
    """How to start another process that works in a scratch folder beside ours."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKS_UNTIL_KILLED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    return start


@pytest.mark.usefixtures("another")
def test_a_folder_is_ours_alone_and_goes_with_the_block() -> None:
    with scratch_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "part").mkdir()
    assert not folder.exists()


def test_what_a_killed_process_left_goes_when_the_next_begins(
    another: Callable[[], tuple[subprocess.Popen[str], Path]],
) -> None:
    process, left = another()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (left / "received.csv").exists()
    with scratch_folder() as folder:
        assert folder.exists()
        assert not left.exists()


def test_the_folder_of_a_process_at_work_stays(
    another: Callable[[], tuple[subprocess.Popen[str], Path]],
) -> None:
    process, used = another()
    with scratch_folder():
        assert (used / "received.csv").exists()
    process.communicate("\n")
    assert not used.exists()
