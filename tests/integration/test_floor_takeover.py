"""Two processes own one floor in turn: a killed owner's standby takes over, and the facts are those of one floor."""

import asyncio
import signal
import subprocess
import sys
import time
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from monitor.live import FloorOwner, lease_name, snapshot_key
from streams.bus import names
from streams.bus.lease import Lease
from streams.bus.publish import Publisher
from streams.floor.fold import Floor
from streams.vocabulary import events as ev
from streams.vocabulary.codec import encode
from streams.vocabulary.facts import ContactLeg, Fact
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from tests.integration.bus_room import facts, in_own_room, room_url, until

pytestmark = pytest.mark.servers
SITE = SiteId("hz")
NOON = Millis(1_795_262_400_000)
TTL_MS = 900
BEGAN = time.monotonic()


def clock() -> Millis:
    """It runs, but not over midnight."""
    return Millis(NOON + 1_100_000 + int((time.monotonic() - BEGAN) * 1000))


def abandons(first: int, count: int) -> list[ev.Event]:
    """`count` contacts that wait two seconds each, one after the other."""
    about: dict[str, Any] = {"site": SITE, "source": SourceId("pbx")}
    told: list[ev.Event] = []
    for number in range(first, first + count):
        at = NOON + number * 1_000
        of: dict[str, Any] = {"contact": ContactId(f"{number}.1"), "leg": 1, "queue": QueueName("vip")}
        told.append(ev.ContactQueued(**about, **of, at=Millis(at), seq=number * 2))
        told.append(ev.ContactAbandoned(**about, **of, at=Millis(at + 500), seq=number * 2 + 1, wait_ms=500))
    return told


def owner_on(redis: Redis, name: str, *, snapshot_every_ms: int = 200) -> FloorOwner:
    return FloorOwner(
        redis,
        Floor(SITE, utc_offset_ms=0),
        clock=clock,
        changed=lambda agent: None,
        recordings=None,
        agent_channel=None,
        lease=Lease(redis, lease_name(SITE), holder=name, ttl_ms=TTL_MS),
        snapshot_every_ms=snapshot_every_ms,
    )


async def publish(redis: Redis, events: list[ev.Event]) -> None:
    await Publisher(redis).publish(names.events(SITE), [encode(event) for event in events])


def legs(told: list[Fact]) -> dict[str, set[bytes]]:
    found: dict[str, set[bytes]] = {}
    for fact in told:
        if isinstance(fact, ContactLeg):
            found.setdefault(fact.contact, set()).add(encode(fact))
    return found


def test_of_two_owners_one_tells(redis_url: str) -> None:
    """Both fold; only the holder of the lease puts facts and numbers on the bus, each once."""

    async def body(redis: Redis) -> tuple[list[Fact], list[bool], int]:
        owners = [owner_on(redis, name) for name in ("one", "two")]
        for owner in owners:
            await owner.restore(utc_offset_ms=0)
        tasks = [asyncio.create_task(owner.run()) for owner in owners]
        await until(lambda: any(owner.owning for owner in owners))
        await publish(redis, abandons(1, 50))
        await until(lambda: all(owner.floor.state.contacts == 50 for owner in owners))
        await asyncio.sleep(0.3)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return await facts(redis), sorted(owner.owning for owner in owners), owners[0].counts["stepped_down"]

    told, owning, _ = in_own_room(redis_url, body)
    assert owning == [False, True]
    final = [fact for fact in told if isinstance(fact, ContactLeg) and fact.ended_at]
    assert len(final) == len({fact.contact for fact in final}) == 50


OWNER = """
import asyncio, sys
from streams.bus.connection import client
from tests.integration.test_floor_takeover import owner_on

async def main():
    owner = owner_on(client(sys.argv[1]), "child", snapshot_every_ms=int(sys.argv[2]))
    await owner.restore(utc_offset_ms=0)
    task = asyncio.create_task(owner.run())
    while not owner.owning:
        await asyncio.sleep(0.01)
    print("owning", flush=True)
    await task

asyncio.run(main())
"""


@pytest.mark.parametrize("snapshot_every_ms", [100, 100_000], ids=["fresh-snapshot", "no-snapshot"])
def test_a_standby_takes_over_a_killed_owner(redis_url: str, snapshot_every_ms: int) -> None:
    """kill -9 in mid-stream: every contact's fact is told, whatever the dead one had told, and the same one."""

    async def body(redis: Redis) -> tuple[list[Fact], float]:
        child = subprocess.Popen(  # noqa: ASYNC220 - it starts in no time
            [sys.executable, "-c", OWNER, room_url(redis_url), str(snapshot_every_ms)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert child.stdout is not None
            while "owning" not in await asyncio.to_thread(child.stdout.readline):
                pass
            standby = owner_on(redis, "standby")
            await standby.restore(utc_offset_ms=0)
            task = asyncio.create_task(standby.run())
            for part in range(10):
                await publish(redis, abandons(1 + part * 100, 100))
                if part == 4:
                    child.send_signal(signal.SIGKILL)
                    killed = time.monotonic()
            await until(lambda: standby.owning)
            took_s = time.monotonic() - killed
            await publish(redis, abandons(1_001, 10))
            await until(lambda: standby.floor.state.contacts == 1_010)
            await until(lambda: _has_all(redis, 1_010))
        finally:
            child.kill()
            child.wait(15)
            if child.stdout is not None:
                child.stdout.close()
        task.cancel()
        await asyncio.wait({task})
        return await facts(redis), took_s

    told, took_s = in_own_room(redis_url, body, within_s=90)
    alone = Floor(SITE, utc_offset_ms=0)
    expected = [out for event in abandons(1, 1_010) for out in alone.apply(event) if isinstance(out, ContactLeg)]
    assert legs(told) == legs(list(expected))
    assert took_s < TTL_MS / 1000 * 1.7 + 1


async def _has_all(redis: Redis, contacts: int) -> bool:
    return len(legs(await facts(redis))) >= contacts


def test_a_zombie_owner_steps_down_and_keeps_following(redis_url: str) -> None:
    """It slept for longer than its lease: its snapshot is refused, its floor goes on as a standby's."""

    async def body(redis: Redis) -> tuple[bool, int, int]:
        first = owner_on(redis, "first", snapshot_every_ms=50)
        await first.restore(utc_offset_ms=0)
        task = asyncio.create_task(first.run())
        await until(lambda: first.owning)
        usurper = Lease(redis, lease_name(SITE), holder="usurper", ttl_ms=60_000)
        while not await usurper.take():  # the owner may renew in between
            await redis.delete(f"{lease_name(SITE)}:lease")
        assert await usurper.save(snapshot_key(SITE), msgspec.msgpack.encode(("0-0", Floor(SITE).snapshot())))
        await until(lambda: not first.owning)
        await publish(redis, abandons(1, 5))
        await until(lambda: first.floor.state.contacts == 5)
        stored: Any = await redis.get(snapshot_key(SITE))
        told = len(await facts(redis))
        task.cancel()
        await asyncio.wait({task})
        return msgspec.msgpack.decode(stored)[0] == "0-0", told, first.counts["stepped_down"]

    assert in_own_room(redis_url, body) == (True, 0, 1)


def test_a_stream_cut_under_the_floor_is_a_gap_on_the_wall(redis_url: str) -> None:
    """Between the snapshot and what is left something was deleted unread: the gap has its reason and its ends."""

    async def body(redis: Redis) -> list[tuple[str, str, bool]]:
        await publish(redis, abandons(1, 10))
        first = owner_on(redis, "first", snapshot_every_ms=20)
        await first.restore(utc_offset_ms=0)
        task = asyncio.create_task(first.run())
        await until(lambda: first.owning and first.floor.state.contacts == 10)
        await until(lambda: redis.exists(snapshot_key(SITE)))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.wait({task})
        await first.leave()
        await publish(redis, abandons(11, 10))
        await redis.xtrim(names.events(SITE), maxlen=4, approximate=False)
        second = owner_on(redis, "second")
        await second.restore(utc_offset_ms=0)
        task = asyncio.create_task(second.run())
        await until(lambda: second.floor.state.contacts >= 12)
        task.cancel()
        await asyncio.wait({task})
        return [(str(gap.source), gap.reason, gap.ended is not None) for gap in second.floor.gaps]

    assert in_own_room(redis_url, body) == [("bus", "bus_trimmed", True)]


@pytest.mark.slow
def test_five_thousand_seats_are_restored_within_five_seconds(valkey_url: str) -> None:
    """Snapshot out of the bus, and the stream of ten seconds behind it."""

    async def body(redis: Redis) -> float:
        about: dict[str, Any] = {"site": SITE, "source": SourceId("pbx")}
        seats = [
            ev.AgentJoinedQueue(
                **about, seq=n * 4 + k, at=NOON, agent=AgentId(f"{10_000 + n}"), queue=QueueName(f"q{(n + k) % 300}")
            )
            for n in range(5_000)
            for k in range(3)
        ]
        await publish(redis, seats)
        first = owner_on(redis, "first")
        await first.restore(utc_offset_ms=0)
        task = asyncio.create_task(first.run())
        await until(lambda: first.owning and len(first.floor.agents) == 5_000)
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.wait({task})
        await first.leave()
        await publish(redis, abandons(20_000, 3_500))
        second = owner_on(redis, "second")
        began = time.monotonic()
        await second.restore(utc_offset_ms=0)
        task = asyncio.create_task(second.run())
        await until(lambda: second.floor.state.contacts == 3_500)
        took_s = time.monotonic() - began
        assert len(second.floor.agents) == 5_000
        task.cancel()
        await asyncio.wait({task})
        return took_s

    assert in_own_room(valkey_url, body, within_s=90) < 5
