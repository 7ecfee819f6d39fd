"""Back-tests, re-scorings and verdicts over HTTP, a real bus and chDB: progress to the end, one at a time, restarts."""

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

from monitor.api.history import HistoryUnavailable
from monitor.rule_jobs import JobState, RuleJobs
from monitor.rule_runner import MOST_STARTS, RuleRunner
from monitor.rule_work import Rescore
from monitor.rules_drift import AGAIN_MS, EVERY_MS, DriftWatch, drifting
from monitor.wiring_rules import tell_fact
from scoring.library import PACKS_DIR, load_scheme
from streams.bus.publish import Publisher
from streams.vocabulary.facts import ScoreFact, VerdictFact
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.case_pages import Range
from streams.warehouse.contacts import contact_detail
from streams.warehouse.engine import Warehouse
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.rows import fact_columns
from streams.warehouse.verdicts import DAY_MS, answer_days, verdict_days, verdicts_of
from tests.integration.bus_room import facts, in_own_room
from tests.integration.facts import migrated
from tests.push_web import parts_of, serving
from tests.rules_room import PACK, schemes_over
from tests.servers import Place
from tests.stored_centre import FIRST, SITE, fill, names, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
OURS = {"X-Floorwatch": "1"}
CONTACTS = 30
NOW = Millis(until(CONTACTS) + 3_600_000)
TEXT = (PACKS_DIR / f"{PACK}.toml").read_text("utf-8")
RANGE = {"since": FIRST, "until": until(CONTACTS)}


@dataclass
class Jobs:
    client: aiohttp.ClientSession
    jobs: RuleJobs
    store: AsyncWarehouse
    runner: RuleRunner
    redis: Redis
    site: SiteId

    async def ask(self, method: str, path: str, **told: Any) -> tuple[int, Any]:
        async with self.client.request(method, "/api/v1" + path, headers=OURS, **told) as answer:
            return answer.status, await answer.json()

    async def start(self, kind: str, **more: Any) -> tuple[int, Any]:
        return await self.ask("POST", f"/rules/{kind}", json={"scheme": PACK, **RANGE, **more})

    async def work(self) -> None:
        """What waits, to its end."""
        job = await self.jobs.busy(self.site)
        assert job is not None
        await self.runner.do(job)


def working(url: str, place: Place, body: Callable[[Jobs], Awaitable[None]]) -> None:
    async def room(redis: Redis) -> None:
        store = AsyncWarehouse(place.open, name="rules")
        parts = replace(
            parts_of(None, None), schemes=schemes_over(redis), rule_jobs=RuleJobs(redis), clock=lambda: NOW,
            tell_fact=partial(tell_fact, Publisher(redis)),
        )  # fmt: skip
        zones = {parts.id: ZoneInfo("Asia/Shanghai")}
        runner = RuleRunner(RuleJobs(redis), store, zones=zones, clock=lambda: NOW)
        try:
            await store.run(_filled, parts.id)
            async with serving(parts) as address, aiohttp.ClientSession(address) as web:
                await body(Jobs(web, RuleJobs(redis), store, runner, redis, parts.id))
        finally:
            await store.close()

    in_own_room(url, room, within_s=90)


def _filled(warehouse: Warehouse, site: SiteId) -> None:
    migrate(warehouse, now=NOW)
    fill(warehouse, CONTACTS, site=site)


def test_from_a_draft_to_a_re_scoring_and_back(valkey_url: str, in_chdb: Place) -> None:
    """What a text would change is shown before; published, stored contacts are scored by it; undone, they are not."""

    async def body(room: Jobs) -> None:
        text = TEXT.replace("points = 15", "points = 5", 1)
        status, told = await room.start("backtests", text=text)
        assert (status, told["job"]["state"]) == (200, "waiting")
        assert (await room.start("backtests", text=text))[1]["reason"] == "rule_job_busy"
        await room.work()
        _, found = await room.ask("GET", f"/rules/backtests/{told['job']['id']}")
        assert (found["job"]["state"], found["job"]["done"], found["effect"]["contacts"]) == ("done", 33, 33)
        assert found["effect"]["changed"] > 0
        assert (await room.start("backtests", text="[scheme"))[1]["reason"] == "faulty_scheme"
        assert (await room.start("rescores", since=5, until=4))[1]["reason"] == "bad_range"
        await room.ask("POST", f"/rules/{PACK}/publish", json={"base": 0, "text": text, "confirmed": True})
        _, again = await room.start("rescores")
        job = again["job"]["id"]
        await room.work()
        _, listed = await room.ask("GET", f"/rules/rescores?scheme={PACK}")
        assert [(one["state"], one["written"], one["version"]) for one in listed["jobs"]] == [("done", 33, 2)]
        assert await _versions(room) == [2]
        assert (await room.ask("DELETE", f"/rules/rescores/{job}"))[1]["reason"] == "rule_job_not_over"
        assert (await room.ask("POST", f"/rules/rescores/{job}/undo"))[0] == 200
        await room.work()
        assert await _versions(room) == []
        _, over = await room.ask("GET", f"/rules/rescores/{job}")
        assert (over["job"]["state"], over["job"]["written"]) == ("undone", 33)
        audited = [getattr(fact, "action", "") for fact in await facts(room.redis)]
        assert {"rules_rescored", "rules_rescore_undone"} <= set(audited)

    working(valkey_url, in_chdb, body)


async def _versions(room: Jobs) -> list[int]:
    found = await room.store.run(contact_detail, contact=names(CONTACTS)[3])
    return [one.scheme_version for one in found[0].scores]


def test_a_job_is_cancelled_and_one_that_ends_its_process_is_given_up(valkey_url: str, in_chdb: Place) -> None:
    """Nobody waits for it for ever, and the next one may begin."""

    async def body(room: Jobs) -> None:
        _, told = await room.start("backtests", text=TEXT)
        assert (await room.ask("DELETE", f"/rules/backtests/{told['job']['id']}"))[1]["done"] == "cancelling"
        await room.work()
        _, listed = await room.ask("GET", "/rules/backtests")
        assert [one["state"] for one in listed["jobs"]] == ["cancelled"]
        await room.start("backtests", text=TEXT)
        job = await room.jobs.busy(room.site)
        assert job is not None
        await room.jobs.tell(changed(job, state=JobState.RUNNING, starts=MOST_STARTS))
        await room.work()
        failed = await room.jobs.job(room.site, job.id)
        assert failed is not None
        assert (failed.state, failed.fault) == (JobState.FAILED, "job_ended_its_process")
        assert await room.jobs.busy(room.site) is None

    working(valkey_url, in_chdb, body)


def test_verdicts_are_counted_by_item_and_day(warehouse: Warehouse) -> None:
    """A person's later word counts, one that was taken back does not; answers are counted from the scores' own JSON."""
    fill(migrated(warehouse), CONTACTS)
    scheme = load_scheme(PACK)
    job = Rescore(scheme, Range(site=SITE, **RANGE), job="", zone=None, clock=lambda: NOW)
    while not job.ended:
        job.step(warehouse)
    told = {"site": SITE, "scheme": PACK, "since": FIRST, "until": NOW}
    answers = answer_days(warehouse, **told)
    assert {one.item for one in answers} == {item.id for item in scheme.items}
    for item in scheme.items:
        assert sum(one.count for one in answers if one.item == item.id) == 33
    contact = names(CONTACTS)[0]
    base = VerdictFact(
        site=SITE, ver=1, contact_at=FIRST, contact=contact, scheme=PACK, scheme_version=1, item="greeting",
        judged_by="a", rule="greeting", rule_version=1, outcome="hit", leaning="hit", agreed=True, judged_at=NOW,
    )  # fmt: skip
    said = [base, changed(base, ver=2, agreed=False), changed(base, judged_by="b"), changed(base, judged_by="c")]
    said.append(changed(base, judged_by="c", ver=3, withdrawn=True))
    warehouse.insert("verdicts", fact_columns("verdicts", said))
    assert [(one.ago, one.item, one.agreed, one.count) for one in verdict_days(warehouse, **told)] == [
        (0, "greeting", 0, 1),
        (0, "greeting", 1, 1),
    ]
    assert [one.judged_by for one in verdicts_of(warehouse, contact=contact)] == ["a", "b"]


def _told(day: int, number: int, *, item: str, hit: bool) -> ScoreFact:
    """`day`: so many days ago."""
    at = Millis(NOW - day * DAY_MS - 3_600_000 - number * 1_000)
    outcome = "hit" if hit else "miss"
    return ScoreFact(
        site=SITE, ver=1, contact_at=at, contact=ContactId(f"{at}"), scheme=PACK, scheme_version=1, points=1,
        points_low=1, points_high=1, points_max=1, passed=True, fatal=False,
        items=f'[{{"id":"{item}","zh":"x","outcome":"{outcome}","leaning":"{outcome}"}}]',
    )  # fmt: skip


def test_rules_that_drift_are_counted_for_alerts(warehouse: Warehouse) -> None:
    """One whose hits went from every other answer to all of them; of a site without scores none."""
    migrated(warehouse)
    before = [_told(day, number, item="greeting", hit=number % 2 == 0) for day in range(8, 34) for number in range(12)]
    recent = [_told(day, number, item="greeting", hit=True) for day in range(6) for number in range(12)]
    steady = [
        _told(day, 100 + number, item="closing", hit=number % 2 == 0) for day in range(34) for number in range(12)
    ]
    warehouse.insert("scores", fact_columns("scores", [*before, *recent, *steady]))
    found = drifting(warehouse, site=SITE, now=NOW)
    assert [(one.scheme, one.item, one.of) for one in found] == [(PACK, "greeting", "hit_rate")]
    assert drifting(warehouse, site=SiteId("nowhere"), now=NOW) == []


class _Answers:
    """History that answers, or not."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        self.asked += 1
        if self.away:
            raise HistoryUnavailable("away")
        return [{"scheme": PACK, "item": "greeting", "of": "hit_rate"}]


def test_the_count_of_drifting_rules_is_asked_now_and_then_and_unknown_while_history_is_away() -> None:
    """Over all sites; never zero because nobody answered."""
    history, clock = _Answers(), [NOW]

    async def body() -> None:
        watch = DriftWatch(history, [SITE, SiteId("nj")], lambda: clock[0])
        assert watch.count is None
        await watch.look()
        await watch.look()
        assert (watch.count, history.asked) == (2, 2)
        clock[0], history.away = Millis(NOW + EVERY_MS), True
        await watch.look()
        assert watch.count is None
        clock[0], history.away = Millis(clock[0] + AGAIN_MS), False
        await watch.look()
        assert watch.count == 2

    asyncio.run(body())
