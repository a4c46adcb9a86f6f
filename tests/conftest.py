"""Fixtures for every suite. Nothing is skipped silently: a missing server program is a failure."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.stack import sources
from tests.support.departments import Departments, running_departments
from tests.support.home import throwaway_home
from tests.support.warehouse import Warehouse, throwaway_warehouse


@pytest.fixture(scope="session")
def hub_home() -> Iterator[Settings]:
    """Settings of an empty throwaway home, which ``hub.settings.settings()`` returns as well."""
    with throwaway_home() as settings:
        yield settings


@pytest.fixture(scope="session")
def warehouse(hub_home: Settings) -> Iterator[Warehouse]:
    """A warehouse cluster for the whole session; whoever writes to it uses ``clean_warehouse``."""
    with throwaway_warehouse(hub_home) as running:
        yield running


@pytest.fixture
def clean_warehouse(warehouse: Warehouse) -> Warehouse:
    """The warehouse without any schema of ours."""
    warehouse.clean()
    return warehouse


@pytest.fixture(scope="session")
def district(hub_home: Settings) -> Path:
    """The folder of a generated district at scale ``community``: its truth and its systems."""
    sources.generate(hub_home)
    return sources.district(hub_home)


@pytest.fixture(scope="session")
def departments(hub_home: Settings) -> Iterator[Departments]:
    """All departmental systems, running; a test that stops one starts it again."""
    with running_departments(hub_home) as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests measured (``record_property``), so that a command shows each figure."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", []):
            terminalreporter.write_line(f"measured: {name} = {value}")
