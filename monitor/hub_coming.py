"""The map of a plan to come, filled a part per tick while the present one is shown. In: a plan, agents. Out: a picture.

5,000 people seated at once would hold every wall up for a tenth of a second. Mutable; one owner (the hub).
"""

from collections.abc import Callable, Iterable

from monitor.api.live import LiveFloor
from monitor.tiers import Tiers
from seat_map.picture import Picture
from seat_map.plan import Plan
from streams.floor.certainty import Doubt
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import AgentId

STEP = 400
"""Agents seated in one tick: about 8 ms."""


class Coming:
    def __init__(self, plan: Plan, before: Picture, agents: Iterable[AgentId]) -> None:
        """`agents`: in the order in which they take free desks."""
        self.picture = Picture(plan, reasons=before.reasons, before=before.seating)
        self.tiers = Tiers()
        self._left = list(agents)

    def seat(self, floor: LiveFloor, changed: Iterable[AgentId], doubt: Callable[[AgentRecord], Doubt]) -> bool:
        """The next part, and who changed of those seated before. True: everybody sits."""
        picture, places = self.picture, self.picture.seating.places
        taken, self._left = self._left[:STEP], self._left[STEP:]
        anew = [agent for agent in changed if agent in places]
        for agents in (taken, anew):
            picture.update(floor.agents, agents, doubt)
            self.tiers.look(floor, agents, places)
        if not self._left:  # who came meanwhile
            self._left = [agent for agent in floor.agents if agent not in places and agent not in picture.not_seated]
        return not self._left
