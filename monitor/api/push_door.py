"""The door for pushed events. In: a token, a body's bytes. Out: how many were taken; each refused one with its mend.

What is answered as accepted is durable: `accept` has returned. Any batch may be sent again: an event has its own id.
Mutable; owned by the web process. May not know: HTTP, WebSockets, the bus.
"""

import asyncio
import hmac
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from monitor.api.push_chat import ChatRedactor
from monitor.api.push_lines import NotABatch, event_id, kept_object, kept_text
from monitor.api.push_rate import Allowance
from monitor.api.push_words import (
    BatchAnswer,
    BatchRefused,
    DoorLimits,
    DoorReason,
    DoorSource,
    Keep,
    LineRefused,
    NotDurable,
    RefusedEvent,
    Sample,
    keep_none,
)
from streams.bus.errors import BusError
from streams.translate.push import Judged, RefusedLine
from streams.vocabulary.codec import encode
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis, SourceId

THREADED_BYTES: Final = 32 * 1024
"""Larger bodies are judged in a thread: the floor shares this loop."""
THREADED_EVENTS: Final = 50


@dataclass(slots=True)
class _Standing:
    """What the door remembers of one source."""

    allowance: Allowance
    chat: ChatRedactor = field(default_factory=ChatRedactor)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    recent: OrderedDict[str, int] = field(default_factory=OrderedDict)
    batches: int = 0
    sockets: int = 0
    sampled: int = 0
    sampled_minute: int = 0


@dataclass(slots=True)
class _Sifted:
    fresh: list[Event] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    reused: list[RefusedEvent] = field(default_factory=list)


class PushDoor:
    """Everything pushed goes through `take`, one batch of a source at a time, in order."""

    def __init__(
        self,
        sources: Sequence[DoorSource],
        *,
        clock: Callable[[], Millis],
        limits: DoorLimits | None = None,
        keep: Keep = keep_none,
    ) -> None:
        self.limits = limits or DoorLimits()
        self.sources = {source.id: source for source in sources}
        self.accepted: Counter[str] = Counter()
        self.duplicates: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        """By (source, reason): lines, and whole batches under the door's own reasons; source "" is nobody's."""
        self.samples_lost = 0
        self._keep = keep
        self._clock = clock
        self._digests = {source.id: sha256(source.token.encode()).digest() for source in sources if source.token}
        self._standing = {source.id: self._new_standing() for source in sources}

    def _new_standing(self) -> _Standing:
        limits = self.limits
        return _Standing(Allowance(per_s=limits.events_per_s, most=limits.events_at_once, now=self._clock()))

    # ---- who comes ---------------------------------------------------------------------------------------------------
    def admit(self, token: str, named: str) -> DoorSource | BatchRefused:
        """The source this token may speak for; `named` chooses where one token is of several."""
        if not self.sources:
            return self.refuse("", DoorReason.NOBODY_PUSHES, "no source is pushed", "add a [[source]] of kind push")
        if not token:
            mend = "send the header Authorization: Bearer TOKEN, the token of the source"
            return self.refuse("", DoorReason.NO_BEARER, "no bearer token", mend)
        offered = sha256(token.encode("utf-8", "surrogateescape")).digest()
        # every digest is compared: the time tells nothing of which came near
        fitting = [name for name, digest in self._digests.items() if hmac.compare_digest(digest, offered)]
        if not fitting:
            return self.refuse("", DoorReason.WRONG_BEARER, "the token is of no source", "check the source's token")
        if named:
            if SourceId(named) in fitting:
                return self.sources[SourceId(named)]
            return self.refuse("", DoorReason.WRONG_SOURCE, "the token is not of this source", "name your own source")
        if len(fitting) > 1:
            mend = f"add ?source=NAME, one of {', '.join(sorted(fitting))}"
            return self.refuse("", DoorReason.SOURCE_NOT_NAMED, "the token is of several sources", mend)
        return self.sources[fitting[0]]

    def enter(self, source: DoorSource) -> BatchRefused | None:
        """Before a body is read; None: read it, and `leave` afterwards."""
        standing = self._standing[source.id]
        wait_ms = standing.allowance.wait_ms(self._clock())
        if wait_ms:
            wait_s = -(-wait_ms // 1000)
            detail = f"more than {self.limits.events_per_s} events a second"
            return self.refuse(source.id, DoorReason.TOO_MANY_EVENTS, detail, "send slower", retry_after_s=wait_s)
        if standing.batches >= self.limits.batches_at_once:
            detail = f"{standing.batches} batches at once"
            mend = "send one batch after another"
            return self.refuse(source.id, DoorReason.TOO_MANY_BATCHES, detail, mend, retry_after_s=1)
        standing.batches += 1
        return None

    def leave(self, source: DoorSource) -> None:
        self._standing[source.id].batches -= 1

    def open_socket(self, source: DoorSource) -> BatchRefused | None:
        standing = self._standing[source.id]
        if standing.sockets >= self.limits.sockets:
            mend = "close the sockets you do not use"
            return self.refuse(
                source.id, DoorReason.TOO_MANY_SOCKETS, f"{standing.sockets} are open", mend, retry_after_s=30
            )
        standing.sockets += 1
        return None

    def close_socket(self, source: DoorSource) -> None:
        self._standing[source.id].sockets -= 1

    def open_sockets(self) -> int:
        return sum(one.sockets for one in self._standing.values())

    def redacted_messages(self) -> int:
        """Chat messages in which something was hidden."""
        return sum(one.chat.hidden for one in self._standing.values())

    # ---- what they bring ---------------------------------------------------------------------------------------------
    async def take(self, source: DoorSource, body: bytes) -> BatchAnswer | BatchRefused:
        """Judge, redact, keep. Never raises on what was sent; a refusal has taken nothing."""
        try:
            lines = source.unpack(body)
        except NotABatch as error:
            return self.refuse(source.id, DoorReason.NOT_A_BATCH, str(error)[:200], "see docs/push.md for the forms")
        told = sum(1 for line in lines if line.strip())
        self._standing[source.id].allowance.spend(max(told, 1))
        if not told:
            return self.refuse(source.id, DoorReason.NOTHING_SENT, "no line in it", "send one JSON object a line")
        if told > self.limits.lines:
            mend = f"send at most {self.limits.lines} events in a batch"
            return self.refuse(source.id, DoorReason.BATCH_TOO_LONG, f"{told} events", mend)
        async with self._standing[source.id].lock:
            return await self._take(source, lines)

    async def _take(self, source: DoorSource, lines: Sequence[bytes]) -> BatchAnswer | BatchRefused:
        judged = await self._judged(source, lines)
        sifted = self._sift(source, judged, lines)
        refused = [*(_named(line, lines) for line in judged.refused), *sifted.reused]
        if fault := await self._accept(source, await self._redacted(source, sifted.fresh)):
            return fault
        self._remember(source, sifted.marks)
        self.accepted[source.id] += len(sifted.fresh)
        self.duplicates[source.id] += sifted.duplicates
        for one in refused:
            self.refused[(source.id, one.reason)] += 1
        await self._sample(source, refused, lines)
        if refused and not sifted.fresh and not sifted.duplicates:
            mend = "mend what each refused line says"
            answer = self.refuse(source.id, DoorReason.NOTHING_USABLE, "every line was refused", mend)
            return replace(answer, refused=tuple(refused))
        refused.sort(key=lambda one: one.line)
        return BatchAnswer(accepted=len(sifted.fresh), duplicates=sifted.duplicates, refused=tuple(refused))

    async def _judged(self, source: DoorSource, lines: Sequence[bytes]) -> Judged:
        body = b"\n".join(lines)
        if len(body) < THREADED_BYTES or not source.threaded:
            return source.judge(body, self._clock())
        return await asyncio.to_thread(source.judge, body, self._clock())

    async def _redacted(self, source: DoorSource, events: Sequence[Event]) -> Sequence[Event]:
        """Under the source's lock: its redactor remembers the last messages."""
        chat = self._standing[source.id].chat
        if len(events) < THREADED_EVENTS:
            return chat.redacted(events)
        return await asyncio.to_thread(chat.redacted, events)

    def _sift(self, source: DoorSource, judged: Judged, lines: Sequence[bytes]) -> _Sifted:
        """Tell the new from what was taken before; one number told with two contents is a fault of the pusher."""
        recent, sifted = self._standing[source.id].recent, _Sifted()
        places = _places(judged, lines)
        for place, event in zip(places, judged.events, strict=True):
            mark = hash(encode(event))
            known = sifted.marks.get(event.id, recent.get(event.id))
            if known is None:
                sifted.fresh.append(event)
                sifted.marks[event.id] = mark
            elif known == mark or not source.own_ids:
                sifted.duplicates += 1
            else:
                line = RefusedLine(
                    line=place,
                    reason=LineRefused.ID_REUSED,
                    detail=f"seq {event.seq} was another event before",
                    mend="give each event its own seq; a correction is a contact_corrected with a new one",
                )
                sifted.reused.append(_refused(line, event.id))
        return sifted

    async def _accept(self, source: DoorSource, events: Sequence[Event]) -> BatchRefused | None:
        if not events:
            return None
        try:
            async with asyncio.timeout(self.limits.accept_timeout_s):
                await source.accept(events)
        except (BusError, NotDurable, OSError) as error:  # a timeout is an OSError
            source.undone(self._clock())
            mend = "send the same batch again later; nothing of it counts as taken, a second copy is harmless"
            detail = str(error) or "nobody confirmed in time that the events are kept"
            return self.refuse(source.id, DoorReason.NOT_DURABLE, detail[:200], mend, retry_after_s=5)
        return None

    def _remember(self, source: DoorSource, marks: dict[str, int]) -> None:
        recent = self._standing[source.id].recent
        recent.update(marks)
        while len(recent) > self.limits.recent_ids:
            recent.popitem(last=False)

    async def again(self, source: DoorSource, line: bytes) -> BatchAnswer | BatchRefused:
        """A refused line once more, after something was mended."""
        async with self._standing[source.id].lock:
            judged = await self._judged(source, [line])
            refused = tuple(_named(one, [line]) for one in judged.refused)
            if refused or not judged.events:
                mend = "mend the mapping or the limit first, or discard it"
                return BatchRefused(
                    reason=DoorReason.NOTHING_USABLE, detail="it is refused as before", mend=mend, refused=refused
                )
            fault = await self._accept(source, await self._redacted(source, judged.events))
            return fault or BatchAnswer(accepted=len(judged.events), duplicates=0, refused=())

    # ---- what is counted ---------------------------------------------------------------------------------------------
    def refuse(
        self, source: str, reason: DoorReason, detail: str, mend: str, *, retry_after_s: int | None = None
    ) -> BatchRefused:
        self.refused[(source, reason)] += 1
        return BatchRefused(reason=reason, detail=detail, mend=mend, retry_after_s=retry_after_s)

    async def _sample(self, source: DoorSource, refused: Sequence[RefusedEvent], lines: Sequence[bytes]) -> None:
        """A few refused lines a minute are kept for a person; the counters have them all."""
        standing, now = self._standing[source.id], self._clock()
        if now // 60_000 != standing.sampled_minute:
            standing.sampled, standing.sampled_minute = 0, now // 60_000
        room = self.limits.samples_per_minute - standing.sampled
        chosen = [one for one in refused[: max(room, 0)] if one.line]
        if not chosen:
            return
        standing.sampled += len(chosen)
        try:
            await self._keep([_sample(source.id, one, lines[one.line - 1], now) for one in chosen])
        except (BusError, OSError):  # the refusal itself was answered and counted
            self.samples_lost += len(chosen)


def _places(judged: Judged, lines: Sequence[bytes]) -> Sequence[int]:
    """The line of each event, where one line is one event; else 0, not known."""
    refused = {one.line for one in judged.refused}
    places = [number for number, line in enumerate(lines, start=1) if line.strip() and number not in refused]
    return places if len(places) == len(judged.events) else [0] * len(judged.events)


def _named(line: RefusedLine, lines: Sequence[bytes]) -> RefusedEvent:
    return _refused(line, event_id(lines[line.line - 1]) if 0 < line.line <= len(lines) else "")


def _refused(line: RefusedLine, named: str) -> RefusedEvent:
    return RefusedEvent(line=line.line, id=named, reason=line.reason, detail=line.detail, mend=line.mend)


def _sample(source: SourceId, one: RefusedEvent, line: bytes, now: Millis) -> Sample:
    kept = kept_object(line)
    blob = kept_text(line) if kept is None else kept
    return Sample(source=source, at=now, reason=one.reason, detail=one.detail, blob=blob, again=kept is not None)
