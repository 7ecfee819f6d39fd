"""The plan's editor in a real Chromium: drawn, stamped, numbered, published; an open wall follows."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from monitor.plan_desk import Signed
from seat_map.plan import Block, block_extent, block_spots
from seat_map.plan_words import PlanDoc, doc_of, read_doc
from tests.browser.serve import Wall, now
from tests.browser.walls import Faults, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SEATS = "floorplan.plan.seats.filter((seat) => seat.floor === floorplan.floor)"
TABLE = "座位,班组,分机\nN1,N,8001\nN2,N,8002\nN3,N,8001\n"


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    """Twenty agents who do nothing, at forty desks that can be moved."""
    with Wall(agents=20, seats=40, rate=0, plans=tmp_path) as running:
        yield running


def open_editor(page: Page, wall: Wall, query: str = "?lang=en") -> None:
    page.goto(f"{wall.url}/plan{query}")
    assert until(lambda: page.evaluate("document.body.dataset.plan === 'ready'")), "the editor did not start"


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Metres of the plan to pixels of the page."""
    box = page.locator("#plan").bounding_box()
    assert box is not None
    left, top = page.evaluate(f"floorplan.drawing.toPixels({x}, {y})")
    return box["x"] + left, box["y"] + top


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=5)
    page.mouse.up()


def publish(page: Page, note: str = "") -> None:
    page.click("#publish")
    page.fill("#plan-dialog [data-field=note]", note)
    page.keyboard.press("Enter")
    assert until(lambda: not page.evaluate("document.querySelector('#plan-dialog').open")), "it was not published"


def seats_of(page: Page) -> int:
    return int(page.evaluate(f"{SEATS}.length"))


def test_a_room_is_drawn_and_desks_are_stamped_into_it(wall: Wall, page: Page):
    """On a floor of its own, which teaches what to do first."""
    open_editor(page, wall)
    page.click("#floors button:last-child")
    assert page.is_visible("#plan-empty")
    page.keyboard.press("r")
    drag(page, (2, 2), (22, 14))
    assert until(lambda: page.is_hidden("#plan-empty"))
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.mouse.move(*at(page, 8, 7))
    page.mouse.click(*at(page, 8, 7))
    assert until(lambda: seats_of(page) == 20)
    assert until(lambda: (page.text_content("#faults") or "").strip() == "Nothing")


def test_every_edit_can_be_undone_and_done_again(wall: Wall, page: Page):
    open_editor(page, wall)
    page.locator("#plan").focus()
    for _ in range(3):
        page.evaluate("floorplan.stampAt(100, 100)")
    assert seats_of(page) == 100
    for count in (80, 60, 40):
        page.keyboard.press("Control+z")
        assert seats_of(page) == count
    assert page.is_disabled("#undo")
    page.keyboard.press("Control+Shift+z")
    assert seats_of(page) == 60


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("rotated", [False, True])
def test_the_page_stamps_what_the_service_would(wall: Wall, page: Page, single: bool, rotated: bool):
    open_editor(page, wall)
    block = Block(rows=5, columns=3, single=single, rotated=rotated)
    told = json.dumps({"rows": 5, "columns": 3, "single": single, "rotated": rotated})
    made = page.evaluate(
        f"import('/static/web/plan_model.js').then((m) => [m.blockSpots({told}, 1.25, -3.5), m.blockExtent({told})])"
    )
    assert [tuple(spot) for spot in made[0]] == block_spots(block, left=1.25, top=-3.5)
    assert made[1] == pytest.approx(block_extent(block))


def test_a_seat_dragged_onto_another_is_a_fault_that_is_found_and_mended(wall: Wall, page: Page):
    open_editor(page, wall)
    first, second = page.evaluate(f"{SEATS}.slice(0, 2).map((seat) => [seat.x, seat.y])")
    drag(page, first, second)
    assert until(lambda: "lies on seat" in (page.text_content("#faults") or ""))
    page.click("#faults button")
    assert page.evaluate("floorplan.selected.size") == 1
    page.locator("#plan").focus()
    page.keyboard.press("Control+z")
    assert until(lambda: (page.text_content("#faults") or "").strip() == "Nothing")


def test_seats_are_reached_moved_and_numbered_without_a_mouse(wall: Wall, page: Page):
    open_editor(page, wall)
    page.locator("#plan").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    assert "A01-02" in (page.text_content("#plan-say") or "")
    x = page.evaluate("floorplan.seats()[0].x")
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("floorplan.seats()[0].x") == pytest.approx(x + 0.25)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+a")
    page.click("summary")
    page.fill("[data-field=prefix]", "Z-")
    page.locator("[data-field=prefix]").press("Tab")
    page.select_option("[data-field=order]", "snake")
    page.get_by_role("button", name="Number 40 seats").click()
    row = page.evaluate(f"{SEATS}.sort((a, b) => a.y - b.y || a.x - b.x).slice(10, 20).map((seat) => seat.id)")
    assert row == [f"Z-{number}" for number in range(20, 10, -1)]
    page.locator("#plan").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "plan", "Escape gives Tab back to the page"


def test_an_import_shows_its_faults_and_takes_the_sound_part(wall: Wall, page: Page):
    open_editor(page, wall)
    page.click("#import")
    page.fill("#plan-dialog textarea", TABLE)
    page.get_by_role("button", name="Look at it").click()
    assert until(lambda: page.locator(".plan-fault-list li").count() == 1)
    assert "line 4: extension 8001 is already at row 2" in (page.text_content(".plan-fault-list") or "")
    assert seats_of(page) == 40
    page.click("[data-take]")
    assert page.evaluate(f"{SEATS}.map((seat) => seat.id)") == ["N1", "N2"]
    page.keyboard.press("Control+z")
    assert seats_of(page) == 40


def test_publishing_changes_a_wall_that_is_open_and_rolling_back_too(wall: Wall, page: Page, browser: Browser):
    """Without a reload; what the wall has chosen stays."""
    watching = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
    faults = Faults(wall.url)
    faults.watch(watching)
    open_floor(watching, wall.url + "/floor?lang=en")
    watching.evaluate("globalThis.sameDocument = true")
    size = watching.evaluate("floorwatch.seats.size")
    open_editor(page, wall)
    page.evaluate("floorplan.drawRoom({ left: 0, top: 60, width: 20, height: 12 })")
    page.evaluate("floorplan.stampAt(1, 62)")
    publish(page, "a new room")
    assert until(lambda: watching.evaluate("floorwatch.seats.size") == size + 20)
    page.click("#versions")
    page.get_by_role("button", name="version 0").click()
    page.get_by_role("button", name="Publish this version again").click()
    assert until(lambda: watching.evaluate("floorwatch.seats.size") == size)
    assert until(lambda: seats_of(page) == 40)
    assert watching.evaluate("sameDocument") is True
    assert faults.seen == []


def test_a_draft_survives_a_closed_tab_and_a_newer_version_is_told(wall: Wall, page: Page):
    open_editor(page, wall)
    page.evaluate("floorplan.stampAt(100, 100)")
    assert until(lambda: "Draft kept" in (page.text_content("#plan-saved") or ""))
    open_editor(page, wall)
    assert seats_of(page) == 60
    assert "is back" in (page.text_content("#plan-note") or "")
    page.get_by_role("button", name="Drop the draft").click()
    assert until(lambda: seats_of(page) == 40)


def test_who_publishes_second_is_told_and_decides(wall: Wall, page: Page, faults: Faults, browser: Browser):
    other = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    for one, name in ((page, "mine"), (other, "theirs")):
        open_editor(one, wall)
        one.evaluate(
            "(name) => floorplan.edit({ ...floorplan.plan, seats:"
            " floorplan.plan.seats.map((seat, row) => (row ? seat : { ...seat, id: name })) })",
            name,
        )
    publish(other, "theirs first")
    page.click("#publish")
    page.locator("#plan-dialog .button.strong").click()
    assert until(lambda: "Somebody published in between" in (page.text_content("#plan-dialog") or ""))
    assert "A01-01 → theirs" in (page.text_content("#plan-dialog") or "")
    page.get_by_role("button", name="Publish mine over it").click()
    assert until(lambda: wall.desk is not None and wall.desk.standing.about.version == 2)
    assert wall.hub.picture.seating.plan.seats[0].id == "mine"
    assert all("409" in one for one in faults.seen), faults.seen
    faults.seen.clear()


def test_a_seat_given_by_hand_holds_at_once(wall: Wall, page: Page):
    open_editor(page, wall)
    page.evaluate(f"floorplan.select([{SEATS}[30].key])")
    page.fill("[data-field=by-hand]", "8003")
    page.locator("[data-field=by-hand]").press("Enter")
    assert until(lambda: "8003 sits at A01-31 now." in (page.text_content("#plan-note") or ""))
    places = wall.hub.picture.seating.places
    assert until(lambda: any(name == "8003" and place.index == 30 for name, place in places.items()) or (
        wall.hub.picture.seating.agents.get(30) == "8003"))  # fmt: skip
    page.get_by_role("button", name="Undo", exact=True).click()
    assert until(lambda: wall.desk is not None and not wall.desk.standing.pins.pins)


def test_hostile_names_are_text(wall: Wall, page: Page):
    open_editor(page, wall)
    page.evaluate("floorplan.drawRoom({ left: 0, top: 60, width: 20, height: 12 })")
    page.evaluate("floorplan.stampAt(1, 62)")
    page.evaluate(
        "floorplan.edit({ ...floorplan.plan, seats: floorplan.plan.seats.map((seat, row) =>"
        " (row < 40 ? seat : { ...seat, id: `<img src=x onerror=alert(1)>${row}` })) })"
    )
    publish(page, "<b>bold</b>")
    page.click("#versions")
    assert until(lambda: "<b>bold</b>" in (page.text_content(".plan-versions") or ""))
    assert page.locator("img[src=x]").count() == 0


def test_words_and_colours_change_without_a_reload(wall: Wall, page: Page):
    open_editor(page, wall)
    page.evaluate("floorplan.stampAt(100, 100)")
    page.click("#locale")
    assert until(lambda: page.text_content("#publish") == "发布")
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "light"
    time.sleep(0.1)
    assert seats_of(page) == 60, "the draft is still there"


FAULTY = {
    "name": "",
    "floors": [{"name": "1", "backdrop": None}],
    "rooms": [
        {"name": "A", "left": 0, "top": 0, "width": 9, "height": 9, "floor": 0, "bench": False},
        {"name": "A", "left": 5, "top": 0, "width": 9, "height": 9, "floor": 0, "bench": False},
    ],
    "teams": [],
    "seats": [
        {"id": "1", "x": 1, "y": 1, "agent": "8001", "extension": "1"},
        {"id": "2", "x": 1.79, "y": 1},
        {"id": "1", "x": 3, "y": 1},
        {"id": "3", "x": 5, "y": 1, "agent": "8001"},
        {"id": "4", "x": 7, "y": 1, "extension": "1"},
        {"id": "5", "x": 70, "y": 1},
        {"id": "x" * 65, "x": 1, "y": 5},
        {"id": "a\u200bb", "x": 3, "y": 5},
        {"id": "6", "x": 14, "y": 9},
    ],
}


def test_the_page_finds_the_faults_that_the_service_finds(wall: Wall, page: Page):
    """So that publishing never brings one that nobody was told of."""
    open_editor(page, wall)
    script = (
        "(doc) => Promise.all([import('/static/web/plan_model.js'), import('/static/web/plan_checks.js')])"
        ".then(([model, checks]) => checks.faultsOf(model.fromDoc(doc)).shown.map((fault) => fault.kind))"
    )
    told = read_doc(msgspec.convert(FAULTY, PlanDoc)).faults
    # a name that is refused is missing, too: the page says only the first
    assert sorted(page.evaluate(script, FAULTY)) == sorted(fault.kind for fault in told if fault.kind != "missing")


def test_two_fingers_zoom_and_one_pans(wall: Wall, browser: Browser):
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = context.new_page()
    open_editor(page, wall)
    touch = context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    scale = page.evaluate("floorplan.drawing.view.scale")
    fingers("touchStart", (300, 650))
    fingers("touchStart", (300, 650), (400, 650))
    fingers("touchMove", (250, 650), (450, 650))
    fingers("touchEnd")
    assert until(lambda: page.evaluate("floorplan.drawing.view.scale") > 1.5 * scale)
    left = page.evaluate("floorplan.drawing.view.x")
    fingers("touchStart", (300, 690))
    fingers("touchMove", (340, 690))
    fingers("touchMove", (400, 690))
    fingers("touchEnd")
    assert until(lambda: page.evaluate("floorplan.drawing.view.x") < left)


def test_what_is_copied_can_be_put_on_another_floor(wall: Wall, page: Page):
    """Rooms with all that is in them, under names of their own; owners stay where they are."""
    open_editor(page, wall)
    page.locator("#plan").focus()
    page.evaluate("floorplan.select([floorplan.plan.rooms[0].key])")
    page.keyboard.press("Control+c")
    page.click("#floors button:last-child")
    page.locator("#plan").focus()
    page.keyboard.press("Control+v")
    assert until(lambda: seats_of(page) == 40)
    assert page.evaluate("new Set(floorplan.plan.seats.map((seat) => seat.id)).size") == 80
    assert until(lambda: (page.text_content("#faults") or "").strip() == "Nothing")


def test_a_tab_that_comes_back_hears_of_a_newer_version(wall: Wall, page: Page):
    """Without a draft it shows that version; a draft is never thrown away for it."""
    open_editor(page, wall)
    desk = wall.desk
    assert desk is not None

    def publish_elsewhere(name: str, base: int) -> None:
        doc = msgspec.structs.replace(doc_of(desk.standing.plan), name=name)
        done = desk.publish(doc, base=base, by=Signed(author="x", at=now()))
        asyncio.run_coroutine_threadsafe(done, wall.loop).result(10)

    publish_elsewhere("one", 0)
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert until(lambda: page.evaluate("floorplan.plan.name") == "one")
    page.evaluate("floorplan.stampAt(100, 100)")
    publish_elsewhere("two", 1)
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert until(lambda: "Version 2 was published since." in (page.text_content("#plan-note") or ""))
    assert (page.evaluate("floorplan.plan.name"), seats_of(page)) == ("one", 60)
    assert page.evaluate("floorplan.base") == 1, "so that publishing is refused and says what changed"


def test_a_service_that_does_not_answer_is_said_and_asked_again(wall: Wall, page: Page, faults: Faults):
    page.route("**/api/v1/plan", lambda route: route.abort())
    open_editor(page, wall)
    assert "does not answer" in (page.text_content("#plan-note") or "")
    page.click("#zoom-fit")
    page.mouse.click(400, 400)
    page.unroute("**/api/v1/plan")
    page.get_by_role("button", name="Try again").click()
    assert until(lambda: page.evaluate("floorplan.plan && floorplan.plan.seats.length") == 40)
    assert all("ERR_FAILED" in one for one in faults.seen), faults.seen
    faults.seen.clear()
