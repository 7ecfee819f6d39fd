"""Where watches, book and outbox live: a Redis hash each, written together. In: decisions. Out: what survived.

Keys: `alerts:{site}:watches`, `…:outbox`, `…:book`, `…:damaged` (hashes), `…:attempts`, `…:dead` (lists, newest first,
capped). The braces keep them in one slot of a Redis Cluster. May not know: rules, senders.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import msgspec
import structlog
from msgspec import Struct
from redis.asyncio import Redis

from alerts.board import WatchKey
from alerts.book import Book, Pages, opened
from alerts.evaluate import Watch
from alerts.outbox import Entry, TellChannel
from alerts.outbox import decode as decode_entry
from alerts.outbox import encode as encode_entry
from alerts.senders.channel import Attempt
from streams.bus.errors import FencedOff, bounded
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import SiteId

log = structlog.get_logger()

T = TypeVar("T")
Name = TypeVar("Name")

ATTEMPTS_KEPT = 500
DEAD_KEPT = 1000
ASIDE_KEPT_S: Final = 30 * 86_400
NO_PAGES: Final = Pages()

_encode = msgspec.msgpack.Encoder().encode
_decode_watch = msgspec.msgpack.Decoder(Watch).decode
_decode_attempt = msgspec.msgpack.Decoder(Attempt).decode


class DeadLetter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that was given up, whole, with the last that came back."""

    entry: TellChannel
    attempt: Attempt


_decode_dead = msgspec.msgpack.Decoder(DeadLetter).decode


class Damaged(StrEnum):
    """What was stored and cannot be read."""

    WATCH = "watch_damaged"
    """its alert is over for those who were told of it; a breach that goes on fires anew"""
    MESSAGE = "message_damaged"
    """it is not sent"""
    BOOK = "book_damaged"
    """who was told of it may be told again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    watches: Mapping[WatchKey, Watch]
    outbox: tuple[Entry, ...]
    """in the order it has to be said"""
    book: Book = field(default_factory=Book)
    damaged: Mapping[Damaged, int] = field(default_factory=dict)
    """how many of what another version wrote, or a disk spoiled: set aside"""


class Fence(Protocol):
    """A lease with its token (streams/bus/lease.py); None: not ours."""

    @property
    def fence(self) -> str: ...

    @property
    def token(self) -> str | None: ...


class AlertStore(Protocol):
    """Port. Each method is atomic: wholly done or not at all, and not at all once another engine has the lease."""

    async def load(self) -> Saved: ...

    async def commit(
        self,
        *,
        watches: Collection[Watch],
        forget: Collection[WatchKey],
        outbox: Collection[Entry],
        book: Pages = NO_PAGES,
    ) -> None: ...

    async def said(self, entries: Collection[Entry]) -> None:
        """The bus or the channel has it."""

    async def still_ours(self) -> None:
        """Asked before anything leaves the house. Raises FencedOff."""

    async def tried(self, attempt: Attempt) -> None: ...

    async def bury(self, letter: DeadLetter) -> None:
        """Out of the outbox, into the dead letters."""


APPLY: Final = """#!lua flags=allow-oom
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local at = 2
while at <= #ARGV do
  local size = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + size))
  at = at + size + 1
end
return 1
"""
"""Commands one after the other, each with its length before it; none of them unless the token of the fence, if there is
one, is still the newest."""


class RedisAlertStore:
    """An AlertStore over a `redis.asyncio` client (streams.bus.connection makes one). Raises BusError."""

    def __init__(self, redis: Redis, *, site: SiteId, timeout_s: float = 5.0, fence: Fence | None = None) -> None:
        """`fence`: the lease under which an engine writes; who only reads needs none."""
        self._redis = redis
        self._fence = fence
        self._site = site
        self._timeout_s = timeout_s
        self._watches = f"alerts:{{{site}}}:watches"
        self._outbox = f"alerts:{{{site}}}:outbox"
        self._book = f"alerts:{{{site}}}:book"
        self._attempts = f"alerts:{{{site}}}:attempts"
        self._dead = f"alerts:{{{site}}}:dead"
        self._aside = f"alerts:{{{site}}}:damaged"

    async def load(self) -> Saved:
        # no transaction: a full server refuses every command of one, reading ones too
        async with bounded(self._timeout_s, "loading alerts"), self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(self._watches)
            pipe.hgetall(self._outbox)
            pipe.hgetall(self._book)
            watches, outbox, book = await pipe.execute()
        found, bad_watches = _readable(watches, _decode_watch)
        entries, bad_entries = _readable(outbox, decode_entry)
        told, bad_pages = opened(book)
        await self._set_aside(Damaged.WATCH, self._watches, {name: watches[name] for name in bad_watches})
        await self._set_aside(Damaged.MESSAGE, self._outbox, {name: outbox[name] for name in bad_entries})
        await self._set_aside(Damaged.BOOK, self._book, {name: book[name] for name in bad_pages})
        bad = {Damaged.WATCH: bad_watches, Damaged.MESSAGE: bad_entries, Damaged.BOOK: bad_pages}
        return Saved(
            watches={(watch.rule, watch.scope): watch for watch in found},
            outbox=tuple(sorted(entries, key=lambda entry: entry.order)),
            book=told,
            damaged={what: len(names) for what, names in bad.items() if names},
        )

    async def _set_aside(self, what: Damaged, key: str, blobs: Mapping[bytes, bytes]) -> None:
        """Kept for a month for whoever looks into it; one that stayed would stop every engine to come."""
        if not blobs:
            return
        log.error("stored_alerts_damaged", site=self._site, what=what.value, fields=len(blobs), kept=self._aside)
        await self._apply(
            "setting aside what cannot be read",
            *[("HSET", self._aside, f"{what.value}/".encode() + name, blob) for name, blob in blobs.items()],
            *[("HDEL", key, name) for name in blobs],
            ("EXPIRE", self._aside, str(ASIDE_KEPT_S)),
        )

    async def commit(
        self,
        *,
        watches: Collection[Watch],
        forget: Collection[WatchKey],
        outbox: Collection[Entry],
        book: Pages = NO_PAGES,
    ) -> None:
        await self._apply(
            "saving alerts",
            *[("HSET", self._watches, _field((watch.rule, watch.scope)), _encode(watch)) for watch in watches],
            *[("HDEL", self._watches, _field(key)) for key in forget],
            *[("HSET", self._outbox, entry.key, encode_entry(entry)) for entry in outbox],
            *[("HSET", self._book, name, blob) for name, blob in book.put.items()],
            *[("HDEL", self._book, name) for name in book.remove],
        )

    async def said(self, entries: Collection[Entry]) -> None:
        await self._apply("ticking off messages", ("HDEL", self._outbox, *[entry.key for entry in entries]))

    async def still_ours(self) -> None:
        if self._fence is not None:
            await self._run("asking who tells", ())

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
        if commands:
            await self._run(doing, commands)

    async def _run(self, doing: str, commands: Sequence[tuple[str | bytes, ...]]) -> None:
        fenced = [] if self._fence is None else [self._fence.fence]
        token = "" if self._fence is None else self._fence.token
        flat = [part for command in commands for part in (str(len(command)), *command)]
        keys = [*fenced, *sorted({str(command[1]) for command in commands})] or [self._watches]
        done = 0
        if token is not None:
            async with bounded(self._timeout_s, doing):
                done = await self._redis.eval(APPLY, len(keys), *keys, token, *flat)
        if not done:
            raise FencedOff(
                f"another engine watches the alerts of {self._site} ({doing})",
                mend="nothing to do: this one begins anew when it has the lease",
            )

    async def attempts(self) -> list[Attempt]:
        """Newest first; for the page."""
        async with bounded(self._timeout_s, "reading attempts"), self._redis.pipeline(transaction=False) as pipe:
            pipe.lrange(self._attempts, 0, -1)
            (blobs,) = await pipe.execute()
        return _readable(dict(enumerate(blobs)), _decode_attempt)[0]

    async def dead_letters(self) -> list[DeadLetter]:
        """Newest first; for the page."""
        async with bounded(self._timeout_s, "reading dead letters"), self._redis.pipeline(transaction=False) as pipe:
            pipe.lrange(self._dead, 0, -1)
            (blobs,) = await pipe.execute()
        return _readable(dict(enumerate(blobs)), _decode_dead)[0]


def _readable(blobs: Mapping[Name, bytes], decode: Callable[[bytes], T]) -> tuple[list[T], list[Name]]:
    """What can be read, and the names of the rest."""
    found, bad = [], []
    for name, blob in blobs.items():
        try:
            found.append(decode(blob))
        except UNREADABLE:
            bad.append(name)
    return found, bad


def _field(key: WatchKey) -> str:
    return "|".join(key)
