"""Which rollup slots must be counted anew. In: facts and events. Out: `Slot`s, their names, runs of them.

A slot is named by where base rows come from (their own quarter of an hour), not by where they count: whatever a row's
newest version moved, counting its origin anew puts right. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from streams.vocabulary.events import ContactMessage, Event, SwitchTallied
from streams.vocabulary.facts import ContactLeg, Fact, StateInterval
from streams.vocabulary.ids import Millis, SiteId
from streams.warehouse.rollup_sql import ORIGIN_S, Part

LONGEST_RUN: Final = 16
"""So many quarters of an hour are counted by one statement: four hours of a big centre fit any server's memory."""


class Slot(NamedTuple):
    part: Part
    site: SiteId
    origin_s: int

    @property
    def name(self) -> str:
        return f"{self.part}:{self.origin_s}:{self.site}"


class Run(NamedTuple):
    """Neighbouring slots of one part and site: origins in [since_s, until_s)."""

    part: Part
    site: SiteId
    since_s: int
    until_s: int

    @property
    def slots(self) -> list[Slot]:
        return [Slot(self.part, self.site, start) for start in range(self.since_s, self.until_s, ORIGIN_S)]


class DirtySlots(Protocol):
    """Where writers leave the names of slots for the one roller. Every call may raise the bus's errors."""

    async def mark(self, names: Sequence[str]) -> None:
        """Add them; returns when they are safe."""
        ...

    async def take(self) -> Sequence[str]:
        """What a roller that died had taken, or else everything marked; a second call returns the same again."""
        ...

    async def done(self) -> None:
        """Forget what was taken; what was marked since stays."""
        ...

    async def backlog(self) -> int:
        """How many slots wait."""
        ...


def slot_of(item: Fact | Event) -> Slot | None:
    """The slot that a row for `item` makes dirty, None if no rollup counts such rows."""
    match item:
        case ContactLeg():
            return _slot(Part.CONTACTS, item.site, item.queued_at)
        case StateInterval():
            return _slot(Part.STATES, item.site, item.started_at)
        case SwitchTallied() | ContactMessage():
            return _slot(Part.TALLIES, item.site, item.at)
        case _:
            return None


def _slot(part: Part, site: SiteId, at: Millis) -> Slot:
    return Slot(part, site, at // 1000 // ORIGIN_S * ORIGIN_S)


def slots_of(items: Iterable[Fact | Event]) -> set[Slot]:
    return {slot for item in items if (slot := slot_of(item)) is not None}


def parse_slot(name: str) -> Slot | None:
    """None for what no version of ours wrote."""
    part, _, rest = name.partition(":")
    origin, _, site = rest.partition(":")
    if part not in tuple(Part) or not origin.isdecimal() or not site:
        return None
    return Slot(Part(part), SiteId(site), int(origin) // ORIGIN_S * ORIGIN_S)


def runs(slots: Iterable[Slot]) -> Iterator[Run]:
    """Neighbours together, at most LONGEST_RUN at a time, in a fixed order."""
    current: Run | None = None
    for slot in sorted(set(slots)):
        end = slot.origin_s + ORIGIN_S
        if (
            current is not None
            and (current.part, current.site, current.until_s) == (slot.part, slot.site, slot.origin_s)
            and end - current.since_s <= LONGEST_RUN * ORIGIN_S
        ):
            current = current._replace(until_s=end)
            continue
        if current is not None:
            yield current
        current = Run(slot.part, slot.site, slot.origin_s, end)
    if current is not None:
        yield current
