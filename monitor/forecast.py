"""The breach forecast of one site, kept up beside the hub. In: the floor and its minutes. Out: the word `forecast`.

What is read of the floor is read in the event loop (a few ms each ten seconds); what is reckoned is reckoned in a
thread, from frozen values. May not know: sockets, HTTP.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from dashboards import attention
from dashboards.columns import Goal, Goals
from dashboards.forecast.basis import Basis, CannotTell, estimate
from dashboards.forecast.minutes import MINUTE_MS, Count, Minutes
from dashboards.forecast.outlook import Needed, Outlook, Present, needed, outlooks
from dashboards.forecast.serving import Person, Staff, staff
from monitor.api.live import LiveFloor
from streams.floor.numbers import FORMULAS, Counters, QueueNumbers
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import Millis, QueueName

EVERY_S = 30.0
MEMORY_MS = 3 * 60 * MINUTE_MS
MOST_UNKNOWN = 0.1
"""of a queue's people: more in unknown states and there is no forecast"""
encode = msgspec.json.Encoder().encode
MinutesOf = Callable[[QueueName], Mapping[int, Counters]]
"""The floor's counters of the last hour by epoch minute"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One queue as it was read. `present` is a reason where nothing can be told."""

    queue: QueueName
    at: Millis
    began: Millis
    until: Millis
    goal: Goal
    staff: Staff
    present: Present | CannotTell


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
    ) -> None:
        """`began`: since when the floor counts."""
        self._floor, self._minutes, self._goals = floor, minutes, goals
        self._clock, self._began = clock, began
        self._memory: dict[QueueName, Minutes] = {}
        self._stands: dict[QueueName, Stand] = {}
        self._fresh: bytes | None = None
        self._outlooks: list[attention.Outlook] = []

    def word(self, now: Millis) -> bytes | None:
        """What is new since the last time."""
        word, self._fresh = self._fresh, None
        return word

    def outlooks(self) -> Sequence[attention.Outlook]:
        """For the attention list; those that can be told."""
        return self._outlooks

    async def run(self) -> None:
        while True:
            await self.reckon()
            await asyncio.sleep(EVERY_S)

    async def reckon(self) -> None:
        """Everything anew, once."""
        now = self._clock()
        stands = self._read(now)
        rows, found = await asyncio.to_thread(_reckoned, stands)
        self._stands = {one.queue: one for one in stands}
        self._outlooks = found
        self._fresh = encode({"t": "forecast", "at": now, "queues": rows})

    async def what_if(self, queue: QueueName, *, more: float, arrivals: float) -> dict[str, object] | None:
        """The same question with other numbers; None: no such queue."""
        stand = self._stands.get(queue)
        return None if stand is None else await asyncio.to_thread(_if, stand, more, arrivals)

    def _read(self, now: Millis) -> list[Stand]:
        numbers = self._floor.numbers(now)
        bases = {one.queue: self._basis(one, now) for one in numbers}
        known = {queue: basis for queue, basis in bases.items() if isinstance(basis, Basis)}
        loads = {queue: basis.arriving.mean / basis.serving.mean for queue, basis in known.items()}
        persons = [_person(agent) for agent in self._floor.agents.values() if agent.memberships]
        people = staff(persons, loads)
        return [self._stand(one, bases[one.queue], people.get(one.queue, Staff()), now) for one in numbers]

    def _basis(self, one: QueueNumbers, now: Millis) -> Basis | CannotTell:
        memory = self._memory.setdefault(one.queue, Minutes())
        formula = FORMULAS[self._goals.of(one.queue).formula]
        memory.take(self._minutes(one.queue), formula, now=now, since=self._began())
        table = memory.table(Millis(now - MEMORY_MS), Millis(now + 1))
        return estimate(table, fraction=now % MINUTE_MS / MINUTE_MS)

    def _stand(self, one: QueueNumbers, basis: Basis | CannotTell, people: Staff, now: Millis) -> Stand:
        goal = self._goals.of(one.queue)
        length = interval_ms(goal)
        began = Millis(now - now % length)
        until = Millis(began + length)
        known_since = self._memory[one.queue].known_since()
        reason = _reason(one, people, known_since, began)
        present: Present | CannotTell
        if reason is not None or isinstance(basis, CannotTell):
            present = reason or (basis if isinstance(basis, CannotTell) else CannotTell.JUST_STARTED)
        else:
            counted = self._memory[one.queue].table(began, Millis(now + 1)).sum(axis=0)
            recent = self._memory[one.queue].table(Millis(now - 60 * MINUTE_MS), Millis(now + 1)).sum(axis=0)
            answered = int(recent[Count.ANSWERED])
            present = Present(
                basis=basis,
                formula=FORMULAS[goal.formula],
                goal=goal.percent / 100,
                target_s=one.target_ms / 1000,
                rest_s=(until - now) / 1000,
                part=int(counted[Count.PART]),
                whole=int(counted[Count.WHOLE]),
                in_target_share=int(recent[Count.IN_TARGET]) / answered if answered else None,
                waiting=one.waiting,
                longest_wait_s=one.longest_wait_ms / 1000,
                busy=float(people.busy),
                agents=people.agents,
            )
        return Stand(queue=one.queue, at=now, began=began, until=until, goal=goal, staff=people, present=present)


def interval_ms(goal: Goal) -> int:
    """The clock's quarter, half or whole hour (UTC's, which is everybody's but Nepal's); others: the half hour."""
    return (goal.window_minutes if goal.window_minutes in (15, 30, 60) else 30) * MINUTE_MS


def _reason(one: QueueNumbers, people: Staff, known_since: Millis | None, began: Millis) -> CannotTell | None:
    if not one.certain:
        return CannotTell.SOURCE_LOST
    if people.unknown > MOST_UNKNOWN * (people.people + people.unknown):
        return CannotTell.AGENTS_UNKNOWN
    if known_since is None or known_since > began:
        return CannotTell.INTERVAL_UNSEEN
    return None if people.agents >= 0.5 else CannotTell.NO_AGENTS


def _person(agent: AgentRecord) -> Person:
    served = tuple(sorted(name for name, one in agent.memberships.items() if not one.not_ready))
    # who is away as a whole could come back to all of them
    queues = served or tuple(sorted(agent.memberships))
    at = agent.wrap_up.queue if agent.wrap_up is not None else agent.queue
    return Person(queues, agent.state, agent.reason, at)


def _seed(stand: Stand) -> int:
    """Stays for an interval: a forecast moves because the floor did, not because of other dice."""
    return stand.began // MINUTE_MS % 2**31


def _reckoned(stands: Sequence[Stand]) -> tuple[list[dict[str, object]], list[attention.Outlook]]:
    rows: list[dict[str, object]] = []
    found: list[attention.Outlook] = []
    by_seed: dict[int, list[tuple[Stand, Present]]] = {}
    for stand in stands:
        if isinstance(stand.present, Present):
            by_seed.setdefault(_seed(stand), []).append((stand, stand.present))
        else:
            rows.append(_told(stand) | {"cannot_tell": stand.present.value})
    for seed, some in by_seed.items():
        answers = outlooks([present for _, present in some], seed=seed)
        for (stand, present), outlook in zip(some, answers, strict=True):
            need = needed(present, outlook, seed=seed)
            rows.append(_told(stand) | _answer(present, outlook, need))
            found.append(attention.Outlook(stand.queue, outlook.miss, need.more, stand.until))
    return sorted(rows, key=lambda row: str(row["queue"])), found


def _if(stand: Stand, more: float, arrivals: float) -> dict[str, object]:
    present = stand.present
    if not isinstance(present, Present):
        return _told(stand) | {"cannot_tell": present.value}
    basis = replace(present.basis, trend=present.basis.trend * arrivals)
    changed = replace(present, basis=basis, agents=max(0.5, present.agents + more))
    outlook = outlooks([changed], seed=_seed(stand))[0]
    need = needed(changed, outlook, seed=_seed(stand))
    return _told(stand) | _answer(changed, outlook, need) | {"agents": round(changed.agents, 2)}


def _told(stand: Stand) -> dict[str, object]:
    return {
        "queue": stand.queue,
        "at": stand.at,
        "began": stand.began,
        "until": stand.until,
        "goal_percent": stand.goal.percent,
        "formula": stand.goal.formula,
        "people": stand.staff.people,
        "agents": round(stand.staff.agents, 2),
        "away": dict(stand.staff.away),
    }


def _answer(present: Present, outlook: Outlook, need: Needed) -> dict[str, object]:
    basis = present.basis
    return {
        "miss": outlook.miss,
        "low": outlook.low,
        "high": outlook.high,
        "expected_level": outlook.expected_level,
        "level": [present.part, present.whole],
        "needed": {"more": need.more, "low": need.low, "high": need.high},
        "likely": outlook.miss >= 0.5,
        "basis": {
            "minutes": basis.minutes,
            "arrivals_per_hour": 3600 * basis.arriving.mean,
            "contacts": basis.arriving.seen,
            "handling_s": 1 / basis.serving.mean,
            "ended": basis.serving.seen,
            "patience_s": 1 / basis.leaving.mean,
            "gave_up": basis.leaving.seen,
            "ring_s": basis.ring_s,
        },
    }
