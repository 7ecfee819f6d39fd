"""The floor beside a model that knows the truth: events may be missed, doubled or lost in a gap."""

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from streams.floor.fold import Floor
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, Device, GapReason, Outcome, Witness
from tests.property.test_floor_fold import conserved

QUEUE = QueueName("sales")
AGENTS = ("1", "2", "3")
HEARD = st.sampled_from([True, True, True, False])


class FloorModel(RuleBasedStateMachine):
    """`waiting` and `talking` are the switch's truth; the floor hears of it what is not missed."""

    waits: Bundle[str] = Bundle("waits")
    talks: Bundle[str] = Bundle("talks")

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor(SiteId("gz"))
        self.at, self.seq, self.made = 1_795_291_200_000, 0, 0
        self.waiting: dict[str, int] = {}
        self.talking: dict[str, str] = {}
        self.paused: set[str] = set()
        self.blind = False
        self.last: ev.Event | None = None
        for agent in AGENTS:
            self.tell(ev.AgentJoinedQueue, agent=agent, queue=QUEUE, device=Device.IDLE)

    def tell(self, kind: Callable[..., ev.Event], *, heard: bool = True, **fields: Any) -> None:
        self.at += 700
        self.seq += 1
        if heard and not self.blind:
            event = kind(at=Millis(self.at), site=SiteId("gz"), source=SourceId("a"), seq=self.seq, **fields)
            self.floor.apply(event)
            self.last = event

    def visit(self, kind: Callable[..., ev.Event], contact: str, heard: bool, **fields: Any) -> None:
        self.tell(kind, heard=heard, contact=contact, leg=1, queue=QUEUE, **fields)

    @rule(target=waits, heard=HEARD)
    def joins(self, heard: bool) -> str:
        self.made += 1
        contact = f"c{self.made}"
        self.visit(ev.ContactQueued, contact, heard)
        self.waiting[contact] = self.at
        return contact

    @rule(target=talks, contact=consumes(waits), agent=st.sampled_from(AGENTS), heard=HEARD)
    def is_answered(self, contact: str, agent: str, heard: bool) -> Any:
        wait_ms = self.at + 700 - self.waiting.pop(contact)
        self.visit(ev.ContactAnswered, contact, heard, agent=agent, wait_ms=wait_ms)
        self.talking[contact] = agent
        return contact

    @rule(contact=consumes(waits), heard=HEARD, kind=st.sampled_from([ev.ContactAbandoned, ev.ContactOverflowed]))
    def leaves(self, contact: str, heard: bool, kind: Any) -> None:
        wait_ms = self.at + 700 - self.waiting.pop(contact)
        more = {"reason": "timeout"} if kind is ev.ContactOverflowed else {}
        self.visit(kind, contact, heard, wait_ms=wait_ms, **more)

    @rule(contact=consumes(talks), heard=HEARD)
    def ends(self, contact: str, heard: bool) -> None:
        self.visit(ev.ContactEnded, contact, heard, agent=self.talking.pop(contact), talk_ms=700)

    @rule()
    def last_event_comes_again(self) -> None:
        if self.last is not None:
            self.floor.apply(self.last)

    @rule(target=talks)
    def source_is_lost(self) -> Any:
        self.tell(ev.SourceLost, reason=GapReason.DISCONNECTED)
        self.blind = True
        return multiple()

    @rule()
    def source_returns_with_a_full_picture(self) -> None:
        if not self.blind:
            self.tell(ev.SourceLost, reason=GapReason.DISCONNECTED)
        self.blind = False
        self.tell(ev.ResyncBegan)
        for agent in AGENTS:
            self.tell(ev.AgentSeen, agent=agent, queue=QUEUE, device=Device.IDLE)
            paused = agent in self.paused
            self.tell(ev.AgentSeen, agent=agent, queue="", not_ready=paused, reason="lunch" if paused else "")
        for contact, joined_at in self.waiting.items():
            self.visit(ev.ContactSeen, contact, True, wait_ms=self.at + 700 - joined_at)
        for contact, agent in self.talking.items():
            self.visit(ev.TalkSeen, contact, True, agent=agent)
        self.tell(ev.ResyncEnded)
        self.equals_the_truth()

    @rule(agent=st.sampled_from(AGENTS), heard=HEARD, away=st.booleans())
    def pauses_or_comes_back(self, agent: str, heard: bool, away: bool) -> None:
        """The whole agent; what the label is under a talk that goes on."""
        if away:
            self.tell(ev.AgentNotReady, heard=heard, agent=agent, reason="lunch")
            self.paused.add(agent)
        else:
            self.tell(ev.AgentReady, heard=heard, agent=agent)
            self.paused.discard(agent)

    @rule(agent=st.sampled_from(AGENTS), heard=HEARD)
    def dials_and_reaches_nobody(self, agent: str, heard: bool) -> None:
        """An attempt whose beginning is missed looks like a customer who left; nothing is counted into thin air."""
        self.made += 1
        self.visit(ev.ContactDialled, f"o{self.made}", heard, agent=agent)
        self.visit(ev.ContactAbandoned, f"o{self.made}", True)

    @rule(contact=consumes(talks))
    def ends_unheard_and_the_log_tells(self, contact: str) -> None:
        """The end is missed; another witness repairs it at once, though the source be lost."""
        agent = self.talking.pop(contact)
        self.tell(ev.ContactEnded, heard=False, contact=contact, leg=1, queue=QUEUE, agent=agent)
        if not self.blind:
            self.told_again(contact, agent)
            self.told_again(contact, agent)
            assert (ContactId(contact), 1) not in self.floor.state.visits

    def told_again(self, contact: str, agent: str) -> None:
        moments = {"queued_at": self.at - 5000, "answered_at": self.at - 3000, "ended_at": self.at}
        self.visit(
            ev.ContactCorrected,
            contact,
            True,
            agent=agent,
            outcome=Outcome.ANSWERED,
            witness=Witness.LOG,
            **moments,
        )

    def equals_the_truth(self) -> None:
        """Whatever was missed before: a full picture after a gap makes the floor right."""
        assert {visit.contact for visit in self.floor.state.visits.values() if not visit.answered_at} == set(
            self.waiting
        )
        assert {
            visit.contact: visit.agent for visit in self.floor.state.visits.values() if visit.answered_at
        } == self.talking
        for agent in AGENTS:
            busy = agent in self.talking.values()
            idle = AgentState.NOT_READY if agent in self.paused else AgentState.READY
            expected = AgentState.ON_CONTACT if busy else idle
            assert self.floor.agents[AgentId(agent)].state is expected

    @invariant()
    def nothing_is_lost_or_made_up(self) -> None:
        for queue in self.floor.queues.values():
            conserved(queue)

    @invariant()
    def nobody_is_shown_ready_while_nobody_listens(self) -> None:
        if self.blind:
            assert {agent.state for agent in self.floor.agents.values()} == {AgentState.UNKNOWN}


TestFloorModel = FloorModel.TestCase
TestFloorModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
