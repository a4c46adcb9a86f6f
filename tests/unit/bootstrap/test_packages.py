import pytest

from hub.bootstrap import packages
from hub.bootstrap.packages import DEBIAN_12, REQUIREMENTS, UBUNTU_24_04, Requirement
from hub.bootstrap.report import BootstrapError

POSTGRES = next(each for each in REQUIREMENTS if each.title == "PostGIS")
ABSENT = Requirement(
    "a thing",
    frozenset({"hub"}),
    {DEBIAN_12: ["thing-12"], UBUNTU_24_04: ["thing-24"]},
    ["/nowhere/thing"],
)


def test_every_requirement_knows_its_packages_on_both_systems() -> None:
    assert all(each.packages.keys() == {DEBIAN_12, UBUNTU_24_04} for each in REQUIREMENTS)


@pytest.mark.parametrize(
    ("system", "package"),
    [(DEBIAN_12, "postgresql-15-postgis-3"), (UBUNTU_24_04, "postgresql-16-postgis-3")],
)
def test_a_known_system_is_told_one_command(system: str, package: str) -> None:
    text = packages.what_to_install([POSTGRES], system)
    assert "missing on this machine: PostGIS" in text
    (command,) = (line for line in text.splitlines() if "apt-get" in line)
    assert package in command
    assert system in command


def test_an_unknown_system_is_told_what_it_is_called_elsewhere() -> None:
    text = packages.what_to_install([POSTGRES], "fedora 43")
    assert "fedora 43" in text
    assert "postgresql-15" in text
    assert "postgresql-16" in text


def test_a_package_is_named_once() -> None:
    names = packages.package_names(REQUIREMENTS, DEBIAN_12)
    assert len(names) == len(set(names))


def test_no_package_brings_a_service_that_starts_with_the_machine() -> None:
    names = packages.package_names(REQUIREMENTS, DEBIAN_12)
    assert not {"mariadb-server", "postgresql"} & set(names)


def test_a_service_that_a_package_cannot_do_without_is_switched_off() -> None:
    [broker] = [each for each in REQUIREMENTS if each.packages[DEBIAN_12] == ["mosquitto"]]
    assert broker.services == ("mosquitto",)


def test_without_the_right_to_install_the_list_is_the_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "REQUIREMENTS", (ABSENT,))
    monkeypatch.setattr(packages, "current_system", lambda: DEBIAN_12)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BootstrapError, match="apt-get install --no-install-recommends thing-12"):
        packages.ensure(["hub"])


def test_what_another_environment_needs_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "REQUIREMENTS", (ABSENT,))
    packages.ensure(["dashboards"])
