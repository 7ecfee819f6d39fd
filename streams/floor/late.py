"""Events that come after the reorder window. In: one late event, what is known. Out: events whose turn is now, or none.

A contact's late events are told again in order beside what is known of it; the story that comes out is a correction. An
agent's are still true if nothing newer was heard. The live floor is never put back. May not know: counters.
"""

from typing import Any

from msgspec.structs import replace

from streams.floor.clockwork import Rules, fold
from streams.floor.outputs import AnomalyKind
from streams.floor.records import QueueRecord, Visit
from streams.floor.state import FloorState, Intake, Window, Writing, leg_of
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import Outcome, OverflowReason, Witness

MOST_STORIES = 5_000
"""Contacts with late events remembered. Full: the oldest is forgotten; its next late event is told alone."""
MOST_CHAPTERS = 60
MOST_TOLD = 200_000
"""(agent, topic, queue) remembered; 5,000 agents in ten queues use half of it. Full: the oldest are forgotten."""

_VISIT = (
    ev.ContactQueued,
    ev.ContactDialled,
    ev.ContactOffered,
    ev.ContactAccepted,
    ev.ContactDeclined,
    ev.ContactAnswered,
    ev.ContactHeld,
    ev.ContactResumed,
    ev.ContactTransferred,
    ev.ContactAbandoned,
    ev.ContactOverflowed,
    ev.ContactEnded,
    ev.ConsultationStarted,
    ev.ConferenceJoined,
)
_TOPICS: dict[type[Any], str] = {
    ev.AgentSignedIn: "status",
    ev.AgentSignedOut: "status",
    ev.AgentNotReady: "status",
    ev.AgentReady: "status",
    ev.AgentSeen: "status",
    ev.AgentReserved: "reserved",
    ev.AgentSkills: "skills",
    ev.AgentJoinedQueue: "member",
    ev.AgentLeftQueue: "member",
    ev.AgentDevice: "device",
    ev.WrapUpStarted: "wrap_up",
    ev.WrapUpEnded: "wrap_up",
}
_WHENEVER = (
    ev.ContactTurnedAway,
    ev.ContactMessage,
    ev.ContactCorrected,
    ev.RecordingStarted,
    ev.RecordingReady,
    ev.SwitchTallied,
    ev.SourceConnected,
    ev.SourceHeard,
)
"""True whenever it is told: nothing that came meanwhile makes it wrong."""


def remember(event: ev.Event, intake: Intake) -> None:
    """When news of an agent were newest, by what they are about."""
    topic = _TOPICS.get(type(event))
    if topic is None:
        return
    key = (AgentId(getattr(event, "agent", "")), topic, QueueName(getattr(event, "queue", "")))
    intake.told[key] = max(event.at, intake.told.get(key, event.at))
    if len(intake.told) > MOST_TOLD:
        del intake.told[next(iter(intake.told))]


def mend(event: ev.Event, window: Window, writing: Writing, rules: Rules) -> list[ev.Event]:
    writing.anomaly(AnomalyKind.LATE, event.id)
    if isinstance(event, _VISIT):
        return _story(event, window, writing, rules)
    if isinstance(event, _WHENEVER):
        return [event]
    topic = _TOPICS.get(type(event))
    if topic is not None and isinstance(event, _OF_AGENTS):
        key = (event.agent, topic, QueueName(getattr(event, "queue", "")))
        if event.at >= writing.state.intake.told.get(key, event.at):
            remember(event, writing.state.intake)
            return [replace(event, at=Millis(window.horizon + 1))]
    writing.anomaly(AnomalyKind.LATE_DROPPED, event.id)
    return []


_OF_AGENTS = (
    ev.AgentSignedIn,
    ev.AgentSignedOut,
    ev.AgentNotReady,
    ev.AgentReady,
    ev.AgentReserved,
    ev.AgentSkills,
    ev.AgentJoinedQueue,
    ev.AgentLeftQueue,
    ev.AgentDevice,
)
"""Wrap-ups are not among them: a late one would begin or end now what was over long ago."""


def _story(event: Any, window: Window, writing: Writing, rules: Rules) -> list[ev.Event]:
    """All that is known of one visit, told again in order to a floor of its own."""
    intake, key = writing.state.intake, (event.contact, event.leg)
    chapters = intake.late.setdefault(key, [])
    if len(chapters) < MOST_CHAPTERS:
        chapters.append(event)
    if len(intake.late) > MOST_STORIES:
        del intake.late[next(iter(intake.late))]
    known = _known(key, window.settled, event)
    waiting = [one for _, _, _, one in window.waiting if isinstance(one, _VISIT) and (one.contact, one.leg) == key]
    story: FloorState = FloorState(site=window.settled.site)
    target_ms = window.settled.queues[event.queue].target_ms if event.queue in window.settled.queues else 20_000
    story.queues[event.queue] = QueueRecord(name=event.queue, target_ms=target_ms)
    plain = Rules(short_abandon_ms=rules.short_abandon_ms, day_began=None)
    for one in sorted([*known, *chapters, *waiting], key=lambda one: (one.at, _RANK.get(type(one), 50), one.seq)):
        fold(story, one, plain, [])
    if closed := story.closed.get(key):
        return [_correction(closed.leg, event, window)]
    if visit := story.visits.get(key):
        outcome = Outcome.TALKING if visit.answered_at else Outcome.WAITING
        return [_correction(leg_of(story, visit, outcome=outcome, ended_at=Millis(0)), event, window)]
    return []


_RANK: dict[Any, int] = {kind: rank for rank, kind in enumerate(_VISIT)}


def _known(key: tuple[ContactId, int], settled: FloorState, like: Any) -> list[ev.Event]:
    """The events that made what is known, as far as they can be told from it."""
    if closed := settled.closed.get(key):
        return _events_of(closed.leg, like)
    if visit := settled.visits.get(key):
        outcome = Outcome.TALKING if visit.answered_at else Outcome.WAITING
        leg = leg_of(settled, visit, outcome=outcome, ended_at=Millis(0))
        return _events_of(replace(leg, hold_ms=visit.hold_ms), like, visit)
    return []


def _events_of(leg: ContactLeg, like: Any, visit: Visit | None = None) -> list[ev.Event]:
    base: dict[str, Any] = {"site": like.site, "source": like.source, "seq": 0, "contact": leg.contact, "leg": leg.leg}
    named = base | {"queue": leg.queue}
    unseen = "answered_unseen" in leg.tags.split()
    told: list[ev.Event] = []
    if not unseen:
        told.append(
            ev.ContactQueued(
                at=leg.queued_at,
                channel=leg.channel,
                direction=leg.direction,
                customer=leg.customer,
                tier=leg.tier,
                **named,
            )
        )
    if leg.answered_at and not unseen:
        named_ms = named | {"wait_ms": leg.wait_ms, "ring_ms": leg.ring_ms}
        told.append(ev.ContactAnswered(at=leg.answered_at, agent=leg.agent, **named_ms))
    if leg.answered_at and leg.hold_ms:
        resumed_at = Millis(leg.answered_at + leg.hold_ms)
        told.append(ev.ContactHeld(at=leg.answered_at, agent=leg.agent, **named))
        told.append(ev.ContactResumed(at=resumed_at, agent=leg.agent, **named))
    if visit is not None and visit.held_since is not None:
        told.append(ev.ContactHeld(at=visit.held_since, agent=leg.agent, **named))
    told += _end_of(leg, named)
    return told


def _end_of(leg: ContactLeg, named: dict[str, Any]) -> list[ev.Event]:
    if leg.outcome is Outcome.ANSWERED and not leg.witnesses.endswith("ended=picture"):
        whole_ms = leg.talk_ms + leg.hold_ms
        return [ev.ContactEnded(at=leg.ended_at, agent=leg.agent, ended_by=leg.ended_by, talk_ms=whole_ms, **named)]
    if leg.outcome is Outcome.ABANDONED:
        return [ev.ContactAbandoned(at=leg.ended_at, wait_ms=leg.wait_ms, **named)]
    if leg.outcome is Outcome.OVERFLOWED:
        reason = OverflowReason(leg.reason)
        return [ev.ContactOverflowed(at=leg.ended_at, wait_ms=leg.wait_ms, reason=reason, **named)]
    return []


def _correction(leg: ContactLeg, like: Any, window: Window) -> ev.ContactCorrected:
    over = leg.outcome not in (Outcome.WAITING, Outcome.TALKING)
    return ev.ContactCorrected(
        at=Millis(window.horizon + 1),
        site=like.site,
        source=like.source,
        seq=like.seq,
        witness=Witness.CORRECTION,
        contact=leg.contact,
        leg=leg.leg,
        queue=leg.queue,
        outcome=leg.outcome,
        queued_at=leg.queued_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at if over else Millis(0),
        agent=leg.agent,
        reason=leg.reason,
        wait_ms=leg.wait_ms,
        ring_ms=leg.ring_ms,
        talk_ms=leg.talk_ms + leg.hold_ms if over else None,
        hold_ms=leg.hold_ms if over else None,
        ended_by=leg.ended_by,
        channel=leg.channel,
        direction=leg.direction,
        customer=leg.customer,
        tier=leg.tier,
    )
