"""A Chromium that cannot hold up the tests. In: a playwright. Out: a running Browser, its contexts left within a limit.

Chromium 156 never ends a window that is just navigating (Target.disposeBrowserContext stays unanswered), and playwright
waits without a limit. So pages are emptied first, and a Chromium that still hangs is killed and started anew.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from playwright.sync_api import Browser, BrowserContext, Error, Playwright

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-features=" + ",".join(
        (
            "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
            "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
            "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
            "ThirdPartyStoragePartitioning", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
            "PreconnectToSearch",
        )
    ),
]  # fmt: skip
"""Each window of the real Chrome draws its address bar by pages of its own: half of what a short test costs. The other
features are those that playwright switches off; a second list replaces its own."""
PROGRAM = "/usr/bin/chromium"
START_MS = 60_000
EMPTY_MS = 5_000
LEAVE_S = 15.0


def start(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS, timeout=START_MS)


def leave(context: BrowserContext) -> None:
    """Close it, without a navigation under way and without more from its pages. May wait for ever: see `Chromium`."""
    for page in context.pages:
        with suppress(Error):  # interrupted by a navigation of its own; the next line closes it all the same
            page.goto("about:blank", timeout=EMPTY_MS)
    context.close()


class Chromium:
    """Mutable; one for all browser tests. `killed` counts those that did not close their windows in time."""

    def __init__(self, playwright: Playwright, *, leave_s: float = LEAVE_S) -> None:
        self.killed = 0
        self.playwright = playwright
        self._leave_s = leave_s
        self._browser: Browser | None = None
        self._processes: list[psutil.Process] = []

    def browser(self) -> Browser:
        """The running one, or a new one where it died."""
        if self._browser is None or not self._browser.is_connected():
            before = _running()
            self._browser = start(self.playwright)
            self._processes = list(_running() - before)
        return self._browser

    def leave_all(self) -> None:
        """Every context that a test left open."""
        browser = self._browser
        if browser is None:
            return
        for context in browser.contexts:
            if browser.is_connected():
                with self._limited(browser):
                    leave(context)

    def stop(self) -> None:
        self.leave_all()
        browser = self._browser
        if browser is not None and browser.is_connected():
            with self._limited(browser):
                browser.close()

    def suspend(self) -> None:
        """As one that hangs, for a test."""
        for process in self._processes:
            process.suspend()

    @contextmanager
    def _limited(self, browser: Browser) -> Iterator[None]:
        timer = threading.Timer(self._leave_s, self._kill)
        timer.start()
        try:
            yield
        except Error:
            if browser.is_connected():
                raise
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        self.killed += 1
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _running() -> set[psutil.Process]:
    """Chromiums that playwrights of this process started, without their helpers."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "--remote-debugging-pipe" in child.cmdline() and "--type=" not in " ".join(child.cmdline()):
                found.add(child)
    return found
