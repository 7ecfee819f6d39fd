"""The simulated floor: all agents, queues, contacts and coming events of one switch. In: steps. Out: told events.

Pure core, mutable, owned by `sim.Sim`; the flows (queueing, offering, talking, shifts) change it through what stands
here, and whatever changes for a member is told here, so that no change can stay untold.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random

from monitor.demo.switch.centre import Centre, Queue
from monitor.demo.switch.channels import DOWN, RING, Channel
from monitor.demo.switch.laws import Laws
from monitor.demo.switch.ledger import Ledger, seconds
from monitor.demo.switch.members import DEVICE_WORDS, NEVER, Agent, Doing, Member, member_event_fields
from monitor.demo.switch.teller import Teller
from streams.vocabulary.ids import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    """A real recording that a contact may get: its file name and length."""

    file: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingDue:
    """The recording of an ended contact: `file` has to be at `path` before the end is told."""

    path: str
    file: str


@dataclass(slots=True, eq=False)
class Offer:
    agent: Agent
    channel: Channel
    at: Millis


@dataclass(slots=True, eq=False)
class Talk:
    agent: Agent
    channel: Channel
    queue: Queue
    bridge: str
    since: Millis
    wait_s: int
    original_position: int
    in_target: bool
    tallied: bool = False
    holding: bool = False
    recording: RecordingDue | None = None


@dataclass(slots=True, eq=False)
class Contact:
    """`stage` grows with each turn of its life; what was planned for an older stage does not happen."""

    channel: Channel
    queue: Queue
    stage: int = 0
    joined: Millis = NEVER
    original_position: int = 0
    retry_at: Millis = NEVER
    opening: bool = False
    offer: Offer | None = None
    talk: Talk | None = None
    accepted: bool = False
    overflow_to: str = ""


@dataclass(slots=True, eq=False)
class QueueState:
    """`idle` holds who may be offered a contact: per penalty, longest idle first."""

    spec: Queue
    waiting: list[Contact] = field(default_factory=list)
    idle: tuple[dict[str, Agent], ...] = field(default_factory=lambda: ({}, {}, {}))
    burst: float = 1.0

    def next_agent(self) -> Agent | None:
        for agents in self.idle:
            for agent in agents.values():
                return agent
        return None


def _utc(at: int) -> str:
    return f"{datetime.fromtimestamp(seconds(at), UTC):%Y-%m-%d %H:%M:%S}"


class Floor:
    def __init__(
        self, centre: Centre, *, start: Millis, seed: int, noise: float, keep_log: bool, calls: tuple[DemoCall, ...]
    ) -> None:
        self.centre = centre
        self.now = start
        self.start = start
        self.random = Random(seed)  # noqa: S311  repeatable on purpose
        self.laws = Laws(centre, self.random)
        self.tell = Teller(seed=seed + 1, noise=noise)
        self.ledger = Ledger([queue.name for queue in centre.queues], keep_log=keep_log)
        self.queues = {queue.name: QueueState(queue) for queue in centre.queues}
        self.agents = {card.interface: Agent(card=card) for card in centre.agents}
        self.channels: dict[str, Channel] = {}
        self.talks: dict[str, Contact] = {}
        self.demo_calls = calls
        self.next_demo_call = 0
        self.next_recording_end = start
        self.recordings_folder = ""
        self.recording_every_ms = 0
        self.due: list[RecordingDue] = []
        self.pending: set[str] = set()
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = 0
        self._uniqueids = 0
        self._pjsip = 0

    # --- time ------------------------------------------------------------------------------------------------------

    @property
    def now_s(self) -> int:
        return seconds(self.now)

    def later(self, delay_ms: int, step: Callable[[], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._heap, (self.now + max(0, delay_ms), self._numbers, step))

    def later_for(self, contact: Contact, delay_ms: int, step: Callable[["Floor", Contact], None]) -> None:
        """Unless the contact has moved on by then."""
        self.later(delay_ms, partial(self._if_still, contact, contact.stage, step))

    def _if_still(self, contact: Contact, stage: int, step: Callable[["Floor", Contact], None]) -> None:
        if contact.stage == stage:
            step(self, contact)

    def next_at(self) -> Millis | None:
        return Millis(self._heap[0][0]) if self._heap else None

    def run_next(self) -> None:
        at, _, step = heapq.heappop(self._heap)
        self.now = Millis(at)
        self.tell.clock(self.now)
        step()

    # --- channels --------------------------------------------------------------------------------------------------

    def new_channel(self, peer: str, *, linkedid: str = "", context: str, exten: str, ring: bool) -> Channel:
        uniqueid = f"{self.now_s}.{self._uniqueids}"
        name = f"PJSIP/{peer}-{self._pjsip:08x}"
        self._uniqueids += 1
        self._pjsip += 1
        state = RING if ring else DOWN
        channel = Channel(
            name=name,
            uniqueid=uniqueid,
            linkedid=linkedid or uniqueid,
            created=self.now,
            state=state,
            context=context,
            exten=exten,
        )
        self.channels[name] = channel
        return channel

    def agent_channel(self, agent: Agent, *, linkedid: str) -> Channel:
        channel = self.new_channel(agent.card.number, linkedid=linkedid, context="internal", exten="s", ring=False)
        channel.now(caller_num=agent.card.number, caller_name=f"Agent {agent.card.number}")
        return channel

    def hangup(self, channel: Channel, cause: int = 16, *, sip: str = "") -> None:
        texts = {0: "Unknown", 16: "Normal Clearing", 17: "User busy", 21: "Call Rejected"}
        self.tell.hangup(channel, cause, texts[cause], sip=sip)
        self.channels.pop(channel.name, None)

    def cdr(self, contact: Contact, *, answered: bool, other: str = "") -> None:
        if not self.tell.noisy():
            return
        channel = contact.channel
        length = self.now_s - seconds(channel.created)
        self.tell.event(
            "Cdr",
            "cdr",
            (
                ("AccountCode", channel.account),
                ("Source", channel.caller_num),
                ("Destination", channel.exten),
                ("DestinationContext", channel.context),
                ("CallerID", f'"{channel.caller_name}" <{channel.caller_num}>'),
                ("Channel", channel.name),
                ("DestinationChannel", other),
                ("LastApplication", channel.application),
                ("LastData", channel.data),
                ("StartTime", _utc(channel.created)),
                ("AnswerTime", _utc(channel.created) if answered else ""),
                ("EndTime", _utc(self.now)),
                ("Duration", str(length)),
                ("BillableSeconds", str(length)),
                ("Disposition", "ANSWERED" if answered else "NO ANSWER"),
                ("AMAFlags", "DOCUMENTATION"),
                ("UniqueID", channel.uniqueid),
                ("UserField", contact.queue.name),
            ),
        )

    # --- agents ----------------------------------------------------------------------------------------------------

    def device(self, agent: Agent, status: int) -> None:
        """The telephone changed: one DeviceStateChange, one QueueMemberStatus for each queue."""
        agent.device = status
        self.tell.event("DeviceStateChange", "call", (("Device", agent.interface), ("State", DEVICE_WORDS[status])))
        for member in agent.members.values():
            self.tell.agent("QueueMemberStatus", member_event_fields(agent, member))
        self.refresh(agent)

    def occupy(self, agent: Agent, doing: Doing) -> None:
        agent.doing = doing
        self.refresh(agent)

    def wrap_up(self, agent: Agent, queue: Queue) -> None:
        """app_queue offers nothing until `time(NULL) - lastcall >= wrapuptime`, in whole seconds."""
        agent.last_call_s = self.now_s
        agent.free_at = Millis((agent.last_call_s + queue.wrap_up_s) * 1000)
        self.later(agent.free_at - self.now, partial(self.refresh, agent))

    def refresh(self, agent: Agent) -> None:
        """Keep the queues' idle lists true."""
        number = agent.card.number
        for skill in agent.card.skills:
            idle = self.queues[skill.queue].idle[skill.penalty]
            member = agent.members.get(skill.queue)
            if member is not None and agent.may_take(member, self.now):
                idle[number] = agent
                self.pending.add(skill.queue)
            else:
                idle.pop(number, None)

    def pause(self, agent: Agent, members: Iterable[Member], *, reason: str, paused: bool, by_all: bool = True) -> None:
        """QueueMemberPause per queue; `by_all`: told by one QueuePause without Queue (PAUSEALL in queue_log)."""
        word = "PAUSE" if paused else "UNPAUSE"
        name = agent.card.name
        if by_all:
            self.ledger.log(self.now, "NONE", "NONE", name, word + "ALL", reason)
        for member in members:
            member.paused = paused
            member.reason = reason if paused else ""
            if paused:
                member.last_pause_s = self.now_s
            self.ledger.log(self.now, "NONE", member.queue, name, word, reason)
            device = f"Queue:{member.queue}_pause_{agent.interface}"
            state = "INUSE" if paused else "NOT_INUSE"
            self.tell.noise("DeviceStateChange", "call", (("Device", device), ("State", state)))
            told = member_event_fields(agent, member)
            if not paused and reason:
                told = tuple((key, reason if key == "PausedReason" else value) for key, value in told)
            self.tell.agent("QueueMemberPause", told)
        self.refresh(agent)

    def sign_in(self, agent: Agent, *, login_s: int) -> None:
        """Quiet: what a booted switch already has. `shifts.sign_in` tells it."""
        for skill in agent.card.skills:
            agent.members[skill.queue] = Member(
                queue=skill.queue, penalty=skill.penalty, fixed=agent.card.fixed, login_s=login_s
            )
        self.refresh(agent)
