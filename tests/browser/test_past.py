"""The past in a real Chromium over a real embedded store: the map, its controls, an agent's day."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page

from seat_map.palette import THEMES, SeatCode
from streams.vocabulary.ids import Millis
from tests.browser.chromium import Chromium
from tests.browser.past_wall import ZONE, PastWall
from tests.browser.serve import Wall, now
from tests.browser.synthetic import HOSTILE
from tests.browser.walls import PIXEL, Faults, near, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

MINUTE = 60_000
CODES = {code.word: code for code in SeatCode}


@pytest.fixture(scope="module")
def past_wall(chdb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PastWall]:
    """Forty agents, the last twenty minutes; half-way the source is silent for twenty seconds."""
    wall = PastWall(agents=40, store_url=chdb_url, folder=tmp_path_factory.mktemp("past"))
    with wall:
        yield wall


@pytest.fixture
def past_page(browser: Browser, chromium: Chromium, past_wall: PastWall) -> Iterator[Page]:
    faults = Faults(past_wall.url)
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    made = context.new_page()
    faults.watch(made)
    yield made
    faults.watching = False
    chromium.leave_all()
    assert faults.seen == []


def moment(wall: PastWall, minutes: float) -> Millis:
    """So many minutes after the store's first event, on a whole second."""
    return Millis((wall.begins + round(minutes * MINUTE)) // 1000 * 1000)


def open_past(page: Page, wall: PastWall, at: int, more: str = "") -> None:
    open_floor(page, f"{wall.url}/floor?at={at}{more}")
    assert shown(page, at)


def shown(page: Page, at: int) -> bool:
    """The map has arrived at `at`."""
    return bool(until(lambda: page.evaluate("window.floorwatchPast ? floorwatchPast.at : 0") == at))


def look(page: Page, row: int) -> int:
    return int(page.evaluate(f"floorwatch.seats.code[{row}]"))


def test_the_map_shows_the_floor_of_that_second_and_says_that_it_is_past(past_wall: PastWall, past_page: Page) -> None:
    """Every seat as the fold has it; framed, marked, dated."""
    at = moment(past_wall, 8)
    open_past(past_page, past_wall, at, "&lang=zh-CN")
    for row in range(0, 40, 3):
        word = past_wall.agent_then(str(8001 + row), at)
        assert look(past_page, row) == CODES[word], row
    seated = THEMES["dark"].seats[SeatCode(look(past_page, 3))]
    assert until(lambda: near(str(past_page.evaluate(PIXEL, 3)), seated))
    assert "回看" in (past_page.text_content("#past") or "")
    assert past_page.text_content("#past-at") == datetime.fromtimestamp(at / 1000, ZONE).strftime("%H:%M:%S")
    assert past_page.evaluate("getComputedStyle(document.body, '::after').borderTopWidth") == "3px"


def test_keys_and_buttons_step_and_the_address_follows(past_wall: PastWall, past_page: Page) -> None:
    """A second, ten, a minute, five; the address opens the same second again."""
    at = moment(past_wall, 10)
    open_past(past_page, past_wall, at)
    for key, step in (
        ("ArrowRight", 1_000), ("Shift+ArrowRight", 10_000), ("ArrowUp", MINUTE), ("Shift+ArrowDown", -5 * MINUTE),
        ("ArrowLeft", -1_000),
    ):  # fmt: skip
        past_page.keyboard.press(key)
        at = Millis(at + step)
        assert shown(past_page, at), key
    past_page.click("[data-step='60000']")
    at = Millis(at + MINUTE)
    assert shown(past_page, at)
    local = datetime.fromtimestamp(at / 1000, ZONE).strftime("%Y-%m-%dT%H:%M:%S")
    assert until(lambda: unquote(past_page.url).endswith(f"/floor?at={local}"))
    past_page.reload()
    assert until(lambda: past_page.evaluate("!!(window.floorwatch && floorwatch.ready)"), seconds=30)
    assert shown(past_page, at)


def test_the_ends_of_the_day_are_home_and_end(past_wall: PastWall, past_page: Page) -> None:
    open_past(past_page, past_wall, moment(past_wall, 5))
    assert until(lambda: past_page.evaluate("document.querySelectorAll('#past-track .offered').length") > 0)
    past_page.keyboard.press("Home")
    assert until(lambda: past_page.evaluate("floorwatchPast.at") <= past_wall.begins + 3_000)
    past_page.keyboard.press("End")
    assert until(lambda: past_page.evaluate("floorwatchPast.at") > past_wall.ends)


def test_space_plays_and_stops(past_wall: PastWall, past_page: Page) -> None:
    at = moment(past_wall, 3)
    open_past(past_page, past_wall, at)
    past_page.select_option("#past-speed", "60")
    past_page.focus("body")
    past_page.evaluate("document.activeElement.blur()")
    past_page.keyboard.press(" ")
    assert until(lambda: past_page.evaluate("floorwatchPast.at") > at + 30_000)
    past_page.keyboard.press(" ")
    assert past_page.get_attribute("#past-play", "aria-pressed") == "false"
    stopped = past_page.evaluate("floorwatch.socket.at")
    assert shown(past_page, stopped)
    past_page.wait_for_timeout(500)
    assert past_page.evaluate("floorwatch.socket.at") == stopped


def test_the_range_moves_by_any_hand(past_wall: PastWall, past_page: Page) -> None:
    """A range input: pointer, keys and readers know it."""
    open_past(past_page, past_wall, moment(past_wall, 10))
    assert until(lambda: past_page.evaluate("document.querySelector('#past-range').max > 1"))
    past_page.focus("#past-range")
    past_page.keyboard.press("ArrowRight")
    assert shown(past_page, moment(past_wall, 10) + 1_000)
    spoken = past_page.get_attribute("#past-range", "aria-valuetext") or ""
    assert re.fullmatch(r"\d\d:\d\d:\d\d", spoken)


def test_a_gap_hatches_the_map_and_is_marked_on_the_strip(past_wall: PastWall, past_page: Page) -> None:
    """In the midst of the silence nobody is ready; the note says since when."""
    open_past(past_page, past_wall, Millis(moment(past_wall, 10) + 8_000), "&lang=en")
    assert past_page.evaluate("floorwatch.seats.counts()[8]") == 40
    assert "Blind since" in (past_page.text_content("#past-note") or "")
    assert until(lambda: past_page.evaluate("document.querySelectorAll('#past-track .gap').length") >= 0)
    past_page.click("[data-span=day]")
    assert until(lambda: past_page.locator("#past-track .gap").count() == 1)


def test_an_alert_that_stood_then_stands_on_the_page_without_a_button(past_wall: PastWall, past_page: Page) -> None:
    open_past(past_page, past_wall, moment(past_wall, 14), "&lang=en")
    assert until(lambda: past_page.get_attribute("#alert", "data-level") == "bad")
    assert past_page.locator("#alert button").count() == 0
    past_page.keyboard.press("Shift+PageDown")
    assert until(lambda: past_page.get_attribute("body", "data-past") == "missing")


def test_the_side_panel_tells_the_agent_of_then(past_wall: PastWall, past_page: Page) -> None:
    """And leads to the agent's day."""
    at = moment(past_wall, 9)
    open_past(past_page, past_wall, at, "&lang=en")
    past_page.evaluate("floorwatch.map.choose(4)")
    assert until(lambda: "Handled today" in (past_page.text_content("#seat") or ""))
    past_page.click("#seat .links a")
    assert re.search(r"/agents/8005\?day=\d{4}-\d\d-\d\d$", past_page.url)
    assert until(lambda: past_page.locator("#band .s").count() > 3)


@pytest.mark.parametrize(
    ("back_minutes", "words"), [(-90, "Before the first event"), (24 * 60 * 30, "This moment has not come yet")]
)
def test_a_moment_without_a_floor_is_told_in_words(
    past_wall: PastWall, past_page: Page, back_minutes: int, words: str
) -> None:
    """Never a calm empty map. What lies ahead is cut to the latest second by the page itself."""
    past_page.goto(f"{past_wall.url}/floor?at={past_wall.begins + back_minutes * MINUTE}&lang=en")
    if back_minutes < 0:
        assert until(lambda: words in (past_page.text_content("#past-fault") or ""))
        past_page.click("#past-fault button")
        assert until(lambda: past_page.get_attribute("body", "data-past") == "shown")
    else:
        assert until(lambda: past_page.get_attribute("body", "data-past") == "shown")
        assert abs(past_page.evaluate("floorwatchPast.at") - now()) < 30_000


def test_a_moment_that_cannot_be_read_is_refused_with_how_to_write_it(past_wall: PastWall, browser: Browser) -> None:
    """The browser's console tells the 400 itself."""
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(f"{past_wall.url}/floor?at=yesterday&lang=en")
    assert answer is not None
    assert answer.status == 400
    assert "2026-11-21T10:03:20" in (page.text_content("main") or "")


def test_history_that_does_not_answer_is_said_over_the_map(wall: Wall, browser: Browser) -> None:
    """A web without a history process; the console tells the 503 itself."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{wall.url}/floor?at=-60&lang=en")
    assert until(lambda: "role archive" in (page.text_content("#past-fault") or ""))
    assert page.get_attribute("body", "data-past") == "missing"


def test_the_live_floor_leads_to_the_past(past_wall: PastWall, past_page: Page) -> None:
    open_floor(past_page, past_wall.url + "/floor")
    past_page.keyboard.press("p")
    assert until(lambda: past_page.get_attribute("body", "data-past") == "shown")
    past_page.click("#past-now")
    past_page.wait_for_url("**/floor")


def test_what_needed_attention_then_stands_beside_the_past(past_wall: PastWall, past_page: Page) -> None:
    """The list comes with the frame, judged by the clock of then: no line is younger than that moment."""
    at = moment(past_wall, 9)
    open_past(past_page, past_wall, at)
    assert until(lambda: past_page.evaluate("floorwatch.side.attention.told"))
    assert past_page.evaluate(f"floorwatch.side.attention.items.every((item) => item.since <= {at})")


def test_an_agent_s_day_moves_by_keys_and_opens_the_floor_of_then(past_wall: PastWall, past_page: Page) -> None:
    past_page.goto(f"{past_wall.url}/agents/8003?lang=en")
    assert until(lambda: past_page.locator("#band .s").count() > 3)
    past_page.focus("#band")
    past_page.keyboard.press("ArrowRight")
    past_page.keyboard.press("ArrowRight")
    assert until(lambda: "–" in (past_page.text_content("#band-say") or ""))
    past_page.keyboard.press("Enter")
    past_page.wait_for_url("**/floor?at=*")
    assert until(lambda: past_page.get_attribute("body", "data-past") == "shown")


def test_an_agent_s_gap_is_hatched_and_its_sums_are_the_band_s(past_wall: PastWall, past_page: Page) -> None:
    past_page.goto(f"{past_wall.url}/agents/8003?lang=en")
    assert past_page.locator("#band .s-unknown").count() == 1
    lasted = "(sum, one) => sum + Number(one.dataset.until) - Number(one.dataset.since)"
    widths = past_page.evaluate(f"[...document.querySelectorAll('#band .s')].reduce({lasted}, 0)")
    assert abs(widths - (now() - past_wall.begins)) < 30_000


def test_a_day_without_the_agent_says_so(past_wall: PastWall, past_page: Page) -> None:
    past_page.goto(f"{past_wall.url}/agents/8003?day=2026-01-05&lang=en")
    assert "Nothing is known of this agent" in (past_page.text_content(".nothing") or "")


def test_hostile_names_are_text_in_the_past_too(past_wall: PastWall, past_page: Page) -> None:
    past_page.goto(f"{past_wall.url}/agents/8001?lang=zh-CN")
    assert HOSTILE in (past_page.text_content("h1") or "")
    assert past_page.locator("h1 img").count() == 0
    open_past(past_page, past_wall, moment(past_wall, 6))
    past_page.evaluate("floorwatch.map.choose(0)")
    assert until(lambda: HOSTILE in (past_page.text_content("#seat") or ""))


@pytest.mark.parametrize(
    ("locale", "theme", "size"),
    [
        ("zh-CN", "dark", (1440, 900)),
        ("en", "light", (1440, 900)),
        ("zh-CN", "light", (390, 844)),
        ("en", "dark", (390, 844)),
    ],
)
def test_the_pages_of_the_past_are_without_fault(
    past_wall: PastWall, past_page: Page, theme: str, locale: str, size: tuple[int, int], tmp_path: Path
) -> None:
    """The page fixture asserts at its end; nothing is wider than a telephone."""
    past_page.set_viewport_size({"width": size[0], "height": size[1]})
    open_past(past_page, past_wall, moment(past_wall, 12), f"&lang={locale}&theme={theme}")
    past_page.click("#theme")
    past_page.click("#locale")
    past_page.goto(f"{past_wall.url}/agents/8002?lang={locale}&theme={theme}")
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert past_page.evaluate(wider) <= 0
