"""Has the main job succeeded in this home, for the district that is configured now?"""

from pathlib import Path

from hub.settings import Settings


def is_due(settings: Settings) -> bool:
    """Tell whether ``hub up`` should run the main job: it never succeeded for this district."""
    note = _note(settings)
    return not note.exists() or note.read_text() != _district(settings)


def note_done(settings: Settings) -> None:
    """Remember that the main job succeeded."""
    _note(settings).write_text(_district(settings))


def _note(settings: Settings) -> Path:
    return settings.home / "main_job_done"


def _district(settings: Settings) -> str:
    return f"{settings.scale} {settings.seed}"
