"""``hub import-dashboards``: bring Superset to what ``superset_assets/`` says."""

import subprocess
from pathlib import Path

from hub.edition import DASHBOARDS, edition
from hub.errors import HubError
from hub.settings import REPOSITORY, Settings
from hub.stack import superset

MARK = "superset assets: "


def import_dashboards(settings: Settings) -> str:
    """Import dashboards, roles and users in Superset's environment; return what was done.

    Superset need not be running, only its database. Everything it prints goes to a log.
    Raises :class:`HubError` with what differs when Superset does not end up as declared.
    """
    _note(settings).unlink(missing_ok=True)
    program = superset.python(settings)
    command = [program, "-m", "superset_assets.apply"]
    try:
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=superset.configuration(settings),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise HubError(f"there is no {program}; install it with `make up`") from None
    log = settings.logs / "import-dashboards-superset.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"{done.stdout}\n{done.stderr}", "utf-8")
    if done.returncode == 0 and MARK in done.stdout:
        _note(settings).write_text(edition(REPOSITORY, DASHBOARDS))
        return done.stdout.rpartition(MARK)[2].strip()
    if MARK in done.stderr:
        raise HubError(f"dashboards not imported: {done.stderr.rpartition(MARK)[2].strip()}")
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    raise HubError(f"dashboards not imported: {last} (all of it: {log})")


def are_imported(settings: Settings) -> bool:
    """Tell whether the last import ended well and its files have not changed since."""
    note = _note(settings)
    return note.exists() and note.read_text() == edition(REPOSITORY, DASHBOARDS)


def _note(settings: Settings) -> Path:
    return settings.home / "dashboards_imported"
