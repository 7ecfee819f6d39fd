"""The bus killed under the floor's owner: the work waits, nothing ends, nothing is lost."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.live import FloorOwner
from streams.bus import names
from streams.bus.connection import connect
from streams.bus.embedded import EmbeddedBus
from streams.bus.publish import Publisher
from streams.floor.fold import Floor
from streams.vocabulary import events as ev
from streams.vocabulary.codec import decode_fact, encode
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId

pytestmark = pytest.mark.servers
SITE = SiteId("hz")


def story(number: int) -> list[bytes]:
    """One contact from join to abandon, two seconds long."""
    about = {"site": SITE, "source": SourceId("a"), "contact": ContactId(f"{number}.1"), "leg": 1}
    at = number * 10_000
    queued = ev.ContactQueued(at=Millis(at), seq=number * 2, queue=QueueName("sales"), **about)
    gone = ev.ContactAbandoned(
        at=Millis(at + 2_000), seq=number * 2 + 1, queue=QueueName("sales"), wait_ms=2_000, **about
    )
    return [encode(queued), encode(gone)]


def owner_of(redis: object) -> FloorOwner:
    return FloorOwner(
        redis,
        Floor(SITE),
        clock=lambda: Millis(1),
        changed=lambda agent: AgentId(agent),
        recordings=None,
        agent_channel=None,
    )


async def until(true: Callable[[], bool], *, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - a counter of the code under test is no event
            await asyncio.sleep(0.05)


def test_the_floor_waits_for_a_killed_bus_and_goes_on(tmp_path: Path) -> None:
    """kill -9 of valkey in mid-run, a new one on the same folder: both contacts are told, retries are counted."""

    async def run() -> None:
        bus = await EmbeddedBus.start(tmp_path / "bus")
        redis = await connect(bus.url)
        owner = owner_of(redis)
        task = asyncio.create_task(owner.run())
        await Publisher(redis).publish(names.events(SITE), story(1))
        await until(lambda: owner.counts["facts"] >= 1)
        os.kill(bus.pid, signal.SIGKILL)
        await bus.stop()
        await until(lambda: owner.counts["bus_retries"] >= 2)
        assert not task.done()
        bus = await EmbeddedBus.start(tmp_path / "bus")
        again = await connect(bus.url)
        await Publisher(again).publish(names.events(SITE), story(2))
        await until(lambda: owner.counts["facts"] >= 2)
        legs = [decode_fact(fields[b"b"]) for _, fields in await again.xrange(names.FACTS)]
        assert [leg.contact for leg in legs if isinstance(leg, ContactLeg)] == ["1.1", "2.1"]
        task.cancel()
        await asyncio.wait({task})
        await redis.aclose()
        await again.aclose()
        await bus.stop()

    asyncio.run(run())
