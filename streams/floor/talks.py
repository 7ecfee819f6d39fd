"""What events do to talks. In: one event, `Writing`. Out: holds, consultations, ends; legs told.

The first end stops a talk. Talk and hold are kept apart. May not know: resync, how a contact came.
"""

from msgspec.structs import replace

from streams.floor.closing import count_answer, count_unseen_answer, finish_attempt, finish_talk, lose
from streams.floor.contacts import open_visit
from streams.floor.outputs import AnomalyKind
from streams.floor.records import Visit
from streams.floor.state import Writing, visit_id
from streams.vocabulary.events import (
    ConferenceJoined,
    ConferenceLeft,
    ConsultationEnded,
    ConsultationStarted,
    ContactEnded,
    ContactHeld,
    ContactLost,
    ContactResumed,
    ContactTransferred,
)
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Direction, EndedBy, Outcome

MOST_PARTIES = 20
"""Of one conference; further ones talk, but are not named."""


def held(event: ContactHeld, writing: Writing) -> None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is None or not visit.answered_at:
        writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_HELD, f"{event.contact}#{event.leg}")
    elif visit.held_since is None:
        visit.held_since = event.at
        _relabel_talker(visit, writing)


def resumed(event: ContactResumed, writing: Writing) -> None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is not None and visit.held_since is not None:
        visit.hold_ms += event.at - visit.held_since
        visit.held_since = None
        _relabel_talker(visit, writing)


def _relabel_talker(visit: Visit, writing: Writing) -> None:
    """Who talks is known from the answer; whomever a later event names, that agent's label is the one that changes."""
    if visit.agent is not None:
        writing.relabel(writing.agent(visit.agent, visit.source))


def transferred(event: ContactTransferred, writing: Writing) -> None:
    if visit := writing.state.visits.get((event.contact, event.leg)):
        visit.transfer = f"{event.transfer}:{event.target}"


def consultation_started(event: ConsultationStarted, writing: Writing) -> None:
    """Whether the customer hears music meanwhile is what held and resumed say; this only says whom the agent asks."""
    if visit := _known(event, writing):
        visit.consulting = event.target
        tag(visit, "consulted")


def consultation_ended(event: ConsultationEnded, writing: Writing) -> None:
    if visit := _known(event, writing):
        visit.consulting = None


def conference_joined(event: ConferenceJoined, writing: Writing) -> None:
    if visit := _known(event, writing):
        if event.party not in visit.parties and len(visit.parties) < MOST_PARTIES:
            visit.parties.append(event.party)
        tag(visit, "conference")


def conference_left(event: ConferenceLeft, writing: Writing) -> None:
    if (visit := _known(event, writing)) and event.party in visit.parties:
        visit.parties.remove(event.party)


def _known(
    event: ConsultationStarted | ConsultationEnded | ConferenceJoined | ConferenceLeft, writing: Writing
) -> Visit | None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is None:
        writing.anomaly_of_contact(event.contact, event.leg)
    return visit


def tag(visit: Visit, word: str) -> None:
    if word not in visit.tags:
        visit.tags.append(word)


def ended(event: ContactEnded, writing: Writing) -> None:
    """The first end stops the talk; a second one for the same leg only names who ended it."""
    key = (event.contact, event.leg)
    visit = writing.state.visits.get(key)
    if visit is None and key in writing.state.closed:
        _amend_end(event, writing)
        return
    if visit is not None and visit.direction is Direction.OUTBOUND and not visit.answered_at:
        visit.ended_by = event.ended_by
        finish_attempt(visit, writing, outcome=Outcome.ABANDONED, reason="")
        return
    if visit is None or not visit.answered_at:
        writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_ENDED, visit_id(key))
        if visit is not None and visit.queue != event.queue:
            return  # another visit bears this number: which one ended nobody can say
        visit = _answered_unseen(event, visit, writing)
    visit.ended_by = event.ended_by
    finish_talk(visit, writing, event.at, event.talk_ms)


def _answered_unseen(event: ContactEnded, waiting: Visit | None, writing: Writing) -> Visit:
    """Answered while nobody listened: its end is the first that is heard of it."""
    began = Millis(event.at - (event.talk_ms or 0))
    agent = writing.agent(event.agent, event.source)
    visit = waiting or open_visit(writing, event.contact, event.leg, event.queue, event.source, began)
    visit.agent, visit.answered_at = agent.id, max(began, visit.queued_at)
    if waiting is None or event.talk_ms is None:
        count_unseen_answer(visit, writing)
    else:
        visit.wait_ms = visit.answered_at - visit.queued_at
        count_answer(visit, writing)
    agent.talks.append(visit.key)
    agent.today.answered += 1
    writing.withdraw_offers(visit)
    return visit


def lost(event: ContactLost, writing: Writing) -> None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is not None and visit.answered_at:
        writing.anomaly(AnomalyKind.TALK_VANISHED, visit_id(visit.key))
        finish_talk(visit, writing, event.at)
    elif visit is not None:
        lose(visit, writing, reason="vanished")


def _amend_end(event: ContactEnded, writing: Writing) -> None:
    closed = writing.state.closed[event.contact, event.leg]
    leg = closed.leg
    if leg.ended_by is not EndedBy.UNKNOWN or event.ended_by is EndedBy.UNKNOWN:
        return
    if event.ended_by is EndedBy.TRANSFER and leg.direction is Direction.INBOUND:
        for counters in writing.counting(writing.queue(leg.queue, event.source), leg.tier):
            counters.transferred_out += 1
    closed.leg = replace(leg, ended_by=event.ended_by, ver=leg.ver + 1)
    writing.out.append(closed.leg)
