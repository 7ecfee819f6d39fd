"""The alerts page in a real Chromium, the service's own desk over a real Redis behind it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page

from monitor.alert_backtest_jobs import AlertBacktest, AlertBacktests, BacktestState
from tests.browser.alerts_days import SITE, fires
from tests.browser.alerts_room import AlertsWall, filled
from tests.browser.chromium import Chromium
from tests.browser.serve import now
from tests.browser.synthetic import QUEUES
from tests.browser.walls import Faults, until
from tests.servers import DebianRedis

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(120)]
HOSTILE = '<img src=x onerror="alert(1)"><b>x</b>'
REFUSED = ("409", "422")
"""Chromium tells of every answer that is none of success."""
RECORDED = """
if (location.protocol.startsWith('http')) {
window.told = [];
window.Notification = class { constructor(title) { window.told.push(title); } close() {}
  static permission = 'granted'; static requestPermission() { return Promise.resolve('granted'); } };
localStorage.setItem('floorwatch:desktop', '1');
}
"""


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertsWall]:
    folder: Path = tmp_path_factory.mktemp("alerts")
    bus = DebianRedis(folder).start()
    running = AlertsWall(agents=10, rate=0, bus=bus.url, folder=folder)
    with running:
        running.ask(lambda desk: filled(desk, running))
        yield running
    bus.stop()


@pytest.fixture
def context(browser: Browser, chromium: Chromium, wall: AlertsWall) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    faults = Faults(wall.url)
    made.on("page", faults.watch)
    yield made
    faults.watching = False
    chromium.leave_all()
    assert [fault for fault in faults.seen if not any(status in fault for status in REFUSED)] == []


def opened(context: BrowserContext, wall: AlertsWall, tab: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{wall.url}/alerts?lang=en{f'&tab={tab}' if tab else ''}")
    assert until(lambda: page.get_attribute("body", "data-alerts") == "ready")
    return page


def raised(wall: AlertsWall, rule: str = "longest-wait", scope: str = f"queue:{QUEUES[5]}") -> str:
    fact = fires(rule, scope, 200_000, 180_000, 0.2, unit="ms")
    wall.call(lambda: wall.alerts.update(fact))
    return fact.alert


def row(alert: str) -> str:
    return f'[data-alert="{alert}"]'


def shows(page: Page, *alerts: str) -> bool:
    return all(page.locator(row(alert)).count() == 1 for alert in alerts)


def taken(wall: AlertsWall, alert: str) -> bool:
    known = wall.call(lambda: wall.alerts.get(alert))
    return known is not None and known.acknowledged_at > 0


def test_what_fires_stands_in_order_with_its_reasons(context: BrowserContext, wall: AlertsWall) -> None:
    """Critical first, then the oldest nobody has taken; a lost source is said; the link leads to that second."""
    page = opened(context, wall)
    groups = page.locator(".alerts-group").evaluate_all("all => all.map((one) => one.classList[1])")
    assert groups == ["critical", "warning", "info"]
    first = page.locator(".alert-row").first
    assert QUEUES[3] in (first.text_content() or "")
    assert "38.3% < 40%" in (first.text_content() or "")
    assert "18/47" in (first.text_content() or "")
    assert "its source is lost" in (page.text_content(".alert-row.no_data") or "")
    alert = first.get_attribute("data-alert") or ""
    assert first.locator("[data-do=past]").get_attribute("href") == f"/floor?at={alert.rsplit('/', 1)[1]}"


def test_an_alert_is_taken_by_keys_and_its_panel_tells_what_happened(context: BrowserContext, wall: AlertsWall) -> None:
    alert = raised(wall)
    page = opened(context, wall)
    page.locator(row(alert)).focus()
    page.keyboard.press("Enter")
    assert until(lambda: page.locator("#alert-side .alert-measure").count() == 1)
    page.keyboard.press("a")
    assert until(lambda: taken(wall, alert))
    page.keyboard.press("c")
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Control+Enter")
    assert until(lambda: page.locator("#alert-events .comment p").count() == 1)
    assert page.text_content("#alert-events .comment p") == HOSTILE
    page.click("#alert-side [data-do=useful]")
    assert until(lambda: page.get_attribute("#alert-side [data-do=useful]", "aria-pressed") == "true")
    page.click("#alerts-undo")
    assert until(lambda: page.get_attribute("#alert-side [data-do=useful]", "aria-pressed") == "false")


def test_a_key_leads_to_the_second_of_the_row_not_of_a_panel_closed_before(
    context: BrowserContext, wall: AlertsWall
) -> None:
    """Where no panel is open, the chosen row is meant."""
    page = opened(context, wall)
    first, second = (page.locator(".alert-row[data-alert]").nth(k) for k in (0, 1))
    first.locator(".alert-name").click()
    page.keyboard.press("Escape")
    alert = second.get_attribute("data-alert") or ""
    page.route("**/floor?*", lambda route: route.fulfill(body="", content_type="text/html"))
    second.focus()
    page.keyboard.press("p")
    page.wait_for_url(f"**/floor?at={alert.rsplit('/', 1)[1]}")


def test_a_silence_says_why_and_is_taken_back(context: BrowserContext, wall: AlertsWall) -> None:
    alert = raised(wall, "staff-missing")
    page = opened(context, wall)
    page.locator(row(alert)).focus()
    page.keyboard.press("s")
    page.click("#rules-dialog [data-minutes='15']")
    page.click("#rules-dialog .button.strong")
    assert "Say why" in (page.text_content("#rules-dialog .bad") or "")
    page.fill("#rules-dialog [data-field=why]", "a drill")
    page.keyboard.press("Enter")
    assert until(lambda: page.locator(f"{row(alert)}.quiet").count() == 1)
    (silence,) = [one for one in wall.ask(lambda desk: desk.silences.all()) if one.why == "a drill"]
    page.locator(f"{row(alert)} .alert-name").click()
    assert until(lambda: page.locator("#alert-events .silenced").count() == 1)
    assert silence.id not in (page.text_content("#alert-events") or "")
    assert (silence.scope, round((silence.until - silence.created_at) / 60_000)) == (f"queue:{QUEUES[5]}", 15)
    page.click("#alerts-undo")
    assert until(lambda: page.locator(f"{row(alert)}.quiet").count() == 0)


def test_two_tabs_tell_of_a_new_alert_once_and_of_a_silenced_one_never(
    context: BrowserContext, wall: AlertsWall
) -> None:
    context.add_init_script(RECORDED)
    pages = [opened(context, wall), opened(context, wall)]
    silenced = raised(wall, "disk-low", scope="system:disk_free_percent")
    loud = raised(wall)
    for page in pages:
        page.evaluate("() => { alerts.look(); }")
    for page in pages:
        assert until(partial(shows, page, loud, silenced))
    assert until(lambda: sum(len(page.evaluate("told")) for page in pages) == 1)
    assert QUEUES[5] in next(told for page in pages for told in page.evaluate("told"))


def test_a_storm_stays_fluid(context: BrowserContext, wall: AlertsWall) -> None:
    """A thousand of a rule: one line stands for them, few rows are drawn, a look is over in some frames."""
    page = opened(context, wall)
    took = page.evaluate("""() => {
      const [one] = alerts.live.firing, t = Date.now();
      const agent = (k) => ({ ...one, rule: 'storm', alert: `storm/agent:${k}/${t}`, scope: `agent:${k}` });
      const storm = Array.from({ length: 1000 }, (_, k) => agent(k));
      const began = performance.now();
      alerts.took([...alerts.live.rows, ...storm]);
      return performance.now() - began; }""")
    assert page.locator(".alert-row.storm").count() == 1
    assert page.locator(".alert-row").count() < 30
    assert took < 200


def test_a_fault_is_shown_at_its_line_mended_in_the_form_and_published(
    context: BrowserContext, wall: AlertsWall
) -> None:
    """The form changes one key and leaves the comments; the version is the service's."""
    page = opened(context, wall, "rules")
    assert until(lambda: page.get_attribute("body", "data-rules") == "ready")
    text = page.input_value("#rules-text")
    page.fill("#rules-text", text.replace('metric = "longest_wait"', 'metric = "longest_weight"', 1))
    assert until(lambda: page.locator("#rules-faults button").count() == 1)
    assert "longest_wait" in (page.text_content("#rules-faults button") or "")
    page.click("#rules-faults button")
    assert until(lambda: page.locator('#rules-sheet [data-key="metric"] [value="longest_weight"]').count() == 1)
    page.select_option('#rules-sheet [data-key="metric"]', "longest_wait")
    assert until(lambda: (page.text_content("#rules-count") or "").startswith("sound"))
    assert page.input_value("#rules-text") == text
    page.fill('#rules-sheet [data-key="hold_s"]', "45")
    page.keyboard.press("Tab")
    assert until(lambda: "hold_s = 45" in page.input_value("#rules-text"))
    page.click("#rules-publish")
    page.fill("#rules-dialog [data-field=note]", "longer")
    page.keyboard.press("Enter")
    assert until(lambda: "“longer”" in (page.text_content("#rules-saved") or ""))
    assert wall.ask(lambda desk: desk.rules.versions())[0].note == "longer"


def test_a_back_test_shows_firings_over_the_truth(context: BrowserContext, wall: AlertsWall) -> None:
    page = opened(context, wall, "rules")
    page.click("#rules-tab-backtest")
    assert until(lambda: page.locator(".backtest-queue").count() == 4)
    marks = page.locator(".backtest-chart .mark")
    assert marks.count() > page.locator(".backtest-chart .mark.own").count() > 0
    page.locator(".backtest-day").first.click()
    assert page.locator(".backtest-chart .mark").count() < marks.count() or marks.count() < 20


def test_a_back_test_under_way_is_watched_and_cancelled(context: BrowserContext, wall: AlertsWall) -> None:
    at, jobs = now(), AlertBacktests(wall.redis)
    job = AlertBacktest(id="b2", site=SITE, since=at, until=at, by="x", at=at, state=BacktestState.RUNNING)
    wall.ask(lambda desk: jobs.begin(job, "[[rule]]"))
    wall.ask(lambda desk: jobs.tell(replace(job, progress=0.4, spent_ms=8_000)))
    page = opened(context, wall, "rules")
    page.click("#rules-tab-backtest")
    assert until(lambda: "40%" in (page.text_content("#backtest-said") or ""))
    page.click("#backtest-said .button")
    assert until(lambda: wall.ask(lambda desk: jobs.cancelled(job)))
    wall.ask(lambda desk: jobs.end(replace(job, state=BacktestState.CANCELLED)))
    assert until(lambda: "Cancelled" in (page.text_content("#backtest-said") or ""))
    wall.ask(lambda desk: jobs.drop(job))


def test_the_past_opens_in_the_panel_and_a_test_shows_what_came_back(context: BrowserContext, wall: AlertsWall) -> None:
    page = opened(context, wall, "history")
    assert until(lambda: page.locator(".alerts-table tr[data-open]").count() > 10)
    page.locator(".alerts-table tr[data-open] .rules-link").last.click()
    assert until(lambda: page.locator("#alert-events .resolved").count() == 1)
    page.click("#tab-channels")
    page.click("[data-test=duty-wecom]")
    assert until(lambda: "unreachable" in (page.text_content(".channel-test") or ""))


def test_a_service_that_does_not_answer_leaves_no_calm_behind(context: BrowserContext, wall: AlertsWall) -> None:
    page = opened(context, wall)
    page.route("**/api/v1/alerts*", lambda route: route.fulfill(status=409, body="{}"))
    page.evaluate("() => { alerts.look(); }")
    assert until(lambda: page.is_visible("#alerts-lost"))
    assert page.get_attribute("body", "data-line") == "lost"


def test_no_tab_is_wider_than_a_telephone(context: BrowserContext, wall: AlertsWall) -> None:
    page = opened(context, wall)
    page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("now", "history", "silences", "rules", "fatigue", "channels"):
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, tab


def test_nothing_fires_is_said_with_since_when(context: BrowserContext, wall: AlertsWall) -> None:
    """Last of all: it empties the board."""

    def over() -> None:
        for fact in wall.alerts.latest():
            wall.alerts.update(replace(fact, state="resolved", reason="resolved", resolved_at=now(), ver=9))

    wall.call(over)
    page = opened(context, wall)
    assert "No alert is firing" in (page.text_content(".nothing.calm") or "")
    assert "None since" in (page.text_content(".nothing.calm") or "")
