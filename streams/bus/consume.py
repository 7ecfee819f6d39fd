"""Entries off the bus. In: a stream, a group, a consumer's name. Out: `Entry` values, until they are acknowledged.

At least once: what is not acknowledged comes again, to this consumer or to one that claims it. An entry that comes too
often is poison and goes to the dead letters with its reason. May not know: what a blob means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.bus import names
from streams.bus.counts import BusCounts
from streams.bus.errors import bounded
from streams.bus.publish import FIELD

DEAD_LETTERS_KEPT: Final = 100_000
"""About so many per stream; beyond, the oldest go. Whoever lets it come to this has had 100,000 warnings."""

BURY: Final = """#!lua flags=allow-oom
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*',
           'b', ARGV[4], 'reason', ARGV[5], 'detail', ARGV[6], 'id', ARGV[3], 'group', ARGV[2])
local done = redis.call('XACK', KEYS[1], ARGV[2], ARGV[3])
redis.call('INCRBY', KEYS[3], done)
return done
"""


ACK_ALL: Final = """#!lua flags=allow-oom
local done, some = 0, {}
for id in string.gmatch(ARGV[2], '%S+') do
  some[#some + 1] = id
  if #some == 1000 then
    done = done + redis.call('XACK', KEYS[1], ARGV[1], unpack(some))
    some = {}
  end
end
if #some > 0 then
  done = done + redis.call('XACK', KEYS[1], ARGV[1], unpack(some))
end
redis.call('INCRBY', KEYS[2], done)
return done
"""
"""All ids as one argument: the client spends a microsecond on each. A full server must take it: it drains by it. The
sum of all that was ever acknowledged is kept, see losses.py."""


class DeadReason(StrEnum):
    """Why the bus itself gives an entry up; readers add their own words."""

    TOO_MANY_DELIVERIES = "too_many_deliveries"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A Struct, for it is made for every event three times over: a third of a named tuple's cost."""

    id: str
    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """An entry handed out too often without an acknowledgement; it already lies in the dead letters."""

    entry: Entry
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    entries: tuple[Entry, ...]
    poisoned: tuple[Poison, ...]
    lost: tuple[str, ...]
    """Ids this group still owed an acknowledgement but which somebody deleted from the stream."""


class Consumer:
    """One member of a consumer group. Owns nothing but the position of its claim scan."""

    def __init__(
        self,
        redis: Redis,
        *,
        stream: str,
        group: str,
        name: str,
        max_deliveries: int = 5,
        timeout_s: float = 5.0,
        counts: BusCounts | None = None,
    ) -> None:
        self._redis = redis
        self.stream = stream
        self.group = group
        self.name = name
        self._max_deliveries = max_deliveries
        self._timeout_s = timeout_s
        self._claim_from = "0-0"
        self.counts = counts or BusCounts()

    @property
    def redis(self) -> Redis:
        return self._redis

    @property
    def sum_key(self) -> str:
        """How many entries the group has ever acknowledged, what was trimmed before it began included."""
        return names.acknowledged(self.stream, self.group)

    async def ensure_group(self) -> None:
        """Create stream and group if need be; a new group starts with the oldest entry there is."""
        async with bounded(self._timeout_s, f"creating group {self.group} of {self.stream}"):
            before = 0
            if await self._redis.exists(self.stream):
                info: Any = await self._redis.xinfo_stream(self.stream)
                before = int(info["entries-added"]) - int(info["length"])
            try:
                await self._redis.xgroup_create(self.stream, self.group, id="0", mkstream=True)
                await self._redis.set(self.sum_key, before)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def read(self, count: int, block_ms: int) -> list[Entry]:
        """Up to `count` entries nobody in the group has seen; waits up to `block_ms` (0: not at all)."""
        return await self._read(">", count, block_ms)

    async def read_own_pending(self, count: int, after: str = "0-0") -> list[Entry]:
        """What this consumer's name was given before and never acknowledged: the first thing after a restart."""
        return await self._read(after, count, 0)

    async def _read(self, start: str, count: int, block_ms: int) -> list[Entry]:
        block = block_ms if block_ms > 0 else None
        try:
            async with bounded(self._timeout_s + block_ms / 1000, f"reading {self.stream}"):
                answer: Any = await self._redis.xreadgroup(
                    self.group, self.name, {self.stream: start}, count=count, block=block
                )
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            # The server lost the group (restored from an older state, flushed): begin again with what it still has.
            self.counts.groups_recreated += 1
            await self.ensure_group()
            return []
        entries, _ = raw_entries(answer[0][1] if answer else ())
        self.counts.delivered += len(entries)
        return entries

    async def ack(self, ids: Sequence[str]) -> None:
        """The group is done with these, for good."""
        if not ids:
            return
        async with bounded(self._timeout_s, f"acknowledging on {self.stream}"):
            self.counts.acknowledged += int(
                await self._redis.eval(ACK_ALL, 2, self.stream, self.sum_key, self.group, " ".join(ids))
            )

    async def claim_stale(self, min_idle_ms: int, count: int) -> Claim:
        """Take over what other consumers were given at least `min_idle_ms` ago and did not acknowledge.

        Each call goes on where the last one stopped, so that repeated calls pass over everything pending.
        """
        async with bounded(self._timeout_s, f"claiming on {self.stream}"):
            answer = await self._redis.xautoclaim(
                self.stream, self.group, self.name, min_idle_ms, start_id=self._claim_from, count=count
            )
            self._claim_from = answer[0].decode()
            entries, gone = parse_entries(answer[1])
            lost = (*gone, *(entry_id.decode() for entry_id in answer[2]))
            deliveries = await self._deliveries(entries)
        self.counts.lost += len(lost)
        healthy: list[Entry] = []
        poisoned: list[Poison] = []
        for entry, times in zip(entries, deliveries, strict=True):
            if times <= self._max_deliveries:
                healthy.append(entry)
                continue
            await self.bury(entry, reason=DeadReason.TOO_MANY_DELIVERIES, detail=f"delivered {times} times")
            poisoned.append(Poison(entry=entry, deliveries=times))
        self.counts.claimed += len(healthy)
        return Claim(entries=tuple(healthy), poisoned=tuple(poisoned), lost=lost)

    async def _deliveries(self, entries: Sequence[Entry]) -> list[int]:
        if not entries:
            return []
        pipe = self._redis.pipeline(transaction=False)
        for entry in entries:
            pipe.xpending_range(self.stream, self.group, min=entry.id, max=entry.id, count=1)
        return [found[0]["times_delivered"] if found else 1 for found in await pipe.execute()]

    async def bury(self, entry: Entry, *, reason: str, detail: str = "") -> None:
        """Move an entry to the dead letters and acknowledge it, both or neither."""
        async with bounded(self._timeout_s, f"burying an entry of {self.stream}"):
            await self._redis.eval(
                BURY,
                3,
                self.stream,
                names.dead(self.stream),
                self.sum_key,
                DEAD_LETTERS_KEPT,
                self.group,
                entry.id,
                entry.blob,
                reason,
                detail[:500],
            )
        self.counts.dead_lettered += 1


class Follower:
    """Reads a stream outside of any group, for the one who keeps its own position (the floor and its snapshot)."""

    def __init__(self, redis: Redis, *, stream: str, timeout_s: float = 5.0, counts: BusCounts | None = None) -> None:
        self._redis = redis
        self.stream = stream
        self._timeout_s = timeout_s
        self.counts = counts or BusCounts()

    async def read_from(self, last_id: str, count: int, block_ms: int) -> list[Entry]:
        """Up to `count` entries after `last_id` ("0-0": from the oldest); waits up to `block_ms` for the first."""
        block = block_ms if block_ms > 0 else None
        async with bounded(self._timeout_s + block_ms / 1000, f"following {self.stream}"):
            answer: Any = await self._redis.xread({self.stream: last_id}, count=count, block=block)
        entries, _ = raw_entries(answer[0][1] if answer else ())
        self.counts.delivered += len(entries)
        return entries

    async def missed_after(self, last_id: str) -> bool:
        """Whether entries after `last_id` may have been deleted unread: a gap to be shown, not passed over.

        Our own trim always keeps the entry at the floor's position; if that one is gone, somebody else cut deeper.
        """
        async with bounded(self._timeout_s, f"inspecting {self.stream}"):
            if last_id != "0-0":
                return not await self._redis.xrange(self.stream, last_id, last_id, count=1)
            if not await self._redis.exists(self.stream):
                return False
            info: Any = await self._redis.xinfo_stream(self.stream)
        return bool(info["entries-added"] > info["length"])


def raw_entries(rows: Sequence[Any]) -> tuple[list[Entry], list[str]]:
    """Rows as the server sends them, `[id, [field, value, …]]`: entries, and ids whose body somebody deleted."""
    ours = [Entry(entry_id.decode(), fields[1]) for entry_id, fields in rows if fields and fields[0] == FIELD]
    if len(ours) == len(rows):
        return ours, []
    entries: list[Entry] = []
    gone: list[str] = []
    for entry_id, fields in rows:
        if fields is None:
            gone.append(entry_id.decode())
        else:
            # A foreign entry without our field decodes as nothing and is then refused, with its id, by the reader.
            found = dict(zip(fields[::2], fields[1::2], strict=False))
            entries.append(Entry(entry_id.decode(), found.get(FIELD, b"")))
    return entries, gone


def parse_entries(rows: Iterable[Any]) -> tuple[list[Entry], list[str]]:
    """Rows of XAUTOCLAIM: entries, and ids whose body somebody deleted."""
    entries: list[Entry] = []
    gone: list[str] = []
    for entry_id, fields in rows:
        if fields is None:
            gone.append(entry_id.decode())
        else:
            # A foreign entry without our field decodes as nothing and is then refused, with its id, by the reader.
            entries.append(Entry(entry_id.decode(), fields.get(FIELD, b"")))
    return entries, gone


def id_order(entry_id: str) -> tuple[int, int]:
    """Stream ids as the server orders them: `9-2` before `10-1`."""
    millis, _, number = entry_id.partition("-")
    return int(millis), int(number or 0)
