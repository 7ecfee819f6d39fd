"""The desk for dead letters. In: a stream's name, a letter's id. Out: letters as people see them, what became of one.

Letters of the bus go back to their stream; a refused push is judged once more by the door. Only streams it was given
may be named. May not know: HTTP, HTML.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from monitor.api.dead_preview import preview
from monitor.api.push_door import PushDoor
from monitor.api.push_words import BatchRefused, DoorReason, Keep, Sample
from streams.bus.dead import DeadLetters, Letter, Redriven, Tally
from streams.vocabulary.ids import SourceId

PUSHED: Final = "push"
"""Refused lines of pushed batches; no stream has them."""
PUSHED_KEPT: Final = 2_000


class DeadRefused(StrEnum):
    """Why a letter stays, or none is shown."""

    UNKNOWN_STREAM = "unknown_stream"
    NO_LETTER = "no_letter"
    NOTHING_IN_IT = "nothing_in_it"
    NOT_AGAIN = "not_again"
    SOURCE_GONE = "source_gone"
    REFUSED_AGAIN = "refused_again"
    NOT_KEPT_NOW = "not_kept_now"


MENDS: Final[Mapping[DeadRefused, str]] = {
    DeadRefused.UNKNOWN_STREAM: "name one of the streams that /api/v1/dead tells",
    DeadRefused.NO_LETTER: "look again: somebody re-drove or discarded it, or it was too old to be kept",
    DeadRefused.NOTHING_IN_IT: "discard it: it holds nothing that could be read",
    DeadRefused.NOT_AGAIN: "discard it: what was sent is no JSON object, whatever is mended here",
    DeadRefused.SOURCE_GONE: "configure the source it came from, or discard it",
    DeadRefused.REFUSED_AGAIN: "mend the mapping or the limit first, or discard it",
    DeadRefused.NOT_KEPT_NOW: "try again when the bus is back",
}


class DeadFault(msgspec.Struct, frozen=True, kw_only=True):
    reason: DeadRefused
    detail: str
    mend: str


class DeadLetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. `at`: when it was given up. `preview`: what it holds, decoded where it can be, cut."""

    id: str
    stream: str
    at: int
    reason: str
    detail: str
    source: str
    group: str
    size: int
    preview: str
    again: bool
    """Whether re-driving it can make sense."""


class DeadPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. `next`: give it as `before` for older ones, "" at the end. `reasons` over the newest `counted`."""

    stream: str
    letters: int
    counted: int
    reasons: dict[str, int]
    rows: tuple[DeadLetterRow, ...]
    next: str


class DeadDone(msgspec.Struct, frozen=True, kw_only=True):
    """`letters`: how many went."""

    done: str
    letters: int


class DeadDesk:
    """Raises BusError. Mutable counters; owned by the web process."""

    def __init__(self, letters: DeadLetters, *, streams: Sequence[str], door: PushDoor | None = None) -> None:
        self._letters = letters
        self._door = door
        self.streams = (*streams, PUSHED) if door is not None else tuple(streams)
        self.counts: Counter[str] = Counter()

    async def tallies(self) -> list[Tally]:
        return [await self._letters.tally(stream) for stream in self.streams]

    async def page(
        self, stream: str, *, limit: int, before: str = "", reason: str = "", tally: Tally | None = None
    ) -> DeadPage | DeadFault:
        """`tally`: where it is known already."""
        if stream not in self.streams:
            return fault(DeadRefused.UNKNOWN_STREAM, ", ".join(self.streams))
        found = await self._letters.page(stream, limit=limit + 1, before=before, reason=reason)
        told = tally or await self._letters.tally(stream)
        return DeadPage(
            stream=stream,
            letters=told.letters,
            counted=told.counted,
            reasons=dict(told.reasons),
            rows=tuple(row(letter) for letter in found[:limit]),
            next=found[limit - 1].id if len(found) > limit else "",
        )

    async def redrive(self, stream: str, letter: str) -> DeadDone | DeadFault:
        if stream not in self.streams:
            return fault(DeadRefused.UNKNOWN_STREAM, ", ".join(self.streams))
        if stream == PUSHED:
            return await self._push_again(letter)
        match await self._letters.redrive(stream, letter):
            case Redriven.REDRIVEN:
                return self._done("redriven", 1)
            case Redriven.GONE:
                return fault(DeadRefused.NO_LETTER)
            case Redriven.EMPTY:
                return fault(DeadRefused.NOTHING_IN_IT)

    async def redrive_reason(self, stream: str, reason: str) -> DeadDone | DeadFault:
        """Every letter of this reason that lies there now."""
        if stream not in self.streams:
            return fault(DeadRefused.UNKNOWN_STREAM, ", ".join(self.streams))
        if stream != PUSHED:
            return self._done("redriven", await self._letters.redrive_reason(stream, reason))
        waiting = await self._letters.page(stream, limit=PUSHED_KEPT, reason=reason)
        moved, last = 0, None
        for letter in reversed(waiting):
            answer = await self._push_again(letter.id)
            moved += isinstance(answer, DeadDone)
            last = answer if isinstance(answer, DeadFault) else last
        return last if last is not None and not moved else DeadDone(done="redriven", letters=moved)

    async def discard(self, stream: str, letter: str) -> DeadDone | DeadFault:
        if stream not in self.streams:
            return fault(DeadRefused.UNKNOWN_STREAM, ", ".join(self.streams))
        if not await self._letters.discard(stream, letter):
            return fault(DeadRefused.NO_LETTER)
        return self._done("discarded", 1)

    async def _push_again(self, name: str) -> DeadDone | DeadFault:
        """Judged as any other; taken, it leaves. A second copy after a fault in between is harmless: it has its id."""
        letter = await self._letters.get(PUSHED, name)
        if letter is None:
            return fault(DeadRefused.NO_LETTER)
        if not _may_again(letter):
            return fault(DeadRefused.NOT_AGAIN)
        source = self._door.sources.get(SourceId(letter.more.get("source", ""))) if self._door else None
        if source is None or self._door is None:
            return fault(DeadRefused.SOURCE_GONE, letter.more.get("source", ""))
        answer = await self._door.again(source, letter.blob)
        if isinstance(answer, BatchRefused):
            refused = "; ".join(f"{one.reason}: {one.detail}" for one in answer.refused)
            late = answer.reason is DoorReason.NOT_DURABLE
            return fault(DeadRefused.NOT_KEPT_NOW if late else DeadRefused.REFUSED_AGAIN, refused or answer.detail)
        await self._letters.discard(PUSHED, name)
        return self._done("redriven", 1)

    def _done(self, what: str, letters: int) -> DeadDone:
        self.counts[what] += letters
        return DeadDone(done=what, letters=letters)


def fault(reason: DeadRefused, detail: str = "") -> DeadFault:
    return DeadFault(reason=reason, detail=detail, mend=MENDS[reason])


def row(letter: Letter) -> DeadLetterRow:
    return DeadLetterRow(
        id=letter.id,
        stream=letter.stream,
        at=letter.at,
        reason=letter.reason,
        detail=letter.detail,
        source=letter.more.get("source", ""),
        group=letter.group,
        size=len(letter.blob),
        preview=preview(letter.blob),
        again=_may_again(letter),
    )


def _may_again(letter: Letter) -> bool:
    return bool(letter.blob) and letter.more.get("again", "1") == "1"


def keeper(letters: DeadLetters) -> Keep:
    """Where the door's refused lines go, to be looked at and tried again."""

    async def keep(samples: Sequence[Sample]) -> None:
        await letters.keep(PUSHED, [_fields(sample) for sample in samples], most=PUSHED_KEPT)

    return keep


def _fields(sample: Sample) -> dict[str, str | bytes]:
    return {
        "b": sample.blob,
        "reason": sample.reason,
        "detail": sample.detail[:500],
        "source": sample.source,
        "again": "1" if sample.again else "0",
    }
