"""Names of what must be counted anew. In: names, from any writer. Out: the same, to one roller, until they are done.

Marked names are put aside whole when they are taken; a roller that dies leaves them there for the next one. May not
know: what a name means.
"""

from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis

from streams.bus.errors import bounded

MARK: Final = """#!lua flags=allow-oom
for name in string.gmatch(ARGV[1], '[^\\n]+') do redis.call('SADD', KEYS[1], name) end
return 1
"""
"""A full bus takes it: only who has marked may acknowledge, and acknowledging makes room."""

TAKE: Final = """#!lua flags=allow-oom
if redis.call('EXISTS', KEYS[2]) == 0 and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('RENAME', KEYS[1], KEYS[2])
end
return redis.call('SMEMBERS', KEYS[2])
"""


class DirtyNames:
    """streams.warehouse.dirty.DirtySlots over Redis. Raises BusUnavailable, BusFull."""

    def __init__(self, redis: Redis, *, what: str = "rollups", timeout_s: float = 10.0) -> None:
        self._redis = redis
        self._marked = f"dirty:{{{what}}}"
        self._taken = f"dirty:{{{what}}}:taken"
        self._timeout_s = timeout_s

    async def mark(self, names: Sequence[str]) -> None:
        if not names:
            return
        async with bounded(self._timeout_s, "marking what is dirty"):
            await self._redis.eval(MARK, 1, self._marked, "\n".join(names))

    async def take(self) -> Sequence[str]:
        async with bounded(self._timeout_s, "taking what is dirty"):
            answer: Any = await self._redis.eval(TAKE, 2, self._marked, self._taken)
        return [name.decode() for name in answer]

    async def done(self) -> None:
        async with bounded(self._timeout_s, "forgetting what was dirty"):
            await self._redis.delete(self._taken)

    async def backlog(self) -> int:
        async with bounded(self._timeout_s, "counting what is dirty"):
            return int(await self._redis.scard(self._marked)) + int(await self._redis.scard(self._taken))
