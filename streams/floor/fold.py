"""The floor: events in, facts and changes out. In: `Event`s of one site in order, the time. Out: `Output`s.

Same events, same outputs: replay, time travel and restart are this fold over other events. `Floor` is the one owner of
its state. May not know: where events come from, where outputs go, clocks.
"""

from typing import assert_never

import msgspec

from streams.floor import agents, contacts, corrections, messages, recordings, resync, status, talks, wrap_up
from streams.floor.numbers import WINDOW_MINUTES, Counters, QueueNumbers
from streams.floor.outputs import AnomalyKind, Output
from streams.floor.records import AgentRecord, Gap, QueueRecord
from streams.floor.state import CLOSED_KEPT_MS, FloorState, Writing
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState

LINE_MINUTES = 30
DAY_MS = 86_400_000
PRUNE_EVERY_MS = 60_000


class Floor:
    """One site's live state. `utc_offset_ms`: local midnight restarts the day's counters; None: they never restart."""

    def __init__(
        self,
        site: SiteId,
        *,
        targets_ms: dict[QueueName, int] | None = None,
        short_abandon_ms: int = 5_000,
        utc_offset_ms: int | None = None,
        state: FloorState | None = None,
    ) -> None:
        self.state = state or FloorState(site=site)
        self._short_abandon_ms = short_abandon_ms
        self._utc_offset_ms = utc_offset_ms
        for queue, target_ms in (targets_ms or {}).items():
            self.state.queues.setdefault(queue, QueueRecord(name=queue, target_ms=target_ms)).target_ms = target_ms

    @property
    def site(self) -> SiteId:
        return self.state.site

    @property
    def agents(self) -> dict[AgentId, AgentRecord]:
        return self.state.agents

    @property
    def queues(self) -> dict[QueueName, QueueRecord]:
        return self.state.queues

    @property
    def gaps(self) -> list[Gap]:
        return self.state.gaps

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self.state)

    @classmethod
    def restore(
        cls,
        snapshot: bytes,
        *,
        targets_ms: dict[QueueName, int] | None = None,
        short_abandon_ms: int = 5_000,
        utc_offset_ms: int | None = None,
    ) -> "Floor":
        """From `snapshot()`; raises msgspec.ValidationError if it was written by another version."""
        state = msgspec.msgpack.decode(snapshot, type=FloorState)
        # one gap is known by two names; decoding made two of it
        for source in state.blind:
            state.blind[source] = next(gap for gap in reversed(state.gaps) if gap.source == source)
        return cls(
            state.site,
            state=state,
            targets_ms=targets_ms,
            short_abandon_ms=short_abandon_ms,
            utc_offset_ms=utc_offset_ms,
        )

    def apply(self, event: ev.Event) -> list[Output]:
        """What one event changes. A redelivered event (same source, no higher seq) changes nothing and is counted."""
        state = self.state
        out = self.advance(event.at)
        writing = Writing(state, event.at, out, self._short_abandon_ms)
        if event.seq <= state.seqs.get(event.source, -1):
            writing.anomaly(AnomalyKind.DUPLICATE, event.id)
            return out
        state.seqs[event.source] = event.seq
        if event.at < state.at:
            writing.anomaly(AnomalyKind.OUT_OF_ORDER, event.id)
        _dispatch(event, writing)
        state.at = max(state.at, event.at)
        return out

    def advance(self, now: Millis) -> list[Output]:
        """Let time pass: wrap-ups and days end at their own moment, however late and however often this is called."""
        state = self.state
        out: list[Output] = []
        if self._utc_offset_ms is not None and (day := (now + self._utc_offset_ms) // DAY_MS) > state.day:
            began = Millis(day * DAY_MS - self._utc_offset_ms)
            self._end_by_clock(began, out)
            if state.day:
                self._begin_day()
            state.day, state.day_began = day, began
        self._end_by_clock(now, out)
        if now - state.pruned_at >= PRUNE_EVERY_MS:
            self._prune(now)
        return out

    def _end_by_clock(self, now: Millis, out: list[Output]) -> None:
        """Wrap-ups and pauses whose end the switch stated, in order of their ends."""
        state = self.state
        if not state.wrapping and not state.pausing:
            return
        due = [(until, name, None) for name, until in state.wrapping.items() if until <= now]
        paused = [(until, name, queue) for (name, queue), until in state.pausing.items() if until <= now]
        for until, name, queue in sorted([*due, *paused], key=lambda one: (one[0], one[1], one[2] or "")):
            writing = Writing(state, until, out, self._short_abandon_ms)
            agent = state.agents[name]
            if queue is None:
                wrap_up.end_wrap_up(agent, writing, until)
            else:
                status.end_pause(agent, queue, writing)
            writing.relabel(agent)

    def _prune(self, now: Millis) -> None:
        """On whole minutes, so that what may still be amended does not depend on when this is called."""
        state = self.state
        state.pruned_at = Millis(now - now % PRUNE_EVERY_MS)
        limit = state.pruned_at - CLOSED_KEPT_MS
        wrapping = {agent.wrap_up.visit for agent in state.agents.values() if agent.wrap_up is not None}
        state.closed = {key: one for key, one in state.closed.items() if one.closed_at > limit or key in wrapping}
        state.turned_away = {key: at for key, at in state.turned_away.items() if at > limit}

    def _begin_day(self) -> None:
        state = self.state
        state.contacts = 0
        for queue in state.queues.values():
            queue.today, queue.tiers = Counters(), {}
        for agent in state.agents.values():
            agent.today = type(agent.today)()

    def not_ready_ms(self, agent: AgentRecord, now: Millis) -> int:
        """Of this day, the stretch that still runs included."""
        running_ms = now - max(agent.since, self.state.day_began) if agent.state is AgentState.NOT_READY else 0
        return agent.today.not_ready_ms + max(0, running_ms)

    def numbers(self, now: Millis) -> list[QueueNumbers]:
        """Every queue at this instant, in order of name."""
        states: dict[QueueName, dict[str, int]] = {name: {} for name in self.state.queues}
        for agent in self.state.agents.values():
            for name in agent.memberships:
                counted = states[name]
                counted[agent.state] = counted.get(agent.state, 0) + 1
        return [self._numbers(queue, now, states[name]) for name, queue in sorted(self.state.queues.items())]

    def _numbers(self, queue: QueueRecord, now: Millis, states: dict[str, int]) -> QueueNumbers:
        minute = now // 60_000
        closed = [(one, queue.minutes.get(one)) for one in range(minute - LINE_MINUTES, minute)]
        return QueueNumbers(
            at=now,
            site=self.state.site,
            queue=queue.name,
            target_ms=queue.target_ms,
            certain=not any(source in self.state.blind for source in queue.sources),
            waiting=len(queue.waiting),
            longest_wait_ms=max(0, now - min(queue.waiting.values())) if queue.waiting else 0,
            talking=queue.talking,
            agents=states,
            today=queue.today + Counters(),
            windows=_windows(queue, minute),
            line=[
                (Millis(one * 60_000), c.answered_in_target if c else 0, c.answered + c.abandoned if c else 0)
                for one, c in closed
            ],
            outbound=queue.outbound,
            tiers={tier: counters + Counters() for tier, counters in queue.tiers.items()},
        )


def _windows(queue: QueueRecord, minute: int) -> dict[int, Counters]:
    """Each longer window is the shorter one and the minutes before it."""
    total = Counters()
    windows: dict[int, Counters] = {}
    done = 0
    for length in WINDOW_MINUTES:
        for one in range(minute - length + 1, minute - done + 1):
            if counters := queue.minutes.get(one):
                total = total + counters
        windows[length] = total
        done = length
    return windows


def _configured(event: ev.QueueConfigured, writing: Writing) -> None:
    writing.queue(event.queue, event.source).target_ms = event.target_ms


def _tallied(event: ev.SwitchTallied, writing: Writing) -> None:
    for counters in writing.counting(writing.queue(event.queue, event.source)):
        counters.switch_completed += event.completed
        counters.switch_completed_in_target += event.completed_in_target
        counters.switch_abandoned += event.abandoned
        counters.switch_abandoned_in_target += event.abandoned_in_target


def _tally_reset(event: ev.SwitchTallyReset, writing: Writing) -> None:
    today = writing.queue(event.queue, event.source).today
    today.switch_completed = today.switch_completed_in_target = 0
    today.switch_abandoned = today.switch_abandoned_in_target = 0


def _wrap_up_ended(event: ev.WrapUpEnded, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    wrap_up.end_wrap_up(agent, writing, event.at)
    writing.relabel(agent)


def _dispatch(event: ev.Event, writing: Writing) -> None:
    match event:
        case ev.AgentDevice():
            agents.device(event, writing)
        case ev.ContactQueued():
            contacts.queued(event, writing)
        case ev.ContactOffered():
            contacts.offered(event, writing)
        case ev.ContactAccepted():
            contacts.accepted(event, writing)
        case ev.ContactAnswered():
            contacts.answered(event, writing)
        case ev.ContactEnded():
            talks.ended(event, writing)
        case ev.WrapUpStarted():
            wrap_up.wrap_up_started(event, writing)
        case ev.SwitchTallied():
            _tallied(event, writing)
        case ev.ContactDeclined():
            contacts.declined(event, writing)
        case ev.AgentNotReady():
            (agents if event.queue else status).not_ready(event, writing)
        case ev.AgentReady():
            (agents if event.queue else status).ready(event, writing)
        case ev.ContactHeld():
            talks.held(event, writing)
        case ev.ContactResumed():
            talks.resumed(event, writing)
        case ev.ContactAbandoned():
            contacts.abandoned(event, writing)
        case ev.ContactOverflowed():
            contacts.overflowed(event, writing)
        case ev.ContactTransferred():
            talks.transferred(event, writing)
        case ev.ContactTurnedAway():
            contacts.turned_away(event, writing)
        case ev.ContactLost():
            talks.lost(event, writing)
        case ev.RecordingStarted():
            recordings.recording_started(event, writing)
        case ev.RecordingReady():
            recordings.recording_ready(event, writing)
        case ev.AgentJoinedQueue():
            agents.joined(event, writing)
        case ev.AgentLeftQueue():
            agents.left(event, writing)
        case ev.WrapUpEnded():
            _wrap_up_ended(event, writing)
        case ev.AgentSeen():
            resync.agent_seen(event, writing)
        case ev.ContactSeen():
            resync.contact_seen(event, writing)
        case ev.TalkSeen():
            resync.talk_seen(event, writing)
        case ev.ResyncBegan():
            resync.began(event, writing)
        case ev.ResyncEnded():
            resync.ended(event, writing)
        case ev.QueueConfigured():
            _configured(event, writing)
        case ev.SwitchTallyReset():
            _tally_reset(event, writing)
        case ev.SourceLost():
            resync.source_lost(event, writing)
        case ev.ContactDialled():
            contacts.dialled(event, writing)
        case ev.ContactMessage():
            messages.said(event, writing)
        case ev.ConsultationStarted():
            talks.consultation_started(event, writing)
        case ev.ConsultationEnded():
            talks.consultation_ended(event, writing)
        case ev.ConferenceJoined():
            talks.conference_joined(event, writing)
        case ev.ConferenceLeft():
            talks.conference_left(event, writing)
        case ev.ContactCorrected():
            corrections.corrected(event, writing)
        case ev.AgentSignedIn():
            status.signed_in(event, writing)
        case ev.AgentSignedOut():
            status.signed_out(event, writing)
        case ev.AgentReserved():
            status.reserved(event, writing)
        case ev.AgentSkills():
            status.skills(event, writing)
        case ev.SourceConnected() | ev.SourceHeard():
            pass  # neither tells anything of agents; the picture that follows does
        case _:
            assert_never(event)
