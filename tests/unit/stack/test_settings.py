from pathlib import Path

import pytest

from hub.settings import Settings, settings
from hub.stack.home import prepare_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    monkeypatch.setenv("HUB_PORT_SUPERSET", "4711")
    return tmp_path


def fresh() -> Settings:
    settings.cache_clear()
    try:
        return settings()
    finally:
        settings.cache_clear()


def test_a_port_given_at_start_is_remembered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_home(fresh())
    monkeypatch.delenv("HUB_PORT_SUPERSET")
    assert fresh().port_superset == 4711


def test_the_environment_wins_over_what_is_remembered(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_home(fresh())
    monkeypatch.setenv("HUB_PORT_SUPERSET", "4712")
    assert fresh().port_superset == 4712


def test_the_home_is_absolute_wherever_it_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_HOME", "mine")
    assert fresh().home == tmp_path / "mine"
