"""A warehouse with its writer's and roller's steps by hand. In: facts, events. Out: rollups."""

from collections.abc import Sequence
from typing import Any

from streams.vocabulary.events import Event
from streams.vocabulary.facts import ContactLeg, Fact, StateInterval
from streams.warehouse.dirty import Slot, slots_of
from streams.warehouse.engine import Warehouse
from streams.warehouse.roller import roll_slots
from streams.warehouse.rows import event_columns
from tests.integration.facts import store


class Rolled:
    """Mutable: the dirty set and the last `ver`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.dirty: set[Slot] = set()
        self._ver = 0

    def write(self, facts: Sequence[Fact] = (), events: Sequence[Event] = ()) -> None:
        if facts:
            store(self.warehouse, *facts)
        if events:
            self.warehouse.insert("events", event_columns(events))
        self.dirty |= slots_of([*facts, *events])

    def roll(self) -> None:
        self._ver += 1
        roll_slots(self.warehouse, self.dirty, ver=self._ver, short_abandon_ms=5_000)
        self.dirty.clear()


def remembered(outputs: Sequence[Any]) -> list[Fact]:
    return [one for one in outputs if isinstance(one, ContactLeg | StateInterval)]
