"""Bring the stack down, leaving no process behind, and delete its state."""

import shutil

from hub.errors import HubError
from hub.settings import Settings
from hub.stack.accounts import remove_data_directory
from hub.stack.services import DATABASES
from hub.stack.supervisor import Supervisor


def stop_stack(settings: Settings) -> bool:
    """Stop every service, databases last, then the supervisor; False when nothing ran."""
    supervisor = Supervisor(settings)
    ran = supervisor.is_running()
    if ran:
        names = supervisor.states()
        supervisor.stop_services([name for name in names if name not in DATABASES])
        supervisor.stop_services([name for name in DATABASES if name in names])
    supervisor.shut_down()
    return ran


def delete_state(settings: Settings) -> None:
    """Delete everything in the home but the environments; refuses while the stack runs."""
    if Supervisor(settings).is_running():
        raise HubError("the stack is running; stop it first with `make down`")
    for name in DATABASES:
        remove_data_directory(settings.home / name)
    for entry in settings.home.iterdir():
        if entry == settings.venvs:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
