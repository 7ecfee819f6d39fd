"""Dead letters on /ops: sent back with the keyboard, discarded only after a question; a chat is read as written."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from redis.asyncio import Redis

from streams.bus import names
from streams.bus.connection import client
from streams.bus.publish import Publisher
from tests.browser.chromium import Chromium
from tests.browser.serve import Wall
from tests.browser.walls import Faults, until
from tests.integration.test_bus import consumer
from tests.servers import DebianRedis

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(120)]
HOSTILE = b'<img src=x onerror="document.title=1">'


def in_bus(url: str, stream: str) -> tuple[list[bytes], int]:
    """The stream's blobs and how many letters it has; in a loop of its own, beside the browser's."""

    async def look() -> tuple[list[bytes], int]:
        redis = client(url)
        rows = await redis.xrange(stream)
        letters = await redis.xlen(names.dead(stream))
        await redis.aclose()
        return [fields[b"b"] for _, fields in rows], int(letters)

    return run(look())


def run(coroutine):
    """Playwright's loop runs in this thread; another thread may run one of its own."""

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result(20)


async def bury(redis: Redis, blobs: list[bytes]) -> None:
    await redis.flushdb()
    reader = await consumer(redis, names.FACTS)
    await Publisher(redis).publish(names.FACTS, blobs)
    for entry in await reader.read(10, 0):
        await reader.bury(entry, reason="does_not_fit", detail="talk_ms")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    """Three letters of `facts` lie on it. A server of its own: the session's needs the loop that the browser holds."""
    server = DebianRedis(tmp_path).start()

    async def fill() -> None:
        redis = client(server.url)
        await bury(redis, [b"one", b"two", HOSTILE])
        await redis.aclose()

    run(fill())
    yield server.url
    server.stop()


@pytest.fixture
def ops(browser: Browser, chromium: Chromium, bus: str) -> Iterator[Page]:
    with Wall(agents=10, rate=0, bus=bus) as wall:
        faults = Faults(wall.url)
        context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="en-GB")
        page = context.new_page()
        faults.watch(page)
        page.goto(wall.url + "/ops?lang=en")
        assert until(lambda: page.get_attribute("body", "data-dead") == "ready")
        yield page
        faults.watching = False
        chromium.leave_all()
        assert [fault for fault in faults.seen if "409" not in fault and "404" not in fault] == []


def test_a_letter_is_sent_back_with_the_keyboard_alone(ops: Page, bus: str):
    assert ops.locator(".letter").count() == 3
    ops.locator(".letter >> button[data-do=redrive]").first.focus()
    ops.keyboard.press("Enter")
    assert until(lambda: ops.locator(".letter.done").count() == 1)
    assert ops.locator(".letter.done .letter-said").text_content() == "re-driven"
    assert ops.locator(".dead-reasons [data-count]").text_content() == "2"
    blobs, letters = in_bus(bus, names.FACTS)
    assert (blobs[-1], letters) == (HOSTILE, 2)
    assert ops.evaluate("document.activeElement.closest('.letter').dataset.letter") == ops.locator(".letter").nth(
        1
    ).get_attribute("data-letter")


def test_a_letter_is_discarded_only_after_a_question_whose_first_answer_keeps_it(ops: Page, bus: str):
    ops.locator(".letter >> button[data-do=discard]").first.click()
    assert ops.locator("#ask-what").text_content() == "Discard this letter for good?"
    assert HOSTILE.decode() in (ops.locator("#ask-text").text_content() or "")
    assert ops.evaluate("document.activeElement.id") == "ask-no"
    ops.keyboard.press("Escape")
    assert until(lambda: not ops.locator("#ask").is_visible())
    assert in_bus(bus, names.FACTS)[1] == 3
    ops.locator(".letter >> button[data-do=discard]").first.click()
    ops.locator("#ask-yes").click()
    assert until(lambda: ops.locator(".letter.done").count() == 1)
    blobs, letters = in_bus(bus, names.FACTS)
    assert (blobs, letters) == ([b"one", b"two", HOSTILE], 2)


def test_all_letters_of_a_reason_are_sent_back(ops: Page, bus: str):
    ops.locator("button[data-do=redrive-all]").click()
    ops.locator("#ask-yes").click()
    assert until(lambda: "3 sent back" in (ops.locator(".dead-reasons .letter-said").text_content() or ""))
    assert in_bus(bus, names.FACTS)[1] == 0


def test_a_letter_somebody_else_took_says_so(ops: Page, bus: str):
    async def take() -> None:
        redis = client(bus)
        await redis.delete(names.dead(names.FACTS))
        await redis.aclose()

    run(take())
    ops.locator(".letter >> button[data-do=redrive]").first.click()
    assert until(lambda: "the letter is gone" in (ops.locator(".letter-said").nth(1).text_content() or ""))
    assert ops.locator(".letter >> button[data-do=redrive]").first.is_enabled()


def test_a_hostile_letter_is_text(ops: Page):
    assert ops.locator("main img").count() == 0
    assert HOSTILE.decode() in (ops.locator(".letter-text").first.text_content() or "")


def test_a_chat_is_read_as_it_was_written(wall: Wall, page: Page):
    chat = next(name for name, detail in wall.history.details.items() if detail.legs[0].channel == "chat")
    page.goto(f"{wall.url}/calls/{chat}?lang=en")
    assert page.locator(".chat .turn").count() == 10
    assert page.locator("audio, #wave").count() == 0
    assert page.locator(".chat img").count() == 0
    assert "first reply after 00:43" in (page.text_content(".chat h2") or "")
    assert "queued ← switch log" in (page.text_content(".leg-head") or "")
    page.goto(f"{wall.url}/calls?lang=en&limit=100")
    assert page.locator(".tag.ch-chat").count() == 1
    assert page.locator(".tag.ch-voice").count() == 24
