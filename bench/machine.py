"""What the machine did for others while something was measured."""

import os
from pathlib import Path

STEAL = 8  # its place among the numbers of the line "cpu" (proc(5))


def stolen_seconds() -> float:
    """Return for how long, since it started, this machine's host gave our processors to others.

    Figures taken while much was stolen say nothing about the software; 0 on bare metal.
    """
    ticks = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[STEAL]
    return int(ticks) / os.sysconf("SC_CLK_TCK")
