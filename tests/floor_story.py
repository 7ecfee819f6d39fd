"""A floor told event by event, for tests. In: events without site, source and number. Out: what the floor said.

Times are ms after T0. One source unless named; numbers go up by one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from streams.floor.fold import Floor
from streams.floor.label import Label, derive
from streams.floor.numbers import QueueNumbers
from streams.floor.outputs import AgentChange, Output
from streams.floor.records import AgentRecord
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, GapReason

T0 = 1_795_291_200_000
SITE, SOURCE = SiteId("gz"), SourceId("ast")
SALES = QueueName("sales")
T = TypeVar("T")


class Story:
    """`told` keeps everything the floor said."""

    def __init__(self, **options: Any) -> None:
        self.floor = Floor(SITE, **{"targets_ms": {SALES: 20_000}} | options)
        self.seq = 0
        self.told: list[Output] = []

    def tell(self, at: int, kind: Callable[..., ev.Event], *, source: str = SOURCE, **fields: Any) -> list[Output]:
        self.seq += 1
        return self.repeat(kind(at=Millis(T0 + at), site=SITE, source=SourceId(source), seq=self.seq, **fields))

    def repeat(self, event: ev.Event) -> list[Output]:
        out = self.floor.apply(event)
        self.told += out
        return out

    def passes(self, at: int) -> list[Output]:
        out = self.floor.advance(Millis(T0 + at))
        self.told += out
        return out

    # --- phrases

    def sign_in(self, at: int, agent: str = "1001", queue: str = "sales", **more: Any) -> None:
        self.tell(at, ev.AgentJoinedQueue, agent=agent, queue=queue, **{"device": "idle"} | more)

    def queue_up(self, at: int, contact: str = "c1", leg: int = 1, queue: str = "sales") -> None:
        self.tell(at, ev.ContactQueued, contact=contact, leg=leg, queue=queue)

    def contact(
        self,
        at: int,
        kind: Callable[..., ev.Event],
        contact: str = "c1",
        leg: int = 1,
        queue: str = "sales",
        **more: Any,
    ) -> list[Output]:
        return self.tell(at, kind, contact=contact, leg=leg, queue=queue, **more)

    def offer(self, at: int, contact: str = "c1", agent: str = "1001", **more: Any) -> None:
        self.contact(at, ev.ContactOffered, contact, agent=agent, **more)

    def answer(self, at: int, contact: str = "c1", agent: str = "1001", **more: Any) -> list[Output]:
        return self.contact(at, ev.ContactAnswered, contact, agent=agent, **more)

    def end(self, at: int, contact: str = "c1", agent: str = "1001", **more: Any) -> list[Output]:
        return self.contact(at, ev.ContactEnded, contact, agent=agent, **more)

    def wrap_up(self, at: int, until: int | None, contact: str = "c1", agent: str = "1001") -> None:
        self.contact(at, ev.WrapUpStarted, contact, agent=agent, until=None if until is None else T0 + until)

    def lose(self, at: int, reason: GapReason = GapReason.DISCONNECTED, **more: Any) -> None:
        self.tell(at, ev.SourceLost, reason=reason, **more)

    def seen(self, at: int, agent: str = "1001", queue: str = "sales", **more: Any) -> None:
        self.tell(at, ev.AgentSeen, agent=agent, queue=queue, **{"device": "idle"} | more)

    # --- what is to be seen

    def agent(self, agent: str = "1001") -> AgentRecord:
        return self.floor.agents[AgentId(agent)]

    def label(self, agent: str = "1001") -> tuple[AgentState, str]:
        record = self.agent(agent)
        assert Label(record.state, record.reason, record.queue, record.contact) == derive(
            record, self.floor.state.visits
        )
        return record.state, record.reason

    def numbers(self, at: int, queue: str = "sales") -> QueueNumbers:
        return next(one for one in self.floor.numbers(Millis(T0 + at)) if one.queue == queue)

    def of(self, kind: type[T]) -> list[T]:
        return [one for one in self.told if isinstance(one, kind)]

    def legs(self) -> list[ContactLeg]:
        """The newest version of each leg, in order of first telling."""
        return list({(one.contact, one.leg): one for one in self.of(ContactLeg)}.values())

    def intervals(self, agent: str = "1001") -> list[tuple[str, int, int]]:
        """(state, from, length), ms after T0."""
        return [
            (one.state, one.started_at - T0, one.duration_ms) for one in self.of(StateInterval) if one.agent == agent
        ]

    def changes(self, agent: str = "1001") -> list[str]:
        return [one.state for one in self.of(AgentChange) if one.agent == agent]
