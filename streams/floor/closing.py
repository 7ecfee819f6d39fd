"""The moments at which something is counted. In: a visit, `Writing`. Out: counters moved; an end closes the visit.

Service level counts here: a contact is within target when customer and agent hear each other by then; what the switch
itself counts comes as SwitchTallied. Outbound contacts have counters of their own. May not know: events.
"""

from msgspec.structs import replace

from streams.floor.records import Visit
from streams.floor.state import Writing, leg_of, visit_id
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Direction, EndedBy, Outcome

UNSEEN = "answered_unseen"
"""The tag of a leg whose answer nobody saw."""
WAIT_UNKNOWN = "wait_unknown"
"""The tag of a leg whose answer was seen and whose beginning was not."""
NO_WAIT = frozenset((UNSEEN, WAIT_UNKNOWN))
"""Either way its wait is not known: never in target, not in the mean."""


def count_offered(visit: Visit, writing: Writing) -> None:
    queue = writing.queue(visit.queue, visit.source)
    writing.state.visits[visit.key] = visit
    queue.waiting[visit_id(visit.key)] = visit.queued_at
    for counters in writing.counting(queue, visit.tier):
        counters.offered += 1
    _count_contact(visit, writing)


def count_dialled(visit: Visit, writing: Writing) -> None:
    writing.state.visits[visit.key] = visit
    if queue := writing.queue_or_none(visit.queue, visit.source):
        queue.outbound += 1
        for counters in writing.counting(queue, visit.tier):
            counters.outbound_dialled += 1
    _count_contact(visit, writing)


def _count_contact(visit: Visit, writing: Writing) -> None:
    if visit.leg == 1 and visit.contact not in writing.state.turned_away:
        writing.state.contacts += 1


def count_answer(visit: Visit, writing: Writing) -> None:
    queue = writing.leave_queue(visit)
    in_target = int(visit.wait_ms <= queue.target_ms)
    accepted_in_target = int((visit.accepted_at or visit.answered_at) - visit.queued_at <= queue.target_ms)
    queue.talking += 1
    for counters in writing.counting(queue, visit.tier):
        counters.answered += 1
        counters.answered_in_target += in_target
        counters.accepted_in_target += accepted_in_target
        counters.wait_ms += visit.wait_ms
        counters.wait_max_ms = max(counters.wait_max_ms, visit.wait_ms)
        counters.ring_ms += visit.ring_ms


def count_unseen_answer(visit: Visit, writing: Writing, *, tag: str = UNSEEN) -> None:
    """That it was answered is certain, after what wait is not: so never in target, and left out of the mean wait."""
    queue = writing.leave_queue(visit)
    queue.talking += 1
    for counters in writing.counting(queue, visit.tier):
        counters.answered += 1
        counters.answered_unseen += 1
    if tag not in visit.tags:
        visit.tags.append(tag)


def count_reached(visit: Visit, writing: Writing) -> None:
    if queue := writing.queue_or_none(visit.queue, visit.source):
        for counters in writing.counting(queue, visit.tier):
            counters.outbound_reached += 1
            counters.outbound_dial_ms += visit.ring_ms


def finish_attempt(visit: Visit, writing: Writing, *, outcome: Outcome, reason: str) -> None:
    """Dialled and not reached; how long it rang stands as ring, for nobody waited in a queue."""
    visit.ring_ms = max(0, writing.at - visit.dialled_at)
    if queue := writing.reduce_outbound(visit):
        for counters in writing.counting(queue, visit.tier):
            counters.outbound_unreached += 1
            counters.outbound_unreached_ms += visit.ring_ms
    gone(visit, writing, outcome=outcome, reason=reason)


def lose(visit: Visit, writing: Writing, *, reason: str) -> None:
    """A waiting contact left unseen: neither answered nor abandoned may be claimed."""
    if visit.direction is Direction.OUTBOUND:
        finish_attempt(visit, writing, outcome=Outcome.LOST, reason=reason)
        return
    queue = writing.leave_queue(visit)
    visit.wait_ms = max(0, writing.at - visit.queued_at)
    for counters in writing.counting(queue, visit.tier):
        counters.lost += 1
    gone(visit, writing, outcome=Outcome.LOST, reason=reason)


def gone(visit: Visit, writing: Writing, *, outcome: Outcome, reason: str) -> None:
    writing.withdraw_offers(visit)
    del writing.state.visits[visit.key]
    writing.close_leg(leg_of(writing.state, visit, outcome=outcome, ended_at=writing.at, reason=reason))
    if visit.agent is not None:
        writing.leave_talk(visit.agent, visit.key)


def finish_talk(visit: Visit, writing: Writing, end: Millis, talk_ms: int | None = None) -> None:
    """`talk_ms` from the answer, hold included; the fact keeps talk and hold apart."""
    whole_ms = max(0, end - visit.answered_at if talk_ms is None else talk_ms)
    if visit.held_since is not None:
        visit.hold_ms += max(0, end - visit.held_since)
        visit.held_since = None
    hold_ms = min(visit.hold_ms, whole_ms)
    _count_end(visit, writing, whole_ms - hold_ms, hold_ms)
    del writing.state.visits[visit.key]
    leg = leg_of(writing.state, visit, outcome=Outcome.ANSWERED, ended_at=end, reason=visit.transfer)
    writing.close_leg(replace(leg, talk_ms=whole_ms - hold_ms, hold_ms=hold_ms))
    if visit.agent is not None and (agent := writing.state.agents.get(visit.agent)):
        agent.today.talk_ms += whole_ms - hold_ms
        agent.today.hold_ms += hold_ms
        writing.leave_talk(agent.id, visit.key)


def _count_end(visit: Visit, writing: Writing, talk_ms: int, hold_ms: int) -> None:
    if visit.direction is Direction.OUTBOUND:
        if outbound := writing.reduce_outbound(visit):
            for counters in writing.counting(outbound, visit.tier):
                counters.outbound_ended += 1
                counters.outbound_talk_ms += talk_ms
                counters.outbound_hold_ms += hold_ms
        return
    queue = writing.queue(visit.queue, visit.source)
    queue.talking = max(0, queue.talking - 1)
    for counters in writing.counting(queue, visit.tier):
        counters.ended += 1
        counters.talk_ms += talk_ms
        counters.hold_ms += hold_ms
        counters.transferred_out += int(visit.ended_by is EndedBy.TRANSFER)
