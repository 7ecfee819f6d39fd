"""Everything one floor remembers, and the few writes that every fold shares. In: records. Out: `FloorState`, `Writing`.

One mutable value with one owner (`Floor`); a snapshot is its encoding. May not know: which event causes which write.
"""

from msgspec import Struct, field

from streams.floor.label import derive
from streams.floor.numbers import Counters
from streams.floor.outputs import AgentChange, Anomaly, AnomalyKind, Output
from streams.floor.records import BUSY, AgentRecord, Closed, Gap, Picture, QueueRecord, Visit, VisitKey
from streams.vocabulary.events import Event
from streams.vocabulary.facts import ContactLeg, StateInterval
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import AgentState, Direction, Order, Outcome

KEPT_MINUTES = 61
CLOSED_KEPT_MS = 60 * 60_000
"""How long a finished leg may still be amended: longer than any wrap-up, far shorter than a day."""
MOST_CLOSED = 60_000
"""Finished legs kept at most; more than an hour of 500,000 contacts a day. Full: the oldest are forgotten early."""
MOST_GAPS = 1_000
"""Gaps kept; the oldest are forgotten first (the warehouse's events still tell of them)."""
MOST_TIERS = 50
OTHER_TIER = "…"
"""Where a queue's further customer tiers are counted together: tiers come from a wire, so they are bounded."""
EVERY_QUEUE = QueueName("")


class Hole(Struct, kw_only=True):
    """Events of a numbered source that stand behind missing numbers, each with the moment it came."""

    events: dict[int, tuple[Millis, Event]] = field(default_factory=dict)
    look_at: Millis = Millis(0)
    """no event has come so long ago before then that its missing predecessors were waited for long enough"""


class Intake(Struct, kw_only=True):
    """What is known of the order in which events come, before they are folded."""

    orders: dict[SourceId, Order] = field(default_factory=dict)
    """sources whose order is not that of arrival"""
    holes: dict[SourceId, Hole] = field(default_factory=dict)
    seen: dict[SourceId, dict[int, Millis]] = field(default_factory=dict)
    """numbers of timed sources, in order of coming -> when they came"""
    missing: dict[SourceId, Millis] = field(default_factory=dict)
    """since when a numbered source lacks events that never came; its next full picture settles it"""
    window: "Window | None" = None
    stories: dict[VisitKey, list[Event]] = field(default_factory=dict)
    """every event of a visit that timed sources told, for the last hour: what a late one is read beside"""
    told: dict[tuple[AgentId, str, QueueName], Millis] = field(default_factory=dict)
    """the moment of the newest news of each agent, by what it is about"""


class Window(Struct, kw_only=True):
    """Events that an older one may still overtake. `settled`: the floor before the first of them, in strict order."""

    settled: "FloorState"
    horizon: Millis
    """events up to this moment are settled; an older one is late"""
    waiting: list[tuple[Millis, SourceId, int, Event]] = field(default_factory=list)
    """(place in time, source, seq, event), sorted"""
    latest: dict[SourceId, Millis] = field(default_factory=dict)
    """where the last event of an ordered source stands: its own order is kept whatever its clock says"""
    refold_by: Millis | None = None
    refolded_at: Millis = Millis(0)


_AT_REST = (AgentState.READY, AgentState.NOT_READY, AgentState.SIGNED_OUT)


class FloorState(Struct, kw_only=True):
    site: SiteId
    at: Millis = Millis(0)
    agents: dict[AgentId, AgentRecord] = field(default_factory=dict)
    queues: dict[QueueName, QueueRecord] = field(default_factory=dict)
    visits: dict[VisitKey, Visit] = field(default_factory=dict)
    closed: dict[VisitKey, Closed] = field(default_factory=dict)
    turned_away: dict[ContactId, Millis] = field(default_factory=dict)
    wrapping: dict[AgentId, Millis] = field(default_factory=dict)
    """agent -> when the wrap-up ends, only those that end by the clock"""
    pausing: dict[tuple[AgentId, QueueName], Millis] = field(default_factory=dict)
    """(agent, queue or "" for the whole agent) -> when the switch itself ends the pause"""
    next_due: Millis | None = None
    """the earliest of both, so that an event that ends none need not look"""
    seqs: dict[SourceId, int] = field(default_factory=dict)
    blind: dict[SourceId, Gap] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    pictures: dict[SourceId, Picture] = field(default_factory=dict)
    pictured: dict[SourceId, Millis] = field(default_factory=dict)
    """when a source's last full picture was complete"""
    heard: dict[SourceId, Millis] = field(default_factory=dict)
    """the last moment a source said anything at all"""
    intake: Intake = field(default_factory=Intake)
    anomalies: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    """what pictures and other witnesses put right, by kind"""
    forgotten_before: Millis = Millis(0)
    """legs that closed before this moment are no longer remembered"""
    began: Millis = Millis(0)
    """the first event's moment"""
    contacts: int = 0
    quarter: int = 0
    """the quarter of an hour in which the day was last looked at"""
    day_began: Millis = Millis(0)
    clock_at: Millis = Millis(0)
    """the last moment at which anything happened by the clock alone"""
    pruned_at: Millis = Millis(0)


class Writing(Struct, gc=False):
    """One event being applied: the state, the moment, and what comes out. Lives for one `apply`."""

    state: FloorState
    at: Millis
    out: list[Output]
    short_abandon_ms: int

    def ends_wrap_up_at(self, agent: AgentId, until: Millis | None) -> None:
        """By the clock; None: not (any more)."""
        before = self.state.wrapping.pop(agent, None)
        if until is not None:
            self.state.wrapping[agent] = until
        self._due(before, until)

    def ends_pause_at(self, agent: AgentId, queue: QueueName, until: Millis | None) -> None:
        before = self.state.pausing.pop((agent, queue), None)
        if until is not None:
            self.state.pausing[agent, queue] = until
        self._due(before, until)

    def _due(self, before: Millis | None, until: Millis | None) -> None:
        state = self.state
        if before is not None and before == state.next_due:
            state.next_due = min([*state.wrapping.values(), *state.pausing.values()], default=None)
        elif until is not None and (state.next_due is None or until < state.next_due):
            state.next_due = until

    def queue_or_none(self, name: QueueName, source: SourceId) -> QueueRecord | None:
        """None for "": a contact of no queue (an agent's own outbound call)."""
        return self.queue(name, source) if name else None

    def queue(self, name: QueueName, source: SourceId) -> QueueRecord:
        record = self.state.queues.get(name)
        if record is None:
            record = self.state.queues[name] = QueueRecord(name=name, target_ms=20_000)
        if source not in record.sources:
            record.sources.append(source)
        return record

    def agent(self, agent: AgentId, source: SourceId) -> AgentRecord:
        record = self.state.agents.get(agent)
        if record is None:
            record = self.state.agents[agent] = AgentRecord(id=agent, source=source, since=self.at)
        return record

    def counting(self, queue: QueueRecord, tier: str = "") -> tuple[Counters, ...]:
        """All counters that a happening now belongs to: the day's, the running minute's, the customer tier's."""
        minute = self.at // 60_000
        counters = queue.minutes.get(minute)
        if counters is None:
            counters = queue.minutes[minute] = Counters()
            for old in [one for one in queue.minutes if one <= minute - KEPT_MINUTES]:
                del queue.minutes[old]
        if self.at < self.state.day_began:  # came after midnight and belongs before it
            return (counters,)
        return (queue.today, counters, self.tier(queue, tier)) if tier else (queue.today, counters)

    def tier(self, queue: QueueRecord, tier: str) -> Counters:
        counters = queue.tiers.get(tier)
        if counters is None:
            name = tier if len(queue.tiers) < MOST_TIERS else OTHER_TIER
            counters = queue.tiers.setdefault(name, Counters())
        return counters

    def anomaly(self, kind: AnomalyKind, detail: str) -> None:
        self.state.anomalies[kind] = self.state.anomalies.get(kind, 0) + 1
        self.out.append(Anomaly(kind=kind, at=self.at, detail=detail))

    def anomaly_of_contact(self, contact: ContactId, leg: int) -> None:
        self.anomaly(AnomalyKind.UNKNOWN_CONTACT, visit_id((contact, leg)))

    def repaired(self, kind: AnomalyKind, detail: str) -> None:
        """What another witness put right: told like an anomaly, counted apart, for nothing about it is odd."""
        self.state.repairs[kind] = self.state.repairs.get(kind, 0) + 1
        self.out.append(Anomaly(kind=kind, at=self.at, detail=detail))

    def relabel(self, agent: AgentRecord, *, since: Millis | None = None) -> None:
        """Derive the label anew; a change closes the interval before it. `since`: it began earlier than now."""
        label = derive(agent, self.state.visits)
        if (
            label.state is agent.state
            and label.contact == agent.contact
            and label.reason == agent.reason
            and label.queue == agent.queue
        ):
            if (agent.shown_next is not None or label.state in BUSY) and agent.next_state != agent.shown_next:
                # a status that changes in mid-contact (预约小休) changes no label, but the map shows what follows
                self.tell_change(agent)
            return
        # never before the last change: an event out of order must not make two stretches overlap
        began = max(self.at if since is None else min(since, self.at), agent.since)
        self.close_interval(agent, began)
        agent.state, agent.reason = label.state, label.reason
        agent.queue, agent.contact = label.queue, label.contact
        agent.since = began
        if agent.reserved is not None and label.state in _AT_REST:
            agent.reserved = None  # its contact is over
        self.tell_change(agent)

    def tell_change(self, agent: AgentRecord) -> None:
        agent.shown_next = agent.next_state
        self.out.append(
            AgentChange(
                agent=agent.id,
                at=self.at,
                state=agent.state,
                reason=agent.reason,
                since=agent.since,
                queue=agent.queue,
                contact=agent.contact,
            )
        )

    def close_interval(self, agent: AgentRecord, end: Millis) -> None:
        duration_ms = end - agent.since
        if duration_ms <= 0:
            return
        today_ms = max(0, end - max(agent.since, self.state.day_began))
        if agent.state is AgentState.NOT_READY:
            agent.today.not_ready_ms += today_ms
        elif agent.state is AgentState.READY:
            agent.today.ready_ms += today_ms
        agent.intervals += 1
        self.out.append(
            StateInterval(
                site=self.state.site,
                ver=end,
                started_at=agent.since,
                agent=agent.id,
                number=agent.intervals,
                state=agent.state,
                reason=agent.reason,
                queue=agent.queue,
                contact=agent.contact,
                duration_ms=duration_ms,
            )
        )

    def close_leg(self, leg: ContactLeg) -> None:
        key = (leg.contact, leg.leg)
        self.state.closed[key] = Closed(leg=leg, closed_at=self.at)
        self.out.append(leg)

    def leave_queue(self, visit: Visit) -> QueueRecord:
        queue = self.queue(visit.queue, visit.source)
        queue.waiting.pop(visit_id(visit.key), None)
        return queue

    def reduce_outbound(self, visit: Visit) -> QueueRecord | None:
        queue = self.queue_or_none(visit.queue, visit.source)
        if queue is not None:
            queue.outbound = max(0, queue.outbound - 1)
        return queue

    def leave_talk(self, name: AgentId, key: VisitKey) -> None:
        if agent := self.state.agents.get(name):
            if key in agent.talks:
                agent.talks.remove(key)
            self.relabel(agent)

    def withdraw_offers(self, visit: Visit) -> None:
        for name in visit.offered_to:
            if agent := self.state.agents.get(name):
                agent.offers = [key for key in agent.offers if key != visit.key]
                self.relabel(agent)
        visit.offered_to = []


def visit_id(key: VisitKey) -> str:
    return f"{key[0]}#{key[1]}"


def leg_of(state: FloorState, visit: Visit, *, outcome: Outcome, ended_at: Millis, reason: str = "") -> ContactLeg:
    """The fact of a visit as it stands. `ver` counts up from the moment of closing, so a replay repeats it."""
    queue = state.queues.get(visit.queue)
    outbound = visit.direction is Direction.OUTBOUND
    accepted_at = Millis(0) if outbound else visit.accepted_at or visit.answered_at
    return ContactLeg(
        site=state.site,
        ver=ended_at << 8,
        queued_at=visit.queued_at,
        contact=visit.contact,
        leg=visit.leg,
        queue=visit.queue,
        agent=visit.agent or AgentId(""),
        channel=visit.channel,
        direction=visit.direction,
        tier=visit.tier,
        customer=visit.customer,
        answered_at=visit.answered_at,
        ended_at=ended_at,
        wait_ms=visit.wait_ms,
        accept_wait_ms=max(0, accepted_at - visit.queued_at) if accepted_at else 0,
        ring_ms=visit.ring_ms,
        target_ms=queue.target_ms if queue else 0,
        outcome=outcome,
        reason=reason,
        ended_by=visit.ended_by,
        recording=visit.recording,
        witnesses=" ".join(f"{what}={who}" for what, who in sorted(visit.witnesses.items())),
        tags=" ".join(visit.tags),
    )
