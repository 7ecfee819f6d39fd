"""Entries onto the bus by one who can send them again. In: blobs, where it stood. Out: where it stands, or TailLost.

Each batch is added by a script that first looks whether this is still the server, and the stream, that took the last
one: a restarted server or a promoted replica may have forgotten what it acknowledged. May not know: what a blob means.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from streams.bus.errors import bounded
from streams.bus.publish import batches, pack
from streams.bus.stood import Stood

IDENTITY: Final = """
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
server = server .. ':' .. string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
"""
"""A restarted server has another run_id; one that was somebody's replica meanwhile has another master_replid."""

WHO: Final = IDENTITY + "return server"

ADD_AFTER: Final = (
    """
local function order(id)
  local millis, number = string.match(id, '(%d+)-(%d+)')
  return tonumber(millis), tonumber(number)
end
local function before(a, b)
  local a1, a2 = order(a)
  local b1, b2 = order(b)
  return a1 < b1 or (a1 == b1 and a2 < b2)
end
"""
    + IDENTITY
    + """
local known, last = ARGV[1], ARGV[2]
if known ~= '' and known ~= server then return {0, server, 'another_server'} end
if last ~= '' then
  if redis.call('EXISTS', KEYS[1]) == 0 then return {0, server, 'stream_gone'} end
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  local newest, first = '0-0', false
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then newest = info[i + 1] end
    if info[i] == 'first-entry' then first = info[i + 1] end
  end
  if before(newest, last) then return {0, server, 'stream_went_back'} end
  if first and not before(last, first[1]) and #redis.call('XRANGE', KEYS[1], last, last) == 0 then
    return {0, server, 'entry_gone'}
  end
end
local id, packed, at = last, ARGV[3], 1
while at <= #packed do
  local size = struct.unpack('>I4', packed, at)
  id = redis.call('XADD', KEYS[1], '*', 'b', string.sub(packed, at + 4, at + 3 + size))
  at = at + 4 + size
end
return {1, server, id}
"""
)
"""An entry below the stream's first one was trimmed, by whoever knows that nobody needs it; that is no loss."""


class TailReason(StrEnum):
    """Why what the bus acknowledged may be gone."""

    ANOTHER_SERVER = "another_server"
    STREAM_GONE = "stream_gone"
    STREAM_WENT_BACK = "stream_went_back"
    ENTRY_GONE = "entry_gone"


class TailLost(Exception):
    """Nothing was added. Send the last minutes again, from `server` on."""

    def __init__(self, reason: TailReason, server: str) -> None:
        super().__init__(f"the bus may have lost what it took: {reason}")
        self.reason = reason
        self.server = server


class GuardedPublisher:
    """One stream's. Owns nothing but the loaded script's digest."""

    def __init__(self, redis: Redis, stream: str, *, timeout_s: float = 5.0) -> None:
        self._redis = redis
        self._stream = stream
        self._timeout_s = timeout_s
        self._sha: str | None = None

    async def publish(self, blobs: Sequence[bytes], stood: Stood) -> Stood:
        """Raises TailLost, BusUnavailable (some batches may have arrived: send all again), BusFull."""
        for batch in batches(blobs):
            stood = await self._add(batch, stood)
        return stood

    async def check(self, stood: Stood) -> Stood:
        """The same look without adding anything."""
        return await self._add((), stood)

    async def _add(self, batch: Sequence[bytes], stood: Stood) -> Stood:
        async with bounded(self._timeout_s, f"publishing to {self._stream}"):
            added, server, text = await self._call(stood.server, stood.entry, pack(batch))
        if not added:
            raise TailLost(TailReason(text.decode()), server.decode())
        return Stood(server.decode(), text.decode())

    async def _call(self, *arguments: str | bytes) -> Any:
        if self._sha is None:
            self._sha = await self._load()
        try:
            return await self._redis.evalsha(self._sha, 1, self._stream, *arguments)
        except NoScriptError:
            self._sha = await self._load()
            return await self._redis.evalsha(self._sha, 1, self._stream, *arguments)

    async def _load(self) -> str:
        sha: Any = await self._redis.script_load(ADD_AFTER)
        return sha.decode() if isinstance(sha, bytes) else str(sha)


async def server_identity(redis: Redis, *, timeout_s: float = 5.0) -> str:
    """Changes when a server is restarted or a replica takes its place."""
    async with bounded(timeout_s, "asking which server this is"):
        answer: Any = await redis.eval(WHO, 0)
    return str(answer.decode())
