"""Several sites in a real Chromium: all added up, each floor behind its own address, nothing of one on the other."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from streams.vocabulary.ids import AgentId
from streams.vocabulary.states import AgentState
from tests.browser.serve import Branch, Wall, alert, now
from tests.browser.walls import Faults, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def wall() -> Iterator[Wall]:
    """Forty agents above twenty-four and sixteen, who do nothing by themselves; a fourth site has told nothing."""
    below = [
        Branch("gz", "广州中心", agents=24),
        Branch("sz", "深圳中心", agents=16),
        Branch("zh", "珠海中心", agents=0, silent=True),
    ]
    with Wall(agents=40, rate=0, below=below) as running:
        yield running


def open_all(page: Page, url: str) -> None:
    page.goto(url)
    assert until(lambda: page.evaluate("!!(window.floorwatch && floorwatch.ready)"), seconds=20)


def cell(page: Page, site: str, place: int) -> str:
    return page.locator(f".sites tr[data-site='{site}'] td").nth(place).text_content() or ""


def test_all_sites_are_added_up_and_a_silent_one_is_named(wall: Wall, page: Page):
    open_all(page, wall.url + "/floor?lang=en")
    waiting = [int(cell(page, site, 1)) for site in ("gz", "sz")]
    own = int(page.locator(".sites tbody tr").first.locator("td").nth(1).text_content() or "")
    total = int(page.locator(".sites tfoot td").nth(1).text_content() or "")
    assert total == own + sum(waiting) > 0
    assert "This site has told nothing" in cell(page, "zh", 0)
    assert page.text_content("#sites-note") == "Missing: 珠海中心"
    assert page.locator(".tile[data-standing=uncertain]").count() == 6


def test_a_click_on_a_branch_opens_its_floor(wall: Wall, page: Page):
    open_all(page, wall.url + "/floor")
    page.locator(".sites tr[data-site=gz] th a").click()
    ready = "!!(window.floorwatch && floorwatch.ready && floorwatch.seats && floorwatch.seats.size)"
    assert until(lambda: page.evaluate(ready), seconds=20)
    assert page.evaluate("floorwatch.seats.size") == 24
    assert page.url.endswith("/floor?site=gz")


def test_the_switcher_leads_from_floor_to_floor(wall: Wall, page: Page):
    """One socket, one map, one set of people each."""
    open_floor(page, wall.url + "/floor?site=gz")
    assert page.locator("#site option:checked").text_content() == "\u2003广州中心"
    with page.expect_navigation():
        page.select_option("#site", "/floor?site=sz")
    ready = "!!(window.floorwatch && floorwatch.ready && floorwatch.seats.size === 16)"
    assert until(lambda: page.evaluate(ready), seconds=20)
    sz = wall.below[1]

    def answers() -> None:
        sz.floor.put(AgentId("8003"), AgentState.ON_HOLD, now())
        sz.hub.changed(AgentId("8003"))

    wall.call(answers)
    assert until(lambda: page.evaluate("floorwatch.seats.code[2]") == 4)


def test_a_change_at_one_site_stays_there(wall: Wall, page: Page):
    """The same staff number sits at both."""
    wall.put("8003", AgentState.WRAP_UP)
    open_floor(page, wall.url + "/floor?view=own")
    sz = wall.below[1]
    wall.call(lambda: (sz.floor.put(AgentId("8003"), AgentState.ON_HOLD, now()), sz.hub.changed(AgentId("8003"))))
    wall.put("8004", AgentState.OFFERED)
    assert until(lambda: page.evaluate("floorwatch.seats.code[3]") == 2)
    assert page.evaluate("floorwatch.seats.code[2]") == 5


def test_an_alert_of_a_branch_is_shown_and_acknowledged_there(wall: Wall, page: Page):
    gz = wall.below[0]
    wall.call(lambda: gz.alerts.update(alert(now())))
    open_floor(page, wall.url + "/floor?site=gz")
    assert until(lambda: page.get_attribute("#alert", "data-level") == "bad")
    page.click("#alert [data-do=acknowledge]")
    assert until(lambda: page.get_attribute("#alert", "data-level") == "taken")
    assert wall.call(lambda: gz.alerts.latest()[0]).acknowledged_by == "anonymous@127.0.0.1"


def test_a_queue_chosen_above_shows_each_site_s_part_of_it(wall: Wall, page: Page):
    open_all(page, wall.url + "/floor")
    page.locator(".tile .pick", has_text="携号转网").click()
    assert until(lambda: "携号转网" in (page.text_content("#sites-title") or ""))
    assert [cell(page, site, 1) for site in ("gz", "sz")] == ["1", "1"]
    page.keyboard.press("Escape")
    assert until(lambda: cell(page, "gz", 1) == "17")


def test_keys_walk_the_sites_down_and_up_again(browser: Browser):
    """省中心 → 地市 → 职场 and back by Backspace; the breadcrumb says where one is."""
    below = [Branch("gd", "广东省中心", agents=8), Branch("gz", "广州市", agents=6, parent="gd")]
    with Wall(agents=4, rate=0, below=below) as country:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        walked, faults = context.new_page(), Faults(country.url)
        faults.watch(walked)
        open_all(walked, country.url + "/floor?lang=zh-CN")
        walked.keyboard.press("ArrowDown")
        walked.keyboard.press("ArrowDown")
        with walked.expect_navigation():
            walked.keyboard.press("Enter")
        assert walked.url.endswith("/floor?site=gd")
        assert until(lambda: walked.locator("#crumbs li").all_text_contents() == ["上海中心", "广东省中心"])
        with walked.expect_navigation():
            walked.keyboard.press("Backspace")
        assert walked.url.endswith("/floor")
        assert faults.seen == []


def test_a_walker_s_place_outlives_the_next_answer(wall: Wall, page: Page):
    """Rows are made anew every two seconds."""
    open_all(page, wall.url + "/floor")
    page.focus(".sites tr[data-site=sz] th a")
    before = page.evaluate("floorwatch.told.at")
    assert until(lambda: page.evaluate("floorwatch.told.at") > before)
    assert page.evaluate("document.activeElement.closest('tr').dataset.site") == "sz"


def test_sites_as_tiles_name_the_silent_one_and_count_it_nowhere(wall: Wall, page: Page):
    open_all(page, wall.url + "/floor?lang=en")
    page.keyboard.press("v")
    assert page.locator("#site-tiles .s-tile").count() == 3
    silent = page.locator(".s-tile[data-site=zh]")
    assert (silent.get_attribute("data-standing"), silent.locator(".s-level").count()) == ("uncertain", 0)
    assert "This site has told nothing" in (silent.text_content() or "")
    assert "show=tiles" in page.url


def test_sites_are_sorted_by_what_was_clicked_and_the_silent_one_stays_last(wall: Wall, page: Page):
    open_all(page, wall.url + "/floor?lang=en")
    page.click(".sites thead button[data-sort='Signed in']")
    rows = "[...document.querySelectorAll('.sites tbody tr.go')].map((row) => row.dataset.site)"
    assert page.evaluate(rows)[1:] == ["gz", "sz", "zh"]
    page.click(".sites thead button[data-sort='Signed in']")
    assert page.evaluate(rows)[1:] == ["sz", "gz", "zh"]


def test_no_such_site_is_said(wall: Wall, browser: Browser):
    """A page, not a stack trace; its console may name the 404."""
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(wall.url + "/floor?site=nowhere")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("#site").count() == 1


@pytest.mark.parametrize(
    "path", ["/floor", "/floor?view=own", "/floor?site=gz", "/calls", "/ops", "/alerts", "/quality"]
)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_no_page_is_wider_than_a_telephone(wall: Wall, browser: Browser, path: str, lang: str):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    faults = Faults(wall.url)
    faults.watch(page)
    page.goto(
        f"{wall.url}{path}{'&' if '?' in path else '?'}lang={lang}",
        wait_until="networkidle" if path == "/ops" else "load",
    )
    until(lambda: page.evaluate("!document.querySelector('#kpis') || document.querySelector('#kpis').children.length"))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert faults.seen == []
