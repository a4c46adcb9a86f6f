"""Progress of extraction: a bar on a terminal, plain lines everywhere else."""

import io
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from hub.pipeline.extracting import watching
from tests.support import contracts as given

ROWS = pa.record_batch({"code": ["1", "2", "3"]})


def test_a_terminal_shows_how_many_rows_of_a_table_came(tmp_path: Path) -> None:
    screen = Console(force_terminal=True, file=io.StringIO(), width=100)
    with watching(screen) as (say, watch):
        watched = watch(given.tree_contract(tmp_path), iter([ROWS, ROWS]))
        assert list(watched) == [ROWS, ROWS]
        say("parks.tree #1: received 6")
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "parks.tree" in shown
    assert "6 rows" in shown
    assert "received 6" in shown


def test_a_log_gets_lines_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(Console(file=io.StringIO())) as (say, watch):
        rows = iter([ROWS])
        assert watch(given.tree_contract(tmp_path), rows) is rows
        say("parks.tree #1: received 3")
    assert capsys.readouterr().out == "parks.tree #1: received 3\n"
