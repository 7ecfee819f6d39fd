"""Where watches and the outbox live: one Redis hash each, written together. In: decisions. Out: what survived.

Keys: `alerts:{site}:watches`, `…:outbox` (hashes), `…:attempts`, `…:dead` (lists, newest first, capped). The braces
keep them in one slot of a Redis Cluster. May not know: rules, senders.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
from msgspec import Struct
from redis.asyncio import Redis

from alerts.board import WatchKey
from alerts.evaluate import Watch
from alerts.outbox import Entry, TellChannel
from alerts.outbox import decode as decode_entry
from alerts.outbox import encode as encode_entry
from alerts.senders.channel import Attempt
from streams.bus.errors import bounded
from streams.vocabulary.ids import SiteId

ATTEMPTS_KEPT = 500
DEAD_KEPT = 1000

_encode = msgspec.msgpack.Encoder().encode
_decode_watch = msgspec.msgpack.Decoder(Watch).decode
_decode_attempt = msgspec.msgpack.Decoder(Attempt).decode


class DeadLetter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that was given up, whole, with the last that came back."""

    entry: TellChannel
    attempt: Attempt


_decode_dead = msgspec.msgpack.Decoder(DeadLetter).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    watches: Mapping[WatchKey, Watch]
    outbox: tuple[Entry, ...]
    """in the order it has to be said"""


class AlertStore(Protocol):
    """Port. Each method is atomic: wholly done or not at all."""

    async def load(self) -> Saved: ...

    async def commit(
        self, *, watches: Collection[Watch], forget: Collection[WatchKey], outbox: Collection[Entry]
    ) -> None: ...

    async def said(self, entry: Entry) -> None:
        """The bus or the channel has it."""

    async def tried(self, attempt: Attempt) -> None: ...

    async def bury(self, letter: DeadLetter) -> None:
        """Out of the outbox, into the dead letters."""


APPLY: Final = """#!lua flags=allow-oom
local at = 1
while at <= #ARGV do
  local size = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + size))
  at = at + size + 1
end
return 1
"""
"""Commands one after the other, each with its length before it."""


class RedisAlertStore:
    """An AlertStore over a `redis.asyncio` client (streams.bus.connection makes one). Raises BusError."""

    def __init__(self, redis: Redis, *, site: SiteId, timeout_s: float = 5.0) -> None:
        self._redis = redis
        self._timeout_s = timeout_s
        self._watches = f"alerts:{{{site}}}:watches"
        self._outbox = f"alerts:{{{site}}}:outbox"
        self._attempts = f"alerts:{{{site}}}:attempts"
        self._dead = f"alerts:{{{site}}}:dead"

    async def load(self) -> Saved:
        # no transaction: a full server refuses every command of one, reading ones too
        async with bounded(self._timeout_s, "loading alerts"), self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(self._watches)
            pipe.hgetall(self._outbox)
            watches, outbox = await pipe.execute()
        entries = [decode_entry(blob) for blob in outbox.values()]
        found = [_decode_watch(blob) for blob in watches.values()]
        return Saved(
            watches={(watch.rule, watch.scope): watch for watch in found},
            outbox=tuple(sorted(entries, key=lambda entry: entry.order)),
        )

    async def commit(
        self, *, watches: Collection[Watch], forget: Collection[WatchKey], outbox: Collection[Entry]
    ) -> None:
        await self._apply(
            "saving alerts",
            *[("HSET", self._watches, _field((watch.rule, watch.scope)), _encode(watch)) for watch in watches],
            *[("HDEL", self._watches, _field(key)) for key in forget],
            *[("HSET", self._outbox, entry.key, encode_entry(entry)) for entry in outbox],
        )

    async def said(self, entry: Entry) -> None:
        await self._apply("ticking off a message", ("HDEL", self._outbox, entry.key))

    async def tried(self, attempt: Attempt) -> None:
        await self._apply(
            "recording an attempt",
            ("LPUSH", self._attempts, _encode(attempt)),
            ("LTRIM", self._attempts, "0", str(ATTEMPTS_KEPT - 1)),
        )

    async def bury(self, letter: DeadLetter) -> None:
        await self._apply(
            "burying a message",
            ("HDEL", self._outbox, letter.entry.key),
            ("LPUSH", self._dead, _encode(letter)),
            ("LTRIM", self._dead, "0", str(DEAD_KEPT - 1)),
        )

    async def _apply(self, doing: str, *commands: tuple[str | bytes, ...]) -> None:
        """All of them or none, and on a full server too: that it is full is one of the things to be told."""
        if not commands:
            return
        flat = [part for command in commands for part in (str(len(command)), *command)]
        keys = sorted({str(command[1]) for command in commands})
        async with bounded(self._timeout_s, doing):
            await self._redis.eval(APPLY, len(keys), *keys, *flat)

    async def attempts(self) -> list[Attempt]:
        """Newest first; for the page."""
        async with bounded(self._timeout_s, "reading attempts"), self._redis.pipeline(transaction=False) as pipe:
            pipe.lrange(self._attempts, 0, -1)
            (blobs,) = await pipe.execute()
        return [_decode_attempt(blob) for blob in blobs]

    async def dead_letters(self) -> list[DeadLetter]:
        """Newest first; for the page."""
        async with bounded(self._timeout_s, "reading dead letters"), self._redis.pipeline(transaction=False) as pipe:
            pipe.lrange(self._dead, 0, -1)
            (blobs,) = await pipe.execute()
        return [_decode_dead(blob) for blob in blobs]


def _field(key: WatchKey) -> str:
    return "|".join(key)
