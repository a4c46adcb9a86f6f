"""How much memory a service really takes."""

from contextlib import suppress

import psutil


def tree_pss(pid: int) -> int:
    """Return the proportional set size, in bytes, of a process and all its descendants.

    Shared pages are divided among those who share them, so the sum over services is what the
    machine really spends. 0 for a process that has ended.
    """
    total = 0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total
