"""Events that come after the reorder window. In: one late event, what is known. Out: events whose turn is now, or none.

A contact's late events are told again in order beside what is known of it; the story that comes out is a correction. An
agent's are still true if nothing newer was heard. The live floor is never put back. May not know: counters.
"""

from typing import Any

from msgspec.structs import replace

from streams.floor.clockwork import Rules, fold
from streams.floor.closing import NO_WAIT
from streams.floor.order import forget_oldest
from streams.floor.outputs import AnomalyKind
from streams.floor.records import QueueRecord
from streams.floor.state import FloorState, Intake, Window, Writing, leg_of
from streams.vocabulary import events as ev
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.vocabulary.states import Outcome, Witness

MOST_STORIES = 20_000
STORIES_KEPT_MS = 60 * 60_000
"""Visits of timed sources whose events are remembered. Full: the oldest are forgotten; what comes late of these is
dropped and counted."""
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
    ev.ContactSurveyed,
    ev.ContactDescribed,
    ev.ContactCorrected,
    ev.RecordingStarted,
    ev.RecordingReady,
    ev.SwitchTallied,
    ev.SourceConnected,
    ev.SourceHeard,
)
"""True whenever it is told: nothing that came meanwhile makes it wrong."""


def remember(event: ev.Event, intake: Intake) -> None:
    """When news of an agent were newest, by what they are about; and what goes on with a visit that had late events."""
    if isinstance(event, _VISIT):
        _chapter(event, intake)
        return
    topic = _TOPICS.get(type(event))
    if topic is None:
        return
    key = (AgentId(getattr(event, "agent", "")), topic, QueueName(getattr(event, "queue", "")))
    intake.told[key] = max(event.at, intake.told.get(key, event.at))
    forget_oldest(intake.told, MOST_TOLD)


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


def _chapter(event: Any, intake: Intake) -> list[ev.Event]:
    chapters = intake.stories.setdefault((event.contact, event.leg), [])
    if len(chapters) < MOST_CHAPTERS:
        chapters.append(event)
    forget_oldest(intake.stories, MOST_STORIES)
    return chapters


def forget(now: Millis, intake: Intake) -> None:
    limit = now - STORIES_KEPT_MS
    intake.stories = {key: told for key, told in intake.stories.items() if told[-1].at > limit}


def _story(event: Any, window: Window, writing: Writing, rules: Rules) -> list[ev.Event]:
    """All that is known of one visit, told again in order to a floor of its own."""
    intake, key = writing.state.intake, (event.contact, event.leg)
    known = key in window.settled.closed or key in window.settled.visits
    if known and key not in intake.stories:
        writing.anomaly(AnomalyKind.LATE_DROPPED, event.id)  # forgotten: half a story would be a wrong one
        return []
    chapters = _chapter(event, intake)
    story: FloorState = FloorState(site=window.settled.site)
    target_ms = window.settled.queues[event.queue].target_ms if event.queue in window.settled.queues else 20_000
    story.queues[event.queue] = QueueRecord(name=event.queue, target_ms=target_ms)
    plain = Rules(short_abandon_ms=rules.short_abandon_ms, day_began=None)
    for one in sorted(chapters, key=lambda one: (one.at, _RANK.get(type(one), 50), one.seq)):
        fold(story, one, plain, [])
    # late news of one moment stand in the order of their numbers: the fullest story must be the last to be told
    latest = max(chapters, key=lambda one: one.seq)
    if closed := story.closed.get(key):
        return [_correction(closed.leg, latest, window)]
    if visit := story.visits.get(key):
        outcome = Outcome.TALKING if visit.answered_at else Outcome.WAITING
        return [_correction(leg_of(story, visit, outcome=outcome, ended_at=Millis(0)), latest, window)]
    return []


_RANK: dict[Any, int] = {kind: rank for rank, kind in enumerate(_VISIT)}


def _correction(leg: ContactLeg, like: Any, window: Window) -> ev.ContactCorrected:
    """An answer whose moment or wait is still not known stays as it stands."""
    answered = NO_WAIT.isdisjoint(leg.tags.split())
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
        answered_at=leg.answered_at if answered else Millis(0),
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
