"""The breach forecast of one site, kept up beside the hub. In: the floor and its minutes. Out: the word `forecast`.

All of it runs in the hub's event loop, in slices of two milliseconds: a thread would hold the interpreter against the
hub's sends (docs/forecast.md has both measured). May not know: sockets, HTTP.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from dashboards import attention
from dashboards.columns import Goals
from dashboards.forecast.basis import Basis, CannotTell, estimate
from dashboards.forecast.minutes import MINUTE_MS, Minutes
from dashboards.forecast.need import ACCEPTED, Needed, needed
from dashboards.forecast.outlook import Outlook, Present, outlooks
from dashboards.forecast.serving import Person, Staff, staff
from dashboards.forecast.trend import Slots, trend
from monitor.api.live import LiveFloor
from monitor.forecast_rows import Row, answer, cannot
from monitor.forecast_stand import FEWEST_AGENTS, Stand, interval, loads, person, stand
from streams.floor.numbers import FORMULAS, Counters, QueueNumbers
from streams.vocabulary.ids import Millis, QueueName

EVERY_S: Final = 30.0
RECALL_S: Final = 30 * 60.0
RETRY_S: Final = 60.0
SLICE_S: Final = 0.002
PAUSE_S: Final = 0.02
"""Between two slices of what nobody waits for: the forecast takes a tenth of a core at most."""
MEMORY_MS: Final = 3 * 60 * MINUTE_MS
AGENTS_A_STEP: Final = 250
MOST_ASKING: Final = 20
"""What-ifs at once; a further one is told to come again."""
STAYS_MS: Final = 120_000
STAYS_MISS: Final = 0.04
"""The number of agents needed is searched anew after so long, or when the outlook moved by so much."""
encode = msgspec.json.Encoder().encode
MinutesOf = Callable[[QueueName], Mapping[int, Counters]]
"""The floor's counters of the last hour by epoch minute"""
Earlier = Callable[[Millis], Awaitable[Mapping[QueueName, Slots] | None]]
"""Slots of yesterday and last week around this time of day; None: not to be had now"""
T = TypeVar("T")


class WhyNot(StrEnum):
    """Why a what-if has no answer."""

    NO_QUEUE = "no such queue on this floor, or its first forecast is not made yet"
    BUSY = "too many are asking at once; ask again in a second"


@dataclass(frozen=True, slots=True)
class Searched:
    """The last search for agents: of which question, with which answer."""

    stand: Stand
    agents: float
    miss: float
    need: Needed


async def no_earlier(now: Millis) -> None:
    """No history attached."""


class Forecaster:
    """Mutable; lives in the event loop of its hub. `run()` is a task of the service's."""

    def __init__(
        self,
        *,
        floor: LiveFloor,
        minutes: MinutesOf,
        goals: Goals,
        clock: Callable[[], Millis],
        began: Callable[[], Millis] = lambda: Millis(0),
        earlier: Earlier = no_earlier,
    ) -> None:
        """`began`: since when the floor counts."""
        self._floor, self._minutes, self._goals = floor, minutes, goals
        self._clock, self._began, self._earlier = clock, began, earlier
        self._memory: dict[QueueName, Minutes] = {}
        self._days: Mapping[QueueName, Slots] = {}
        self._stands: dict[QueueName, Stand] = {}
        self._searched: dict[QueueName, Searched] = {}
        self._fresh: bytes | None = None
        self._outlooks: list[attention.Outlook] = []
        self._one_by_one = asyncio.Lock()
        self._asking = 0
        self.counts: Counter[str] = Counter()

    def word(self, now: Millis) -> bytes | None:
        """What is new since the last time."""
        word, self._fresh = self._fresh, None
        return word

    def outlooks(self) -> Sequence[attention.Outlook]:
        """For the attention list; those that can be told."""
        return self._outlooks

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reckon_on(), name="reckon")
            tasks.create_task(self._recall_on(), name="recall")

    async def _reckon_on(self) -> None:
        while True:
            await in_slices(self.reckon(self._clock()), pause_s=PAUSE_S)
            await asyncio.sleep(EVERY_S)

    async def _recall_on(self) -> None:
        while True:
            found = await self.recall(self._clock())
            await asyncio.sleep(RETRY_S if found is None else RECALL_S)

    async def recall(self, now: Millis) -> Mapping[QueueName, Slots] | None:
        """Earlier days anew; None: history does not answer, what was recalled before stays."""
        found = await self._earlier(now)
        if found is not None:
            self._days = found
        return found

    # ---- every queue, each half minute ------------------------------------------------------------------------------
    def reckon(self, now: Millis) -> Generator[None, None, None]:
        """Everything anew, once, in small steps."""
        stands = yield from self._read(now)
        told = [(one, one.present) for one in stands if isinstance(one.present, Present)]
        rows: list[Row] = [cannot(one) for one in stands if isinstance(one.present, CannotTell)]
        found: list[attention.Outlook] = []
        by_seed: dict[int, list[tuple[Stand, Present]]] = {}
        for one, present in told:
            by_seed.setdefault(_seed(one), []).append((one, present))
        for seed, some in by_seed.items():
            answers = yield from outlooks([present for _, present in some], seed=seed)
            needs = yield from self._needs(some, answers, seed)
            for (one, present), outlook, need in zip(some, answers, needs, strict=True):
                rows.append(answer(one, present, outlook, need))
                found.append(attention.Outlook(one.queue, outlook.miss, need.more, one.until))
        self._stands = {one.queue: one for one in stands}
        self._outlooks = found
        self._fresh = encode({"t": "forecast", "at": now, "queues": sorted(rows, key=lambda row: str(row["queue"]))})
        self.counts["reckoned"] += 1

    def _needs(
        self, some: Sequence[tuple[Stand, Present]], found: Sequence[Outlook], seed: int
    ) -> Generator[None, None, list[Needed]]:
        asked = [(one, p, o) for (one, p), o in zip(some, found, strict=True) if not self._stays(one, p, o)]
        fresh = yield from needed([p for _, p, _ in asked], [o for _, _, o in asked], seed=seed)
        for (one, p, o), need in zip(asked, fresh, strict=True):
            self._searched[one.queue] = Searched(one, p.agents, o.miss, need)
        self.counts["searched"] += len(asked)
        return [self._searched[one.queue].need for one, _ in some]

    def _stays(self, one: Stand, present: Present, outlook: Outlook) -> bool:
        """The last search still answers: a search costs several outlooks."""
        last = self._searched.get(one.queue)
        if last is None or last.stand.began != one.began or last.agents != present.agents:
            return False
        same_side = (last.miss <= ACCEPTED) == (outlook.miss <= ACCEPTED)
        return same_side and abs(last.miss - outlook.miss) <= STAYS_MISS and one.at - last.stand.at < STAYS_MS

    def _read(self, now: Millis) -> Generator[None, None, list[Stand]]:
        numbers = self._floor.numbers(now)
        yield
        bases: dict[QueueName, Basis | CannotTell] = {}
        for one in numbers:
            bases[one.queue] = self._basis(one, now)
            yield
        persons: list[Person] = []
        for place, agent in enumerate(list(self._floor.agents.values())):
            if agent.memberships:
                persons.append(person(agent, self._floor.doubt(agent, now)))
            if place % AGENTS_A_STEP == AGENTS_A_STEP - 1:
                yield
        people = staff(persons, loads(bases))
        yield
        stands = []
        for one in numbers:
            serving = people.get(one.queue, Staff())
            stands.append(stand(one, self._memory[one.queue], bases[one.queue], serving, self._goals.of(one.queue)))
            yield
        return stands

    def _basis(self, one: QueueNumbers, now: Millis) -> Basis | CannotTell:
        goal = self._goals.of(one.queue)
        memory = self._memory.setdefault(one.queue, Minutes())
        memory.take(self._minutes(one.queue), FORMULAS[goal.formula], now=now, since=self._began())
        table = memory.table(Millis(now - MEMORY_MS), Millis(now + 1))
        slots = self._days.get(one.queue, ())
        factor = trend(slots, now, interval(now, goal)[1]) if slots else 1.0
        return estimate(table, fraction=now % MINUTE_MS / MINUTE_MS, trend=factor)

    # ---- what if ----------------------------------------------------------------------------------------------------
    async def what_if(
        self, queue: QueueName, *, more: int, arrivals: float = 1.0, giver: QueueName | None = None
    ) -> Row | WhyNot:
        """The same question with other numbers. `giver`: the queue that `more` agents come from; its row is `giver`."""
        one, other = self._stands.get(queue), None if giver is None else self._stands.get(giver)
        if one is None or (giver is not None and other is None):
            return WhyNot.NO_QUEUE
        if self._asking >= MOST_ASKING:
            self.counts["busy"] += 1
            return WhyNot.BUSY
        self._asking += 1
        try:
            async with self._one_by_one:
                row = await in_slices(_if(one, more, arrivals), pause_s=0)
                return row if other is None else row | {"giver": await in_slices(_if(other, -more, 1.0), pause_s=0)}
        finally:
            self._asking -= 1


async def in_slices(steps: Generator[None, None, T], *, pause_s: float) -> T:
    """To its end, with everybody else's turn after every two milliseconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SLICE_S
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: T = done.value
            return found
        if loop.time() >= end:
            await asyncio.sleep(pause_s)
            end = loop.time() + SLICE_S


def _if(one: Stand, more: int, arrivals: float) -> Generator[None, None, Row]:
    present = one.present
    if isinstance(present, CannotTell):
        return cannot(one)
    basis = replace(present.basis, trend=present.basis.trend * arrivals)
    changed = replace(present, basis=basis, agents=max(FEWEST_AGENTS, present.agents + more))
    found = yield from outlooks([changed], seed=_seed(one))
    need = yield from needed([changed], found, seed=_seed(one))
    return answer(one, changed, found[0], need[0])


def _seed(one: Stand) -> int:
    """Stays for an interval: a forecast moves because the floor did, not because of other dice."""
    return one.began // MINUTE_MS % 2**31
