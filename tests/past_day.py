"""A busy morning as events, for tests of the past: many agents, queues and contacts, seeded. In: sizes. Out: events.

One source in order. Each agent serves two queues; contacts wait, ring, talk, hold, end; wrap-ups, pauses, one gap.
"""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import GapReason

SITE, SOURCE = SiteId("gz"), SourceId("ast")
T0 = Millis(1_795_222_800_000)
"""2026-11-21 09:00 in Shanghai"""


class PastDay:
    """`events()` in order of time. `per_second`: contacts that arrive."""

    def __init__(
        self,
        *,
        agents: int,
        queues: int | Sequence[str],
        minutes: int,
        per_second: float,
        seed: int = 7,
        gap_at_minute: int = 0,
        start: Millis = T0,
        names: Sequence[str] = (),
    ) -> None:
        self._random = random.Random(seed)
        self._agents = [str(8001 + number) for number in range(agents)]
        self._names = names or [f"员工{agent}" for agent in self._agents]
        self._queues = [f"q{number:02d}" for number in range(queues)] if isinstance(queues, int) else list(queues)
        self._start = start
        self._until = start + minutes * 60_000
        self._per_second = per_second
        self._gap_at = start + gap_at_minute * 60_000 if gap_at_minute else 0
        self._line: list[tuple[int, int, Callable[..., ev.Event], dict[str, Any]]] = []
        self._told = 0

    def _later(self, at: float, kind: Callable[..., ev.Event], **fields: Any) -> None:
        self._told += 1
        heapq.heappush(self._line, (int(at), self._told, kind, fields))

    def events(self) -> Iterator[ev.Event]:
        self._begin()
        number = 0
        while self._line:
            at, _, kind, fields = heapq.heappop(self._line)
            if at >= self._until:
                return
            number += 1
            yield kind(at=Millis(at), site=SITE, source=SOURCE, seq=number, **fields)

    def _begin(self) -> None:
        start = self._start
        self._later(start, ev.SourceConnected)
        for place, agent in enumerate(self._agents):
            for queue in self._serves(place):
                joined = {
                    "agent": agent,
                    "queue": queue,
                    "name": self._names[place % len(self._names)],
                    "extension": agent,
                }
                self._later(start + 10 + place % 500, ev.AgentJoinedQueue, device="idle", **joined)
        at = float(start + 2_000)
        number = 0
        while at < self._until:
            at += self._random.expovariate(self._per_second) * 1000
            number += 1
            self._contact(at, number)
        for agent in self._agents:
            pause = start + self._random.uniform(0, self._until - start)
            reason = self._random.choice(("小休", "用餐", "培训"))
            for queue in self._serves(int(agent) - 8001):
                self._later(pause, ev.AgentNotReady, agent=agent, queue=queue, reason=reason)
                self._later(pause + self._random.uniform(60_000, 600_000), ev.AgentReady, agent=agent, queue=queue)
        if self._gap_at:
            self._later(self._gap_at, ev.SourceLost, reason=GapReason.DISCONNECTED)
            self._later(self._gap_at + 20_000, ev.SourceConnected)
            self._later(self._gap_at + 20_001, ev.ResyncBegan)
            for place, agent in enumerate(self._agents):
                for queue in self._serves(place):
                    self._later(self._gap_at + 20_002, ev.AgentSeen, agent=agent, queue=queue, device="idle")
            self._later(self._gap_at + 20_100, ev.ResyncEnded)

    def _serves(self, place: int) -> list[str]:
        return [self._queues[place % len(self._queues)], self._queues[(place * 7 + 1) % len(self._queues)]]

    def _contact(self, at: float, number: int) -> None:
        place = self._random.randrange(len(self._agents))
        queue = self._serves(place)[0]
        who = {"contact": f"c{number}", "leg": 1, "queue": queue}
        self._later(at, ev.ContactQueued, customer="13800000000", **who)
        if self._random.random() < 0.08:
            self._later(at + self._random.uniform(5_000, 60_000), ev.ContactAbandoned, **who)
            return
        with_agent = {**who, "agent": self._agents[place]}
        offered = at + self._random.expovariate(1 / 8_000)
        answered = offered + self._random.uniform(1_000, 6_000)
        ended = answered + self._random.expovariate(1 / 150_000) + 5_000
        self._later(offered, ev.ContactOffered, **with_agent)
        self._later(answered, ev.ContactAnswered, **with_agent)
        if self._random.random() < 0.2:
            self._later(answered + (ended - answered) * 0.4, ev.ContactHeld, **with_agent)
            self._later(answered + (ended - answered) * 0.6, ev.ContactResumed, **with_agent)
        self._later(ended, ev.ContactEnded, **with_agent)
        self._later(ended + 1, ev.WrapUpStarted, until=Millis(int(ended) + 20_001), **with_agent)
