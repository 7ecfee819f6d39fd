"""A busy floor as another system would push it, and what it means. In: a seed, a start. Out: events in their order.

Every contact goes a way of its own (answered, declined first, held, abandoned, overflowed, transferred); agents come
and pause. Numbers count 1, 2, 3…: a hole is a loss. The oracle is one `Floor` told everything once, in order.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from random import Random
from typing import Any

from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import DeclineReason, EndedBy, OverflowReason, TransferKind

SITE, SOURCE = SiteId("gz"), SourceId("push-1")
QUEUES = ("sales", "support", "vip")
AGENTS = 24

CONTACT_EVERY_MS = 160.0


class Story:
    """Endless; `until` gives what happens up to a moment. Mutable; one owner."""

    def __init__(self, seed: int, *, start: Millis, agents: int = AGENTS) -> None:
        self._random = Random(seed)
        self.start = start
        self.every_ms = CONTACT_EVERY_MS
        self._ahead: list[tuple[int, int, Callable[..., Any], dict[str, Any]]] = []
        self._number = count()
        self._seq = 0
        self._contacts = 0
        self._next = 10.0
        self._free = [str(1001 + number) for number in range(agents)]
        for agent in tuple(self._free):
            for queue in self._random.sample(QUEUES, 2):
                self._plan(1, ev.AgentJoinedQueue, agent=agent, queue=queue)

    def until(self, at: Millis) -> list[ev.Event]:
        """Everything not given yet that happens at or before `at`, in order."""
        offset = at - self.start
        while self._next <= offset:
            self._new_contact(round(self._next))
            self._next += self.every_ms
        found = []
        while self._ahead and self._ahead[0][0] <= offset:
            when, _, kind, fields = heapq.heappop(self._ahead)
            if kind is _Back:
                self._free.append(fields["agent"])
                continue
            self._seq += 1
            found.append(kind(at=Millis(self.start + when), site=SITE, source=SOURCE, seq=self._seq, **fields))
        return found

    def _plan(self, when: int, kind: Callable[..., Any], **fields: Any) -> None:
        heapq.heappush(self._ahead, (when, next(self._number), kind, fields))

    def _new_contact(self, when: int) -> None:
        random = self._random
        self._contacts += 1
        contact = {"contact": f"c.{self._contacts}", "leg": 1, "queue": random.choice(QUEUES)}
        self._plan(
            when, ev.ContactQueued, **contact, customer=f"138{self._contacts:08d}", tier=random.choice(("", "vip"))
        )
        fate = random.random()
        if fate < 0.15 or not self._free:
            self._plan(when + random.randint(100, 4_000), ev.ContactAbandoned, **contact)
        elif fate < 0.25:
            reason = random.choice(list(OverflowReason))
            self._plan(when + random.randint(500, 3_000), ev.ContactOverflowed, **contact, reason=reason)
        else:
            self._served(when + random.randint(50, 1_500), contact)

    def _served(self, when: int, contact: dict[str, Any]) -> None:
        random = self._random
        agent = self._free.pop(random.randrange(len(self._free)))
        if random.random() < 0.2:
            self._plan(when, ev.ContactOffered, **contact, agent=agent)
            when += random.randint(100, 800)
            self._plan(when, ev.ContactDeclined, **contact, agent=agent, reason=DeclineReason.NO_ANSWER)
            when += 50
        self._plan(when, ev.ContactOffered, **contact, agent=agent)
        when += random.randint(100, 900)
        self._plan(when, ev.ContactAnswered, **contact, agent=agent)
        for _ in range(random.choice((0, 0, 1, 2))):
            when += random.randint(100, 900)
            self._plan(when, ev.ContactHeld, **contact, agent=agent)
            when += random.randint(100, 900)
            self._plan(when, ev.ContactResumed, **contact, agent=agent)
        when += random.randint(200, 4_000)
        if random.random() < 0.1:
            self._plan(when, ev.ContactTransferred, **contact, agent=agent, transfer=TransferKind.BLIND, target="9000")
        self._plan(when, ev.ContactEnded, **contact, agent=agent, ended_by=random.choice(list(EndedBy)))
        if random.random() < 0.5:
            self._plan(when, ev.WrapUpStarted, **contact, agent=agent)
            when += random.randint(200, 1_500)
            self._plan(when, ev.WrapUpEnded, agent=agent)
        if random.random() < 0.2:
            self._plan(when + 10, ev.AgentNotReady, agent=agent, queue=contact["queue"], reason="小休")
            when += random.randint(200, 1_500)
            self._plan(when, ev.AgentReady, agent=agent, queue=contact["queue"])
        self._plan(when + 20, _Back, agent=agent)


class _Back:
    """The agent is free for the next contact; no event."""


Legs = dict[tuple[str, int], tuple[Any, ...]]


def leg_row(leg: ContactLeg) -> tuple[Any, ...]:
    return (
        leg.queue,
        leg.outcome,
        leg.reason,
        leg.agent,
        leg.wait_ms,
        leg.talk_ms,
        leg.hold_ms,
        leg.wrap_up_ms,
        leg.tier,
    )


LEG_COLUMNS = "queue, outcome, reason, agent, wait_ms, talk_ms, hold_ms, wrap_up_ms, tier"


class Oracle:
    """What the events mean, told once and in order: nothing has to be waited for, whatever the source's order."""

    def __init__(self, events: Sequence[ev.Event]) -> None:
        self.floor = Floor(SITE)
        told: list[Output] = []
        for event in events:
            told += self.floor.apply(event)
        self._told = told

    def legs(self) -> Legs:
        """The last version of each closed leg."""
        found = sorted((one for one in self._told if isinstance(one, ContactLeg)), key=lambda one: one.ver)
        return {(one.contact, one.leg): leg_row(one) for one in found}

    def intervals(self) -> list[tuple[Any, ...]]:
        return sorted(
            (one.agent, one.started_at, one.state, one.reason, one.duration_ms)
            for one in self._told
            if isinstance(one, StateInterval)
        )

    def states(self) -> dict[str, tuple[str, str]]:
        """By agent: what the map must show."""
        return {agent.id: (agent.state, agent.reason) for agent in self.floor.agents.values()}

    def counts(self) -> dict[str, tuple[int, ...]]:
        """By queue: offered, answered, abandoned, waiting, talking."""
        numbers = self.floor.numbers(self.floor.state.at)
        return {
            one.queue: (one.today.offered, one.today.answered, one.today.abandoned, one.waiting, one.talking)
            for one in numbers
        }


def batches(events: list[ev.Event], random: Random) -> Iterator[list[ev.Event]]:
    """Cut at arbitrary places."""
    start = 0
    while start < len(events):
        size = random.randint(1, 40)
        yield events[start : start + size]
        start += size
