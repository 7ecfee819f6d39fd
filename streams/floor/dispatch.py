"""Which fold an event belongs to. In: one event, `Writing`. Out: what that fold does; mypy finds a missing one.

The commonest events come first: a match tries its cases in order. May not know: what the folds do.
"""

from typing import assert_never

from streams.floor import (
    agents,
    agents_seen,
    contacts,
    corrections,
    messages,
    recordings,
    resync,
    status,
    talks,
    wrap_up,
)
from streams.floor.state import Writing
from streams.vocabulary import events as ev


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


def dispatch(event: ev.Event, writing: Writing) -> None:
    match event:
        case ev.AgentDevice():
            agents.device(event, writing)
        case ev.ContactOffered():
            contacts.offered(event, writing)
        case ev.ContactQueued():
            contacts.queued(event, writing)
        case ev.SwitchTallied():
            _tallied(event, writing)
        case ev.ContactEnded():
            talks.ended(event, writing)
        case ev.ContactAccepted():
            contacts.accepted(event, writing)
        case ev.ContactAnswered():
            contacts.answered(event, writing)
        case ev.WrapUpStarted():
            wrap_up.wrap_up_started(event, writing)
        case ev.RecordingStarted():
            recordings.recording_started(event, writing)
        case ev.RecordingReady():
            recordings.recording_ready(event, writing)
        case ev.AgentSeen():
            agents_seen.seen(event, writing)
        case ev.AgentReady():
            (agents if event.queue else status).ready(event, writing)
        case ev.AgentNotReady():
            (agents if event.queue else status).not_ready(event, writing)
        case ev.ContactDeclined():
            contacts.declined(event, writing)
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
        case ev.AgentJoinedQueue():
            agents.joined(event, writing)
        case ev.AgentLeftQueue():
            agents.left(event, writing)
        case ev.WrapUpEnded():
            _wrap_up_ended(event, writing)
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
