"""Which fold an event belongs to. In: one event, `Writing`. Out: what that fold does; a test finds a missing one.

A table, for it is asked for every event: a match tries its cases in order, which cost as much as the cheaper folds.
May not know: what the folds do.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

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


def _ready(event: ev.AgentReady, writing: Writing) -> None:
    (agents if event.queue else status).ready(event, writing)


def _not_ready(event: ev.AgentNotReady, writing: Writing) -> None:
    (agents if event.queue else status).not_ready(event, writing)


def _nothing(event: ev.SourceConnected | ev.SourceHeard, writing: Writing) -> None:
    """Neither tells anything of agents; the picture that follows does."""


def _of_no_visit(event: ev.ContactSurveyed | ev.ContactDescribed, writing: Writing) -> None:
    """What rules ask of the stored contact (scoring/case_of.py); it moves nobody on the floor."""


FOLDS: Final[Mapping[type, Callable[[Any, Writing], None]]] = {
    ev.AgentDevice: agents.device,
    ev.ContactOffered: contacts.offered,
    ev.ContactQueued: contacts.queued,
    ev.SwitchTallied: _tallied,
    ev.ContactEnded: talks.ended,
    ev.ContactAccepted: contacts.accepted,
    ev.ContactAnswered: contacts.answered,
    ev.WrapUpStarted: wrap_up.wrap_up_started,
    ev.RecordingStarted: recordings.recording_started,
    ev.RecordingReady: recordings.recording_ready,
    ev.AgentSeen: agents_seen.seen,
    ev.AgentReady: _ready,
    ev.AgentNotReady: _not_ready,
    ev.ContactDeclined: contacts.declined,
    ev.ContactHeld: talks.held,
    ev.ContactResumed: talks.resumed,
    ev.ContactAbandoned: contacts.abandoned,
    ev.ContactOverflowed: contacts.overflowed,
    ev.ContactTransferred: talks.transferred,
    ev.ContactTurnedAway: contacts.turned_away,
    ev.ContactLost: talks.lost,
    ev.AgentJoinedQueue: agents.joined,
    ev.AgentLeftQueue: agents.left,
    ev.WrapUpEnded: _wrap_up_ended,
    ev.ContactSeen: resync.contact_seen,
    ev.TalkSeen: resync.talk_seen,
    ev.ResyncBegan: resync.began,
    ev.ResyncEnded: resync.ended,
    ev.QueueConfigured: _configured,
    ev.SwitchTallyReset: _tally_reset,
    ev.SourceLost: resync.source_lost,
    ev.ContactDialled: contacts.dialled,
    ev.ContactMessage: messages.said,
    ev.ContactSurveyed: _of_no_visit,
    ev.ContactDescribed: _of_no_visit,
    ev.ConsultationStarted: talks.consultation_started,
    ev.ConsultationEnded: talks.consultation_ended,
    ev.ConferenceJoined: talks.conference_joined,
    ev.ConferenceLeft: talks.conference_left,
    ev.ContactCorrected: corrections.corrected,
    ev.AgentSignedIn: status.signed_in,
    ev.AgentSignedOut: status.signed_out,
    ev.AgentReserved: status.reserved,
    ev.AgentSkills: status.skills,
    ev.SourceConnected: _nothing,
    ev.SourceHeard: _nothing,
}


def dispatch(event: ev.Event, writing: Writing) -> None:
    FOLDS[type(event)](event, writing)
