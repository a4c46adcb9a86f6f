"""A headless Chromium for tests: log in to Superset, wait for its charts, watch what goes wrong."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    sync_playwright,
)

WALL = ViewportSize(width=1920, height=1080)
# Maps need WebGL, which a machine without a graphics card computes itself.
SOFTWARE_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE_MS = 60_000  # the tests may share two cores with a whole stack


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium, without its sandbox when we are root (it refuses otherwise)."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is missing: install the package chromium"
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*SOFTWARE_WEBGL, *as_root]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """Everything a page should not do, as it happens."""

    host: str
    outside: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    failed_answers: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, page: Page, address: str) -> "Watch":
        """Start watching ``page``, whose own host is that of ``address``."""
        watch = cls(urlsplit(address).netloc)
        page.on("request", lambda request: watch._asked(request.url))
        page.on("response", lambda answer: watch._answered(answer.status, answer.url))
        page.on("console", lambda line: watch._said(line.type, line.text))
        page.on("pageerror", lambda error: watch._said("error", str(error)))
        return watch

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme.startswith(("http", "ws")) and parts.netloc != self.host:
            self.outside.append(url)

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.failed_answers.append(f"{status} {url}")

    def _said(self, kind: str, text: str) -> None:
        if kind == "error":
            self.console_errors.append(text)


def new_session(browser: Browser, address: str) -> BrowserContext:
    """Open a session of its own, on a screen of the size of a wall."""
    session = browser.new_context(viewport=WALL, locale="zh-CN", base_url=address)
    session.set_default_timeout(PATIENCE_MS)
    return session


def login(page: Page, user: str, password: str) -> None:
    """Log in to Superset; returns when the first page after it comes."""
    page.goto("/login/")
    page.locator("#username").fill(user)
    page.locator("#password").fill(password)
    page.get_by_role("button", name="登").click()
    page.wait_for_url(lambda url: "/login" not in url)


def wait_for_charts(page: Page, count: int) -> None:
    """Wait until ``count`` charts are there and none of them is loading or reports an error."""
    charts = page.locator("[data-test=chart-grid-component]")
    charts.nth(count - 1).wait_for()
    for number in range(count):
        charts.nth(number).scroll_into_view_if_needed()  # what is out of sight is not loaded
        charts.nth(number).locator(".slice_container > div").first.wait_for()
    page.locator(".loading, [data-test=loading-indicator]").first.wait_for(state="detached")
    errors = page.locator("[data-test=chart-container] [role=alert]").all_inner_texts()
    assert not errors, errors
    page.evaluate("() => window.scrollTo(0, 0)")


def chart(page: Page, title: str) -> Locator:
    """Return the chart with this title."""
    return page.locator(f'[data-test=chart-grid-component][data-test-chart-name="{title}"]')


def figure(page: Page, title: str) -> str:
    """Return what a big number shows."""
    return chart(page, title).locator(".header-line").inner_text()


def choose(page: Page, title: str, value: str) -> None:
    """Choose ``value`` in the filter with this title, and apply it."""
    chooser = page.locator("[data-test=filter-bar] .filter-item-wrapper", has_text=title)
    chooser.locator(".ant-select").click()
    page.locator(".ant-select-item-option", has_text=value).click()
    page.keyboard.press("Escape")
    page.locator("[data-test=filter-bar__apply-button]").click()


def colours(page: Page, element: Locator) -> dict[tuple[int, int, int], int]:
    """Count the colours of an element as the screen shows them (a WebGL canvas hides its own)."""
    picture = element.screenshot()
    counted = page.evaluate(
        """async bytes => {
            const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            const data = context.getImageData(0, 0, image.width, image.height).data;
            const counts = {};
            for (let i = 0; i < data.length; i += 4) {
                const key = `${data[i]},${data[i + 1]},${data[i + 2]}`;
                counts[key] = (counts[key] || 0) + 1;
            }
            return Object.entries(counts);
        }""",
        list(picture),
    )
    return {
        (int(red), int(green), int(blue)): count
        for key, count in counted
        for red, green, blue in [key.split(",")]
    }
