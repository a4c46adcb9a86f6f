"""What docker-compose.yml promises, read from the file; `make test-compose` really runs it."""

from typing import Any

import pytest
import yaml

from hub.settings import REPOSITORY, Settings
from hub.stack.services import all_services

STEPS = {"secrets", "prepare", "demo", "job"}  # they end
CONTAINERS = Settings(containers=True, executor="CeleryExecutor")


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    file = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    return dict(file["services"])


@pytest.fixture
def servers(services: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in services.items() if name not in STEPS}


def test_it_runs_every_service_of_the_stack_once(servers: dict[str, dict[str, Any]]) -> None:
    served = [each["command"][-1] for each in servers.values()]
    assert sorted(served) == sorted(all_services(CONTAINERS))


def test_each_is_reached_by_the_name_that_the_settings_give_it(
    servers: dict[str, dict[str, Any]],
) -> None:
    for name, each in servers.items():
        assert name in (CONTAINERS.host(each["command"][-1]), "worker")


def test_each_is_asked_after_its_own_health_and_restarts(
    servers: dict[str, dict[str, Any]],
) -> None:
    for each in servers.values():
        service = each["command"][-1]
        assert each["healthcheck"]["test"] == ["CMD", "hub", "container", "healthy", service]
        assert each["restart"] == "unless-stopped"


def test_only_workers_stand_in_both_networks(services: dict[str, dict[str, Any]]) -> None:
    both = {name for name, each in services.items() if len(each["networks"]) > 1}
    assert both == {"worker"}


def test_only_workers_see_what_was_landed(services: dict[str, dict[str, Any]]) -> None:
    mounting = {
        name
        for name, each in services.items()
        if any(volume.startswith("landing:") for volume in each.get("volumes", []))
    }
    assert mounting == {"worker"}


def test_secrets_are_written_by_one_step_only(services: dict[str, dict[str, Any]]) -> None:
    for name, each in services.items():
        writable = "secrets:/var/lib/hub/secrets" in each["volumes"]
        assert writable == (name == "secrets")
