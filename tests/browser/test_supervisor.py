"""What a supervisor tripped over once: words cut off, cards that jump, a key without an answer, a calm television."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from monitor.api.parts import Parts
from monitor.config_wall import Scope
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.queue_floor import with_queues
from tests.browser.serve import Wall, enrich, now
from tests.browser.walls import Faults, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
CUT = """[...document.querySelectorAll('#chips .chip:not([hidden]) :is(span, b)')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
HEIGHTS = """[...new Set([...document.querySelectorAll('#queues .tile:not([hidden])')]
  .map((one) => Math.round(one.getBoundingClientRect().height)))]"""


class Scoped(Wall):
    def parts(self) -> Parts:
        return replace(
            super().parts(), scopes={"a": Scope(name="a", label_zh="甲组", label_en="Team A", teams=("A01",))}
        )


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (1920, 1080)], ids=lambda size: str(size[0]))
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_no_word_of_the_legend_is_cut_off(browser: Browser, size: tuple[int, int], lang: str):
    """Ten chips with three digits each: every state, stale and contradictory."""
    wall = Wall(agents=400, rate=0)
    enrich(wall)
    wall.floor.put(AgentId("8100"), AgentState.NOT_READY, now(), reason="unreachable")
    with wall:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        page, faults = context.new_page(), Faults(wall.url)
        faults.watch(page)
        open_floor(page, f"{wall.url}/floor?lang={lang}")
        assert until(lambda: page.locator("#chips .chip:not([hidden])").count() >= 10)
        assert page.evaluate(CUT) == []
        assert faults.seen == []


def test_all_cards_have_one_size_whatever_their_numbers(browser: Browser):
    """One queue with very many waiting makes all cards smaller, not one of them."""
    wall = Wall(agents=40, rate=0)
    with_queues(wall, 6).busy[QueueName("投诉专席")] = 12_345
    with wall:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        open_floor(page, wall.url + "/floor")
        assert until(lambda: page.locator("#queues .tile").count() == 6)
        assert until(lambda: page.evaluate("document.querySelector('#queues').classList.contains('long')"))
        assert until(lambda: len(page.evaluate(HEIGHTS)) == 1), page.evaluate(HEIGHTS)


def test_a_scope_says_why_it_has_no_past(page: Page, faults: Faults):
    with Scoped(agents=80, rate=0) as wall:
        faults.home = wall.url
        open_floor(page, wall.url + "/floor?lang=en&scope=a")
        assert page.locator("#to-past").is_hidden()
        page.keyboard.press("p")
        assert until(lambda: "open the floor without a scope" in page.inner_text("#notice"))
        assert page.get_attribute("#notice", "role") == "status"
        assert "/floor?lang=en&scope=a" in page.url


def test_the_sheet_of_keys_names_those_of_the_attention_list(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor?lang=en")
    page.keyboard.press("?")
    told = page.locator("#help dt").all_inner_texts()
    assert {"N", "S", "U", "A", "P", "Q"} <= {key.strip() for key in told}


def test_after_a_search_the_keys_belong_to_the_map(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor")
    page.keyboard.press("/")
    page.keyboard.type("8012")
    assert until(lambda: page.locator("#found [role=option]").count() == 1)
    page.keyboard.press("Enter")
    assert page.evaluate("floorwatch.map.selected") == 11
    assert page.evaluate("document.activeElement.id") == "map"
    assert page.input_value("#search") == ""


def test_the_television_s_map_has_rings_and_tells_of_doubts(wall: Wall, page: Page):
    wall.call(lambda: wall.floor.put(AgentId("8003"), AgentState.WRAP_UP, Millis(now() - 600_000)))
    wall.call(lambda: wall.hub.changed(AgentId("8003")))
    page.goto(wall.url + "/wall?lang=en&page=map&paused")
    assert until(lambda: page.evaluate("!!(window.floorwatch && floorwatch.board.map && floorwatch.board.map.ready)"))
    assert until(lambda: page.evaluate("floorwatch.board.map.map.ringOf.get(2)") == 2)
    size = page.evaluate("parseFloat(floorwatch.board.map.map.parts.team_text.glyph.text_font_size.value)")
    assert size > 13, "a team's name is read from across the room"


def test_who_never_published_a_plan_is_told_where_the_desks_came_from(page: Page, faults: Faults, tmp_path: Path):
    with Wall(agents=20, seats=40, rate=0, plans=tmp_path) as wall:
        faults.home = wall.url
        page.goto(wall.url + "/plan?lang=en")
        assert until(lambda: page.evaluate("document.body.dataset.plan === 'ready'"))
        assert "not published yet" in page.inner_text("#plan-version")
        page.click("#plan-panel button:has-text('Start with an empty floor')")
        assert until(lambda: page.locator("#plan-empty").is_visible())
