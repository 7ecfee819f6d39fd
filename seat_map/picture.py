"""The map as it stands. In: agents' records. Out: which rows changed, frames. Joins seating, columns and reasons.

Mutable; one owner (the hub). An agent the floor no longer knows leaves the seat vacant. May not know: sockets.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from seat_map.columns import VACANT, Differs, Reasons, SeatColumns, label_of
from seat_map.frames import SEQ_MODULUS, delta, snapshot
from seat_map.plan import Plan
from seat_map.seating import Place, Seating
from streams.floor.certainty import Doubt
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, Millis, QueueName


@dataclass(frozen=True, slots=True)
class Person:
    """What a viewer needs to know of an agent besides the state; changes seldom."""

    id: AgentId
    name: str
    extension: str
    queues: tuple[QueueName, ...]


def person_of(agent: AgentRecord) -> Person:
    return Person(agent.id, agent.name, agent.extension, tuple(sorted(agent.memberships)))


class Rows(NamedTuple):
    """Rows that now look different, in order; `doubted`: how many of them in nothing but their doubt."""

    changed: list[int]
    doubted: int


class Picture:
    def __init__(self, plan: Plan) -> None:
        self.seating = Seating(plan)
        self.columns = SeatColumns(self.seating.size)
        self.reasons = Reasons()
        self.people: dict[int, Person] = {}
        self.seq = 0
        self.not_seated: set[AgentId] = set()
        """Agents the map has no row for (65,536 are in use); shown under /ops, never silently missing."""

    @property
    def revision(self) -> int:
        return self.seating.revision

    def update(
        self,
        agents: Mapping[AgentId, AgentRecord],
        ids: Iterable[AgentId],
        doubt: Callable[[AgentRecord], Doubt],
    ) -> Rows:
        rows: dict[int, Differs] = {}
        for agent in self._in_order(agents, ids):
            record = agents.get(agent)
            row, differs = self._vacate(agent) if record is None else self._take(record, doubt(record))
            if differs is not Differs.NOT:
                rows[row] = differs
        return Rows(sorted(rows), sum(differs is Differs.DOUBT for differs in rows.values()))

    def _in_order(self, agents: Mapping[AgentId, AgentRecord], ids: Iterable[AgentId]) -> list[AgentId]:
        """Who has no seat yet takes one in the floor's own order, which outlives a restart: so everybody sits where
        they sat before."""
        known = list(ids)
        new = {agent for agent in known if agent not in self.seating.places}
        if len(new) < 2:
            return known
        seated = [agent for agent in known if agent not in new]
        return [*seated, *(agent for agent in agents if agent in new), *(new - agents.keys())]

    def _take(self, record: AgentRecord, doubt: Doubt) -> tuple[int, Differs]:
        place = self.seating.place(record.id, extension=record.extension)
        if not isinstance(place, Place):
            self.not_seated.add(record.id)
            return 0, Differs.NOT
        self.columns.grow(self.seating.size)
        person = person_of(record)
        if self.people.get(place.index) != person:
            self.people[place.index] = person
            self.seating.revision += 1
        label = label_of(record, doubt)
        return place.index, self.columns.put(place.index, label, self.reasons.number(label.reason))

    def _vacate(self, agent: AgentId) -> tuple[int, Differs]:
        place = self.seating.places.get(agent)
        return (0, Differs.NOT) if place is None else (place.index, self.columns.put(place.index, VACANT, 0))

    def delta(self, rows: list[int], now: Millis) -> bytes:
        """The next delta; the sequence number moves on."""
        self.seq = (self.seq + 1) % SEQ_MODULUS
        return delta(self.columns, rows, seq=self.seq, revision=self.revision, now=now)

    def snapshot(self, now: Millis) -> bytes:
        return snapshot(self.columns, seq=self.seq, revision=self.revision, now=now)
