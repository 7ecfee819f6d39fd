"""A Chromium that cannot hold up the tests. In: a playwright. Out: a running Browser, its contexts left within a limit.

Chromium 156 never ends a window that is just navigating (Target.disposeBrowserContext stays unanswered), and playwright
waits without a limit. So pages are emptied first, and a Chromium that still hangs is killed and started anew.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil  # type: ignore[import-untyped]
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

    def __init__(self, playwright: Playwright) -> None:
        self.killed = 0
        self._playwright = playwright
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """The running one, or a new one where it died."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = start(self._playwright)
        return self._browser

    def leave_all(self) -> None:
        """Every context that a test left open."""
        browser = self._browser
        if browser is None or not browser.is_connected():
            return
        for context in browser.contexts:
            with self._limited():
                leave(context)

    def stop(self) -> None:
        self.leave_all()
        if self._browser is not None and self._browser.is_connected():
            with self._limited():
                self._browser.close()

    @contextmanager
    def _limited(self) -> Iterator[None]:
        timer = threading.Timer(LEAVE_S, self._kill)
        timer.start()
        before = self.killed
        try:
            yield
        except Error:
            if self.killed == before:
                raise
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        self.killed += 1
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "--remote-debugging-pipe" in child.cmdline():
                    child.kill()
