"""The folder that holds all state of a hub: made ready at every start."""

import fcntl
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.errors import HubError
from hub.settings import REMEMBERED, Settings
from hub.stack import airflow
from hub.stack.secrets import ensure_secrets


def prepare_home(settings: Settings) -> None:
    """Create folders, secrets and the ``hub`` command; note the settings that were chosen."""
    prepare_folders(settings)
    ensure_secrets(settings)
    airflow.prepare_files(settings)
    _remember(settings)
    write_launcher(settings)


def prepare_folders(settings: Settings) -> None:
    """Create the folders that hold state."""
    for folder in (settings.home, settings.logs, settings.data_docs, settings.landing):
        folder.mkdir(parents=True, exist_ok=True)
    settings.landing.chmod(0o700)  # people's data as received


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Refuse to start or stop a stack that somebody else is starting or stopping."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HubError(
                f"another `hub up`, `down` or `restart` is at work on {settings.home}"
            ) from None
        yield


def _remember(settings: Settings) -> None:
    """Write what differs from the defaults, so that later commands mean the same hub."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    chosen = {
        name: value
        for name, value in settings.model_dump().items()
        if value != defaults[name] and name not in ("home", "venvs")
    }
    lines = [f"HUB_{name.upper()}={value}\n" for name, value in chosen.items()]
    head = "# Settings of this hub; the environment wins over them. Rewritten by `hub up`.\n"
    (settings.home / REMEMBERED).write_text(head + "".join(lines))


def write_launcher(settings: Settings) -> None:
    """Write ``<home>/bin/hub``: the command line that means this home, from any folder."""
    launcher: Path = settings.home / "bin" / "hub"
    launcher.parent.mkdir(exist_ok=True)
    launcher.write_text(
        "#!/bin/sh\n"
        f"export HUB_HOME={shlex.quote(str(settings.home))}\n"
        f"export HUB_VENVS={shlex.quote(str(settings.venvs))}\n"
        f'exec {shlex.quote(sys.executable)} -m hub "$@"\n'
    )
    launcher.chmod(0o755)
