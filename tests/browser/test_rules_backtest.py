"""A back-test and a verdict in a real Chromium: what would change, a link to the second; right, wrong, taken back."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser

from scoring.library import PACKS_DIR
from streams.bus import names
from streams.bus.connection import client
from streams.vocabulary.codec import decode_fact
from streams.vocabulary.facts import VerdictFact
from streams.vocabulary.ids import SiteId
from tests.backtest_room import told_effect
from tests.browser.chromium import Chromium
from tests.browser.serve import Wall
from tests.browser.walls import Faults, until
from tests.rules_room import PACK
from tests.servers import DebianRedis

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    server = DebianRedis(tmp_path_factory.mktemp("backtest")).start()
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        thread.submit(asyncio.run, _fill(server.url)).result(30)
    with Wall(agents=10, rate=0, bus=server.url) as running:
        yield running
    server.stop()


async def _fill(url: str) -> None:
    redis = client(url)
    text = (PACKS_DIR / f"{PACK}.toml").read_text("utf-8")
    await told_effect(redis, SiteId("上海中心"), text, text.replace("last_seconds = 30", "last_seconds = 2"))
    await redis.aclose()


async def _said(url: str) -> list[VerdictFact]:
    redis = client(url)
    found = [decode_fact(fields[b"b"]) for _, fields in await redis.xrange(names.FACTS)]
    await redis.aclose()
    return [fact for fact in found if isinstance(fact, VerdictFact)]


def test_what_would_change_is_heard_and_an_answer_is_judged(browser: Browser, chromium: Chromium, web: Wall) -> None:
    """The example's link opens the contact at its second; a verdict is a fact, and can be taken back."""
    faults = Faults(web.url)
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB").new_page()
    faults.watch(page)
    page.goto(web.url + "/rules?lang=en")
    assert until(lambda: page.get_attribute("body", "data-rules") == "ready")
    page.click("#tab-backtest")
    assert until(lambda: page.locator("#rules-backtest .rules-link").count() > 0)
    page.locator("#rules-backtest .rules-link").first.click()
    link = page.locator("#rules-backtest .rules-examples a").first.get_attribute("href") or ""
    assert "?t=" in link
    page.goto(web.url + link)
    assert until(lambda: page.locator(".verdict").count() > 4)
    wrong = page.locator(".verdicts").first.locator(".verdict").nth(1)
    wrong.click()
    assert until(lambda: wrong.get_attribute("aria-pressed") == "true")
    wrong.click()
    assert until(lambda: wrong.get_attribute("aria-pressed") == "false")
    with ThreadPoolExecutor(1) as thread:
        said = thread.submit(asyncio.run, _said(web.bus)).result(20)
    assert [(one.agreed, one.withdrawn) for one in said] == [(False, False), (False, True)]
    faults.watching = False
    chromium.leave_all()
    assert [fault for fault in faults.seen if "404" not in fault and "503" not in fault] == []
