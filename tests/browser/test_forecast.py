"""The forecast of a chosen queue in a real Chromium: told, tried by hand, in both languages, beside the list."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from dashboards.forecast.steps import finished
from tests.browser.serve import Wall, now
from tests.browser.synthetic import QUEUES
from tests.browser.walls import Faults, open_floor, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
POOR, OTHER = QUEUES[3], QUEUES[0]
RESULT = "#forecast output section"


@pytest.fixture
def wall() -> Iterator[Wall]:
    """Sixty agents who do nothing by themselves."""
    with Wall(agents=60, rate=0) as running:
        assert until(lambda: running.forecast.counts["reckoned"])
        yield running


def reckon(wall: Wall) -> None:
    """The service does so each half minute."""
    wall.call(lambda: finished(wall.forecast.reckon(now())))


def opened(page: Page, wall: Wall, *, lang: str = "en", queue: str = POOR) -> None:
    open_floor(page, f"{wall.url}/floor?lang={lang}")
    page.click(f".tile[data-queue='{queue}'] .pick")
    assert until(lambda: page.is_visible("#forecast .fc-now")), "the forecast is beside the map"


def tried(page: Page, wall: Wall) -> None:
    opened(page, wall)
    page.click(".fc-try > summary")


def result(page: Page) -> str:
    return " ".join(page.locator(RESULT).all_inner_texts())


def test_a_queue_s_forecast_is_a_sign_a_word_a_number_and_what_it_rests_on(wall: Wall, page: Page) -> None:
    opened(page, wall)
    told = page.inner_text("#forecast .fc-now")
    assert told[0] in "▲◆✓"
    assert "%" in told
    assert page.get_attribute("#forecast svg", "role") == "img"
    page.click(".fc-basis > summary")
    rests = page.inner_text(".fc-basis ul")
    assert "contacts an hour" in rests
    assert "the goal is 80%" in rests


def test_three_more_and_two_fewer_are_answered_beside_what_is(wall: Wall, page: Page) -> None:
    tried(page, wall)
    for _ in range(3):
        page.click("button[aria-label='One agent more']")
    assert until(lambda: "+3 agents" in result(page))
    for _ in range(5):
        page.click("button[aria-label='One agent less']")
    assert until(lambda: "−2 agents" in result(page))
    page.click("button[aria-label='As it is']")
    assert until(lambda: page.locator(RESULT).count() == 0)


def test_who_is_away_comes_back_with_one_click(wall: Wall, page: Page) -> None:
    tried(page, wall)
    button = page.locator(".fc-away button").first
    count = (button.inner_text()).split()[-1]
    button.click()
    assert until(lambda: f"+{count} agents" in result(page))


def test_arrivals_are_tried_by_keyboard(wall: Wall, page: Page) -> None:
    """Four steps of five in a hundred; the slider says its value."""
    tried(page, wall)
    slider = page.locator(".fc-line input[type=range]")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "+20%"
    assert until(lambda: "Arrivals +20%" in result(page))


def test_a_typed_number_is_tried_and_map_keys_stay_still(wall: Wall, page: Page) -> None:
    """Digits filter the map elsewhere; in the field they are digits."""
    tried(page, wall)
    page.fill(".fc-line input[type=number]", "")
    page.locator(".fc-line input[type=number]").press_sequentially("12")
    assert until(lambda: "+12 agents" in result(page))
    assert "state=" not in page.url


def test_agents_of_another_queue_are_answered_for_both(wall: Wall, page: Page) -> None:
    tried(page, wall)
    page.click("button[aria-label='One agent more']")
    page.select_option(".fc-line select", OTHER)
    assert until(lambda: page.locator(RESULT).count() == 2)
    told = result(page)
    assert POOR in told
    assert f"{OTHER} −1 agents" in told


def test_what_cannot_be_told_says_why_and_offers_no_trial(wall: Wall, page: Page) -> None:
    opened(page, wall)
    wall.call(lambda: wall.floor.lose_source(now()))
    reckon(wall)
    assert until(lambda: "Cannot tell" in page.inner_text("#forecast"))
    assert "source" in page.inner_text("#forecast .fc-cannot")
    assert not page.is_visible(".fc-try")


def test_another_language_keeps_the_trial(wall: Wall, page: Page) -> None:
    tried(page, wall)
    page.click("button[aria-label='One agent more']")
    assert until(lambda: "+1 agents" in result(page))
    page.click("#locale")
    assert until(lambda: "模拟调整" in page.inner_text("#forecast"))
    assert until(lambda: "座席 +1" in result(page))
    assert page.input_value(".fc-line input[type=number]") == "1"
    assert page.is_visible(".fc-set")


def test_a_likely_miss_is_a_sign_and_a_word_on_a_card_that_is_well_now(wall: Wall, page: Page) -> None:
    """By what the forecast says, not by chance: one row is made likely, one unlikely."""
    open_floor(page, f"{wall.url}/floor?lang=zh-CN")
    calm, mark = f".tile[data-queue='{OTHER}']", f".tile[data-queue='{OTHER}'] .name i"
    assert page.get_attribute(calm, "data-standing") == "met"
    for miss, words in ((0.66, "▲ 预计不达标 66%"), (0.04, "✓ 目标 80%")):
        page.evaluate(
            """async ([queue, miss]) => {
              const { Forecast } = await import('/static/web/forecast.js'), forecast = new Forecast();
              forecast.heard({ queues: [{ queue, miss, likely: miss >= 0.5 }] });
              floorwatch.tiles.likely((one) => forecast.likely(one));
            }""",
            [OTHER, miss],
        )
        assert page.inner_text(mark) == words


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (1920, 1080)])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_an_open_trial_leaves_the_attention_list_in_view(
    wall: Wall, browser: Browser, faults: Faults, size: tuple[int, int], lang: str
) -> None:
    """Nor is anything of the trial wider than its panel."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    page = context.new_page()
    faults.watch(page)
    opened(page, wall, lang=lang)
    page.click(".fc-try > summary")
    box = page.locator("#attention").bounding_box()
    assert box is not None
    assert box["height"] >= 60
    assert box["y"] + box["height"] <= size[1]
    wider = "(() => { const f = document.querySelector('#forecast'); return f.scrollWidth - f.clientWidth; })()"
    assert page.evaluate(wider) <= 0
