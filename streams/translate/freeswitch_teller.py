"""What every reader of FreeSWITCH's events shares: open calls, agents' books, the moment, and the way to tell an event.

In: readers' calls. Out: `Event`s numbered in order. One per source, owned by its translator. May not know: what a
message means.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from streams.translate.freeswitch_agents import AgentBook, Books, Stance
from streams.translate.freeswitch_calls import Calls, Visit
from streams.vocabulary.events import (
    AgentNotReady,
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    Event,
    WrapUpEnded,
    WrapUpStarted,
)
from streams.vocabulary.ids import AgentId, Millis, SiteId, SourceId
from streams.vocabulary.states import Witness

_NEVER: Final = Millis(0)


@dataclass(slots=True, kw_only=True)
class Teller:
    site: SiteId
    source: SourceId
    calls: Calls = field(default_factory=Calls)
    books: Books = field(default_factory=dict)
    untold: Counter[str] = field(default_factory=Counter)
    """Messages that fit nothing open, by kind: before the capture, or in a gap."""
    noticed: Counter[str] = field(default_factory=Counter)
    """Things that are no event of ours: somebody listened in, a timeout after an answer, a restart."""
    blind: bool = True
    """Nobody listened for a while, and no picture has been told since."""
    at: Millis = _NEVER
    stamp_ms: int = 0
    """the same moment by the switch's own clock: durations are differences of these"""
    seq: int = 0
    witness: Witness = Witness.WIRE
    out: list[Event] = field(default_factory=list)

    def tell(self, kind: Callable[..., Event], **fields: Any) -> None:
        self.seq += 1
        self.out.append(
            kind(at=self.at, site=self.site, source=self.source, seq=self.seq, witness=self.witness, **fields)
        )

    def tell_of(self, kind: Callable[..., Event], visit: Visit, **fields: Any) -> None:
        self.tell(kind, contact=visit.contact, leg=visit.leg, queue=visit.queue, **fields)

    def take(self) -> list[Event]:
        out, self.out = self.out, []
        return out

    def book(self, agent: AgentId) -> AgentBook:
        """Of an agent an event speaks of."""
        book = self.books.get(agent)
        if book is None:
            book = self.books[agent] = AgentBook()
        book.touched = self.at
        return book

    def tell_stance(self, agent: AgentId, book: AgentBook) -> None:
        """Tell what changed of the whole agent; nothing, where the switch only repeats itself."""
        if book.status is None:
            return  # nothing is known before the first list, or status event
        now = book.stance(self.at)
        before = book.told_by(self.at)
        if now != before:
            self._tell_change(agent, book, before, now)
        book.told = now
        self._tell_wrap_up(agent, book, now)

    def _tell_change(self, agent: AgentId, book: AgentBook, before: Stance | None, now: Stance) -> None:
        if not now.signed_in:
            self.tell(AgentSignedOut, agent=agent, reason=now.reason or "")
            return
        if before is None or not before.signed_in:
            self.tell(
                AgentSignedIn,
                agent=agent,
                extension=book.extension,
                not_ready=now.reason is not None,
                reason=now.reason or "",
            )
            if now.until is not None:
                self.tell(AgentNotReady, agent=agent, reason=now.reason or "", until=now.until)
        elif now.reason is None:
            self.tell(AgentReady, agent=agent)
        else:
            self.tell(AgentNotReady, agent=agent, reason=now.reason, until=now.until)

    def _tell_wrap_up(self, agent: AgentId, book: AgentBook, now: Stance) -> None:
        """Wrap-up is shown only while the agent is there to be offered a contact, as `agent list` would have it."""
        wrap_up = book.wrap_up
        if wrap_up is None:
            return
        if wrap_up.until <= self.at:
            book.wrap_up = None
        elif now.signed_in and now.reason is None and wrap_up.contact and not wrap_up.told:
            wrap_up.told = True
            self.tell(
                WrapUpStarted,
                agent=agent,
                queue=wrap_up.queue,
                contact=wrap_up.contact,
                leg=wrap_up.leg,
                until=wrap_up.until,
            )
        elif wrap_up.told and not (now.signed_in and now.reason is None):
            wrap_up.told = False
            self.tell(WrapUpEnded, agent=agent)
