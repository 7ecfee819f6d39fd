"""The pictures of the wall in docs/screenshots, made again: synthetic floors, a real Chromium, quantised PNGs.

    python -m tests.browser.shots [NAME…]     names as in `SHOTS`, without .png; none means all

Needs Debian's chromium and fonts-noto-cjk. Times on the pictures are those of the moment they are made.
"""

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from monitor.api.parts import Parts, QueueLabel
from streams.floor.certainty import Doubt
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.alerts_room import alerted
from tests.browser.chromium import leave, start
from tests.browser.ledger_room import LedgerWall, filled
from tests.browser.queue_floor import QueueFloor, with_queues
from tests.browser.rules_room import compared, kept, ruled, slip, tested, trial
from tests.browser.serve import Wall, alert, branches, now
from tests.browser.synthetic import QUEUES
from tests.browser.walls import until
from tests.servers import DebianRedis

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
ENGLISH = ("Hotline", "Tech support", "Billing", "Complaints", "VIP desk", "Number transfer")
MET = (0.94, 0.91, 0.83, 0.71, 0.96, 0.88)
WAITING = (2, 0, 1, 5, 0, 1)
MEANS = {"on_contact": 340, "ready": 80, "wrap_up": 45, "offered": 10, "on_hold": 50, "not_ready": 640}
LATE = {
    AgentState.WRAP_UP: (211, ""),
    AgentState.ON_HOLD: (134, ""),
    AgentState.NOT_READY: (1_590, "小休"),
    AgentState.OFFERED: (38, ""),
    AgentState.ON_CONTACT: (1_330, ""),
}


@dataclass
class Shown(QueueFloor):
    """The synthetic queues with levels as on a working day: most are met, one is missed."""

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        return [self._day(place, row) for place, row in enumerate(self.people.numbers(now))]

    def _day(self, place: int, row: QueueNumbers) -> QueueNumbers:
        window = msgspec.structs.replace(row.today, answered_in_target=round(row.today.answered * MET[place]))
        line = [self._minute(place, k, at) for k, (at, _, _) in enumerate(row.line)]
        return msgspec.structs.replace(
            row, today=window, windows=dict.fromkeys(row.windows, window), line=line, waiting=WAITING[place],
            longest_wait_ms=9_000 * WAITING[place],
        )  # fmt: skip

    def _minute(self, place: int, number: int, at: Millis) -> tuple[Millis, int, int]:
        whole, swing = 5 + (number + place) % 4, 0.06 if (number * 7 + place) % 3 else -0.1
        return at, round(whole * min(1.0, MET[place] + swing)), whole


class Labelled(Wall):
    """The wall's queues have names in both languages."""

    def parts(self) -> Parts:
        labels = {QueueName(zh): QueueLabel(zh=zh, en=en) for zh, en in zip(QUEUES, ENGLISH, strict=True)}
        return replace(super().parts(), labels=labels)


def calm(wall: Wall, *, silent: bool = False) -> None:
    """Everybody has been in the state for a usual time, but for one in each of five states."""
    at = now()
    for place, (name, record) in enumerate(wall.floor.agents.items()):
        if record.reason == "unreachable":
            wall.floor.put(name, AgentState.READY, at)
        record.since = Millis(at - 1000 * MEANS.get(record.state, 9_000) * (1 + place * 37 % 97) // 100)
    wall.floor.agents[AgentId("8001")].name = "张伟"
    for place, (state, (seconds, reason)) in enumerate(LATE.items()):
        wall.floor.put(AgentId(str(8024 + 43 * place)), state, Millis(at - 1000 * seconds), reason=reason)
    wall.floor.details = True
    wall.floor.enrich(AgentId("8005"), at)
    names = list(wall.floor.agents)
    doubts = dict.fromkeys(names[45:48], Doubt.NOT_READY_DIFFERS)
    wall.floor.doubts = doubts | (dict.fromkeys(names[20:30], Doubt.SILENT) if silent else {})


@contextmanager
def floor(*, agents: int = 400, silent: bool = False) -> Iterator[Wall]:
    with tempfile.TemporaryDirectory() as folder:
        wall = Labelled(agents=agents, seats=agents + 20, rate=0, plans=Path(folder))
        calm(wall, silent=silent)
        wall.hub._floor = Shown(wall.floor, tuple(QueueName(queue) for queue in QUEUES))  # as with_queues does
        wall.alerts.update(alert(Millis(now() - 95_000)))
        with wall:
            yield wall


@contextmanager
def doubtful() -> Iterator[Wall]:
    with floor(silent=True) as wall:
        yield wall


@contextmanager
def many_queues() -> Iterator[Wall]:
    wall = Wall(agents=400, rate=0)
    calm(wall)
    with_queues(wall, 32).lost.add(QueueName("账单查询"))
    with wall:
        yield wall


@contextmanager
def many_seats() -> Iterator[Wall]:
    with floor(agents=5000) as wall:
        yield wall


@contextmanager
def sites() -> Iterator[Wall]:
    with Wall(agents=400, rate=0, below=branches()) as wall:
        yield wall


def nothing(page: Page) -> None:
    """The page as it opens."""


def seat(page: Page) -> None:
    page.evaluate("floorwatch.map.choose(66)")


def close_by(page: Page) -> None:
    page.evaluate("floorwatch.map.go(14)")


def queue(page: Page) -> None:
    page.click("#queues .tile[data-queue=投诉专席] .pick")
    page.mouse.move(5, 400)
    until(lambda: not page.evaluate("document.querySelector('#forecast').hidden"))
    page.evaluate("document.querySelectorAll('#forecast details').forEach((one, k) => { one.open = k === 0; })")


def spread(page: Page) -> None:
    page.keyboard.press("q")


@contextmanager
def ledger() -> Iterator[Wall]:
    with tempfile.TemporaryDirectory() as folder:
        bus = DebianRedis(Path(folder)).start()
        wall = LedgerWall(agents=40, rate=0, bus=bus.url)
        with wall:
            wall.do(lambda desk: filled(desk, wall))
            yield wall
        bus.stop()


def whose(page: Page) -> None:
    page.click("button[data-do=match]")
    assert until(lambda: page.locator("#near-0").is_visible())
    page.check("#near-0")


def wall_mode(page: Page) -> None:
    page.keyboard.press("w")


def chosen_desks(page: Page) -> None:
    canvas = page.locator("#plan").bounding_box()
    assert canvas is not None
    corners = [page.evaluate(f"floorplan.drawing.toPixels({x}, {y})") for x, y in ((0.4, 0.6), (13.4, 4.6))]
    (x0, y0), (x1, y1) = ((canvas["x"] + x, canvas["y"] + y) for x, y in corners)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=4)
    page.mouse.up()


def first_alert(page: Page) -> None:
    """The panel of what fired first, with its whole story."""
    page.locator("[data-alert] .alert-name").first.click()
    assert until(lambda: page.locator("#alert-events .ev").count() > 4)


def alert_rule(page: Page) -> None:
    """A slip in the text, its rule in the form."""
    assert until(lambda: page.get_attribute("body", "data-rules") == "ready")
    text = page.input_value("#rules-text").replace('bound = "wilson"', 'bound = "willson"', 1)
    page.evaluate("(text) => alerts.tabs.rules.text.replace(text)", text)
    assert until(lambda: page.locator("#rules-faults button").count() == 1)
    page.click("#rules-faults button")
    assert until(lambda: page.locator("#rules-sheet [value=abandoning]").count() == 1)


def alert_backtest(page: Page) -> None:
    page.click("#rules-tab-backtest")
    assert until(lambda: page.locator(".backtest-queue").count() == 4)


@dataclass(frozen=True)
class Shot:
    name: str
    served: Callable[[], AbstractContextManager[Wall]]
    path: str
    size: tuple[int, int] = (1440, 900)
    act: Callable[[Page], None] = nothing

    @property
    def query(self) -> str:
        """Language and theme are the name's last words."""
        _, lang, theme = self.name.rsplit("-", 2)
        return f"lang={'zh-CN' if lang == 'zh' else 'en'}&theme={theme}"


BIG = (1920, 1080)
SHOTS = (
    Shot("floor-zh-dark", floor, "/floor?", act=seat),
    Shot("floor-en-light", floor, "/floor?", BIG, act=seat),
    Shot("floor-wall-zh-dark", floor, "/floor?", BIG, wall_mode),
    Shot("forecast-zh-light", floor, "/floor?", act=queue),
    Shot("forecast-en-dark", floor, "/floor?", BIG, queue),
    Shot("plan-zh-dark", floor, "/plan?", act=chosen_desks),
    Shot("plan-en-light", floor, "/plan?", BIG, chosen_desks),
    Shot("wallboard-zh-dark", floor, "/wall?page=queues&paused&", BIG),
    Shot("wallboard-en-light", floor, "/wall?page=queues&paused&"),
    Shot("wallboard-map-zh-dark", floor, "/wall?page=map&paused&", BIG),
    Shot("wallboard-attention-zh-dark", floor, "/wall?page=attention&paused&"),
    Shot("doubt-zh-dark", doubtful, "/floor?", act=close_by),
    Shot("doubt-en-light", doubtful, "/floor?", BIG, close_by),
    Shot("queues-zh-dark", many_queues, "/floor?", act=spread),
    Shot("queues-en-light", many_queues, "/floor?", BIG),
    Shot("map-5000-zh-dark", many_seats, "/floor?", BIG),
    Shot("sites-zh-dark", sites, "/floor?"),
    Shot("recordings-zh-dark", ledger, "/recordings?state=quarantined&"),
    Shot("recordings-en-light", ledger, "/recordings?"),
    Shot("recordings-match-zh-light", ledger, "/recordings?state=arrived&text=line&", act=whose),
    Shot("rules-zh-dark", ruled, "/rules?", (1366, 768), slip),
    Shot("rules-en-light", ruled, "/rules?", (1366, 768), slip),
    Shot("rules-try-zh-light", ruled, "/rules?", act=trial),
    Shot("rules-try-en-dark", ruled, "/rules?", act=trial),
    Shot("rules-test-zh-light", ruled, "/rules?", act=kept),
    Shot("rules-test-en-dark", ruled, "/rules?", act=kept),
    Shot("rules-backtest-zh-dark", ruled, "/rules?", act=tested),
    Shot("rules-backtest-en-light", ruled, "/rules?", act=tested),
    Shot("rules-versions-en-light", ruled, "/rules?", act=compared),
    Shot("alerts-zh-dark", alerted, "/alerts?", act=first_alert),
    Shot("alerts-en-light", alerted, "/alerts?", act=first_alert),
    Shot("alerts-history-en-light", alerted, "/alerts?tab=history&"),
    Shot("alerts-fatigue-zh-dark", alerted, "/alerts?tab=fatigue&"),
    Shot("alerts-rules-zh-dark", alerted, "/alerts?tab=rules&", act=alert_rule),
    Shot("alerts-rules-en-light", alerted, "/alerts?tab=rules&", act=alert_rule),
    Shot("alerts-backtest-zh-dark", alerted, "/alerts?tab=rules&", act=alert_backtest),
    Shot("alerts-backtest-en-light", alerted, "/alerts?tab=rules&", act=alert_backtest),
)


def ready(page: Page) -> object:
    return page.evaluate(
        "!!(document.body.dataset.plan === 'ready' || document.querySelector('#sites tbody tr')"
        " || document.body.dataset.rules === 'ready' || document.body.dataset.alerts === 'ready'"
        " || document.body.dataset.ledger === 'ready' || (window.floorwatch && floorwatch.ready))"
    )


def freshen(wall: Wall) -> None:
    """What rings on a floor that stands still would ring for longer with each picture."""
    for name, record in wall.floor.agents.items():
        if record.state == AgentState.OFFERED and now() - record.since < 90_000 and name != "8153":
            record.since = Millis(now() - 6_000)
            wall.hub.changed(name)


def take(browser: Browser, wall: Wall, shot: Shot) -> None:
    wall.call(lambda: freshen(wall))
    context = browser.new_context(viewport={"width": shot.size[0], "height": shot.size[1]})
    page = context.new_page()
    page.goto(f"{wall.url}{shot.path}{shot.query}")
    assert until(lambda: ready(page), seconds=30), f"{shot.name}: the page did not start"
    time.sleep(2.5)  # words that come once a second; Bokeh's first drawing
    shot.act(page)
    page.evaluate("document.activeElement?.blur()")
    time.sleep(1.5)  # glides, panels' questions
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(FOLDER / f"{shot.name}.png", optimize=True)
    leave(context)


def main(names: list[str]) -> None:
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(shot.name for shot in SHOTS)}")
    wanted = [shot for shot in SHOTS if not names or shot.name in names]
    with sync_playwright() as playwright:
        browser = start(playwright)
        for served in dict.fromkeys(shot.served for shot in wanted):
            with served() as wall:
                for shot in (one for one in wanted if one.served is served):
                    take(browser, wall, shot)
                    print(shot.name, flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
