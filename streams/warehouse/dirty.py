"""Which rollup slots must be counted anew. In: facts and events. Out: `Slot`s, their names, runs of them.

A slot is named by where base rows come from (their own quarter of an hour), not by where they count: whatever a row's
newest version moved, counting its origin anew puts right. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol

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


_COUNTED: Final[Mapping[type, tuple[Part, Callable[[Any], Millis]]]] = {
    ContactLeg: (Part.CONTACTS, attrgetter("queued_at")),
    StateInterval: (Part.STATES, attrgetter("started_at")),
    SwitchTallied: (Part.TALLIES, attrgetter("at")),
    ContactMessage: (Part.TALLIES, attrgetter("at")),
}
"""What rollups count, and the time of its row."""


def slots_of(items: Iterable[Fact | Event]) -> set[Slot]:
    """The slots that rows for `items` make dirty."""
    found = {
        (counted[0], item.site, counted[1](item) // (1000 * ORIGIN_S))
        for item in items
        if (counted := _COUNTED.get(type(item)))
    }
    return {Slot(part, site, number * ORIGIN_S) for part, site, number in found}


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
