"""A queue's day by discrete events: M/M/c with patience, a roster for the mean service level of a good centre.

In: a volume, a seed, what goes wrong. Out: `Day`: every contact with its moments, every agent's coming and going, ms
since the opening. Written apart from the product; tests/sim_numbers.py makes its events and numbers of it.
"""

import heapq
import random
from collections import deque
from dataclasses import dataclass
from functools import cache

import numpy as np

from dashboards.forecast.erlang_a import Load, steady

HALF_HOUR_MS = 1_800_000
PROFILE = (
    *(0.55, 0.80, 1.15, 1.35, 1.40, 1.35, 1.20, 1.00, 0.90, 0.95, 1.10, 1.20),
    *(1.25, 1.20, 1.10, 1.00, 0.90, 0.85, 0.80, 0.75, 0.70, 0.60, 0.50, 0.45),
)
"""Contacts by half hour from 08:00 to 20:00: a peak before noon, a dip at lunch, a second peak, a thin evening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """`swing`: standard deviation of a quarter of an hour's rate, relative; 0: Poisson, as planned."""

    per_hour: float
    handling_s: float = 300.0
    patience_s: float = 180.0
    target_ms: int = 20_000
    swing: float = 0.0
    goal: float = 0.88
    """each half hour has the fewest agents whose steady service level reaches it; the mean is 0.89 to 0.92"""

    @property
    def rates(self) -> tuple[float, ...]:
        """Contacts per second by half hour."""
        mean = sum(PROFILE) / len(PROFILE)
        return tuple(self.per_hour / 3600 * one / mean for one in PROFILE)


@dataclass(frozen=True, slots=True)
class Incident:
    """`share` of those rostered is gone from `at` on for `lasts_ms`."""

    at: int
    lasts_ms: int = 3_600_000
    share: float = 0.3


@dataclass(slots=True)
class Call:
    """Moments in ms of the day. `left`: answered or gave up; `done`, `agent`: -1 if nobody answered."""

    came: int
    left: int = -1
    agent: int = -1
    done: int = -1


@dataclass(frozen=True, slots=True)
class Shift:
    at: int
    agent: int
    on: bool


@dataclass(frozen=True, slots=True)
class Day:
    centre: Centre
    calls: list[Call]
    shifts: list[Shift]
    roster: tuple[int, ...]
    incident: Incident | None

    @property
    def lasts_ms(self) -> int:
        return HALF_HOUR_MS * len(self.roster)

    @property
    def service_level(self) -> float:
        return sum(one.agent >= 0 and one.left - one.came <= self.centre.target_ms for one in self.calls) / len(
            self.calls
        )


@cache
def roster(centre: Centre) -> tuple[int, ...]:
    """Agents by half hour."""
    found = []
    for rate in centre.rates:
        agents = max(1, int(rate * centre.handling_s))
        while _level(centre, rate, agents) < centre.goal:
            agents += 1
        found.append(agents)
    return tuple(found)


def _level(centre: Centre, rate: float, agents: int) -> float:
    load = Load(arriving=rate, serving=1 / centre.handling_s, leaving=1 / centre.patience_s, agents=agents)
    return steady(load, target_s=centre.target_ms / 1000).answered_in_target


def simulated(centre: Centre, seed: int, incident: Incident | None = None) -> Day:
    chance = np.random.default_rng(seed)
    agents = roster(centre)
    came = _arrivals(centre, chance)
    patience = chance.exponential(centre.patience_s * 1000, len(came)).astype(np.int64).tolist()
    handling = (1 + chance.exponential(centre.handling_s * 1000, len(came)).astype(np.int64)).tolist()
    floor = _Floor(_wanted(agents, incident), random.Random(seed))
    calls = floor.serve([Call(at) for at in came], patience, handling)
    return Day(centre, calls, floor.shifts, agents, incident)


def _arrivals(centre: Centre, chance: np.random.Generator) -> list[int]:
    quarter = HALF_HOUR_MS // 2
    found = []
    for number, rate in enumerate(np.repeat(centre.rates, 2)):
        factor = chance.gamma(centre.swing**-2, centre.swing**2) if centre.swing else 1.0
        many = chance.poisson(rate * factor * quarter / 1000)
        found.append(chance.integers(number * quarter, (number + 1) * quarter, many))
    return [int(one) for one in np.sort(np.concatenate(found))]


def _wanted(agents: tuple[int, ...], incident: Incident | None) -> list[tuple[int, int]]:
    """(from when, how many agents): the roster's borders and those of the incident."""
    borders = {HALF_HOUR_MS * number for number in range(len(agents))}
    if incident:
        borders |= {incident.at, incident.at + incident.lasts_ms}
    wanted = []
    for at in sorted(border for border in borders if border < HALF_HOUR_MS * len(agents)):
        many = agents[at // HALF_HOUR_MS]
        away = incident and incident.at <= at < incident.at + incident.lasts_ms
        wanted.append((at, many - round(incident.share * many) if incident and away else many))
    return wanted


class _Floor:
    """First come, first served; the longest idle agent is next. Who is called away leaves after the talk. One owner."""

    def __init__(self, wanted: list[tuple[int, int]], chance: random.Random) -> None:
        self.shifts: list[Shift] = []
        self._wanted = wanted
        self._chance = chance
        self._idle: deque[int] = deque()
        self._away: list[int] = []
        """names of agents who went; the next one who comes is one of them"""
        self._names = 0
        self._here = 0
        self._surplus = 0
        """how many of those who talk must leave afterwards"""
        self._waiting: deque[int] = deque()

    def serve(self, calls: list[Call], patience: list[int], handling: list[int]) -> list[Call]:
        """Moves the calls' moments. Shifts change before anything else of the same millisecond."""
        ends: list[tuple[int, int]] = []
        changes = deque(self._wanted)
        arrivals = iter(range(len(calls)))
        coming = next(arrivals, None)
        while coming is not None or ends:
            first = min(calls[coming].came if coming is not None else 1 << 60, ends[0][0] if ends else 1 << 60)
            if changes and changes[0][0] <= first:
                at, many = changes.popleft()
                self._change(at, many)
            elif ends and ends[0][0] == first:
                at, agent = heapq.heappop(ends)
                self._release(at, agent)
            else:
                assert coming is not None
                at = first
                self._waiting.append(coming)
                coming = next(arrivals, None)
            while self._waiting and self._idle:
                number = self._waiting.popleft()
                call = calls[number]
                if call.came + patience[number] < at:
                    call.left = call.came + patience[number]
                    continue
                call.left, call.agent, call.done = at, self._idle.popleft(), at + handling[number]
                heapq.heappush(ends, (call.done, call.agent))
        for number in self._waiting:
            calls[number].left = calls[number].came + patience[number]
        return calls

    def _change(self, at: int, many: int) -> None:
        while self._here - self._surplus < many:
            if self._surplus:
                self._surplus -= 1  # about to leave, and stays
                continue
            agent = self._away.pop() if self._away else self._names
            self._names = max(self._names, agent + 1)
            self._here += 1
            self._idle.append(agent)
            self.shifts.append(Shift(at, agent, True))
        while self._here - self._surplus > many:
            if self._idle:
                self._leave(at, self._idle.pop())
            else:
                self._surplus += 1

    def _release(self, at: int, agent: int) -> None:
        if self._surplus:
            self._surplus -= 1
            self._leave(at, agent)
        else:
            self._idle.append(agent)

    def _leave(self, at: int, agent: int) -> None:
        self._here -= 1
        self._away.append(agent)
        self.shifts.append(Shift(at, agent, False))
