"""The wallboard in a real Chromium: pages in turn, nothing cut off, nothing calm that is old, nobody needed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from monitor.api.parts import Parts
from monitor.config_wall import PageKind, WallPage
from streams.vocabulary.ids import QueueName
from tests.browser.queue_floor import with_queues
from tests.browser.serve import Branch, Wall, alert, now
from tests.browser.walls import Faults, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]
SCREENS = [(1366, 768), (1920, 1080), (3840, 2160), (1024, 768)]


class Board(Wall):
    """A wall whose configuration may name pages; a test may name more while it runs."""

    pages: list[WallPage]

    def parts(self) -> Parts:
        return replace(super().parts(), wall_pages=self.pages)


@pytest.fixture
def wall(request: pytest.FixtureRequest) -> Iterator[Wall]:
    made = Board(agents=40, rate=0)
    made.pages = []
    with_queues(made, getattr(request, "param", 8)).lost.add(QueueName("账单查询"))
    with made as running:
        yield running


def open_board(page: Page, url: str) -> None:
    page.goto(url)
    ready = "!!(window.floorwatch && floorwatch.ready && document.body.dataset.line === 'ok')"
    assert until(lambda: page.evaluate(ready), seconds=30), "the wallboard did not start"


def names(page: Page) -> list[str]:
    shown: list[str] = page.evaluate(
        "[...document.querySelectorAll('#board .w-tile header b')].map((one) => one.textContent)"
    )
    return shown


CUT = """[...document.querySelectorAll('#board .w-tile')].flatMap((tile) => {
  const box = tile.getBoundingClientRect();
  return [...tile.querySelectorAll('.w-main b, .w-agents b, header b, header i')]
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, { right, bottom }]) => right > box.right + 1 || bottom > box.bottom + 1)
    .map(([one]) => `${tile.textContent}: ${one.textContent}`);
})"""


@pytest.mark.parametrize("wall", [40], indirect=True)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}")
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_nothing_scrolls_and_nothing_is_cut_off(wall: Wall, browser: Browser, screen: tuple[int, int], lang: str):
    """What does not fit comes on further pages; together they show every queue once."""
    context = browser.new_context(viewport={"width": screen[0], "height": screen[1]})
    page, faults = context.new_page(), Faults(wall.url)
    faults.watch(page)
    open_board(page, f"{wall.url}/wall?lang={lang}&page=queues&paused")
    assert until(lambda: names(page))
    seen: list[str] = []
    for _ in range(int(page.evaluate("floorwatch.state.parts"))):
        assert page.evaluate(CUT) == []
        overflow = "[document.documentElement, document.body, document.querySelector('#board')].map((one) => one.scrollHeight - one.clientHeight + one.scrollWidth - one.clientWidth)"  # noqa: E501
        assert page.evaluate(overflow) == [0, 0, 0]
        seen += names(page)
        page.keyboard.press("ArrowRight")
    assert sorted(seen) == sorted(wall.call(lambda: [str(one.queue) for one in wall.hub.numbers]))
    assert faults.seen == []


def test_the_smallest_figure_is_read_from_six_metres(wall: Wall, page: Page):
    """A waiting count at least a thirtieth of the screen's height: 2.3 cm on a television of 55 inches."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    open_board(page, wall.url + "/wall?page=queues&paused")
    assert until(lambda: names(page))
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.w-waits b')).fontSize)")
    assert size >= 1080 / 36


def test_pages_come_in_turn_and_space_holds_them(wall: Wall, page: Page):
    assert isinstance(wall, Board)
    wall.pages += [
        WallPage(kind=PageKind.QUEUES, seconds=2, title_zh="一", queues=(QueueName("客服热线"),)),
        WallPage(kind=PageKind.MAP, seconds=2, title_zh="二"),
    ]
    open_board(page, wall.url + "/wall?lang=zh-CN")
    title = "document.querySelector('#board-title').textContent"
    assert until(lambda: page.evaluate(title) == "二", seconds=8)
    assert until(lambda: page.evaluate("!!floorwatch.board.map.ready"))
    assert until(lambda: page.evaluate(title) == "一", seconds=8)
    assert names(page) == ["客服热线"]
    page.keyboard.press(" ")
    page.wait_for_timeout(3_000)
    assert page.evaluate(title) == "一"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(title) == "二"


def test_a_lost_line_covers_the_wall_and_comes_back_by_itself(wall: Wall, page: Page):
    """Without a reload: it asked the server, whose pages and version are those it shows."""
    open_board(page, wall.url + "/wall?lang=zh-CN&paused")
    page.evaluate("window.notReloaded = true")
    with page.expect_response("**/api/v1/wallboard") as asked:
        page.evaluate("floorwatch.board.data.socket.socket.close()")
        assert until(lambda: page.is_visible("#board-lost"))
        told = page.text_content("#board-lost") or ""
        assert ("连接中断" in told, "画面停在" in told) == (True, True)
        assert until(lambda: not page.is_visible("#board-lost"), seconds=15)
    asked.value.finished()
    page.wait_for_timeout(300)
    assert page.evaluate("window.notReloaded") is True


def test_other_pages_or_a_new_version_load_themselves(wall: Wall, page: Page):
    """Asked after each return of the line, and every half minute."""
    assert isinstance(wall, Board)
    open_board(page, wall.url + "/wall?lang=zh-CN&paused")
    page.evaluate("window.old = true")
    wall.pages.append(WallPage(kind=PageKind.QUEUES, title_zh="新的一页"))
    with page.expect_event("load", timeout=30_000):
        page.evaluate("floorwatch.board.data.socket.socket.close()")
    assert page.evaluate("!window.old")
    assert until(lambda: page.text_content("#board-title") == "新的一页")


def test_an_uncertain_queue_is_hatched_and_says_so(wall: Wall, page: Page):
    open_board(page, wall.url + "/wall?lang=zh-CN&page=queues&paused")
    assert until(lambda: page.locator(".w-tile[data-standing=uncertain] header i").count() == 1)
    assert page.text_content(".w-tile[data-standing=uncertain] header i") == "? 数据不全"


def test_the_first_alert_stands_at_the_foot(wall: Wall, page: Page):
    wall.call(lambda: wall.alerts.update(alert(now())))
    open_board(page, wall.url + "/wall?lang=zh-CN&paused")
    assert until(lambda: "70.5% < 80%" in (page.text_content("#board-alert") or ""))


def test_the_theme_follows_the_hour_when_asked(wall: Wall, page: Page):
    """A goes dark, light, by the hour; the address keeps it for the next start."""
    open_board(page, wall.url + "/wall?theme=dark&paused")
    page.keyboard.press("a")
    assert page.get_attribute("html", "data-theme") == "light"
    page.keyboard.press("a")
    assert "theme=auto" in page.url
    hour = int((page.text_content("#clock") or "0")[:2])
    assert page.get_attribute("html", "data-theme") == ("light" if 7 <= hour < 19 else "dark")


def test_a_province_shows_its_cities_and_names_the_silent_one(browser: Browser):
    below = [Branch("gz", "广州中心", agents=24), Branch("zh", "珠海中心", agents=0, silent=True)]
    with Wall(agents=8, rate=0, below=below) as wall:
        context = browser.new_context(viewport={"width": 1920, "height": 1080})
        page, faults = context.new_page(), Faults(wall.url)
        faults.watch(page)
        open_board(page, wall.url + "/wall?lang=zh-CN&page=sites&paused")
        assert until(lambda: names(page) == ["广州中心", "珠海中心"])
        silent = page.locator(".w-site[data-site=zh]")
        assert (silent.get_attribute("data-standing"), silent.locator(".w-level").count()) == ("uncertain", 0)
        assert "未收到该职场任何数据" in (silent.text_content() or "") or "?" in (silent.text_content() or "")
        assert faults.seen == []
