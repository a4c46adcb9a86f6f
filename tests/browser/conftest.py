"""A real Superset over a small made mart, and a real browser before it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from hub.pipeline.dashboards import import_dashboards
from hub.settings import Settings
from hub.stack import superset
from hub.stack.child import Child
from hub.stack.secrets import read_secret
from tests.browser import mart
from tests.support.browser import Watch, chromium, login, new_session
from tests.support.warehouse import Warehouse


@dataclass(frozen=True)
class Dashboards:
    """A running Superset, and the warehouse that it shows."""

    settings: Settings
    warehouse: Warehouse
    address: str

    def password(self, user: str) -> str:
        """Return the password of one of Superset's users."""
        return read_secret(self.settings, f"superset_{user}_password")

    def query(self, text: str) -> tuple[object, ...]:
        """Return the one row that ``text`` yields, asked as Superset would ask."""
        with self.warehouse.connect("hub_dashboards") as connection:
            row = connection.execute(text).fetchone()
        assert row is not None
        return row


@pytest.fixture(scope="package")
def dashboards(warehouse: Warehouse) -> Iterator[Dashboards]:
    """Superset with our assets, started once for all browser tests."""
    settings = warehouse.settings
    warehouse.clean()
    with warehouse.connect("hub") as connection:
        mart.make(connection)
    settings.logs.mkdir(parents=True, exist_ok=True)
    superset.migrate(settings)
    import_dashboards(settings)
    service = superset.service(settings)
    child = Child("Superset", service.command, settings.logs / "superset.log", service.environment)
    child.start(service.is_ready, timeout=120)
    try:
        yield Dashboards(settings, warehouse, superset.address(settings))
    finally:
        child.stop()
        warehouse.clean()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def leader_session(browser: Browser, dashboards: Dashboards) -> Iterator[BrowserContext]:
    """A browser session in which the district leader has logged in."""
    session = new_session(browser, dashboards.address)
    page = session.new_page()
    login(page, "leader", dashboards.password("leader"))
    page.close()
    yield session
    session.close()


@pytest.fixture
def leader(leader_session: BrowserContext, dashboards: Dashboards) -> Iterator[tuple[Page, Watch]]:
    """A new page of the leader's session, which opens the first page of Superset."""
    page = leader_session.new_page()
    watch = Watch.on(page, dashboards.address)
    page.goto("/")
    yield page, watch
    page.close()
