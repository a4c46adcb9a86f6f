import stat
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.settings import Settings
from hub.stack.secrets import GENERATED, KEY_PAIRS, ensure_secrets, read_secret


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    ensure_secrets(settings)
    return settings


def test_only_the_owner_can_read_them(home: Settings) -> None:
    assert mode(home.secrets) == 0o700
    assert {mode(file) for file in home.secrets.iterdir()} == {0o600}


def test_there_is_one_file_for_each(home: Settings) -> None:
    assert {file.name for file in home.secrets.iterdir()} == {
        *GENERATED,
        *KEY_PAIRS.keys(),
        *KEY_PAIRS.values(),
        *("passwords.txt", "pgpass", "reader.pgpass", "police_pgpass"),
    }


def test_a_second_start_changes_none(home: Settings) -> None:
    before = {file.name: file.read_text() for file in home.secrets.iterdir()}
    ensure_secrets(home)
    assert {file.name: file.read_text() for file in home.secrets.iterdir()} == before


def test_two_hubs_share_none(home: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    ensure_secrets(other)
    for name in GENERATED:
        assert read_secret(home, name) != read_secret(other, name)


def test_they_are_long_enough(home: Settings) -> None:
    assert all(len(read_secret(home, name)) >= 32 for name in GENERATED)
    assert len(read_secret(home, "airflow_jwt_secret").encode()) >= 64


def test_passfiles_follow_the_port_and_the_readers_opens_nothing_else(home: Settings) -> None:
    ensure_secrets(home.model_copy(update={"port_postgres": 4711}))
    lines = (home.secrets / "pgpass").read_text().splitlines()
    assert {line.split(":")[1] for line in lines} == {"4711"}
    (reader,) = (home.secrets / "reader.pgpass").read_text().splitlines()
    assert reader.split(":")[3:] == ["hub_reader", read_secret(home, "hub_reader_password")]


@pytest.mark.parametrize(
    ("containers", "remedy"), [(False, "make up"), (True, "docker compose run --rm secrets")]
)
def test_a_hub_that_was_never_started_says_what_to_do(
    tmp_path: Path, containers: bool, remedy: str
) -> None:
    with pytest.raises(HubError, match=remedy):
        read_secret(Settings(home=tmp_path, containers=containers), "hub_password")
