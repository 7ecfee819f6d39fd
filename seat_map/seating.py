"""Who sits where. In: a plan, agents as they appear. Out: a seat index per agent, stable while the process lives.

Order: a seat given by hand, one reserved for the agent, one for the extension, the free desk held before, the next free
desk, the plan's benches, the bench below the rooms. `revision` grows when geometry or people change. Owner: the hub.
"""

from dataclasses import dataclass
from enum import StrEnum

from seat_map.plan import PITCH, ROOM_HEAD, ROOM_PAD, SEATS_MAX, Box, Plan
from streams.vocabulary.ids import AgentId

BENCH_COLUMNS = 20
BENCH_GAP = 2.0


class SeatedBy(StrEnum):
    HAND = "by_hand"
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
    """Mutable; one owner. Seats 0..len(plan.seats)-1 are the plan's, the bench follows in rows of `BENCH_COLUMNS`.

    `before`: the seating of the plan before this one; who sat at a free desk that is still there keeps it.
    """

    def __init__(self, plan: Plan, before: "Seating | None" = None) -> None:
        self.plan = plan
        self.revision = 1
        self.places: dict[AgentId, Place] = {}
        self.agents: dict[int, AgentId] = {}
        self.bench = 0
        self._benched = 0
        self._by_agent = {seat.agent: index for index, seat in enumerate(plan.seats) if seat.agent}
        self._by_extension = {seat.extension: index for index, seat in enumerate(plan.seats) if seat.extension}
        self._held = self._still(before) if before else {}
        held = set(self._held.values())
        free = [index for index, seat in enumerate(plan.seats) if seat.free_desk and index not in held]
        self._free = [index for index in free if not self._on_bench(index)][::-1]
        self._benches = [index for index in free if self._on_bench(index)][::-1]

    def _on_bench(self, index: int) -> bool:
        return self.plan.rooms[self.plan.seats[index].room].bench

    def _still(self, before: "Seating") -> dict[AgentId, int]:
        """Desks that were free and are: to whom they belong until that agent comes by."""
        now = {seat.id: index for index, seat in enumerate(self.plan.seats) if seat.free_desk}
        held = {}
        for agent, place in before.places.items():
            if place.by in (SeatedBy.FREE_DESK, SeatedBy.BENCH) and place.index < len(before.plan.seats):
                index = now.get(before.plan.seats[place.index].id)
                if index is not None and not self._on_bench(index):
                    held[agent] = index
        return held

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
        held = self._held.pop(agent, None)
        own, at_phone = self._by_agent.get(agent), self._by_extension.get(extension)
        for index, by in ((own, SeatedBy.AGENT), (at_phone, SeatedBy.EXTENSION)):
            if index is not None and index not in self.agents:
                if held is not None:
                    self._free.append(held)
                return Place(index, SeatedBy.HAND if self.plan.seats[index].by_hand else by)
        if held is not None:
            return Place(held, SeatedBy.FREE_DESK)
        if self._free:
            return Place(self._free.pop(), SeatedBy.FREE_DESK)
        if self._benches:
            return Place(self._bench_near(own if at_phone is None else at_phone), SeatedBy.BENCH)
        if self._benched == self.bench:
            self.bench = min(self.bench + BENCH_COLUMNS, SEATS_MAX - len(self.plan.seats))
        if self._benched == self.bench:
            return NotSeated.FULL
        self._benched += 1
        return Place(len(self.plan.seats) + self._benched - 1, SeatedBy.BENCH)

    def _bench_near(self, index: int | None) -> int:
        """A place on the bench of the floor where the agent's seat is taken, else on the first that has room."""
        if index is not None:
            floor = self._floor(index)
            for at in range(len(self._benches) - 1, -1, -1):
                if self._floor(self._benches[at]) == floor:
                    return self._benches.pop(at)
        return self._benches.pop()

    def _floor(self, index: int) -> int:
        return self.plan.rooms[self.plan.seats[index].room].floor

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
