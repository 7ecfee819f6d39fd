"""One Chromium and one running web for all browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import Chromium
from tests.browser.serve import Wall
from tests.browser.walls import Faults

KILLED = pytest.StashKey[int]()


@pytest.fixture(scope="package")
def chromium(request: pytest.FixtureRequest) -> Iterator[Chromium]:
    """Closed with the last browser test: its event loop holds the main thread, where others want to run one."""
    with sync_playwright() as playwright:
        started = Chromium(playwright)
        yield started
        started.stop()
    request.config.stash[KILLED] = started.killed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if killed := config.stash.get(KILLED, 0):
        terminalreporter.write_line(f"Chromium did not close its windows and was started anew: {killed} times")


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """A new one where the last died; contexts that a test leaves open are closed within a limit."""
    yield chromium.browser()
    chromium.leave_all()


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
def page(browser: Browser, chromium: Chromium, faults: Faults) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    made = context.new_page()
    faults.watch(made)
    yield made
    faults.watching = False
    chromium.leave_all()
