"""What web tests share: a page's faults collected, the floor page waited for. In: playwright pages. Out: facts.

`wait_for_function` needs eval, which our CSP forbids: waiting polls from outside.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

OUR_OWN_READING = "Canvas2D: Multiple readback operations"
"""Chromium's advice about the test's own look at pixels."""


@dataclass
class Faults:
    """Script errors, console errors (CSP violations are such) and requests that leave the machine."""

    home: str
    seen: list[str] = field(default_factory=list)
    watching: bool = True
    """False once the test is over: what a page says while it is closed is no fault"""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self._said("error", f"error: {error}"))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("request", lambda asked: self._request(asked.url))

    def _said(self, kind: str, text: str) -> None:
        if self.watching and kind in ("error", "warning") and not text.startswith(OUR_OWN_READING):
            self.seen.append(text)

    def _request(self, url: str) -> None:
        if self.watching and not url.startswith((self.home, self.home.replace("http", "ws", 1), "data:", "blob:")):
            self.seen.append(f"outside: {url}")


def until(what: Callable[[], object], *, seconds: float = 20.0) -> object:
    """What `what` answers once it is true; the last answer when time is over."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def open_floor(page: Page, url: str) -> None:
    page.goto(url)
    ready = "!!(window.floorwatch && floorwatch.ready && floorwatch.seats.size && floorwatch.wall.numbers)"
    assert until(lambda: page.evaluate(ready), seconds=30), "the floor page did not start"


PIXEL = """(row) => {
  const { geometry, painter } = floorwatch.map, { primary } = painter;
  painter.place();
  const x = painter.px(geometry.x[row]) - Math.round(painter.scale * 0.33); // beside the letter
  const y = painter.py(geometry.y[row]);
  const pixel = primary.ctx.getImageData(x, y, 1, 1).data;
  return '#' + [...pixel.slice(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('');
}"""


def near(one: str, other: str) -> bool:
    """Canvas colours may be off by a rounding."""
    return all(abs(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) < 6 for i in (1, 3, 5))
