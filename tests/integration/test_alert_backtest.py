"""Back-tests of alert rules over HTTP, a real bus, real stores: the live alerts again, one at a time, to their end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from msgspec.structs import replace as changed
from redis.asyncio import Redis

from alerts.parse import parse_rules
from alerts.store import RedisAlertStore
from monitor.alert_backtest import AlertBacktestWork
from monitor.alert_backtest_found import BacktestRange
from monitor.alert_backtest_jobs import AlertBacktests, BacktestReason, RuleFound
from monitor.alert_backtest_runner import MOST_STARTS, AlertBacktestRunner, BacktestSite
from monitor.alert_desk import AlertDesk
from monitor.alert_notes import NoteBoard, NoteTeller
from monitor.alert_silences import SilenceStore
from monitor.api.past_time import day_of
from monitor.past_desk import PastSite
from streams.bus.publish import Publisher
from streams.floor.fold import Floor
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.dirty import slots_of
from streams.warehouse.engine import Warehouse
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.past import Checkpoint, save_checkpoint
from streams.warehouse.roller import roll_slots
from streams.warehouse.rows import event_columns, fact_columns
from tests.alert_acts_room import rules_over
from tests.integration.bus_room import in_own_room, until
from tests.push_web import parts_of, serving
from tests.servers import Place
from tests.unit.test_alerts_replay import SEEDS, T0, UNTIL, live, story

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
OURS = {"X-Floorwatch": "1"}
SITE = SiteId("上海中心")
ZONE = ZoneInfo("Asia/Shanghai")
SETTINGS: dict[str, Any] = {
    "targets_ms": {QueueName("q00"): 10_000, QueueName("q01"): 20_000},
    "utc_offset_ms": 8 * 3_600_000,
}
NOW = Millis(UNTIL + 15_000)
TEXT = """
[[rule]]
kind = "service_level"
name = "sl"
window_minutes = 5
fire_below = 85
clear_above = 88
min_sample = 4
hold_s = 7
keep_firing_s = 12

[[rule]]
kind = "threshold"
name = "disk"
metric = "disk_free_percent"
fire = 10
"""
PAST = PastSite(
    day_of=partial(day_of, zone=ZONE),
    new_floor=partial(Floor, SITE, **SETTINGS),
    restore=partial(Floor.restore, **SETTINGS),
)


def fill(warehouse: Warehouse) -> None:
    """The story as the live service would have stored it: events, legs, roll-ups, one checkpoint on the way."""
    migrate(warehouse, now=NOW)
    events = [changed(event, site=SITE) for event in story(SEEDS[0])]
    warehouse.insert("events", event_columns(events))
    floor, told, checkpoints = Floor(SITE, **SETTINGS), [], []
    for event in events:
        told += floor.apply(event)
        if event.at >= T0 + 3 * 60_000 and not checkpoints:
            checkpoints = [Checkpoint(at=floor.state.at, site=SITE, position="1-1", blob=floor.snapshot())]
    save_checkpoint(warehouse, checkpoints[0])
    legs = [one for one in told if isinstance(one, ContactLeg)]
    warehouse.insert("contact_legs", fact_columns("contact_legs", legs))
    roll_slots(warehouse, slots_of([*legs, *events]), ver=1, short_abandon_ms=5_000)


def asked_of(warehouse: Warehouse, text: str = TEXT, **of_range: Any) -> AlertBacktestWork:
    """To its end."""
    asked = BacktestRange(site=SITE, **({"since": Millis(T0 - 1), "until": UNTIL} | of_range))
    rules = parse_rules(text, file="rules", channels=())
    work = AlertBacktestWork(rules, asked, past=PAST, zone=ZONE, now=NOW, page=500)
    while not work.ended:
        work.step(warehouse)
    return work


def test_stored_events_give_the_live_alerts_again(warehouse: Warehouse) -> None:
    """Out of chDB and of a real server, page by page: the same alerts, raised, fired, resolved at the same second with
    the same value as the engine's own fold gave once a second. Days without events are refused, not answered with 0."""
    migrate(warehouse, now=NOW)
    assert asked_of(warehouse).refused is BacktestReason.NO_EVENTS
    fill(warehouse)
    found = asked_of(warehouse, since=Millis(T0 - 3_600_000)).found
    assert found is not None
    (rule, *_) = parse_rules(TEXT, file="rules", channels=())
    lived = live(SEEDS[0], [rule])
    told = found.rules[0]
    assert [(one.scope, one.raised_at, one.fired_at, one.value) for one in told.firings] == [
        (one.watch.scope, one.watch.raised_at, one.watch.seen_at, one.reading.value)
        for one in lived
        if one.notice == "fired"
    ]
    assert told.fired > 3
    ended = [one.watch.seen_at for one in lived if one.notice == "resolved"]
    assert sorted(one.resolved_at for one in told.firings if one.resolved_at) == ended
    assert [(one.rule, one.reason) for one in found.unanswered] == [("disk", "backtest_gauges_not_kept")]
    assert (found.since, found.days, found.queues) == (T0, 1, ["q00", "q01"])
    assert sum(offered for one in found.truth for _, _, offered in one.points) > 150
    _begins_later(warehouse, told)
    before = asked_of(warehouse, since=Millis(T0 - 7_200_000), until=Millis(T0 - 3_600_000))
    assert (before.refused, before.found) == (BacktestReason.NO_EVENTS, None)
    assert str(T0) in before.detail


def _begins_later(warehouse: Warehouse, whole: RuleFound) -> None:
    """From a checkpoint and the events behind it: what fires later fires at the same moments."""
    part = asked_of(warehouse, since=Millis(T0 + 4 * 60_000 + 500)).found
    assert part is not None
    later = T0 + 6 * 60_000
    firings = [[one.fired_at for one in rule.firings if one.raised_at > later] for rule in (whole, part.rules[0])]
    assert firings[0] == firings[1]
    assert firings[0]


@dataclass
class Room:
    client: aiohttp.ClientSession
    jobs: AlertBacktests
    runner: AlertBacktestRunner

    async def ask(self, method: str, path: str = "", **told: Any) -> tuple[int, Any]:
        address = f"/api/v1/alerts/backtest{path}"
        async with self.client.request(method, address, headers=OURS, **told) as answer:
            return answer.status, await answer.json()

    async def start(self, **more: Any) -> tuple[int, Any]:
        return await self.ask("POST", json={"text": TEXT, "days": 1, **more})

    async def work(self) -> None:
        """What waits longest, to its end."""
        job = await self.jobs.next(SITE)
        assert job is not None
        await self.runner.do(job)


def working(
    url: str,
    place: Place,
    body: Callable[[Room], Awaitable[None]],
    *,
    most_spent_ms: int = 60_000,
    stored: bool = False,
) -> None:
    async def room(redis: Redis) -> None:
        store = AsyncWarehouse(place.open, name="backtests")
        jobs = AlertBacktests(redis)
        desk = AlertDesk(
            site=SITE, notes=NoteBoard(), teller=NoteTeller(Publisher(redis)), rules=rules_over(redis),
            silences=SilenceStore(redis, site=SITE, clock=lambda: NOW), store=RedisAlertStore(redis, site=SITE),
            clock=lambda: NOW,
        )  # fmt: skip
        parts = replace(parts_of(None, None), alert_desk=desk, backtests=jobs, clock=lambda: NOW)
        runner = AlertBacktestRunner(
            jobs, store, sites={SITE: BacktestSite(past=PAST, zone=ZONE)}, clock=lambda: NOW,
            most_spent_ms=most_spent_ms,
        )  # fmt: skip
        try:
            await store.run(fill if stored else partial(migrate, now=NOW))
            async with serving(parts) as address, aiohttp.ClientSession(address) as web:
                await body(Room(web, jobs, runner))
        finally:
            await store.close()

    in_own_room(url, room, within_s=90)


def test_from_a_question_to_its_firings(valkey_url: str, in_chdb: Place) -> None:
    """One at a time for each person; progress, result, and dropped when nobody wants it any more."""

    async def body(room: Room) -> None:
        status, begun = await room.start(rule="sl", queues=["q01"])
        assert status == 202
        path = f"/{begun['job']}"
        assert (await room.ask("GET", path))[1]["state"] == "waiting"
        status, refused = await room.start()
        assert (status, refused["reason"], refused["detail"]) == (409, "backtest_busy", begun["job"])
        await room.work()
        _, told = await room.ask("GET", path)
        assert (told["state"], told["progress"], told["reason"]) == ("done", 1.0, "")
        (rule,) = told["result"]["rules"]
        assert (rule["rule"], rule["label_en"]) == ("sl", "sl")
        assert {one["scope"] for one in rule["firings"]} == {"queue:q01"}
        assert rule["per_queue_day"] == rule["fired"] == len(rule["firings"]) > 1
        (truth,) = told["result"]["truth"]
        assert truth["queue"] == "q01"
        assert len(truth["points"]) == 3  # quarters of an hour in which anybody came
        assert [one["job"] for one in (await room.ask("GET"))[1]["jobs"]] == [begun["job"]]
        assert (await room.ask("DELETE", path))[1] == {"done": "dropped"}
        assert (await room.ask("GET", path))[1]["reason"] == "no_such_backtest"

    working(valkey_url, in_chdb, body, stored=True)


def test_what_cannot_be_asked_is_refused_with_its_reason(valkey_url: str, in_chdb: Place) -> None:
    """Before anything is worked at."""

    async def body(room: Room) -> None:
        status, told = await room.start(text=TEXT.replace("service_level", "sevice_level"))
        assert (status, told["reason"]) == (422, "faulty_alert_rules")
        assert "service_level" in told["faults"][0]["mend"]
        for asked, reason in (({"days": 0}, "backtest_bad_range"), ({"days": 401}, "backtest_bad_range"),
                              ({"rule": "other"}, "no_such_rule"), ({"text": "x" * 300_000}, "text_too_long"),
                              ({"nonsense": 1}, "bad_body")):  # fmt: skip
            assert (await room.start(**asked))[1]["reason"] == reason

    working(valkey_url, in_chdb, body)


def test_a_cancelled_one_ends_and_lets_the_next_begin(valkey_url: str, in_chdb: Place) -> None:
    """Also one whose process ended on it too often, and one that takes too long; each says why."""

    async def body(room: Room) -> None:
        _, begun = await room.start()
        assert (await room.ask("DELETE", f"/{begun['job']}"))[1] == {"done": "cancelling"}
        await room.work()
        assert (await room.ask("GET", f"/{begun['job']}"))[1]["state"] == "cancelled"
        _, begun = await room.start()
        job = await room.jobs.next(SITE)
        assert job is not None
        await room.jobs.tell(changed(job, starts=MOST_STARTS))
        await room.work()
        assert (await room.ask("GET", f"/{begun['job']}"))[1]["reason"] == "backtest_ended_its_process"
        _, begun = await room.start()
        await room.work()
        told = (await room.ask("GET", f"/{begun['job']}"))[1]
        assert (told["state"], told["reason"]) == ("failed", "backtest_too_long")

    working(valkey_url, in_chdb, body, most_spent_ms=-1)


async def _done(room: Room, job: str) -> bool:
    return bool((await room.ask("GET", f"/{job}"))[1]["state"] == "done")


def test_one_that_waits_is_worked_at_after_a_restart(valkey_url: str, in_chdb: Place) -> None:
    """It stands on the bus, not in a process; `run` finds it by itself."""

    async def body(room: Room) -> None:
        _, begun = await room.start(rule="sl")
        running = asyncio.create_task(room.runner.run())
        try:
            await until(partial(_done, room, begun["job"]))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert room.runner.counts == {"done": 1}

    working(valkey_url, in_chdb, body, stored=True)
