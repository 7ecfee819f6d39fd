"""What events do to contacts and queues. In: one event, `Writing`. Out: the state changed, facts and changes told.

Service level counts here: a contact is within target when customer and agent hear each other by then; what the switch
itself counts comes as SwitchTallied. May not know: resync, time beyond the event's own.
"""

from msgspec.structs import replace

from streams.floor.outputs import AnomalyKind
from streams.floor.records import Visit
from streams.floor.state import Writing, leg_of, visit_id
from streams.floor.wrap_up import end_wrap_up
from streams.vocabulary.events import (
    ContactAbandoned,
    ContactAccepted,
    ContactAnswered,
    ContactDeclined,
    ContactEnded,
    ContactHeld,
    ContactLost,
    ContactOffered,
    ContactOverflowed,
    ContactQueued,
    ContactResumed,
    ContactTransferred,
    ContactTurnedAway,
)
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import ContactId, Millis, QueueName, SourceId
from streams.vocabulary.states import DeclineReason, EndedBy, Outcome, OverflowReason, TurnedAwayReason

_OVERFLOW_COUNTER = {reason: f"overflowed_{reason}" for reason in OverflowReason}
_NOT_TAKEN = (DeclineReason.NO_ANSWER, DeclineReason.BUSY, DeclineReason.REJECTED)
"""The agent's own doing; an offer the customer or the switch took back is not."""
_TURNED_AWAY_COUNTER = {reason: f"turned_away_{reason}" for reason in TurnedAwayReason}


def queued(event: ContactQueued, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if key in writing.state.visits or key in writing.state.closed:
        writing.anomaly(AnomalyKind.CONTACT_QUEUED_TWICE, visit_id(key))
        return
    visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, event.at)
    visit.channel, visit.direction, visit.tier = event.channel, event.direction, event.tier
    visit.customer, visit.customer_name = event.customer, event.customer_name


def open_visit(
    writing: Writing, contact: ContactId, leg: int, name: QueueName, source: SourceId, queued_at: Millis
) -> Visit:
    """Count a contact into a queue, whether it was seen to join or found there."""
    queue = writing.queue(name, source)
    visit = Visit(contact=contact, leg=leg, queue=name, source=source, queued_at=queued_at)
    writing.state.visits[visit.key] = visit
    queue.waiting[visit_id(visit.key)] = queued_at
    for counters in writing.counting(queue):
        counters.offered += 1
    if leg == 1 and contact not in writing.state.turned_away:
        writing.state.contacts += 1
    return visit


def turned_away(event: ContactTurnedAway, writing: Writing) -> None:
    queue = writing.queue(event.queue, event.source)
    name = _TURNED_AWAY_COUNTER[event.reason]
    for counters in writing.counting(queue):
        setattr(counters, name, getattr(counters, name) + 1)
    state, first = writing.state, (event.contact, 1)
    known = event.contact in state.turned_away or first in state.visits or first in state.closed
    if not known:
        writing.state.contacts += 1
    writing.state.turned_away[event.contact] = event.at
    writing.out.append(
        ContactLeg(
            site=event.site,
            ver=event.at << 8,
            queued_at=event.at,
            contact=event.contact,
            leg=0,
            queue=event.queue,
            ended_at=event.at,
            target_ms=queue.target_ms,
            outcome=Outcome.TURNED_AWAY,
            reason=event.reason,
        )
    )


def offered(event: ContactOffered, writing: Writing) -> None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is None:
        writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_LEFT, f"offer of {event.contact}#{event.leg}")
        return
    agent = writing.agent(event.agent, event.source)
    visit.offered_to.append(agent.id)
    agent.offers.append(visit.key)
    agent.today.offered += 1
    writing.relabel(agent)


def accepted(event: ContactAccepted, writing: Writing) -> None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is None or visit.accepted_at:
        return
    visit.accepted_at = event.at


def declined(event: ContactDeclined, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if visit := writing.state.visits.get(key):
        visit.offered_to = [name for name in visit.offered_to if name != event.agent]
        if not visit.answered_at:
            visit.accepted_at = Millis(0)
    agent = writing.agent(event.agent, event.source)
    agent.offers = [offer for offer in agent.offers if offer != key]
    agent.today.declined += int(event.reason in _NOT_TAKEN)
    writing.relabel(agent)


def answered(event: ContactAnswered, writing: Writing) -> None:
    key = (event.contact, event.leg)
    visit = writing.state.visits.get(key)
    if visit is None:
        if key in writing.state.closed:
            writing.anomaly(AnomalyKind.CONTACT_QUEUED_TWICE, visit_id(key))
            return
        writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_ANSWERED, visit_id(key))
        queued_at = Millis(event.at - (event.wait_ms or 0))
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, queued_at)
    if visit.answered_at:
        writing.anomaly(AnomalyKind.CONTACT_ANSWERED_TWICE, visit_id(key))
        return
    agent = writing.agent(event.agent, event.source)
    visit.agent = agent.id
    visit.answered_at = event.at
    visit.wait_ms = max(0, event.at - visit.queued_at if event.wait_ms is None else event.wait_ms)
    visit.ring_ms = event.ring_ms or 0
    _count_answer(visit, writing)
    end_wrap_up(agent, writing, event.at)
    agent.talks.append(key)
    agent.today.answered += 1
    writing.withdraw_offers(visit)  # after the talk began, so that no moment of readiness is shown in between
    agent.offers = [offer for offer in agent.offers if offer != key]
    writing.relabel(agent)


def _count_answer(visit: Visit, writing: Writing) -> None:
    queue = writing.leave_queue(visit)
    in_target = int(visit.wait_ms <= queue.target_ms)
    accepted_in_target = int((visit.accepted_at or visit.answered_at) - visit.queued_at <= queue.target_ms)
    queue.talking += 1
    for counters in writing.counting(queue):
        counters.answered += 1
        counters.answered_in_target += in_target
        counters.accepted_in_target += accepted_in_target
        counters.wait_ms += visit.wait_ms
        counters.wait_max_ms = max(counters.wait_max_ms, visit.wait_ms)
        counters.ring_ms += visit.ring_ms


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


def abandoned(event: ContactAbandoned, writing: Writing) -> None:
    visit = _leaving(event, writing)
    if visit is None:
        return
    queue = writing.leave_queue(visit)
    visit.wait_ms = max(0, event.at - visit.queued_at if event.wait_ms is None else event.wait_ms)
    in_target = int(visit.wait_ms <= queue.target_ms)
    for counters in writing.counting(queue):
        counters.abandoned += 1
        counters.abandoned_in_target += in_target
        counters.short_abandoned += int(visit.wait_ms < writing.short_abandon_ms)
        counters.abandoned_wait_ms += visit.wait_ms
    _gone(visit, writing, outcome=Outcome.ABANDONED, reason="")


def overflowed(event: ContactOverflowed, writing: Writing) -> None:
    visit = _leaving(event, writing)
    if visit is None:
        return
    queue = writing.leave_queue(visit)
    visit.wait_ms = max(0, event.at - visit.queued_at if event.wait_ms is None else event.wait_ms)
    name = _OVERFLOW_COUNTER[event.reason]
    for counters in writing.counting(queue):
        setattr(counters, name, getattr(counters, name) + 1)
    _gone(visit, writing, outcome=Outcome.OVERFLOWED, reason=event.reason)


def lost(event: ContactLost, writing: Writing) -> None:
    visit = writing.state.visits.get((event.contact, event.leg))
    if visit is not None and visit.answered_at:
        writing.anomaly(AnomalyKind.TALK_VANISHED, visit_id(visit.key))
        finish_talk(visit, writing, event.at)
    elif visit is not None:
        lose(visit, writing, reason="vanished")


def lose(visit: Visit, writing: Writing, *, reason: str) -> None:
    """A waiting contact left unseen: neither answered nor abandoned may be claimed."""
    queue = writing.leave_queue(visit)
    visit.wait_ms = max(0, writing.at - visit.queued_at)
    for counters in writing.counting(queue):
        counters.lost += 1
    _gone(visit, writing, outcome=Outcome.LOST, reason=reason)


def _leaving(event: ContactAbandoned | ContactOverflowed, writing: Writing) -> Visit | None:
    """The visit that leaves; one that joined before anybody listened is counted in now, from its wait."""
    key = (event.contact, event.leg)
    visit = writing.state.visits.get(key)
    if visit is not None and not visit.answered_at:
        return visit
    writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_LEFT, visit_id(key))
    if visit is not None or key in writing.state.closed:
        return None
    queued_at = Millis(event.at - (event.wait_ms or 0))
    return open_visit(writing, event.contact, event.leg, event.queue, event.source, queued_at)


def _gone(visit: Visit, writing: Writing, *, outcome: Outcome, reason: str) -> None:
    writing.withdraw_offers(visit)
    del writing.state.visits[visit.key]
    writing.close_leg(leg_of(writing.state, visit, outcome=outcome, ended_at=writing.at, reason=reason))


def ended(event: ContactEnded, writing: Writing) -> None:
    """The first end stops the talk; a second one for the same leg only names who ended it."""
    key = (event.contact, event.leg)
    visit = writing.state.visits.get(key)
    if visit is None and key in writing.state.closed:
        _amend_end(event, writing)
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
    if waiting is None:
        count_unseen_answer(visit, writing)
    else:
        visit.wait_ms = visit.answered_at - visit.queued_at
        _count_answer(visit, writing)
    agent.talks.append(visit.key)
    agent.today.answered += 1
    writing.withdraw_offers(visit)
    return visit


def count_unseen_answer(visit: Visit, writing: Writing) -> None:
    """That it was answered is certain, after what wait is not: so never in target, and left out of the mean wait."""
    queue = writing.leave_queue(visit)
    queue.talking += 1
    for counters in writing.counting(queue):
        counters.answered += 1
        counters.answered_unseen += 1


def finish_talk(visit: Visit, writing: Writing, end: Millis, talk_ms: int | None = None) -> None:
    """`talk_ms` from the answer, hold included; the fact keeps talk and hold apart."""
    whole_ms = max(0, end - visit.answered_at if talk_ms is None else talk_ms)
    if visit.held_since is not None:
        visit.hold_ms += max(0, end - visit.held_since)
        visit.held_since = None
    hold_ms = min(visit.hold_ms, whole_ms)
    queue = writing.queue(visit.queue, visit.source)
    queue.talking = max(0, queue.talking - 1)
    for counters in writing.counting(queue):
        counters.ended += 1
        counters.talk_ms += whole_ms - hold_ms
        counters.hold_ms += hold_ms
        counters.transferred_out += int(visit.ended_by is EndedBy.TRANSFER)
    del writing.state.visits[visit.key]
    leg = leg_of(writing.state, visit, outcome=Outcome.ANSWERED, ended_at=end, reason=visit.transfer)
    writing.close_leg(replace(leg, talk_ms=whole_ms - hold_ms, hold_ms=hold_ms))
    if visit.agent is not None and (agent := writing.state.agents.get(visit.agent)):
        agent.talks = [key for key in agent.talks if key != visit.key]
        agent.today.talk_ms += whole_ms - hold_ms
        agent.today.hold_ms += hold_ms
        writing.relabel(agent)


def _amend_end(event: ContactEnded, writing: Writing) -> None:
    closed = writing.state.closed[event.contact, event.leg]
    leg = closed.leg
    if leg.ended_by is not EndedBy.UNKNOWN or event.ended_by is EndedBy.UNKNOWN:
        return
    if event.ended_by is EndedBy.TRANSFER:
        for counters in writing.counting(writing.queue(leg.queue, event.source)):
            counters.transferred_out += 1
    closed.leg = replace(leg, ended_by=event.ended_by, ver=leg.ver + 1)
    writing.out.append(closed.leg)
