"""Which customer tier each seat is busy with. In: agents' contacts. Out: rows by tier, and what changed since.

Mutable; one owner (the hub). May not know: sockets, scopes.
"""

from collections.abc import Iterable, Mapping

from monitor.api.live import LiveFloor
from seat_map.seating import Place
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId

NO_TIER = ""


def tier_of(floor: LiveFloor, agent: AgentRecord) -> str:
    """Of the contact the label tells of, else of the next one that has a tier."""
    visits = floor.visits
    for keys in (agent.talks, agent.offers):
        for key in reversed(keys):
            visit = visits.get(key)
            if visit is not None and visit.tier:
                return visit.tier
    return NO_TIER


class Tiers:
    def __init__(self) -> None:
        self.rows: dict[int, str] = {}
        self._changed: set[int] = set()

    def look(self, floor: LiveFloor, agents: Iterable[AgentId], places: Mapping[AgentId, Place]) -> None:
        for name in agents:
            place = places.get(name)
            if place is None:
                continue
            agent = floor.agents.get(name)
            tier = NO_TIER if agent is None else tier_of(floor, agent)
            if self.rows.get(place.index, NO_TIER) == tier:
                continue
            self._changed.add(place.index)
            if tier:
                self.rows[place.index] = tier
            else:
                del self.rows[place.index]

    def changes(self) -> dict[int, str]:
        """Row -> its tier now, of the rows that changed since the last call."""
        changed, self._changed = self._changed, set()
        return {row: self.rows.get(row, NO_TIER) for row in sorted(changed)}


def by_tier(rows: Mapping[int, str]) -> dict[str, list[int]]:
    """As it travels."""
    told: dict[str, list[int]] = {}
    for row, tier in sorted(rows.items()):
        told.setdefault(tier, []).append(row)
    return told
