"""Who sits where reaches the process that scores, over a real bus; who left keeps the last team."""

import pytest
from redis.asyncio import Redis

from alerts.moment import AgentNow, SiteMoment
from monitor.moments import pack
from monitor.roster import Roster
from monitor.roster_watch import RosterWatch
from streams.bus import names
from streams.bus.connection import client
from streams.bus.publish import Publisher
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from tests.integration.bus_room import in_own_room

pytestmark = pytest.mark.servers
SITE = SiteId("hz")


async def tell(redis: Redis, **teams: str) -> None:
    agents = [AgentNow(AgentId(name), "ready", "", Millis(1), team, ()) for name, team in teams.items()]
    moment = SiteMoment(at=Millis(1), site=SITE, agents=agents, gauges={}, hits=[], quality=[])
    await Publisher(redis, even_full=True).publish(names.moments(SITE), [pack(moment)], cap=5)


def test_the_last_word_on_who_sits_where_counts(redis_url: str) -> None:
    async def body(redis: Redis) -> None:
        skills = {QueueName("vip"): ("gold",)}
        watch = RosterWatch(redis, {SITE: Roster({AgentId("8001"): "A01"}, skills)})
        await watch.look(SITE)
        assert watch.of(SITE).teams == {"8001": "A01"}
        await tell(redis, a8001="B01", a8002="B01")
        await tell(redis, a8002="C01")
        await watch.look(SITE)
        assert watch.of(SITE) == Roster({AgentId("8001"): "A01", AgentId("a8002"): "C01"}, skills)
        await redis.xadd(names.moments(SITE), {"b": b"\x00"})
        await watch.look(SITE)
        assert (watch.of(SITE).teams["a8002"], watch.counts["rosters_not_readable"]) == ("C01", 1)
        assert watch.of(SiteId("nj")) == Roster()

    in_own_room(redis_url, body)


def test_without_a_bus_the_roster_stands(redis_url: str) -> None:
    async def body(redis: Redis) -> None:
        away = client("redis://127.0.0.1:1")
        watch = RosterWatch(away, {SITE: Roster({AgentId("8001"): "A01"})})
        await watch.look(SITE)
        assert (watch.of(SITE).teams, watch.counts["rosters_bus_away"]) == ({"8001": "A01"}, 1)
        await away.aclose()

    in_own_room(redis_url, body)
