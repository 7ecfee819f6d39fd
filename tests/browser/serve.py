"""The web over a synthetic floor, for browser tests and for looking at pages.

    python -m tests.browser.serve --port 18700 --agents 200 --sites --rich

In tests `Wall` runs it in a thread of its own with its own event loop; `call` runs a function in that loop.
"""

import argparse
import asyncio
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from redis.asyncio import Redis

from asr.peaks import peaks_of_file
from dashboards.columns import Goals
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts
from monitor.app import create_app
from monitor.attention_desk import AttentionDesk
from monitor.config_wall import Scope
from monitor.forecast import Forecaster
from monitor.hub import Hub
from monitor.hub_extras import Extras
from monitor.plan_desk import FirstPlan, PlanDesk
from monitor.plan_store import Origin, PlanStore
from monitor.rule_jobs import RuleJobs
from monitor.wiring_rules import tell_fact
from seat_map.generate import generate
from seat_map.plan_words import doc_of, read_doc
from streams.bus.connection import client
from streams.bus.publish import Publisher
from streams.floor.certainty import Doubt
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState
from tests.browser.canned import CALLS, CannedHistory
from tests.browser.synthetic import QUEUES, SyntheticFloor
from tests.push_web import door_and_desk
from tests.rules_room import schemes_over

T = TypeVar("T")
STOP_S = 30.0
"""Much more than it takes to start or stop; a machine may be busy."""
SHUTDOWN_S = 0.1
"""For answers under way; a page that is still open follows its socket for ever."""
EXTRAS = Extras(attention=AttentionDesk)


def forecaster(floor: SyntheticFloor) -> Forecaster:
    return Forecaster(floor=floor, minutes=floor.minutes, goals=Goals(), clock=now)


DETAIL = {
    "label_zh": "服务水平低",
    "label_en": "Service level low",
    "formula": "answered_abandoned",
    "window_minutes": 5,
    "part": 31,
    "whole": 44,
}


def now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


def alert(at: Millis, *, queue: str = "投诉专席", state: str = "firing", ver: int = 2) -> AlertFact:
    detail = json.dumps(DETAIL)
    return AlertFact(
        site=SiteId("上海中心"),
        ver=ver,
        raised_at=at,
        alert=f"sl-5m/queue:{queue}/{at}",
        rule="sl-5m",
        scope=f"queue:{queue}",
        severity="critical",
        state=state,
        reason="fired",
        value=70.5,
        threshold=80,
        detail=detail,
    )


class Branch:
    """Another site. Mutable; owned by its `Wall`. `silent`: its source has told nothing yet."""

    def __init__(self, site: str, name: str, *, agents: int, parent: str | None = None, silent: bool = False) -> None:
        self.name = name
        self.parent = parent
        self.alerts = AlertBoard()
        self.floor = SyntheticFloor(agents=agents, now=now(), seed=len(site) + agents, site=site, told=not silent)
        self.forecast = forecaster(self.floor)
        extras = replace(EXTRAS, forecast=self.forecast, outlooks=self.forecast.outlooks)
        self.hub = Hub(
            floor=self.floor, plan=generate(agents), goals=Goals(), alerts=self.alerts, clock=now, extras=extras
        )

    def parts(self, first: Parts) -> Parts:
        return replace(
            first,
            floor=self.floor,
            hub=self.hub,
            alerts=self.alerts,
            forecast=self.forecast,
            site=self.name,
            parent=None if self.parent is None else SiteId(self.parent),
            fed=True,
        )


def branches() -> list[Branch]:
    """A province's cities, one of them with a district."""
    return [
        Branch("gz", "广州中心", agents=160),
        Branch("sz", "深圳中心", agents=120),
        Branch("sz-1", "南山职场", agents=40, parent="sz"),
        Branch("zh", "珠海中心", agents=0, silent=True),
    ]


@dataclass
class Wall:
    """A running web. Mutable; one owner, the test or `main`."""

    agents: int = 200
    seats: int | None = None
    rate: float = 4.0
    """changes per second; 0 keeps the floor still"""
    port: int = 0
    floor: SyntheticFloor = field(init=False)
    hub: Hub = field(init=False)
    forecast: Forecaster = field(init=False)
    alerts: AlertBoard = field(default_factory=AlertBoard)
    history: CannedHistory = field(init=False)
    recordings: Path = CALLS
    bus: str = ""
    """A bus whose dead letters are shown, a door that pushes to it (tests/push_room.py has its token), and schemes"""
    packs: bool = False
    """The packaged schemes, not the tests' own"""
    redis: Redis | None = field(init=False, default=None)
    below: Sequence["Branch"] = ()
    """Further sites"""
    told: bool = True
    """False: nothing is told of the first site itself, it only stands above the others"""
    plans: Path | None = None
    """A folder: the plan can be edited and is kept there"""
    desk: PlanDesk | None = field(init=False, default=None)
    scopes: dict[str, Scope] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop = field(init=False)

    def __post_init__(self) -> None:
        self.floor = SyntheticFloor(agents=self.agents if self.told else 0, now=now(), told=self.told)
        self.history = CannedHistory(now())
        plan = generate(self.agents if self.seats is None else self.seats)
        if self.plans is not None:
            first = FirstPlan(parsed=read_doc(doc_of(plan)), origin=Origin.GENERATED)
            self.desk = PlanDesk(PlanStore(self.plans), first)
            plan = self.desk.plan
        self.forecast = forecaster(self.floor)
        extras = replace(EXTRAS, forecast=self.forecast, outlooks=self.forecast.outlooks)
        self.hub = Hub(floor=self.floor, plan=plan, goals=Goals(), alerts=self.alerts, clock=now, extras=extras)
        if self.desk is not None:
            self.desk.replan = self.hub.replan

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def status(self) -> dict[str, object]:
        return {
            "stores": {"bus": "ok", "warehouse": "ok"},
            "drops": {"malformed": 0},
            "anomalies": {"out_of_order": 2},
            "streams": {"facts": 12},
        }

    def parts(self) -> Parts:
        door, desk = (None, None) if self.redis is None else door_and_desk(self.redis)
        return Parts(
            floor=self.floor,
            hub=self.hub,
            history=self.history,
            alerts=self.alerts,
            recordings=self.recordings,
            site="上海中心",
            clock=now,
            status=self.status,
            peaks=peaks_of_file,
            push=door,
            dead=desk,
            plans=self.desk,
            schemes=None if self.redis is None else schemes_over(self.redis, words=True, packs=self.packs),
            rule_jobs=None if self.redis is None else RuleJobs(self.redis),
            tell_fact=None if self.redis is None else partial(tell_fact, Publisher(self.redis, even_full=True)),
            fed=self.told,
            forecast=self.forecast,
            scopes=self.scopes,
        )

    def app(self) -> web.Application:
        first = self.parts()
        return create_app(first, [branch.parts(first) for branch in self.below])

    async def run(self, started: Callable[[], None]) -> None:
        self.redis = client(self.bus) if self.bus else None
        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=SHUTDOWN_S, auto_decompress=False)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            async with asyncio.TaskGroup() as group:
                for hub, forecast in ((self.hub, self.forecast), *((one.hub, one.forecast) for one in self.below)):
                    group.create_task(hub.run())
                    group.create_task(forecast.run())
                group.create_task(self._move())
                if self.desk is not None:
                    group.create_task(self.desk.run())
                started()
        finally:
            await runner.cleanup()
            if self.redis is not None:
                await self.redis.aclose()

    async def _move(self) -> None:
        while True:
            await asyncio.sleep(0.05 if self.rate > 20 else 0.25)
            count = round(self.rate * (0.05 if self.rate > 20 else 0.25))
            for floor, hub in ((self.floor, self.hub), *((one.floor, one.hub) for one in self.below)):
                for agent in floor.step(now(), count):
                    hub.changed(agent)

    # ---- for tests: in a thread ------------------------------------------------------------------------------------
    def __enter__(self) -> "Wall":
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._task = self.loop.create_task(self.run(ready.set))
        self._thread = threading.Thread(target=self._thread_main, name="wall", daemon=True)
        self._thread.start()
        assert ready.wait(STOP_S), f"the web did not start within {STOP_S:g} s"
        return self

    def _thread_main(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            # A page that was left while its file was being decoded: its child must be ended before the loop is.
            left = asyncio.all_tasks(self.loop)
            for task in left:
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self.loop.close()

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(STOP_S)
        assert not self._thread.is_alive(), f"the web did not stop within {STOP_S:g} s"

    def call(self, function: Callable[[], T]) -> T:
        async def inside() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(inside(), self.loop).result(10)

    def put(self, agent: str, state: AgentState) -> None:
        def inside() -> None:
            self.floor.put(AgentId(agent), state, now())
            self.hub.changed(AgentId(agent))

        self.call(inside)


def enrich(wall: Wall) -> None:
    """Everything that there can be to show."""
    wall.floor.details = True
    names = list(wall.floor.agents)
    doubts = {Doubt.SILENT: names[20:32], Doubt.NOT_READY_DIFFERS: names[45:49], Doubt.TALK_DIFFERS: names[60:62]}
    wall.floor.doubts = {name: doubt for doubt, those in doubts.items() for name in those}
    wall.floor.enrich(names[4], now())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=18700)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--seats", type=int)
    parser.add_argument("--rate", type=float, default=4.0)
    parser.add_argument("--bus", default="", help="URL of a Redis whose dead letters are shown")
    parser.add_argument("--sites", action="store_true", help="with branches below")
    parser.add_argument("--rich", action="store_true", help="doubts, skills, chats, outbound contacts, customer tiers")
    parser.add_argument("--plans", type=Path, help="a folder for plans that are edited")
    asked = parser.parse_args()
    below = branches() if asked.sites else ()
    wall = Wall(
        agents=asked.agents, seats=asked.seats, rate=asked.rate, port=asked.port, bus=asked.bus, below=below,
        plans=asked.plans,
    )  # fmt: skip
    if asked.rich:
        enrich(wall)
    teams = [team.code for team in generate(asked.agents).teams]
    wall.scopes["a"] = Scope(name="a", label_zh="A 组", label_en="Team A", teams=tuple(teams[:1]))
    wall.scopes["vip"] = Scope(name="vip", label_zh="VIP", label_en="VIP", queues=(QueueName(QUEUES[4]),))
    wall.alerts.update(alert(Millis(now() - 95_000)))
    asyncio.run(wall.run(lambda: print(wall.url, flush=True)))


if __name__ == "__main__":
    main()
