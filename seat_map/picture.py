"""The map as it stands. In: agents' records. Out: which rows changed. Joins seating, columns and reasons.

Mutable; one owner (the hub). An agent the floor no longer knows leaves the seat vacant. May not know: sockets, frames.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from seat_map.columns import VACANT, Differs, Reasons, SeatColumns, label_of
from seat_map.plan import Plan
from seat_map.seating import Place, Seating
from seat_map.shown import shown
from streams.floor.certainty import Doubt
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId, QueueName


@dataclass(frozen=True, slots=True)
class Person:
    """What a viewer needs to know of an agent besides the state; changes seldom. `team`: of the desk."""

    id: AgentId
    name: str
    extension: str
    queues: tuple[QueueName, ...]
    team: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    """Skill -> level, the best first."""


def person_of(agent: AgentRecord, team: str = "") -> Person:
    skills = dict(sorted(agent.skills.items(), key=lambda skill: (-skill[1], skill[0])))
    name, extension = shown(agent.name), shown(agent.extension)
    return Person(agent.id, name, extension, tuple(sorted(agent.memberships)), team, skills)


def same_person(person: Person, agent: AgentRecord) -> bool:
    """Whether `person_of` would say the same; asked of every agent every few seconds, so nothing is made for it."""
    return (
        (person.name == agent.name or person.name == shown(agent.name))
        and (person.extension == agent.extension or person.extension == shown(agent.extension))
        and person.id == agent.id
        and person.queues == (*sorted(agent.memberships),)
        and person.skills == agent.skills
    )


class Rows(NamedTuple):
    """Rows that now look different, in order; `doubted`: how many of them in nothing but their doubt.

    `people`: rows where who sits there, or what is known of them, changed.
    """

    changed: list[int]
    doubted: int
    people: list[int]


class Picture:
    def __init__(self, plan: Plan, *, reasons: Reasons | None = None, before: Seating | None = None) -> None:
        """`reasons`: of the picture before, whose numbers browsers already know; `before`: who sat where then."""
        self.seating = Seating(plan, before)
        self.columns = SeatColumns(self.seating.size)
        self.reasons = reasons or Reasons()
        self.people: dict[int, Person] = {}
        self.not_seated: set[AgentId] = set()
        """Agents the map has no row for (65,536 are in use); shown under /ops, never silently missing."""

    @property
    def revision(self) -> int:
        return self.seating.revision

    def team_of(self, row: int) -> str:
        """The code of the team whose desk it is; "": of none, as on the bench."""
        plan = self.seating.plan
        team = plan.seats[row].team if row < len(plan.seats) else None
        return "" if team is None else plan.teams[team].code

    def update(
        self,
        agents: Mapping[AgentId, AgentRecord],
        ids: Iterable[AgentId],
        doubt: Callable[[AgentRecord], Doubt],
    ) -> Rows:
        rows: dict[int, Differs] = {}
        people: set[int] = set()
        for agent in self._in_order(agents, ids):
            record = agents.get(agent)
            row, differs = self._vacate(agent) if record is None else self._take(record, doubt(record), people)
            if differs is not Differs.NOT:
                rows[row] = differs
        return Rows(sorted(rows), sum(differs is Differs.DOUBT for differs in rows.values()), sorted(people))

    def _in_order(self, agents: Mapping[AgentId, AgentRecord], ids: Iterable[AgentId]) -> list[AgentId]:
        """Who has no seat yet takes one in the floor's own order, which outlives a restart: so everybody sits where
        they sat before."""
        known = list(ids)
        new = {agent for agent in known if agent not in self.seating.places}
        if len(new) < 2:
            return known
        seated = [agent for agent in known if agent not in new]
        return [*seated, *(agent for agent in agents if agent in new), *(new - agents.keys())]

    def _take(self, record: AgentRecord, doubt: Doubt, people: set[int]) -> tuple[int, Differs]:
        place = self.seating.place(record.id, extension=record.extension)
        if not isinstance(place, Place):
            self.not_seated.add(record.id)
            return 0, Differs.NOT
        if place.index >= len(self.columns):
            self.columns.grow(self.seating.size)
        known = self.people.get(place.index)
        if known is None or not same_person(known, record):
            self.people[place.index] = person_of(record, self.team_of(place.index))
            self.seating.revision += 1
            people.add(place.index)
        label = label_of(record, doubt)
        return place.index, self.columns.put(place.index, label, self.reasons.number(label.reason))

    def _vacate(self, agent: AgentId) -> tuple[int, Differs]:
        place = self.seating.places.get(agent)
        return (0, Differs.NOT) if place is None else (place.index, self.columns.put(place.index, VACANT, 0))
