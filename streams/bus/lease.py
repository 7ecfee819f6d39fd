"""One at a time: a lease with a fencing token. In: a name, a holder. Out: whether we hold it, and our token.

Tokens only grow; who saves something under a lease has it saved by a script that compares tokens, so a holder that
slept through its end cannot overwrite its successor. May not know: what the lease is for.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any, Final

import structlog
from redis.asyncio import Redis

from streams.bus.errors import BusFull, BusUnavailable, bounded

log = structlog.get_logger(__name__)

TTL_MS: Final = 6_000
"""A standby takes over at the latest so long, and one try, after a holder's death."""

TAKE: Final = """#!lua flags=allow-oom
local now = redis.call('TIME')
local holder = redis.call('GET', KEYS[1])
if holder then return {0, holder} end
local token = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, now[1] * 1000 + math.floor(now[2] / 1000))
token = string.format('%.0f', token)
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], token .. ' ' .. ARGV[1], 'PX', ARGV[2])
return {1, token}
"""
"""One more than the last token, and not below the time: a promoted replica may have forgotten the last one."""

RENEW: Final = """#!lua flags=allow-oom
local mine = ARGV[3] .. ' ' .. ARGV[1]
local holder = redis.call('GET', KEYS[1])
if holder == mine or (not holder and redis.call('GET', KEYS[2]) == ARGV[3]) then
  redis.call('SET', KEYS[1], mine, 'PX', ARGV[2])
  return {1, ''}
end
return {0, holder or ''}
"""
"""A lease that ran out, but which nobody took meanwhile, is ours again."""

RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

SAVE: Final = """#!lua flags=allow-oom
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
"""The newest token wins: nobody else was ever given the lease after it. A full bus takes it all the same: what a
snapshot holds can be trimmed, and that makes room."""


class LostReason(StrEnum):
    """Why a lease is ours no more."""

    TAKEN = "taken"
    """another one has it: we slept, or were cut off, for longer than it lasts"""
    UNREACHABLE = "unreachable"
    """the bus does not answer, so we cannot know"""


class LeaseLost(Exception):
    """Whatever was done under the lease has to stop."""

    def __init__(self, name: str, reason: LostReason, holder: str = "") -> None:
        super().__init__(f"the lease {name} is lost: {reason}{f' by {holder}' if holder else ''}")
        self.reason = reason


class Lease:
    """Mutable; owned by one process. `name` without braces gets its own hash tag, so its keys share a slot."""

    def __init__(self, redis: Redis, name: str, *, holder: str, ttl_ms: int = TTL_MS, timeout_s: float = 2.0) -> None:
        tagged = name if "{" in name else f"{{{name}}}"
        self.name = name
        self.holder = holder
        self.token: str | None = None
        self.counts: Counter[str] = Counter()
        self._redis = redis
        self._key = f"{tagged}:lease"
        self._fence = f"{tagged}:fence"
        self._ttl_ms = ttl_ms
        self._timeout_s = min(timeout_s, ttl_ms / 3000)
        self._until = 0.0

    @property
    def fence(self) -> str:
        """The key that holds the newest token: a script that writes under this lease compares it with `token`."""
        return self._fence

    @property
    def pause_s(self) -> float:
        """Between two renewals: two may fail before the lease runs out."""
        return self._ttl_ms / 3000

    def held(self) -> bool:
        """True only while nobody else can have been given it: the bus's own time runs from later than ours."""
        return self.token is not None and time.monotonic() < self._until

    async def take(self) -> bool:
        """One try. Raises BusUnavailable, BusFull."""
        began = time.monotonic()
        async with bounded(self._timeout_s, f"taking the lease {self.name}"):
            taken, text = await self._eval(TAKE, self.holder, self._ttl_ms)
        if not taken:
            return False
        self.token = text.decode()
        self._until = began + self._ttl_ms / 1000
        self.counts["taken"] += 1
        log.info("lease_taken", lease=self.name, token=self.token)
        return True

    async def renew(self) -> None:
        """Raises LeaseLost when another one has it, BusUnavailable when nobody answers."""
        began = time.monotonic()
        async with bounded(self._timeout_s, f"renewing the lease {self.name}"):
            kept, holder = await self._eval(RENEW, self.holder, self._ttl_ms, self.token or "")
        if not kept:
            self.token = None
            self.counts["lost"] += 1
            raise LeaseLost(self.name, LostReason.TAKEN, holder.decode())
        self._until = began + self._ttl_ms / 1000

    async def release(self) -> None:
        """So that the next one need not wait. A bus that is away forgets it by itself."""
        if self.token is None:
            return
        mine, self.token = f"{self.token} {self.holder}", None
        try:
            async with bounded(self._timeout_s, f"releasing the lease {self.name}"):
                await self._redis.eval(RELEASE, 1, self._key, mine)
        except (BusUnavailable, BusFull):
            self.counts["not_released"] += 1

    async def save(self, key: str, blob: bytes) -> bool:
        """Set `key` (of the same slot) if no newer token was ever given out; False: somebody else owns it now."""
        async with bounded(self._timeout_s + 3, f"saving under the lease {self.name}"):
            saved = await self._redis.eval(SAVE, 2, key, self._fence, self.token or "", blob)
        if not saved:
            self.token = None
            self.counts["fenced_off"] += 1
        return bool(saved)

    async def acquire(self) -> None:
        """Waits until it is ours, through any outage of the bus."""
        while True:
            try:
                if await self.take():
                    return
            except (BusUnavailable, BusFull):
                self.counts["bus_retries"] += 1
            await asyncio.sleep(self.pause_s / 2)

    async def try_renew(self) -> None:
        """Raises LeaseLost when another one has it; a bus that is away is counted, and asked again by the next try."""
        try:
            await self.renew()
        except (BusUnavailable, BusFull):
            self.counts["bus_retries"] += 1

    async def _eval(self, script: str, *arguments: str | int) -> Any:
        return await self._redis.eval(script, 2, self._key, self._fence, *arguments)


async def strive(lease: Lease) -> None:
    """For ever: tries to get the lease, then keeps it; whoever works under it asks `held()`."""
    while True:
        try:
            if lease.token is None:
                await lease.take()
            else:
                await lease.renew()
        except LeaseLost as lost:
            log.warning("lease_lost", lease=lease.name, reason=str(lost))
        except (BusUnavailable, BusFull):
            lease.counts["bus_retries"] += 1
        await asyncio.sleep(lease.pause_s / 2)


async def while_held(lease: Lease, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs `work` whenever the lease is ours, for ever; it is cancelled when that is over, and begun anew next time.

    Raises what `work` raises, ends when it ends. While the bus is away it goes on only as long as the lease surely is
    ours.
    """
    while True:
        await lease.acquire()
        # no TaskGroup: in Python 3.11 one that ends by its own error while it is left leaves its parent cancelled
        keeper = asyncio.create_task(until_lost(lease), name=f"lease {lease.name}")
        worker = asyncio.create_task(work(), name=f"under {lease.name}")
        try:
            await asyncio.wait({keeper, worker}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            keeper.cancel()
            worker.cancel()
            await asyncio.wait({keeper, worker})
            await asyncio.shield(lease.release())
        if not worker.cancelled():
            return worker.result()
        log.warning("lease_lost", lease=lease.name, reason=str(keeper.exception()))


async def until_lost(lease: Lease) -> None:
    """Keeps the lease until that is no longer possible. Raises LeaseLost."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        await asyncio.sleep(lease.pause_s / 4)
        if loop.time() >= due:
            due = loop.time() + lease.pause_s
            await lease.try_renew()
        if not lease.held():
            raise LeaseLost(lease.name, LostReason.UNREACHABLE)
