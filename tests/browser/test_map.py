"""The seat map under a viewer's hands: finding, filtering, zooming, choosing, another plan, a scope, another server."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from monitor.api.parts import Parts
from monitor.config_wall import Scope
from seat_map.generate import generate
from seat_map.palette import THEMES, SeatCode
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import AgentState
from tests.browser.serve import Wall, now
from tests.browser.synthetic import HOSTILE
from tests.browser.walls import PIXEL, Faults, near, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SHOWN = """Array.from({length: floorwatch.seats.size}, (_, i) => i)
  .filter((i) => !floorwatch.map.passes || floorwatch.map.passes(i))"""


FOCUSED = """(() => { const at = document.activeElement, style = getComputedStyle(at);
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return [at.id || at.className || at.tagName, drawn]; })()"""


def look(page: Page, row: int) -> dict[str, Any]:
    """What is painted on a seat now."""
    found = page.evaluate(
        "(row) => { const { painter } = floorwatch.map; return painter.looks.read(painter.shown[row]); }", row
    )
    assert isinstance(found, dict)
    return found


def open_map(page: Page, url: str) -> None:
    """Everybody is known, and the map has the size it keeps."""
    open_floor(page, url)
    assert until(lambda: page.evaluate("Object.keys(floorwatch.wall.people).length"))
    seen: list[object] = []

    def settled() -> bool:
        seen.append(page.evaluate("[floorwatch.map.view.width, floorwatch.map.view.height, floorwatch.map.scale()]"))
        return len(seen) > 6 and all(one == seen[-1] for one in seen[-6:])

    assert until(settled)


def spot(page: Page, row: int) -> tuple[float, float]:
    """Where a seat is on the screen."""
    x, y = page.evaluate(
        """(row) => { const { map } = floorwatch, box = map.element.getBoundingClientRect(), { view, geometry } = map;
        const x = (geometry.x[row] - view.left) * view.scale, y = (view.top - geometry.y[row]) * view.scale;
        return [box.left + x, box.top + y]; }""",
        row,
    )
    return float(x), float(y)


def scale(page: Page) -> float:
    return float(page.evaluate("floorwatch.map.scale()"))


def rested(page: Page) -> bool:
    return bool(until(lambda: page.evaluate("floorwatch.map.view.resting && floorwatch.map.painter.grounded")))


# ---- filters ---
def test_filters_of_several_kinds_combine_and_stand_in_the_address(wall: Wall, page: Page):
    """Two queues: either; a queue and a state: both."""
    for number, agent in enumerate(list(wall.floor.agents)[:8]):
        wall.put(agent, AgentState.READY if number % 2 else AgentState.ON_HOLD)
    open_map(page, wall.url + "/floor?lang=en&state=ready&queue=技术支持&queue=客服热线")
    wanted = [
        row
        for row, agent in enumerate(wall.floor.agents.values())
        if agent.state is AgentState.READY and {"技术支持", "客服热线"} & set(agent.memberships)
    ]
    assert until(lambda: page.evaluate(SHOWN) == wanted)
    assert page.locator("#filters .filter").all_inner_texts() == [
        "State\nReady\n×",
        "Queue\n技术支持\n×",
        "Queue\n客服热线\n×",
    ]
    assert until(lambda: page.text_content("#filter-count") == f"{len(wanted)} of 40 seats")
    assert all(look(page, row)["dim"] == (row not in wanted) for row in range(40))


def test_a_chip_takes_its_filter_away_and_the_link_brings_it_back(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor?lang=en")
    page.keyboard.press("f")
    page.click("#filter-menu [data-kind=team][data-value=A01]")
    page.click("#filter-menu [data-kind=state][data-value=ready]")
    page.keyboard.press("Escape")
    assert page.locator("#filter-menu").is_hidden()
    assert page.evaluate("document.activeElement.id") == "filter"
    assert page.url.endswith("&state=ready&team=A01")
    page.reload()
    assert until(lambda: page.locator("#filters .filter").count() == 2)
    page.locator("#filters .filter").first.click()
    assert until(lambda: page.url.endswith("?lang=en&team=A01"))
    page.focus("#map")
    page.keyboard.press("Escape")
    assert until(lambda: page.locator("#filters").is_hidden())
    assert "team" not in page.url


def test_tiers_and_skills_are_filters_where_there_are_any(wall: Wall, page: Page):
    wall.call(
        lambda: (
            wall.floor.enrich(next(iter(wall.floor.agents)), now()),
            wall.hub.changed(next(iter(wall.floor.agents))),
        )
    )
    open_map(page, wall.url + "/floor?lang=en&skill=粤语&tier=金卡")
    assert until(lambda: page.evaluate(SHOWN) == [0])


def test_marks_are_drawn_and_are_a_filter(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor?lang=en")
    page.evaluate("floorwatch.map.choose(7)")
    page.keyboard.press("m")
    assert until(lambda: look(page, 7)["mark"] == "★")
    page.keyboard.press("f")
    page.click("#filter-menu [data-kind=mark][data-value='*']")
    assert until(lambda: page.evaluate(SHOWN) == [7])


# ---- search ---
def test_search_lists_while_typing_and_enter_zooms(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor?lang=en")
    page.keyboard.press("/")
    page.keyboard.type("801")
    assert until(lambda: page.locator("#found [role=option]").count() == 10)
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#search", "aria-activedescendant")
    assert page.locator(f"#{chosen}[aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    assert f"found-{page.evaluate('floorwatch.map.selected')}" == chosen
    assert until(lambda: scale(page) >= 44)
    assert page.locator("#found").is_hidden()


@pytest.mark.parametrize(("typed", "row"), [("A01-07", 6), ("8012", 11), ("a01-03", 2)])
def test_seats_and_numbers_are_found_however_written(wall: Wall, page: Page, typed: str, row: int):
    open_map(page, wall.url + "/floor")
    page.fill("#search", typed)
    page.keyboard.press("Enter")
    assert page.evaluate("floorwatch.map.selected") == row


def test_hostile_names_in_the_list_are_text(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor")
    page.fill("#search", "<img")
    assert until(lambda: page.locator("#found [role=option] b").all_inner_texts() == [HOSTILE])
    page.fill("#search", "nobody-of-this-name")
    assert until(lambda: page.inner_text("#found") == "没有找到")


# ---- moving ---
def test_the_wheel_zooms_about_the_pointer(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor")
    before, (x, y) = scale(page), spot(page, 12)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -240)
    assert until(lambda: scale(page) > before * 1.5)
    assert rested(page)
    after = spot(page, 12)
    assert max(abs(after[0] - x), abs(after[1] - y)) < 3


def test_a_drag_moves_the_map_with_the_pointer_and_chooses_nothing(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor")
    whole = scale(page)
    page.keyboard.press("+")
    assert until(lambda: scale(page) > whole * 1.4)
    assert rested(page)
    x, y = spot(page, 12)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 25, steps=6)
    page.mouse.up()
    assert rested(page)
    after = spot(page, 12)
    assert max(abs(after[0] - x + 60), abs(after[1] - y + 25)) < 3
    assert page.evaluate("floorwatch.map.selected") == -1


def test_plus_minus_and_nought_zoom(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor")
    whole = scale(page)
    page.keyboard.press("+")
    assert until(lambda: scale(page) > whole * 1.4)
    assert rested(page)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert until(lambda: scale(page) < whole)
    assert rested(page)
    page.keyboard.press("0")
    assert until(lambda: page.evaluate("Math.abs(floorwatch.map.scale() - floorwatch.map.view.fitScale()) < 0.01"))


def test_shift_draws_a_box_and_chooses_several(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor")
    (x0, y0), (x1, y1) = spot(page, 0), spot(page, 12)
    page.keyboard.down("Shift")
    page.mouse.move(x0 - 12, y0 - 12)
    page.mouse.down()
    page.mouse.move(x1 + 12, y1 + 12, steps=4)
    assert page.locator(".rubber").count() == 1
    page.mouse.up()
    page.keyboard.up("Shift")
    assert page.evaluate("[...floorwatch.map.selection].sort((a, b) => a - b)") == [0, 1, 2, 10, 11, 12]
    assert page.evaluate("floorwatch.map.parts.selected.data.x.length") == 6
    assert page.locator(".rubber").count() == 0


def test_two_fingers_zoom_and_a_tap_chooses(wall: Wall, browser: Browser):
    """A tablet."""
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page, collected = context.new_page(), Faults(wall.url)
    collected.watch(page)
    open_map(page, wall.url + "/floor")
    x, y = spot(page, 5)
    page.touchscreen.tap(x, y)
    assert until(lambda: page.evaluate("floorwatch.map.selected") == 5)
    before, fingers = scale(page), page.context.new_cdp_session(page)
    for step in range(6):
        points = [{"x": x - 20 - 12 * step, "y": y}, {"x": x + 20 + 12 * step, "y": y}]
        kind = "touchStart" if not step else "touchMove"
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert until(lambda: scale(page) > before * 2)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert (wide <= 1024, page.locator("#map").bounding_box()["height"] > 250, collected.seen) == (True, True, [])  # type: ignore[index]


def test_every_key_is_told_on_one_sheet(wall: Wall, page: Page):
    """While it is open the keys do nothing."""
    open_map(page, wall.url + "/floor?lang=zh-CN")
    page.keyboard.press("?")
    assert "在座位间移动" in page.inner_text("#help")
    page.keyboard.press("5")
    page.keyboard.press("w")
    assert page.locator(".chip[aria-pressed=true]").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()
    page.keyboard.press("w")
    assert "wall" in (page.get_attribute("body", "class") or "").split()


def test_the_focus_can_be_seen_wherever_the_keyboard_goes(wall: Wall, page: Page):
    """Tab through the header, the map and its finders."""
    open_map(page, wall.url + "/floor")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        name, drawn = page.evaluate(FOCUSED)
        assert drawn, name
        seen.add(name)
    assert {"map", "filter", "search"} <= seen


# ---- what is drawn ---
def test_the_unknown_are_striped_even_where_seats_are_small(page: Page, faults: Faults):
    """Both colours stand in a row of pixels."""
    with Wall(agents=2000, rate=0) as wall:
        faults.home = wall.url
        open_map(page, wall.url + "/floor?theme=light")
        wall.call(lambda: wall.floor.lose_source(now()))
        assert until(lambda: look(page, 0)["code"] == SeatCode.UNKNOWN, seconds=15)
        assert scale(page) < 10
        found = page.evaluate(
            """() => { const { painter, geometry } = floorwatch.map; painter.place();
            const y = painter.py(geometry.y[0]), x = painter.px(geometry.x[0]) - 2;
            const { data } = painter.primary.ctx.getImageData(x, y, 5, 1);
            return [0, 1, 2, 3, 4].map((k) => data[4 * k]); }"""
        )
    light = THEMES["light"]
    dark, stripe = (int(one[1:3], 16) for one in (light.seats[SeatCode.UNKNOWN], light.hatch))
    assert {dark, stripe} <= set(found), found


def test_a_change_while_the_map_glides_is_not_lost(wall: Wall, page: Page):
    wall.put("8005", AgentState.READY)
    open_map(page, wall.url + "/floor?theme=dark")
    page.keyboard.press("+")
    wall.put("8005", AgentState.ON_HOLD)
    page.keyboard.press("0")
    assert until(lambda: near(str(page.evaluate(PIXEL, 4)), THEMES["dark"].seats[SeatCode.ON_HOLD]))


def test_another_plan_is_drawn_without_a_reload(wall: Wall, page: Page):
    open_map(page, wall.url + "/floor?lang=en")
    page.evaluate("window.notReloaded = true; floorwatch.map.choose(4)")
    wall.call(lambda: wall.hub.replan(generate(120)))
    assert until(lambda: page.evaluate("floorwatch.map.rows") == 120)
    assert until(lambda: page.locator("#floor-map > div").count() == 1)
    wall.put("8005", AgentState.ON_HOLD)
    row = wall.hub.picture.seating.places[next(a for a in wall.floor.agents if a == "8005")].index
    assert until(lambda: near(str(page.evaluate(PIXEL, row)), THEMES["dark"].seats[SeatCode.ON_HOLD]))
    assert page.evaluate("[window.notReloaded, floorwatch.people.person(floorwatch.map.selected).id]") == [True, "8005"]


class ScopedWall(Wall):
    def parts(self) -> Parts:
        mine = Scope(name="a", label_zh="甲组", label_en="Team A", teams=("A01",), queues=(QueueName("客服热线"),))
        return replace(super().parts(), scopes={"a": mine})


def test_desks_outside_a_scope_are_blank(page: Page, faults: Faults):
    with ScopedWall(agents=80, rate=0) as wall:
        faults.home = wall.url
        open_map(page, wall.url + "/floor?lang=en&scope=a")
        assert until(lambda: look(page, 3)["code"] != SeatCode.VACANT)
        assert {look(page, row)["code"] for row in range(40, 80)} == {SeatCode.VACANT}
        assert page.evaluate("Object.keys(floorwatch.wall.people).length") == 40
        page.fill("#search", "8070")
        assert until(lambda: page.inner_text("#found") == "Nothing found")


# ---- languages, themes, another server ---
def test_filters_and_letters_follow_the_language(wall: Wall, page: Page):
    wall.put("8005", AgentState.READY)
    open_map(page, wall.url + "/floor?lang=zh-CN&state=ready")
    assert until(lambda: look(page, 4)["letter"] == "闲")
    page.keyboard.press("l")
    assert until(lambda: look(page, 4)["letter"] == "R")
    assert until(lambda: page.locator("#filters .filter").all_inner_texts() == ["State\nReady\n×"])


@contextmanager
def served(port: int, agents: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.browser.serve", "--port", str(port), "--agents", str(agents), "--rate", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http")
        try:
            yield
        finally:
            process.kill()
            process.wait(10)


def test_the_page_comes_back_by_itself_after_the_server_was_killed(browser: Browser, wall: Wall):
    """A process of its own is killed and started again: the wall greys, returns, follows; it is not reloaded."""
    with Wall(agents=1, rate=0) as reserve:
        port = reserve.port
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    with served(port, 40):
        open_map(page, f"http://127.0.0.1:{port}/floor?lang=en")
        page.evaluate("window.notReloaded = true")
        assert until(lambda: page.evaluate("document.body.dataset.line") == "ok")
    assert until(lambda: page.evaluate("document.body.dataset.line") == "lost")
    assert page.is_visible("#lost")
    time.sleep(0.5)
    with served(port, 60):
        assert until(lambda: page.evaluate("document.body.dataset.line") == "ok", seconds=30)
        assert until(lambda: page.evaluate("floorwatch.map.rows") == 60, seconds=15)
        assert until(lambda: look(page, 55)["code"] == page.evaluate("floorwatch.seats.code[55]"))
        assert page.evaluate("window.notReloaded") is True
        assert not page.is_visible("#lost")
