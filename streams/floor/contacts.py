"""How contacts come, wait, are offered, answered, and leave. In: one event, `Writing`. Out: visits changed, legs told.

May not know: resync, what becomes of a talk, time beyond the event's own.
"""

from streams.floor.closing import (
    WAIT_UNKNOWN,
    count_answer,
    count_dialled,
    count_offered,
    count_reached,
    count_unseen_answer,
    finish_attempt,
    gone,
)
from streams.floor.outputs import AnomalyKind
from streams.floor.records import Visit
from streams.floor.state import Writing, visit_id
from streams.floor.wrap_up import end_wrap_up
from streams.vocabulary.events import (
    ContactAbandoned,
    ContactAccepted,
    ContactAnswered,
    ContactDeclined,
    ContactDialled,
    ContactOffered,
    ContactOverflowed,
    ContactQueued,
    ContactTurnedAway,
)
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import ContactId, Millis, QueueName, SourceId
from streams.vocabulary.states import DeclineReason, Direction, Outcome, OverflowReason, TurnedAwayReason

_OVERFLOW_COUNTER = {reason: f"overflowed_{reason}" for reason in OverflowReason}
_NOT_TAKEN = (DeclineReason.NO_ANSWER, DeclineReason.BUSY, DeclineReason.REJECTED)
"""The agent's own doing; an offer the customer or the switch took back is not."""
_TURNED_AWAY_COUNTER = {reason: f"turned_away_{reason}" for reason in TurnedAwayReason}


def queued(event: ContactQueued, writing: Writing) -> None:
    key = (event.contact, event.leg)
    if key in writing.state.visits or key in writing.state.closed:
        writing.anomaly(AnomalyKind.CONTACT_QUEUED_TWICE, visit_id(key))
        return
    visit = Visit(
        contact=event.contact,
        leg=event.leg,
        queue=event.queue,
        source=event.source,
        queued_at=event.at,
        channel=event.channel,
        direction=event.direction,
        tier=event.tier,
        customer=event.customer,
        customer_name=event.customer_name,
    )
    if event.direction is Direction.OUTBOUND:
        visit.dialled_at = event.at
        count_dialled(visit, writing)
    else:
        count_offered(visit, writing)


def dialled(event: ContactDialled, writing: Writing) -> None:
    """The agent is busy from the first digit on, whether the customer is reached or not."""
    key = (event.contact, event.leg)
    if key in writing.state.visits or key in writing.state.closed:
        writing.anomaly(AnomalyKind.CONTACT_QUEUED_TWICE, visit_id(key))
        return
    agent = writing.agent(event.agent, event.source)
    visit = Visit(
        contact=event.contact,
        leg=event.leg,
        queue=event.queue,
        source=event.source,
        queued_at=event.at,
        dialled_at=event.at,
        channel=event.channel,
        direction=Direction.OUTBOUND,
        tier=event.tier,
        customer=event.customer,
        customer_name=event.customer_name,
        agent=agent.id,
    )
    count_dialled(visit, writing)
    agent.today.dialled += 1
    end_wrap_up(agent, writing, event.at)
    agent.talks.append(key)
    writing.relabel(agent)


def open_visit(
    writing: Writing, contact: ContactId, leg: int, name: QueueName, source: SourceId, queued_at: Millis
) -> Visit:
    """A contact that was not seen to join, counted into the queue where it was found."""
    visit = Visit(contact=contact, leg=leg, queue=name, source=source, queued_at=queued_at)
    count_offered(visit, writing)
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
    wait_known = True
    if visit is None:
        if key in writing.state.closed:
            writing.anomaly(AnomalyKind.CONTACT_QUEUED_TWICE, visit_id(key))
            return
        writing.anomaly(AnomalyKind.UNKNOWN_CONTACT_ANSWERED, visit_id(key))
        queued_at = Millis(event.at - (event.wait_ms or 0))
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, queued_at)
        wait_known = event.wait_ms is not None
    if visit.answered_at:
        writing.anomaly(AnomalyKind.CONTACT_ANSWERED_TWICE, visit_id(key))
        return
    agent = writing.agent(event.agent, event.source)
    before = visit.agent
    visit.agent = agent.id
    visit.answered_at = event.at
    if visit.direction is Direction.OUTBOUND:
        visit.ring_ms = max(0, event.at - visit.dialled_at) if event.ring_ms is None else event.ring_ms
        count_reached(visit, writing)
        agent.today.reached += 1
    else:
        visit.wait_ms = max(0, event.at - visit.queued_at if event.wait_ms is None else event.wait_ms)
        visit.ring_ms = event.ring_ms or 0
        if wait_known:
            count_answer(visit, writing)
        else:
            count_unseen_answer(visit, writing, tag=WAIT_UNKNOWN)
        agent.today.answered += 1
    end_wrap_up(agent, writing, event.at)
    if key not in agent.talks:
        agent.talks.append(key)
    if before is not None and before != agent.id:
        writing.leave_talk(before, key)  # dialled for one agent, taken by another
    writing.withdraw_offers(visit)  # after the talk began, so that no moment of readiness is shown in between
    agent.offers = [offer for offer in agent.offers if offer != key]
    writing.relabel(agent)


def abandoned(event: ContactAbandoned, writing: Writing) -> None:
    visit = _leaving(event, writing)
    if visit is None:
        return
    if visit.direction is Direction.OUTBOUND:
        finish_attempt(visit, writing, outcome=Outcome.ABANDONED, reason="")
        return
    queue = writing.leave_queue(visit)
    visit.wait_ms = max(0, event.at - visit.queued_at if event.wait_ms is None else event.wait_ms)
    in_target = int(visit.wait_ms <= queue.target_ms)
    short = int(visit.wait_ms < writing.short_abandon_ms)
    for counters in writing.counting(queue, visit.tier):
        counters.abandoned += 1
        counters.abandoned_in_target += in_target
        counters.short_abandoned += short
        counters.abandoned_wait_ms += visit.wait_ms
    gone(visit, writing, outcome=Outcome.ABANDONED, reason="")


def overflowed(event: ContactOverflowed, writing: Writing) -> None:
    visit = _leaving(event, writing)
    if visit is None:
        return
    if visit.direction is Direction.OUTBOUND:
        finish_attempt(visit, writing, outcome=Outcome.OVERFLOWED, reason=event.reason)
        return
    queue = writing.leave_queue(visit)
    visit.wait_ms = max(0, event.at - visit.queued_at if event.wait_ms is None else event.wait_ms)
    name = _OVERFLOW_COUNTER[event.reason]
    for counters in writing.counting(queue, visit.tier):
        setattr(counters, name, getattr(counters, name) + 1)
    gone(visit, writing, outcome=Outcome.OVERFLOWED, reason=event.reason)


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
