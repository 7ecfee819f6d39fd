"""Beside the map in a real Chromium: what needs attention, the chosen seat or seats, marks, alerts by key."""

import pytest
from playwright.sync_api import Page

from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import AgentState
from tests.browser.serve import Wall, alert, now
from tests.browser.synthetic import HOSTILE
from tests.browser.walls import open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def wall(wall: Wall) -> Wall:
    """Everybody is ready and nothing waits, so that only what a test does needs attention."""
    calm(wall)
    return wall


def calm(wall: Wall) -> None:
    def inside() -> None:
        for agent in wall.floor.agents:
            wall.floor.put(agent, AgentState.READY, Millis(now() - 5000))
            wall.hub.changed(agent)
        wall.floor.numbers = lambda at: []

    wall.call(inside)


def late(wall: Wall, agent: str, state: AgentState, for_ms: int, *, reason: str = "") -> None:
    def inside() -> None:
        wall.floor.put(AgentId(agent), state, Millis(now() - for_ms), reason=reason)
        wall.hub.changed(AgentId(agent))

    wall.call(inside)


def lines(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#attention li b").all_text_contents()]


def start(page: Page, wall: Wall, lang: str = "zh-CN") -> None:
    open_floor(page, f"{wall.url}/floor?lang={lang}")
    assert until(lambda: page.evaluate("Object.keys(floorwatch.people.rows).length") == 40)


def test_a_line_says_why_in_words_and_goes_to_the_seat(wall: Wall, page: Page):
    late(wall, "8005", AgentState.WRAP_UP, 372_000)
    start(page, wall)
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 1)
    line = page.locator("#attention li").first
    assert "话后超过 03:00 上限" in (line.text_content() or "")
    assert until(lambda: "06:1" in (line.locator("time").text_content() or ""))
    assert "紧急" in (line.locator(".go").get_attribute("aria-label") or "")
    line.locator(".go").click()
    assert until(lambda: page.evaluate("floorwatch.map.selected") == 4)
    page.keyboard.press("l")
    assert until(lambda: "Wrap-up over 03:00" in (page.locator("#attention li").first.text_content() or ""))


def test_the_list_is_walked_with_the_keyboard(wall: Wall, page: Page):
    """N goes there, arrows walk without moving the map's cursor, Enter chooses."""
    late(wall, "8005", AgentState.ON_HOLD, 200_000)
    late(wall, "8009", AgentState.ON_HOLD, 190_000)
    start(page, wall)
    assert until(lambda: page.locator("#attention li[data-key]").count() == 2)
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.row") == "8"
    assert page.evaluate("floorwatch.map.cursor") == -1
    page.keyboard.press("Enter")
    assert until(lambda: page.evaluate("floorwatch.map.selected") == 8)


def test_what_was_seen_hides_for_ten_minutes_even_after_a_reload_and_can_be_undone(wall: Wall, page: Page):
    late(wall, "8005", AgentState.ON_HOLD, 200_000)
    start(page, wall, "en")
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 1)
    page.keyboard.press("n")
    page.keyboard.press("s")
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 0)
    assert "Everything else has been seen" in (page.text_content("#attention") or "")
    page.get_by_text("Undo", exact=True).click()
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 1)
    page.keyboard.press("n")
    page.keyboard.press("s")
    start(page, wall, "en")
    assert until(lambda: "1 seen" in (page.text_content("#attention-foot") or ""))
    page.evaluate("performance.now = ((real) => () => real() + 601000)(performance.now.bind(performance))")
    assert until(lambda: page.locator("#attention [data-row='4']").count() == 1), "ten minutes later it is back"


def test_nothing_to_do_is_said(wall: Wall, page: Page):
    start(page, wall)
    assert until(lambda: "目前无需关注" in (page.text_content("#attention") or ""))


def test_a_lost_source_is_the_one_line_said(wall: Wall, page: Page):
    """Thirty long holds are not known any more; a click shows who is unknown."""
    for number in range(30):
        late(wall, str(8001 + number), AgentState.ON_HOLD, 200_000)
    start(page, wall)
    wall.call(lambda: wall.floor.lose_source(now()))
    assert until(lambda: page.locator("#attention li[data-key]").count() == 1)
    assert until(lambda: "40 个座席未知" in (page.text_content("#attention") or ""))
    page.locator("#attention .go").click()
    assert until(lambda: page.locator(".chip[data-word=unknown][aria-pressed=true]").count() == 1)


def test_a_storm_is_one_line_that_chooses_its_seats(wall: Wall, page: Page):
    for number in range(12):
        late(wall, str(8001 + number), AgentState.WRAP_UP, 100_000)
    start(page, wall)
    assert until(lambda: "A01 组 12 人" in (page.text_content("#attention") or ""))
    page.locator("#attention .go").click()
    assert until(lambda: page.evaluate("floorwatch.map.selection.size") == 12)
    assert until(lambda: "已选 12 个座位" in (page.text_content("#several") or ""))
    assert "话后12" in (page.text_content("#several tbody") or "").replace("后话后", "话后")


def test_the_chosen_seat_tells_its_day(wall: Wall, page: Page):
    """Handled, AHT, occupancy, pauses by reason, the last hours; what cannot be done has no button."""
    start(page, wall, "en")
    page.evaluate("floorwatch.map.choose(4)")
    assert until(lambda: page.locator("#seat .strip rect.s").count() > 10)
    told = page.text_content("#seat") or ""
    for word in ("Handled today", "AHT", "Occupancy", "Not ready", "用餐"):
        assert word in told
    assert until(lambda: "the control side is not connected" in (page.text_content("#seat") or ""))
    assert page.locator("#seat button:not(.sign-choice)").count() == 0
    page.focus("#seat .strip svg")
    page.keyboard.press("ArrowRight")
    assert until(lambda: page.locator("#seat .strip-say .badge").count() == 1)
    assert page.evaluate("floorwatch.map.cursor") == 4, "the arrows were the strip's"


def test_history_that_does_not_answer_is_said_in_its_place(wall: Wall, page: Page):
    """The seat itself is told all the same: the live path does not wait."""
    wall.call(lambda: setattr(wall.history, "unavailable", "the store is starting"))
    page.on("console", lambda said: None)
    open_floor(page, wall.url + "/floor?lang=en")
    answer = page.request.get(wall.url + "/api/v1/agents/8005/day")
    assert (answer.status, answer.json()["reason"]) == (503, "the store is starting")


def test_marks_are_kept_in_this_browser_and_undone(wall: Wall, page: Page):
    start(page, wall, "en")
    page.evaluate("floorwatch.map.choose(4)")
    page.keyboard.press("m")
    assert until(lambda: page.evaluate("[...floorwatch.map.marks]") == [[4, "★"]])
    page.locator("#seat .sign-choice").nth(1).click()
    page.fill("#seat .note", HOSTILE)
    page.press("#seat .note", "Enter")
    start(page, wall, "en")
    assert until(lambda: page.evaluate("[...floorwatch.map.marks]") == [[4, "⚑"]])
    assert HOSTILE in (page.text_content("#marks") or "")
    assert page.locator("#marks img").count() == 0
    page.locator("#marks summary").click()
    page.locator("#marks li .link").click()
    assert until(lambda: page.evaluate("floorwatch.map.marks.size") == 0)
    page.locator("#marks").get_by_text("Undo").click()
    assert until(lambda: page.evaluate("floorwatch.map.marks.size") == 1)


def test_marks_travel_as_text_and_foreign_text_changes_nothing(wall: Wall, page: Page):
    start(page, wall, "en")
    page.evaluate("floorwatch.map.choose(4)")
    page.keyboard.press("m")
    page.locator("#marks summary").click()
    page.get_by_text("Copy or paste all").click()
    page.fill("#marks textarea", '{"8002": {"sign": "②", "note": "new"}}')
    page.get_by_text("Take over this text").click()
    assert until(lambda: page.evaluate("[...floorwatch.map.marks]") == [[1, "②"], [4, "★"]])
    page.get_by_text("Copy or paste all").click()
    page.fill("#marks textarea", "<b>no list</b>")
    page.get_by_text("Take over this text").click()
    assert until(lambda: "nothing was changed" in (page.text_content("#marks") or ""))
    assert page.evaluate("floorwatch.map.marks.size") == 2


def test_alerts_are_acknowledged_by_key_listed_and_lead_to_their_second(wall: Wall, page: Page):
    start(page, wall, "en")
    raised = Millis(now() - 60_000)
    wall.call(lambda: (wall.alerts.update(alert(raised)), wall.alerts.update(alert(raised, queue="VIP 专线"))))
    assert until(lambda: page.get_attribute("#alert", "data-level") == "bad")
    assert page.get_attribute("#alert .moment", "href") == f"/floor?at={raised}"
    assert page.get_attribute("#alert-sound", "aria-pressed") == "false"
    page.locator("#alert .more").click()
    assert page.locator("#alert-list li").count() == 2
    page.keyboard.press("Escape")
    assert page.locator("#alert-list").is_hidden()
    for left in (1, 0):
        assert until(lambda: page.locator("#alert [data-do=acknowledge]:not([disabled])").count() == 1)
        page.keyboard.press("a")
        assert until(lambda left=left: sum(not one.acknowledged_at for one in wall.call(wall.alerts.firing)) == left)
        assert until(lambda left=left: page.get_attribute("#alert", "data-level") == ("bad" if left else "taken"))


def test_an_alert_is_announced_once(wall: Wall, page: Page):
    """Not again when its acknowledgement changes it, nor after the line was lost and came back."""
    start(page, wall, "en")
    wall.call(lambda: wall.alerts.update(alert(Millis(now() - 1000))))
    assert until(lambda: "投诉专席" in (page.text_content("#announce") or ""))
    page.evaluate("document.querySelector('#announce').textContent = ''")
    page.keyboard.press("a")
    assert until(lambda: page.get_attribute("#alert", "data-level") == "taken")
    assert page.text_content("#announce") == ""
