"""Every page in both languages and themes: no script error, no CSP violation, no request that leaves the machine."""

import json
from dataclasses import replace
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from tests.browser.serve import Wall
from tests.browser.walls import open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def contact(wall: Wall, place: int) -> str:
    return sorted(wall.history.details, reverse=True)[place]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("locale", "word"), [("zh-CN", "通话"), ("en", "Contacts")])
def test_every_page_is_without_fault(wall: Wall, page: Page, theme: str, locale: str, word: str):
    """The `faults` fixture asserts at the end."""
    look = f"?lang={locale}&theme={theme}"
    open_floor(page, wall.url + "/floor" + look)
    for path in ("/calls", f"/calls/{contact(wall, 0)}", f"/calls/{contact(wall, 7)}", "/quality", "/alerts", "/ops"):
        page.goto(wall.url + path + look)
        assert word in (page.text_content("nav") or "")
        assert page.get_attribute("html", "data-theme") == theme
        page.wait_for_load_state("networkidle")


def test_a_hostile_customer_and_search_are_text(wall: Wall, page: Page):
    page.goto(wall.url + "/calls?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.input_value("input[name=text]") == '"><script>alert(1)</script>'
    assert page.locator("main img").count() == 0


def test_evidence_jumps_to_its_second_and_the_transcript_follows(wall: Wall, page: Page):
    page.goto(f"{wall.url}/calls/{contact(wall, 0)}")
    assert until(lambda: page.evaluate("document.querySelector('#audio').duration > 0"))
    second = page.locator(".evidence").nth(1)
    start = int(second.get_attribute("data-seek") or 0)
    second.click()
    assert until(lambda: abs(page.evaluate("document.querySelector('#audio').currentTime") * 1000 - start) < 1500)
    assert until(lambda: page.locator(".turn.now").count() == 1)


def test_a_word_seeks_and_doubtful_words_are_marked(wall: Wall, page: Page):
    page.goto(f"{wall.url}/calls/{contact(wall, 0)}")
    assert until(lambda: page.evaluate("document.querySelector('#audio').duration > 0"))
    word = page.locator(".word").nth(20)
    start = int(word.get_attribute("data-seek") or 0)
    word.click()
    assert until(lambda: abs(page.evaluate("document.querySelector('#audio').currentTime") * 1000 - start) < 1500)
    assert page.locator(".word.doubtful").count() > 0


def test_both_channels_are_drawn(wall: Wall, page: Page):
    page.goto(f"{wall.url}/calls/{contact(wall, 0)}")
    drawn = """() => { const c = document.querySelector('#wave');
      const pen = c.getContext('2d');
      const busy = (y) => { const d = pen.getImageData(0, y, c.width, 1).data;
        return d.filter((part, i) => i % 4 === 3 && part > 0).length; };
      return Math.min(busy(Math.floor(c.height * 0.25)), busy(Math.floor(c.height * 0.75))); }"""
    assert until(lambda: page.evaluate(drawn) > 100)


def test_a_quarantined_recording_says_why(wall: Wall, page: Page):
    page.goto(f"{wall.url}/calls/{contact(wall, 7)}?lang=en")
    assert "could not be transcribed" in (page.text_content("main") or "")


def test_history_that_does_not_answer_is_said_in_its_place(wall: Wall, page: Page):
    wall.history.unavailable = "history.sock is not there"
    page.goto(wall.url + "/calls?lang=en")
    assert "history.sock is not there" in (page.text_content(".notice") or "")
    open_floor(page, wall.url + "/floor")


def test_an_empty_list_says_what_is_missing(wall: Wall, page: Page):
    page.goto(wall.url + "/calls?agent=none&lang=en")
    assert "Nothing fits these filters" in (page.text_content(".nothing") or "")


def test_a_recording_that_is_no_audio_says_so(tmp_path):
    """The player gets the reason, not a fault of the server."""
    with Wall(agents=4, rate=0, recordings=tmp_path) as wall:
        named = next(detail for detail in wall.history.details.values() if detail.recording)
        bad = tmp_path / "bad.wav"
        bad.write_text("this is not audio\n" * 200)
        wall.history.details[named.contact] = replace(named, recording=replace(named.recording, path=str(bad)))
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{wall.url}/api/v1/contacts/{named.contact}/peaks")
        assert refused.value.code == 422
        assert json.load(refused.value) == {"reason": "not_audio"}
        refused.value.close()


def test_w_puts_the_floor_into_wall_mode(wall: Wall, page: Page):
    open_floor(page, wall.url + "/floor")
    page.keyboard.press("w")
    assert "wall" in (page.get_attribute("body", "class") or "").split()
    assert not page.is_visible("#side")


def test_a_talk_is_drawn_and_walked_through_by_keys(wall: Wall, page: Page):
    """Lanes of speech, hold, hidden places; down goes to the next utterance, up back to the one before."""
    hides = next(name for name, detail in wall.history.details.items() if detail.analysis)
    page.goto(f"{wall.url}/calls/{hides}")
    assert until(lambda: page.evaluate("document.querySelector('#audio').duration > 0"))
    kinds = {name for name in ("speech", "hidden", "sound", "held") if page.locator(f".lane .of-{name}").count()}
    assert kinds == {"speech", "hidden", "sound", "held"}
    starts = [int(node.get_attribute("data-start") or 0) for node in page.locator(".turn").all()]
    position = "Math.round(document.querySelector('#audio').currentTime * 1000)"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert until(lambda: abs(page.evaluate(position) - starts[1]) < 50)
    page.keyboard.press("ArrowUp")
    assert until(lambda: abs(page.evaluate(position) - starts[0]) < 50)
    page.locator(".lane .of-hidden").click()
    assert until(lambda: page.evaluate(position) >= 14_000)
