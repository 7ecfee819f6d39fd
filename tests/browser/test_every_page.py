"""Every page there is, in both languages: no error in the console, nothing refused by the CSP, nothing from outside."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.serve import Wall
from tests.browser.walls import Faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
NO_PAGES = ("/api/", "/static/", "/ws/", "/metrics", "/healthz", "/readyz", "/clickhouse")
EXAMPLES = {"agent": "8003"}
"""What stands for a page's variable; a contact is taken from the history."""
NEEDS_A_BUS = frozenset({"/ops/dead", "/rules"})
"""Not found without one: tests/browser/test_dead_letters.py and test_rules.py open them"""


def pages(wall: Wall) -> list[str]:
    """From the application's own routes: a new page cannot be forgotten here."""
    examples = {**EXAMPLES, "contact": max(wall.history.details)}
    found = set()
    for route in wall.app().router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        if route.method == "GET" and path and not path.startswith(NO_PAGES) and path not in NEEDS_A_BUS:
            found.add(path.format(**examples))
    return sorted(found)


@pytest.mark.parametrize("look", ["lang=zh-CN&theme=dark", "lang=en&theme=light"])
def test_every_page_is_without_fault(page: Page, faults: Faults, tmp_path: Path, look: str):
    """The `faults` fixture asserts at the end."""
    with Wall(agents=40, rate=0, plans=tmp_path) as wall:
        faults.home = wall.url
        asked = pages(wall)
        assert {"/floor", "/wall", "/plan", "/calls", "/alerts", "/ops", "/quality", "/agents/8003"} <= set(asked)
        for path in asked:
            answer = page.goto(f"{wall.url}{path}?{look}")
            assert answer is not None
            assert answer.ok, path
            page.wait_for_timeout(900)
            assert (page.text_content("body") or "").strip(), path
            assert path == "/" or page.get_attribute("html", "lang") == look[5:].split("&")[0]
        page.goto("about:blank")
