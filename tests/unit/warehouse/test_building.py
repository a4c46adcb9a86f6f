"""What a user sees of a build that runs: a bar for each part, or in a log a line for each."""

import io

import pytest
from rich.console import Console

from hub.pipeline.building import Watch, watching


def a_build(watch: Watch) -> None:
    watch("staging", 1, 2)
    watch("staging", 2, 2)
    watch("who is who", 0, None)
    watch("libraries and marts", 1, 3)


def test_a_log_gets_a_line_for_each_part_that_is_finished(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watching(Console(file=io.StringIO())) as watch:
        a_build(watch)
    assert capsys.readouterr().out == "staging: 2 nodes, 0 s\n"


def test_a_terminal_shows_how_far_each_part_is_and_keeps_nothing_of_it() -> None:
    shown = io.StringIO()
    screen = Console(file=shown, force_terminal=True, color_system=None, width=80)
    with watching(screen) as watch:
        a_build(watch)
        drawn = shown.getvalue()
    for part in ("staging", "2/2", "who is who", "libraries and marts", "1/3"):
        assert part in drawn
    assert shown.getvalue().endswith("\x1b[2K"), "the last of it was wiped away"
