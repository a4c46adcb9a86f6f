"""The dashboard 社区总览 as a district leader sees it, in a real browser over a real Superset."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.pipeline.refresh import refresh_dashboards
from superset_assets.bundle import Bundle
from tests.browser.conftest import Dashboards
from tests.browser.mart import STALE_SENTENCE
from tests.support import browser as chrome
from tests.support.browser import Watch

pytestmark = pytest.mark.browser

ALL_CHARTS = len(Bundle().charts)
FIGURES = {
    "residents": "to_char(sum(residents), 'FM999,999,999')",
    "households": "to_char(sum(households), 'FM999,999,999')",
    "buildings": "to_char(sum(buildings), 'FM999,999,999')",
    "elderly_share": "round(100.0 * sum(elderly_60_plus) / sum(residents), 1) || '%'",
    "family_doctor_rate": "round(100.0 * sum(family_doctor_contracts) / sum(residents), 1) || '%'",
    "party_members": "to_char(sum(party_members), 'FM999,999,999')",
    "legal_persons": "to_char(sum(legal_persons), 'FM999,999,999')",
    "components": "to_char(sum(components), 'FM999,999,999')",
    "component_intact_rate": (
        "round(100.0 * sum(components_intact) / sum(components_in_use), 1) || '%'"
    ),
    "four_elements_rate": (
        "round(100.0 * sum(components_four_elements) / sum(components_in_use), 1) || '%'"
    ),
    "data_as_of": "to_char(max(as_of) at time zone 'Asia/Shanghai', 'MM-DD HH24:MI')",
}
GREEN, YELLOW, RED = (111, 185, 143), (233, 196, 106), (209, 73, 91)
Leader = tuple[Page, Watch]


def figures_on(page: Page) -> dict[str, str]:
    charts = Bundle().charts
    return {name: chrome.figure(page, charts[name]["slice_name"]) for name in FIGURES}


def figures_in_sql(dashboards: Dashboards, where: str = "true") -> dict[str, str]:
    asked = ", ".join(FIGURES.values())
    row = dashboards.query(f"SELECT {asked} FROM mart.community_overview WHERE {where}")
    return dict(zip(FIGURES, map(str, row), strict=True))


def test_shows_what_the_mart_holds_and_nothing_else_happens(
    leader: Leader, dashboards: Dashboards
) -> None:
    page, watch = leader
    chrome.wait_for_charts(page, ALL_CHARTS)

    assert "/superset/dashboard/community-overview/" in page.url, "the leader's first page"
    assert figures_on(page) == figures_in_sql(dashboards)
    if picture := os.environ.get("HUB_SCREENSHOT"):
        page.mouse.move(0, 0)
        page.screenshot(path=Path(picture))

    assert watch.outside == []
    assert watch.console_errors == []
    assert watch.failed_answers == []


def test_names_the_stale_department_in_red(leader: Leader) -> None:
    page, _ = leader
    chrome.wait_for_charts(page, ALL_CHARTS)
    row = chrome.chart(page, "数据时效").locator("tbody tr", has_text="卫健")
    expect(row.locator("td").last).to_have_text(STALE_SENTENCE)
    red, green, blue = map(
        int,
        re.findall(
            r"\d+",
            row.locator("td").last.evaluate("cell => getComputedStyle(cell).backgroundColor"),
        )[:3],
    )
    assert red > green + 30
    assert red > blue + 30
    assert chrome.figure(page, "滞后部门") == "1"


def test_filters_every_figure_by_community(leader: Leader, dashboards: Dashboards) -> None:
    page, _ = leader
    chrome.wait_for_charts(page, ALL_CHARTS)
    residents = Bundle().charts["residents"]["slice_name"]
    everywhere = chrome.figure(page, residents)

    chrome.choose(page, "社区", "沙头社区")
    expect(chrome.chart(page, residents).locator(".header-line")).not_to_have_text(everywhere)
    chrome.wait_for_charts(page, ALL_CHARTS)

    assert figures_on(page) == figures_in_sql(dashboards, "community_name = '沙头社区'")
    rows = chrome.chart(page, "网格明细").locator("tbody tr")
    assert rows.count() == 8
    assert {"沙头" in text for text in rows.all_inner_texts()} == {True}


def test_draws_the_map_without_a_base_map(leader: Leader) -> None:
    page, _ = leader
    chrome.wait_for_charts(page, ALL_CHARTS)
    canvas = chrome.chart(page, "网格负载地图").locator("canvas").first
    page.wait_for_timeout(2000)  # the map moves to its grids
    seen = chrome.colours(page, canvas)
    for colour in (GREEN, YELLOW, RED):
        near = sum(
            count
            for shown, count in seen.items()
            if all(abs(one - other) < 40 for one, other in zip(shown, colour, strict=True))
        )
        assert near > 1000, f"no grid in {colour}"


def test_speaks_chinese_only(leader: Leader) -> None:
    page, _ = leader
    chrome.wait_for_charts(page, ALL_CHARTS)
    for menu in ("[data-test=slice-header] button", "[data-test=actions-trigger]"):
        page.locator(menu).first.click()
        page.locator(".ant-dropdown-menu").last.wait_for()
        assert re.findall(r"[A-Za-z]{2,}", page.locator("body").inner_text()) == []
        page.keyboard.press("Escape")


def test_the_login_page_speaks_chinese(browser: chrome.Browser, dashboards: Dashboards) -> None:
    page = chrome.new_session(browser, dashboards.address).new_page()
    watch = Watch.on(page, dashboards.address)
    page.goto("/login/")
    page.locator("#username").wait_for()
    text = page.locator("body").inner_text()
    assert "登录" in text
    assert re.findall(r"[A-Za-z]{2,}", text) == []
    assert watch.outside == []
    assert watch.console_errors == []
    page.context.close()


def test_shows_a_new_build_after_a_refresh(leader: Leader, dashboards: Dashboards) -> None:
    page, _ = leader
    chrome.wait_for_charts(page, ALL_CHARTS)
    title = Bundle().charts["buildings"]["slice_name"]
    before = chrome.figure(page, title)
    with dashboards.warehouse.connect("hub") as connection:
        connection.execute("UPDATE mart.community_overview SET buildings = buildings + 1000")

    page.reload()
    chrome.wait_for_charts(page, ALL_CHARTS)
    assert chrome.figure(page, title) == before, "answers are cached between two builds"

    assert refresh_dashboards(dashboards.settings) == len(Bundle().datasets)
    page.reload()
    chrome.wait_for_charts(page, ALL_CHARTS)
    assert figures_on(page) == figures_in_sql(dashboards)
    assert chrome.figure(page, title) != before
