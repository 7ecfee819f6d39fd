"""Who sits where. In: a plan, agents as they appear. Out: a seat index per agent, stable while the process lives.

Order: a seat reserved for the agent, one for the agent's extension, the next free desk, the bench. `revision` grows
when geometry or people change, so a browser knows its picture of the room is old. Owner: the hub.
"""

from dataclasses import dataclass
from enum import StrEnum

from seat_map.plan import PITCH, ROOM_HEAD, ROOM_PAD, SEATS_MAX, Box, Plan
from streams.vocabulary.ids import AgentId

BENCH_COLUMNS = 20
BENCH_GAP = 2.0


class SeatedBy(StrEnum):
    AGENT = "agent"
    EXTENSION = "extension"
    FREE_DESK = "free_desk"
    BENCH = "bench"


class NotSeated(StrEnum):
    FULL = "map_full"


@dataclass(frozen=True, slots=True)
class Place:
    index: int
    by: SeatedBy


class Seating:
    """Mutable; one owner. Seats 0..len(plan.seats)-1 are the plan's, the bench follows in rows of `BENCH_COLUMNS`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.revision = 1
        self.places: dict[AgentId, Place] = {}
        self.agents: dict[int, AgentId] = {}
        self.bench = 0
        self._benched = 0
        self._by_agent = {seat.agent: index for index, seat in enumerate(plan.seats) if seat.agent}
        self._by_extension = {seat.extension: index for index, seat in enumerate(plan.seats) if seat.extension}
        self._free = [index for index, seat in enumerate(plan.seats) if seat.free_desk][::-1]

    @property
    def size(self) -> int:
        return len(self.plan.seats) + self.bench

    def place(self, agent: AgentId, *, extension: str) -> Place | NotSeated:
        """The agent's seat; a first call finds one."""
        if known := self.places.get(agent):
            return known
        place = self._find(agent, extension)
        if isinstance(place, Place):
            self.places[agent] = place
            self.agents[place.index] = agent
            self.revision += 1
        return place

    def _find(self, agent: AgentId, extension: str) -> Place | NotSeated:
        for index, by in (
            (self._by_agent.get(agent), SeatedBy.AGENT),
            (self._by_extension.get(extension), SeatedBy.EXTENSION),
        ):
            if index is not None and index not in self.agents:
                return Place(index, by)
        if self._free:
            return Place(self._free.pop(), SeatedBy.FREE_DESK)
        if self._benched == self.bench:
            self.bench = min(self.bench + BENCH_COLUMNS, SEATS_MAX - len(self.plan.seats))
        if self._benched == self.bench:
            return NotSeated.FULL
        self._benched += 1
        return Place(len(self.plan.seats) + self._benched - 1, SeatedBy.BENCH)

    @property
    def bench_box(self) -> Box | None:
        """The bench lies below the rooms; None while nobody needs it."""
        if not self.bench:
            return None
        bounds = self.plan.bounds
        rows = -(-self.bench // BENCH_COLUMNS)
        top = bounds.bottom + BENCH_GAP
        height = ROOM_HEAD + rows * PITCH + ROOM_PAD
        width = BENCH_COLUMNS * PITCH + 2 * ROOM_PAD
        return Box(left=bounds.left, top=top, right=bounds.left + width, bottom=top + height)

    def spots(self) -> list[tuple[float, float]]:
        """Centres of every seat, plan first, bench after."""
        spots = [(seat.x, seat.y) for seat in self.plan.seats]
        box = self.bench_box
        if box is None:
            return spots
        for number in range(self.bench):
            row, column = divmod(number, BENCH_COLUMNS)
            spots.append((box.left + ROOM_PAD + PITCH * (column + 0.5), box.top + ROOM_HEAD + PITCH * (row + 0.5)))
        return spots
