"""From the live process to the alert engine over a real bus: agents, gauges, and the last hour's scores."""

import asyncio
from collections import Counter
from dataclasses import asdict

import pytest
from redis.asyncio import Redis

from monitor import clock
from monitor.api.history import HistoryUnavailable
from monitor.moment_follower import QUALITY_KNOWN, MomentFollower
from monitor.moments import MomentMaker, MomentTeller
from monitor.quality import QualityWatch, row_of
from seat_map.generate import generate
from seat_map.picture import Picture
from streams.bus import names
from streams.bus.connection import client
from streams.bus.lease import Lease
from streams.bus.publish import Publisher
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import ScoreFact
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId
from tests.alerts_floor import until
from tests.floor_story import Story

pytestmark = pytest.mark.servers


def score(site: SiteId, contact: str, points: float) -> ScoreFact:
    now = clock.now()
    return ScoreFact(
        site=site, ver=1, contact_at=Millis(now - 60_000), contact=ContactId(contact), scheme="telecom",
        scheme_version=1, agent=AgentId("1001"), queue=QueueName("sales"), points=points, points_low=points,
        points_high=points, points_max=100, passed=True, fatal=False, items="[]", scored_at=now,
    )  # fmt: skip


class Stored:
    """History that knows these scores, from the moment it is there."""

    def __init__(self, *known: ScoreFact) -> None:
        self.known, self.there, self.asked = known, True, 0

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        self.asked += 1
        if not self.there:
            raise HistoryUnavailable("away")
        return [asdict(row_of(one)) for one in self.known]


def teller(redis: Redis, site: SiteId, holder: str, counts: Counter[str]) -> tuple[MomentTeller, Lease]:
    story = Story()
    story.sign_in(0)
    picture = Picture(generate(40))
    maker = MomentMaker(
        story.floor, picture=lambda: picture, hits=lambda now: (), gauges=lambda site: {"disk_free_percent": 40.0}
    )
    lease = Lease(redis, f"moments:{{{site}}}", holder=holder, ttl_ms=600)
    return MomentTeller(
        redis, maker, site=site, clock=clock.now, lease=lease, counts=counts, every_s=0.05
    ), lease  # fmt: skip


def test_one_of_two_tells_and_the_other_goes_on_when_it_is_gone(redis_url: str, fresh_name: str) -> None:
    """Two live processes with the same floor: what the engine is handed never stops for longer than the lease."""

    async def scenario() -> None:
        redis, site, caught_up = client(redis_url), SiteId(fresh_name), asyncio.Event()
        caught_up.set()
        first, second = Counter[str](), Counter[str]()
        one, held = teller(redis, site, "a", first)
        two, waiting = teller(redis, site, "b", second)
        quality = QualityWatch(redis, [site], history=Stored(), clock=clock.now)
        follower = MomentFollower(redis, site, quality=quality, clock=clock.now, counts=Counter())
        assert await held.take()
        assert not await waiting.take()
        tasks = [asyncio.create_task(run) for run in (one.run(caught_up), two.run(caught_up), follower.run())]
        try:
            await until(lambda: follower.latest() is not None)
            found = follower.latest()
            assert found is not None
            assert [(agent.agent, agent.queues) for agent in found.agents] == [("1001", ("sales",))]
            assert found.gauges == {"disk_free_percent": 40.0, "sources_lost": 0.0}
            assert second["moments"] == 0
            await waiting.acquire()
            told = first["moments"]
            await until(lambda: second["moments"] > 0)
            assert first["moments"] <= told + 1
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await redis.aclose()

    asyncio.run(scenario())


def test_an_engine_that_begins_in_the_middle_of_an_hour_knows_all_of_it(redis_url: str, fresh_name: str) -> None:
    """c1 is in the store alone, c2 in the store and on the stream, c3 comes later; a store that is away is asked again,
    and until it answers it is said that scores are not known."""

    async def scenario() -> None:
        redis, site = client(redis_url), SiteId(fresh_name)
        publisher = Publisher(redis)
        stored = Stored(score(site, "c1", 60), score(site, "c2", 80))
        stored.there = False
        await publisher.publish(names.FACTS, [encode(score(site, "c2", 80))])
        quality = QualityWatch(redis, [site], history=stored, clock=clock.now, again_s=0.05)
        task = asyncio.create_task(quality.run())
        try:
            await until(lambda: stored.asked > 1)
            assert not quality.known(site)
            stored.there = True
            await until(lambda: quality.known(site))
            await publisher.publish(names.FACTS, [encode(score(site, "c3", 100))])
            await until(lambda: [one.scored for one in quality.rows(site, clock.now())] == [3, 3])
            queue, agent = quality.rows(site, clock.now())
            assert (queue.agent, queue.points_sum, agent.agent) == ("", 240, "1001")
            assert quality.status()["sites_known"] == 1
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await redis.aclose()

    asyncio.run(scenario())


def test_scores_stand_beside_the_moment_that_was_told(redis_url: str, fresh_name: str) -> None:
    """Also when they come between two moments; that they are known is a gauge."""

    async def scenario() -> None:
        redis, site, caught_up = client(redis_url), SiteId(fresh_name), asyncio.Event()
        caught_up.set()
        one, lease = teller(redis, site, "a", Counter())
        quality = QualityWatch(redis, [site], history=Stored(), clock=clock.now)
        follower = MomentFollower(redis, site, quality=quality, clock=clock.now, counts=Counter())
        assert await lease.take()
        await one.tell()
        tasks = [asyncio.create_task(run) for run in (quality.run(), follower.run())]
        try:
            await until(lambda: follower.latest() is not None and quality.known(site))
            await Publisher(redis).publish(names.FACTS, [encode(score(site, "c1", 75))])
            await until(lambda: bool((found := follower.latest()) and found.quality))
            found = follower.latest()
            assert found is not None
            assert [(row.agent, row.points_sum) for row in found.quality] == [("", 75), ("1001", 75)]
            assert found.gauges[QUALITY_KNOWN] == 1.0
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await redis.aclose()

    asyncio.run(scenario())
