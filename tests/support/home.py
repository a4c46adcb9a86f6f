"""A throwaway hub home: own folder, own free ports, settings that point to it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.settings import Settings, settings
from hub.stack.environment import source_environment
from hub.stack.ports import free_port

PORTS = [name for name in Settings.model_fields if name.startswith("port_")]


@contextmanager
def throwaway_home() -> Iterator[Settings]:
    """Point ``hub.settings.settings()`` to an empty home outside the repository.

    The environments (``HUB_VENVS``) stay those of the caller; the district is 沙嘴 alone; the
    folder is deleted afterwards.
    """
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    folder.chmod(0o755)  # the servers' own accounts must reach their data directories
    venvs = settings().venvs
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HUB_HOME", str(folder))
            patch.setenv("HUB_VENVS", str(venvs))
            patch.setenv("HUB_SCALE", "community")
            for name in source_environment(settings()):
                patch.delenv(name, raising=False)  # of another home, or of the developer's shell
            for port in PORTS:
                patch.setenv(f"HUB_{port.upper()}", str(free_port()))
            settings.cache_clear()
            yield settings()
    finally:
        settings.cache_clear()  # also when a test failed: the next one has a home of its own
        shutil.rmtree(folder)


def home_beside(home: Settings, name: str) -> Settings:
    """Return settings of a second home inside ``home``, with free ports of its own.

    The servers of the first home, started by whichever test came before, stay out of its way.
    """
    ports = {port: free_port() for port in PORTS}
    return home.model_copy(update={"home": home.home / name, **ports})
