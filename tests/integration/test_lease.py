"""A lease on a real bus: one holder at a time, tokens that only grow, a zombie that can save nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from redis.asyncio import Redis

from streams.bus.connection import client
from streams.bus.errors import BusUnavailable
from streams.bus.lease import Lease, LeaseLost, LostReason, strive, while_held
from tests.integration.bus_room import in_own_room, until
from tests.servers import MakeRedis

pytestmark = pytest.mark.servers
T = TypeVar("T")


def lease(redis: Redis, holder: str, *, ttl_ms: int = 600) -> Lease:
    return Lease(redis, "floor:{hz}", holder=holder, ttl_ms=ttl_ms)


def in_room(url: str, body: Callable[[Redis], Awaitable[T]]) -> T:
    return in_own_room(url, body)


def test_only_one_of_two_gets_it(redis_url: str) -> None:
    """The second try of another one fails while the first holds; after a release it succeeds with a higher token."""

    async def body(redis: Redis) -> tuple[bool, bool, bool, bool]:
        one, two = lease(redis, "one"), lease(redis, "two")
        first, second = await one.take(), await two.take()
        before = int(one.token or 0)
        await one.release()
        third = await two.take()
        return first, second, third, int(two.token or 0) > before

    assert in_room(redis_url, body) == (True, False, True, True)


def test_a_dead_holders_lease_ends_by_itself(redis_url: str) -> None:
    """Whoever waits has it within its time, and one try."""

    async def body(redis: Redis) -> float:
        await lease(redis, "dead").take()
        began = asyncio.get_running_loop().time()
        await lease(redis, "standby").acquire()
        return asyncio.get_running_loop().time() - began

    assert 0.4 < in_room(redis_url, body) < 1.5


def test_a_zombie_saves_nothing(redis_url: str) -> None:
    """It slept through its end; its successor's snapshot stays, and it learns that it is nobody."""

    async def body(redis: Redis) -> tuple[bool, bool, object, LostReason]:
        zombie, successor = lease(redis, "zombie", ttl_ms=60), lease(redis, "successor")
        await zombie.take()
        assert await zombie.save("floor:{hz}:snapshot", b"old")
        await asyncio.sleep(0.1)
        assert not zombie.held()
        assert await successor.take()
        saved = await successor.save("floor:{hz}:snapshot", b"new")
        token = zombie.token
        late = await zombie.save("floor:{hz}:snapshot", b"late")
        zombie.token = token
        with pytest.raises(LeaseLost) as lost:
            await zombie.renew()
        return saved, late, await redis.get("floor:{hz}:snapshot"), lost.value.reason

    assert in_room(redis_url, body) == (True, False, b"new", LostReason.TAKEN)


def test_a_lease_that_ran_out_and_that_nobody_took_is_kept(redis_url: str) -> None:
    """A short outage makes nobody step down: the token is still the newest."""

    async def body(redis: Redis) -> tuple[bool, bool]:
        one = lease(redis, "one", ttl_ms=600)
        await one.take()
        token = one.token
        await asyncio.sleep(0.8)
        out = one.held()
        await one.renew()
        return out, one.held() and one.token == token

    assert in_room(redis_url, body) == (False, True)


def test_tokens_grow_even_if_the_bus_forgot_the_last_one(redis_url: str) -> None:
    """A promoted replica may lack the fence; its clock still tells that the new token is a later one."""

    async def body(redis: Redis) -> bool:
        one = lease(redis, "one")
        await one.take()
        before = int(one.token or 0)
        await redis.flushdb()
        await asyncio.sleep(0.01)
        two = lease(redis, "two")
        await two.take()
        return int(two.token or 0) > before

    assert in_room(redis_url, body)


def test_work_under_a_lease_runs_once_among_three(redis_url: str) -> None:
    """Its holder dies again and again: there is always one at work, never two."""

    async def body(redis: Redis) -> tuple[int, int]:
        at_work: Counter[str] = Counter()
        most = 0
        terms = 0

        def work(name: str) -> Callable[[], Awaitable[None]]:
            async def working() -> None:
                nonlocal most, terms
                terms += 1
                at_work[name] = 1
                most = max(most, at_work.total())
                try:
                    await asyncio.Event().wait()
                finally:
                    at_work[name] = 0

            return working

        tasks = {
            name: asyncio.create_task(while_held(lease(redis, name, ttl_ms=300), work(name)))  # type: ignore[arg-type]
            for name in ("a", "b", "c")
        }
        for expected in (2, 1, 0):
            await until(lambda: at_work.total() == 1)
            (name,) = [one for one, n in at_work.items() if n]
            task = tasks.pop(name)
            task.cancel()
            await asyncio.wait({task})
            assert len(tasks) == expected
        return most, terms

    assert in_room(redis_url, body) == (1, 3)


def test_a_bus_that_is_away_ends_the_work_before_anyone_else_may_begin(make_redis: MakeRedis) -> None:
    """Cut off, nobody can know who has the lease: the work stops within its time, and begins again afterwards."""
    server = make_redis()

    async def body() -> tuple[float, int]:
        redis = client(server.url, connect_timeout_s=0.2)
        terms = 0
        ended = asyncio.Event()

        async def work() -> None:
            nonlocal terms
            terms += 1
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        task = asyncio.create_task(while_held(lease(redis, "one", ttl_ms=900), work))
        await until(lambda: terms == 1)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.to_thread(server.kill)
        await ended.wait()
        stopped_after = loop.time() - began
        await asyncio.to_thread(server.start)
        await until(lambda: terms == 2)
        task.cancel()
        await asyncio.wait({task})
        await redis.aclose()
        return stopped_after, terms

    async def bounded() -> tuple[float, int]:
        async with asyncio.timeout(20):
            return await body()

    stopped_after, terms = asyncio.run(bounded())
    assert stopped_after < 1.5
    assert terms == 2


def test_striving_waits_out_a_bus_that_is_away(make_redis: MakeRedis) -> None:
    """For a roller that only asks `held()`: it is False while nobody can know, and True again afterwards."""
    server = make_redis()

    async def body() -> int:
        redis = client(server.url, connect_timeout_s=0.2)
        one = lease(redis, "one")
        task = asyncio.create_task(strive(one))
        await until(one.held)
        await asyncio.to_thread(server.kill)
        await until(lambda: not one.held())
        with pytest.raises(BusUnavailable):
            await one.renew()
        await asyncio.to_thread(server.start)
        await until(one.held)
        task.cancel()
        await asyncio.wait({task})
        await redis.aclose()
        return one.counts["bus_retries"]

    assert asyncio.run(asyncio.wait_for(body(), 20)) >= 1
