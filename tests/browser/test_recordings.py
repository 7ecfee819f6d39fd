"""The ledger of recordings over a real one: what stands where, filters, words of a person, in both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from asr.intake_states import State
from monitor.intake_store import LedgerRow
from tests.browser.ledger_room import DONE, HOSTILE, OTHER, QUEUED, SITE, LedgerWall, filled
from tests.browser.walls import Faults, until
from tests.servers import DebianRedis

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerWall]:
    """A bus of its own: the session's needs the loop that the browser holds."""
    server = DebianRedis(tmp_path_factory.mktemp("bus")).start()
    wall = LedgerWall(agents=10, rate=0, bus=server.url)
    with wall:
        yield wall
    server.stop()


@pytest.fixture
def ledger(room: LedgerWall, browser: Browser) -> Iterator[Page]:
    """The page in English, its faults asked for at the end; a refusal that a test provokes is none."""
    faults = Faults(room.url)
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page = context.new_page()
    faults.watch(page)
    yield page
    faults.watching = False
    assert [one for one in faults.seen if "404" not in one] == []


def opened(page: Page, room: LedgerWall, query: str = "") -> Page:
    page.goto(f"{room.url}/recordings?lang=en&{query}")
    assert until(lambda: page.get_attribute("body", "data-ledger") == "ready", seconds=20)
    return page


def rows(room: LedgerWall, *states: State) -> dict[str, LedgerRow]:
    found = [row for site in (SITE, OTHER) for row in room.do(lambda desk, site=site: desk.rows(site, states))]  # type: ignore[misc]
    return {row.recording: row for row in found}


def test_an_empty_ledger_says_where_recordings_come_from(ledger: Page, room: LedgerWall) -> None:
    opened(ledger, room)
    assert ledger.locator("#none").is_visible()
    assert "watched folder" in (ledger.text_content("#none") or "")
    room.do(lambda desk: filled(desk, room))


def test_counts_add_up_and_say_what_is_left_to_do(ledger: Page, room: LedgerWall) -> None:
    """arrived = done + open + quarantined, with the progress and the time that it will take."""
    opened(ledger, room)
    told = {name: ledger.text_content(f"[data-sum={name}]") for name in ("arrived", "done", "open", "quarantined")}
    assert told == {"arrived": "107", "done": str(DONE), "open": "15", "quarantined": "6"}
    assert ledger.text_content("#holds") == "adds up"
    assert ledger.evaluate("document.querySelector('#progress').value / document.querySelector('#progress').max") > 0.8
    assert (ledger.text_content("#eta") or "").startswith(f"{QUEUED - 2 + 2} wait, about ")
    assert ledger.text_content("[data-count=expected]") == "5"


def test_filters_are_kept_in_the_address_and_can_be_taken_back(ledger: Page, room: LedgerWall) -> None:
    """State by the keyboard's arrows, reason, text; what fits nothing says so."""
    opened(ledger, room)
    ledger.locator("input[name=state]").first.focus()
    ledger.keyboard.press("ArrowRight")
    assert until(lambda: ledger.locator("#rows tr").count() == 3)
    assert "state=arrived" in ledger.url
    ledger.locator("input[name=state][value=quarantined]").check(force=True)
    ledger.select_option("#reason", "not_audio")
    assert until(lambda: ledger.locator("#rows tr").count() == 2)
    assert ledger.locator("#rows .why small").all_text_contents()[0] == "not audio"
    ledger.fill("input[name=text]", "no such file")
    assert until(lambda: ledger.locator("#unfit").is_visible())
    ledger.click("#all")
    assert until(lambda: ledger.locator("#rows tr").count() == 100)
    assert ledger.locator("#newest").is_visible()
    assert ledger.url.endswith("/recordings")


def test_quarantined_is_tried_again_and_discarded_after_a_question(ledger: Page, room: LedgerWall) -> None:
    """The first answer of the question keeps it; the focus stays where one was."""
    opened(ledger, room, "state=quarantined&reason=recogniser_timeout")
    (recording,) = [one for one, row in rows(room, State.QUARANTINED).items() if row.reason == "recogniser_timeout"]
    ledger.locator("button[data-do=retry]").focus()
    ledger.keyboard.press("Enter")
    assert until(lambda: recording in rows(room, State.QUEUED))
    opened(ledger, room, "state=quarantined&reason=file_missing")
    ledger.locator("button[data-do=discard]").click()
    assert ledger.evaluate("document.activeElement.id") == "ask-no"
    ledger.keyboard.press("Enter")
    assert until(lambda: not ledger.locator("#ask").is_visible())
    assert ledger.evaluate("document.activeElement.dataset.do") == "discard"
    ledger.keyboard.press("Enter")
    ledger.click("#ask-yes")

    def reasons() -> list[str]:
        return [row.reason for row in rows(room, State.QUARANTINED).values()]

    assert until(lambda: "discarded" in reasons() and "file_missing" not in reasons())


def test_a_recording_is_matched_by_hand_with_the_keyboard(ledger: Page, room: LedgerWall) -> None:
    """Its agent's contact is offered first; a name that history does not know is refused where one typed it."""
    opened(ledger, room, "state=arrived&text=calc")
    ledger.locator("button[data-do=match]").focus()
    ledger.keyboard.press("Enter")
    assert until(lambda: ledger.evaluate("document.activeElement.id") == "near-0")
    assert ledger.locator("#near tbody tr").first.locator("td").all_text_contents()[3] == "+4.0 s"
    ledger.fill("#ask-contact", "1795291649.999999")
    ledger.keyboard.press("Enter")
    assert until(lambda: ledger.text_content("#ask-said") == "history has no contact of this name")
    ledger.locator("#near-0").focus()
    ledger.keyboard.press("Space")
    contact = ledger.input_value("#ask-contact")
    assert contact in room.history.details
    ledger.locator("#ask-contact").press("Enter")
    assert until(lambda: not ledger.locator("#ask").is_visible())
    (row,) = [row for row in rows(room, State.QUEUED).values() if row.job.path.endswith(HOSTILE)]
    assert (row.job.contact.split("#")[0], row.job.matched) == (contact, "hand")


def test_a_hostile_name_is_text_and_a_match_by_time_says_who_else_was_near(ledger: Page, room: LedgerWall) -> None:
    opened(ledger, room, "text=calc")
    assert until(lambda: ledger.locator("#rows tr").count() == 1)
    assert HOSTILE in (ledger.text_content("#rows .file") or "")
    assert ledger.locator("main img").count() == 0
    opened(ledger, room, "state=done")
    doubtful = ledger.locator("#rows .doubt")
    assert doubtful.count() == 1
    assert doubtful.text_content() == "time (a guess)1795291649.7 ±2 s, 1795291633.2 ±14 s"


def test_the_page_is_chinese_too_and_ops_names_what_it_counts(ledger: Page, room: LedgerWall) -> None:
    """No counter of the intake or of a transcriber is left in its code's words."""
    opened(ledger, room)
    ledger.goto(f"{room.url}/recordings?lang=zh-CN&state=quarantined")
    assert until(lambda: ledger.locator("#rows tr").count() >= 4, seconds=20)
    assert "已隔离" in (ledger.text_content("#rows") or "")
    for lang in ("zh-CN", "en"):
        ledger.goto(f"{room.url}/ops?lang={lang}")
        named = ledger.locator(
            "section:has(h2:text-matches('intake|接收|ranscriber|转写进程', 'i')) th"
        ).all_text_contents()
        assert len(named) > 20
        assert [one for one in named if "_" in one] == []
