"""The editor of rules as on a working day: a scheme published twice, a draft with a slip. In: nothing. Out: a Wall.

For pictures.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from monitor.plan_desk import Signed
from monitor.scheme_desk import SchemeDesk, Told
from monitor.scheme_store import Draft, SchemeVersion
from scoring.library import PACKS_DIR
from streams.bus.connection import client
from streams.vocabulary.ids import Millis, SiteId
from tests.backtest_room import told_effect
from tests.browser.serve import Wall, now
from tests.browser.walls import until
from tests.rules_room import PACK, schemes_over
from tests.servers import DebianRedis

HOUR_MS = 3_600_000


@contextmanager
def ruled() -> Iterator[Wall]:
    with tempfile.TemporaryDirectory() as folder:
        bus = DebianRedis(Path(folder)).start()
        try:
            with ThreadPoolExecutor(1) as thread:  # a browser's loop runs in this one
                thread.submit(asyncio.run, _fill(bus.url)).result(60)
            with Wall(agents=40, rate=0, bus=bus.url, packs=True) as wall:
                yield wall
        finally:
            bus.stop()


async def _fill(url: str) -> None:
    redis = client(url)
    desk = schemes_over(redis, packs=True)
    text = (PACKS_DIR / f"{PACK}.toml").read_text("utf-8")
    text = await _published(
        desk, text.replace("points = 15", "points = 10", 1), "王敏@10.8.3.21", "开头语降为 10 分", 52
    )
    text = await _published(desk, text.replace('"再见"', '"再见", "拜拜"', 1), "陈浩@10.8.3.40", "拜拜也算结束语", 5)
    slip = text.replace("last_seconds = 30", "last_second = 30", 1)
    base = desk.shelf.standing[PACK].kept.about.version
    draft = Draft(name=PACK, revision=1, base=base, author="王敏@10.8.3.21", at=Millis(now() - 600_000), text=slip)
    await desk.save(draft)
    stricter = text.replace("first_seconds = 30", "first_seconds = 3").replace("last_seconds = 30", "last_seconds = 2")
    stricter = stricter.replace('"抱歉", ', "").replace("points = 20", "points = 30", 1)
    await told_effect(redis, SiteId("上海中心"), text, stricter)
    await desk.trials.stop()
    await redis.aclose()


async def _published(desk: SchemeDesk, text: str, who: str, note: str, hours: int) -> str:
    standing = await desk.standing(PACK)
    assert standing is not None
    by = Signed(author=who, at=Millis(now() - hours * HOUR_MS), note=note)
    done = await desk.publish(PACK, text, base=standing.about.version, by=by, told=Told(confirmed=True, anyway=True))
    assert isinstance(done, SchemeVersion), done
    return desk.shelf.standing[PACK].kept.text


def slip(page: Page) -> None:
    """The item with the fault, its text and its form."""
    page.click("#rules-outline [data-id=closing]")
    page.locator("#rules-faults button").first.click()


def trial(page: Page) -> None:
    """Mended, and tried on a contact with something to say about it."""
    page.evaluate("rules.text.replace(rules.text.text.replace('last_second =', 'last_seconds ='))")
    assert until(lambda: page.evaluate("rules.checked === rules.text.text && !rules.faults.length"))
    page.click("#tab-try")
    assert until(lambda: page.locator("#rules-try option").count() > 6)
    page.select_option("#rules-try select", index=6)
    assert until(lambda: page.locator(".rules-result").count() > 3)


def kept(page: Page) -> None:
    """The contact as a golden dialogue, with another expectation of its greeting than came out."""
    trial(page)
    page.click("#rules-keep-tried")
    page.select_option("#rules-dialog [data-item=greeting]", "miss")
    page.click("#rules-dialog .button.strong")
    assert until(lambda: page.locator("#rules-test .rules-dialogue").count() > 0)


def tested(page: Page) -> None:
    """What the draft would change, as the history process found it."""
    page.click("#tab-backtest")
    assert until(lambda: page.locator(".rules-changes").count() > 0)
    page.locator("#rules-backtest .rules-link").first.click()


def compared(page: Page) -> None:
    """An older version, and what going back would change."""
    page.click("#tab-versions")
    assert until(lambda: page.locator("#rules-versions [data-version]").count() == 3)
    page.locator("#rules-versions [data-version]").nth(1).click()
    assert until(lambda: page.locator("#rules-back").is_visible())
