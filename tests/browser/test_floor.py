"""The wall in a real Chromium: it follows the floor, says when it does not know, and nothing in it is markup."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from monitor.hub import HubSettings
from seat_map.palette import THEMES, SeatCode
from streams.floor.certainty import Doubt
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import AgentState
from tests.browser.serve import Wall, alert, now
from tests.browser.synthetic import HOSTILE
from tests.browser.walls import PIXEL, near, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


SURE, STALE, DIFFERS = 0, 1, 2
"""How a seat's certainty is painted (seat_map/static/looks.js)"""


def look(page: Page, row: int) -> dict[str, Any]:
    """What is painted on a seat now."""
    found = page.evaluate(
        "(row) => { const { painter } = floorwatch.map; return painter.looks.read(painter.shown[row]); }", row
    )
    assert isinstance(found, dict)
    return found


def pixel_becomes(page: Page, row: int, code: SeatCode, theme: str = "dark") -> bool:
    wanted = THEMES[theme].seats[code]
    return bool(until(lambda: near(str(page.evaluate(PIXEL, row)), wanted)))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (AgentState.ON_CONTACT, SeatCode.ON_CONTACT),
        (AgentState.WRAP_UP, SeatCode.WRAP_UP),
        (AgentState.OFFERED, SeatCode.OFFERED),
    ],
)
def test_a_seat_s_pixel_follows_a_pushed_change(wall: Wall, page: Page, state: AgentState, code: SeatCode):
    """Floor to canvas, through hub, socket and Bokeh."""
    wall.put("8005", AgentState.READY)
    open_floor(page, wall.url + "/floor")
    assert pixel_becomes(page, 4, SeatCode.READY)
    wall.put("8005", state)
    assert pixel_becomes(page, 4, code)


def test_a_lost_source_makes_every_seat_unknown_and_hatched(wall: Wall, page: Page):
    """Never calm: chips, tiles and the alert row say so too."""
    open_floor(page, wall.url + "/floor")
    wall.call(lambda: wall.floor.lose_source(now()))
    assert until(lambda: page.evaluate("floorwatch.seats.counts()[8]") == 40)
    assert until(lambda: all(look(page, row)["code"] == SeatCode.UNKNOWN for row in range(40)))
    assert until(lambda: page.get_attribute("#alert", "data-level") == "unknown")
    assert until(lambda: page.locator(".tile[data-standing=uncertain]").count() == 6)
    assert until(lambda: page.locator("#attention li[data-key]").count() == 1), "only the silence is listed"
    assert page.locator("#attention [data-row]").count() == 0


def doubt(wall: Wall, **doubts: Doubt) -> None:
    """By place: `a4=Doubt.SILENT` is the agent of seat 4. Nobody tells the hub: its patrol finds them."""
    agents = list(wall.floor.agents)
    wall.call(lambda: wall.floor.doubts.update({agents[int(place[1:])]: why for place, why in doubts.items()}))


def test_a_label_in_doubt_is_marked_and_its_reason_is_said(wall: Wall, page: Page):
    """Stale and contradictory have textures, signs and chips of their own; the header counts them."""
    wall.put("8005", AgentState.READY)
    wall.put("8009", AgentState.ON_CONTACT)
    open_floor(page, wall.url + "/floor?lang=en")
    assert page.locator(".chip[data-word=stale]").is_hidden()
    doubt(wall, a4=Doubt.SILENT, a8=Doubt.TALK_DIFFERS)
    assert until(lambda: [look(page, row)["certainty"] for row in (4, 8, 9)] == [STALE, DIFFERS, SURE])
    assert until(lambda: "In doubt2" in (page.text_content("#kpis") or ""))
    assert pixel_becomes(page, 4, SeatCode.READY)
    page.evaluate("floorwatch.map.choose(8)")
    assert until(lambda: "the events differ in whom the agent talks to" in (page.text_content("#seat .doubt") or ""))
    assert until(lambda: page.get_attribute("#alert", "data-level") == "unknown"), "a stale seat is not calm"
    page.click(".chip[data-word=contradictory]")
    passing = "Array.from({length: floorwatch.seats.size}, (_, i) => i).filter((i) => floorwatch.map.passes(i))"
    assert page.evaluate(passing) == [8]


def test_a_doubt_that_is_settled_leaves_no_mark(wall: Wall, page: Page):
    wall.put("8009", AgentState.ON_CONTACT)
    doubt(wall, a8=Doubt.TALK_DIFFERS)
    open_floor(page, wall.url + "/floor?lang=en")
    assert until(lambda: look(page, 8)["certainty"] == DIFFERS)
    doubt(wall, a8=Doubt.NONE)
    assert until(lambda: look(page, 8)["certainty"] == SURE)
    assert until(lambda: page.locator(".chip[data-word=contradictory]").is_hidden())
    assert "In doubt" not in (page.text_content("#kpis") or "")


def test_a_stale_seat_needs_no_attention(wall: Wall, page: Page):
    """What rests on a silent source is not known well enough to hurry anybody."""
    wall.call(lambda: wall.floor.put(AgentId("8005"), AgentState.ON_HOLD, Millis(now() - 3_600_000)))
    open_floor(page, wall.url + "/floor?lang=en")
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 1)
    doubt(wall, a4=Doubt.SILENT)
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 0)


def test_the_side_panel_lists_contacts_skills_and_what_follows(wall: Wall, page: Page):
    """Two chats and an outbound call at once."""
    wall.call(lambda: (wall.floor.enrich(AgentId("8005"), now()), wall.hub.changed(AgentId("8005"))))
    open_floor(page, wall.url + "/floor?lang=en")
    page.evaluate("floorwatch.map.choose(4)")
    assert until(lambda: page.locator("#seat .contacts li").count() == 3)
    told = page.text_content("#seat") or ""
    for part in (
        "3 contacts at once",
        "voice outbound",
        "consulting",
        "chat",
        "On hold",
        "金卡",
        "粤语9",
        "next: 用餐",
    ):
        assert part in told
    assert "8002" not in told


def test_a_chosen_queue_tells_tiers_and_outbound_contacts(wall: Wall, page: Page):
    wall.call(lambda: setattr(wall.floor, "details", True))
    open_floor(page, wall.url + "/floor?lang=en")
    page.locator(".tile", has_text="VIP 专线").locator(".pick").click()
    assert until(lambda: page.locator("#queue .tiers tbody tr").count() == 2)
    told = page.text_content("#queue") or ""
    assert ("Reached70.3% (26/37)" in told, "金卡41192.7%" in told, "Messages today318" in told) == (True, True, True)
    page.keyboard.press("Escape")
    assert until(lambda: page.locator("#queue").is_hidden())


def test_hostile_names_are_text(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor?lang=zh-CN")
    page.evaluate("floorwatch.map.choose(0)")
    assert until(lambda: HOSTILE in (page.text_content("#seat") or ""))
    assert page.title() == "现场 · 上海中心"
    assert page.locator("#seat img").count() == 0


def test_the_language_switches_without_a_reload(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor?lang=zh-CN")
    page.evaluate("window.notReloaded = true")
    assert "示闲" in (page.text_content("#chips") or "")
    page.click("#locale")
    assert until(lambda: "Ready" in (page.text_content("#chips") or ""))
    assert until(lambda: "Waiting" in (page.text_content("#queues") or ""))
    assert page.get_attribute("html", "lang") == "en"
    assert page.evaluate("window.notReloaded") is True


def test_the_theme_switches_the_canvas_too(wall: Wall, page: Page):
    wall.put("8005", AgentState.ON_HOLD)
    open_floor(page, wall.url + "/floor?theme=dark")
    assert pixel_becomes(page, 4, SeatCode.ON_HOLD, "dark")
    page.keyboard.press("d")
    assert pixel_becomes(page, 4, SeatCode.ON_HOLD, "light")


def test_a_new_alert_is_shown_announced_and_acknowledged(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor?lang=en")
    assert page.get_attribute("#alert", "data-level") == "calm"
    raised = Millis(now() - 1000)
    wall.call(lambda: wall.alerts.update(alert(raised)))
    assert until(lambda: page.get_attribute("#alert", "data-level") == "bad")
    assert "70.5% < 80%" in (page.text_content("#alert") or "")
    assert "投诉专席" in (page.text_content("#announce") or "")
    page.click("#alert [data-do=acknowledge]")
    assert until(lambda: page.get_attribute("#alert", "data-level") == "taken")
    assert "1 still firing, all acknowledged" in (page.text_content("#alert") or "")
    kept = wall.call(lambda: wall.alerts.latest()[0])
    assert kept.acknowledged_by == "anonymous@127.0.0.1"


def test_a_standing_alert_is_not_announced_at_page_load(wall: Wall, page: Page):
    wall.call(lambda: wall.alerts.update(alert(Millis(now() - 60_000))))
    open_floor(page, wall.url + "/floor")
    assert until(lambda: page.get_attribute("#alert", "data-level") == "bad")
    assert page.text_content("#announce") == ""


def test_keys_choose_filter_and_search(wall: Wall, page: Page):
    wall.put("8005", AgentState.READY)
    open_floor(page, wall.url + "/floor")
    page.focus("#map")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("floorwatch.map.selected") == 1
    page.keyboard.press("5")
    assert page.locator(".chip[data-word=ready][aria-pressed=true]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".chip[aria-pressed=true]").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("8005")
    assert until(lambda: page.locator("#found [role=option]").count() == 1)
    page.keyboard.press("Enter")
    assert page.evaluate("floorwatch.map.selected") == 4
    assert until(lambda: page.evaluate("floorwatch.map.scale()") >= 44)


def test_a_queue_card_filters_its_agents_and_opens_the_calls_behind_it(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor")
    page.locator(".tile", has_text="客服热线").locator(".pick").click()
    serving = sum("客服热线" in agent.memberships for agent in wall.floor.agents.values())
    passing = "Array.from({length: floorwatch.seats.size}, (_, i) => i).filter((i) => floorwatch.map.passes(i)).length"
    assert until(lambda: page.evaluate(passing) == serving)
    basis = page.locator(".tile", has_text="客服热线").locator(".basis")
    assert until(lambda: "≤20 秒 · 30 分钟" in (basis.text_content() or ""))
    basis.click()
    assert page.locator("select[name=queue]").input_value() == "客服热线"


def test_a_new_agent_beyond_the_plan_gets_a_bench_seat(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor?lang=en")

    def join() -> None:
        record = next(iter(wall.floor.agents.values()))
        wall.floor._add(type(record.id)("9999"), now())
        wall.hub.changed(type(record.id)("9999"))

    page.evaluate("floorwatch.map.choose(3); window.notReloaded = true")
    wall.call(join)
    assert until(lambda: page.evaluate("floorwatch.map.rows") == 60)
    assert until(lambda: page.evaluate("!!floorwatch.wall.people[40]"))
    assert until(lambda: pixel_becomes(page, 40, SeatCode(wall.hub.picture.columns.code[40])))
    assert page.evaluate("[floorwatch.map.selected, window.notReloaded]") == [3, True]
    assert page.evaluate("document.querySelectorAll('#floor-map > div').length") == 1


def test_a_wall_without_a_server_greys_itself_and_comes_back(wall: Wall, page: Page, faults):
    """Lost is announced; after the return a snapshot brings what was missed."""
    open_floor(page, wall.url + "/floor?lang=en")
    page.evaluate("floorwatch.socket.send = () => {}; floorwatch.socket.socket.close()")
    assert until(lambda: page.evaluate("document.body.dataset.line") == "lost")
    assert page.is_visible("#lost")
    wall.put("8006", AgentState.ON_HOLD)
    assert until(lambda: page.evaluate("document.body.dataset.line") == "ok")
    assert pixel_becomes(page, 5, SeatCode.ON_HOLD)
    assert not page.is_visible("#lost")


def test_a_frozen_server_is_lost_after_six_seconds(page: Page, wall: Wall):
    """An open socket that says nothing is not calm either."""
    open_floor(page, wall.url + "/floor")
    wall.hub.settings = HubSettings(numbers_ms=3_600_000)
    assert until(lambda: page.evaluate("document.body.dataset.line") == "late", seconds=6)
    assert until(lambda: page.evaluate("document.body.dataset.line") == "lost", seconds=8)
    time.sleep(0.3)
    assert page.is_visible("#lost")
