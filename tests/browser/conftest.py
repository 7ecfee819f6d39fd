"""One Chromium and one running web for all browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.serve import Wall
from tests.browser.walls import FLAGS, Faults


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last browser test: its event loop holds the main thread, where others want to run one."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def wall() -> Iterator[Wall]:
    """Forty agents who do nothing by themselves."""
    with Wall(agents=40, rate=0) as running:
        yield running


@pytest.fixture
def faults(wall: Wall) -> Iterator[Faults]:
    """Every test ends by asking that nothing went wrong in the page."""
    collected = Faults(wall.url)
    yield collected
    assert collected.seen == []


@pytest.fixture
def page(browser: Browser, faults: Faults) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    made = context.new_page()
    faults.watch(made)
    yield made
    context.close()
