"""What one scope shows of a map. In: a picture, whose people changed. Out: a mask over its rows, the queues, persons.

Mutable; one owner (its audience). A row is seen by its desk's team, or, in a scope without teams, by the queues that
whoever sits there serves. May not know: sockets, frames.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from monitor.api.wall_words import read_detail
from monitor.config_wall import EVERYTHING, Scope
from seat_map.picture import Person, Picture
from streams.vocabulary.ids import AgentId, QueueName


class ShownAlert(Protocol):
    @property
    def scope(self) -> str: ...
    @property
    def detail(self) -> str: ...


class Sight:
    def __init__(self, scope: Scope, picture: Picture) -> None:
        self.scope = scope
        self._picture = picture
        self._teams = frozenset(scope.teams)
        self._queues = frozenset(scope.queues)
        self._served: frozenset[QueueName] | None = None
        self._mask: npt.NDArray[np.bool_] = np.zeros(0, np.bool_)
        self.look_again(())

    @property
    def mask(self) -> npt.NDArray[np.bool_] | None:
        """By row; None: everything is seen."""
        return None if self.scope is EVERYTHING else self._mask

    @property
    def rows(self) -> npt.NDArray[np.int64] | None:
        return None if self.scope is EVERYTHING else np.flatnonzero(self._mask)

    def look_again(self, changed: Iterable[int]) -> list[int]:
        """After people of `changed` rows changed or the map grew: the rows that are now seen, or no more."""
        if self.scope is EVERYTHING:
            return []
        rows = set(changed)
        if rows:
            self._served = None
        size = self._picture.seating.size
        before = len(self._mask)
        if size > before:
            more = [self.sees_row(row) for row in range(before, size)]
            self._mask = np.concatenate((self._mask, np.array(more, np.bool_)))
        turned = [row for row in rows if row < before and bool(self._mask[row]) != self.sees_row(row)]
        self._mask[turned] = ~self._mask[turned]
        return turned

    def sees_row(self, row: int) -> bool:
        if self.scope is EVERYTHING:
            return True
        if self._teams:
            return self._picture.team_of(row) in self._teams
        person = self._picture.people.get(row)
        return person is not None and not self._queues.isdisjoint(person.queues)

    def sees(self, agent: AgentId) -> bool:
        """Whoever has no desk on the map is in no scope."""
        place = self._picture.seating.places.get(agent)
        return self.scope is EVERYTHING or (place is not None and self.sees_row(place.index))

    def sees_queue(self, queue: QueueName) -> bool:
        return self.scope is EVERYTHING or queue in self.queues

    def sees_alert(self, alert: ShownAlert) -> bool:
        """One about a contact is seen by whoever sees its agent."""
        if alert.scope.startswith("contact:") and self.scope is not EVERYTHING:
            return self.sees(AgentId(read_detail(alert.detail).who))
        return self.sees_scope(alert.scope)

    def sees_scope(self, scope: str) -> bool:
        """Of an alert or a silence. What is no queue's, agent's or team's (a silent source) is everybody's."""
        about, _, subject = scope.partition(":")
        if self.scope is EVERYTHING:
            return True
        match about:
            case "queue":
                return self.sees_queue(QueueName(subject))
            case "tier":
                return self.sees_queue(QueueName(subject.rpartition("/")[0]))
            case "agent":
                return self.sees(AgentId(subject))
            case "team":
                return subject in self._teams
            case _:
                return about != "contact"

    @property
    def queues(self) -> frozenset[QueueName]:
        """Of a scope; meaningless for EVERYTHING, which sees any."""
        if self._queues:
            return self._queues
        if self._served is None:
            self._served = frozenset(queue for person in self.people.values() for queue in person.queues)
        return self._served

    @property
    def people(self) -> Mapping[int, Person]:
        everybody = self._picture.people
        if self.scope is EVERYTHING:
            return everybody
        return {row: person for row, person in everybody.items() if self._mask[row]}
