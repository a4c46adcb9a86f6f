"""Wait for something to become true, and say clearly what did not."""

import time
from collections.abc import Callable

from hub.errors import HubError


def wait_until(
    ready: Callable[[], bool],
    what: str,
    *,
    timeout: float,
    alive: Callable[[], bool] = lambda: True,
    pause: float = 0.1,
) -> None:
    """Ask ``ready`` until it says yes; give up after ``timeout`` seconds or when not ``alive``.

    Raises :class:`HubError` naming ``what`` was waited for.
    """
    deadline = time.monotonic() + timeout
    while not ready():
        if not alive():
            raise HubError(f"{what} ended instead of starting")
        if time.monotonic() > deadline:
            raise HubError(f"{what} was not ready within {timeout:.0f} s")
        time.sleep(pause)
