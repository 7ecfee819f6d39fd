"""A whole visit told afterwards by another witness. In: `ContactCorrected`, `Writing`. Out: the leg, `ver` higher.

The wire's own times stand against a log's whole seconds; what the wire missed is taken from the log. Somebody else's
correction (witness `correction`) overrules both. Told twice it changes nothing. May not know: who told it, files.
"""

from typing import Any

from msgspec.structs import replace

from streams.floor import legs
from streams.floor.closing import NO_WAIT, UNSEEN, count_answer, count_unseen_answer
from streams.floor.contacts import open_visit
from streams.floor.outputs import AnomalyKind
from streams.floor.records import Closed, Visit
from streams.floor.state import Writing, leg_of, visit_id
from streams.vocabulary.events import ContactCorrected
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import Direction, EndedBy, Outcome, OverflowReason, Witness

_OVERFLOWED_BY = frozenset(OverflowReason)
_OPEN = (Outcome.WAITING, Outcome.TALKING)


def corrected(event: ContactCorrected, writing: Writing) -> None:
    key = (event.contact, event.leg)
    closed, visit = writing.state.closed.get(key), writing.state.visits.get(key)
    if event.outcome in _OPEN:
        if closed is not None:
            writing.anomaly(AnomalyKind.CORRECTION_UNCLEAR, visit_id(key))
        else:
            _still_open(event, visit, writing)
        return
    if closed is not None:
        _amend(event, closed, writing)
    elif visit is not None:
        _close(event, visit, writing)
    elif _surely_new(event, writing):
        _tell_new(event, writing)
    else:
        writing.anomaly(AnomalyKind.CORRECTION_TOO_OLD, visit_id(key))


def _surely_new(event: ContactCorrected, writing: Writing) -> bool:
    """Nothing is known of it. Is that because it was never told, or because it is forgotten?"""
    state = writing.state
    ended_at = event.ended_at or event.answered_at or event.queued_at
    if ended_at >= state.forgotten_before or ended_at < state.began:
        return True
    # another source's gap hid nothing of this one's; one of nobody who ever told anything (the bus) is everybody's
    return any(
        (gap.source == event.source or gap.source not in state.heard)
        and gap.began <= event.queued_at
        and (gap.ended is None or ended_at <= gap.ended)
        for gap in reversed(state.gaps)
    )


def _tell_new(event: ContactCorrected, writing: Writing) -> None:
    key = (event.contact, event.leg)
    blank = ContactLeg(
        site=writing.state.site,
        ver=(event.ended_at or event.at) << 8,
        queued_at=event.queued_at,
        contact=event.contact,
        leg=event.leg,
        queue=event.queue,
        channel=event.channel,
        direction=event.direction,
        target_ms=_target_ms(event, writing),
        outcome=Outcome.WAITING,
    )
    leg = replace(_merged(event, blank, {"queued": str(event.witness)}), ver=blank.ver)
    if queue := writing.queue_or_none(leg.queue, event.source):
        legs.move(queue, None, leg, writing)
    if leg.leg == 1 and leg.contact not in writing.state.turned_away and leg.queued_at >= writing.state.day_began:
        writing.state.contacts += 1
    _move_agents(None, leg, writing)
    if leg.outcome is Outcome.TURNED_AWAY:
        writing.state.turned_away[leg.contact] = writing.at
    writing.state.closed[key] = Closed(leg=leg, closed_at=writing.at)
    writing.out.append(leg)
    writing.repaired(AnomalyKind.CORRECTED, visit_id(key))


def _target_ms(event: ContactCorrected, writing: Writing) -> int:
    queue = writing.queue_or_none(event.queue, event.source)
    return queue.target_ms if queue is not None else 0


def _amend(event: ContactCorrected, closed: Closed, writing: Writing) -> None:
    old = closed.leg
    told_by = witnesses_of(old)
    leg = _merged(event, old, told_by)
    if replace(leg, ver=old.ver) == old:
        return
    if old.outcome is not leg.outcome and old.outcome is not Outcome.LOST:
        writing.anomaly(AnomalyKind.CORRECTION_CONTRADICTS, visit_id((old.contact, old.leg)))
    writing.repaired(AnomalyKind.CORRECTED, visit_id((old.contact, old.leg)))
    if queue := writing.queue_or_none(leg.queue, event.source):
        legs.move(queue, old, leg, writing)
    _move_agents(old, leg, writing)
    closed.leg = leg
    writing.out.append(leg)


def _close(event: ContactCorrected, visit: Visit, writing: Writing) -> None:
    """Open here, over there: its end was missed."""
    outcome = Outcome.TALKING if visit.answered_at else Outcome.WAITING
    if visit.held_since is not None:
        visit.hold_ms += max(0, (event.ended_at or event.at) - visit.held_since)
    old = replace(leg_of(writing.state, visit, outcome=outcome, ended_at=Millis(0)), hold_ms=visit.hold_ms)
    leg = _merged(event, old, dict(visit.witnesses))
    leg = replace(leg, ver=leg.ended_at << 8)
    queue = writing.queue_or_none(visit.queue, visit.source)
    if queue is not None:
        queue.waiting.pop(visit_id(visit.key), None)
        if visit.direction is Direction.OUTBOUND:
            queue.outbound = max(0, queue.outbound - 1)
        elif visit.answered_at:
            queue.talking = max(0, queue.talking - 1)
        legs.move(queue, replace(old, hold_ms=0), leg, writing)
    _move_agents(old, leg, writing)
    del writing.state.visits[visit.key]
    writing.close_leg(leg)
    writing.repaired(AnomalyKind.CORRECTED, visit_id(visit.key))
    writing.withdraw_offers(visit)
    if visit.agent is not None:
        writing.leave_talk(visit.agent, visit.key)


def _still_open(event: ContactCorrected, visit: Visit | None, writing: Writing) -> None:
    """The other witness saw it come, or be answered; it goes on."""
    if visit is None:
        if not _surely_new(event, writing):
            writing.anomaly(AnomalyKind.CORRECTION_TOO_OLD, visit_id((event.contact, event.leg)))
            return
        visit = open_visit(writing, event.contact, event.leg, event.queue, event.source, event.queued_at)
        visit.channel, visit.tier, visit.customer = event.channel, event.tier, event.customer
        visit.witnesses["queued"] = event.witness
        writing.repaired(AnomalyKind.CORRECTED, visit_id(visit.key))
    elif event.witness is Witness.CORRECTION:
        _redescribe(event, visit, writing)
    if event.outcome is Outcome.TALKING and not visit.answered_at:
        _answer(event, visit, writing)


def _redescribe(event: ContactCorrected, visit: Visit, writing: Writing) -> None:
    """It goes on, and came otherwise than was known. Nothing of it is told yet, so even its beginning may change."""
    outcome = Outcome.TALKING if visit.answered_at else Outcome.WAITING
    old = leg_of(writing.state, visit, outcome=outcome, ended_at=Millis(0))
    visit.tier, visit.customer = event.tier or visit.tier, event.customer or visit.customer
    visit.hold_ms = visit.hold_ms if event.hold_ms is None else event.hold_ms
    queue = writing.queue_or_none(visit.queue, visit.source)
    if event.queued_at != visit.queued_at:
        visit.queued_at = event.queued_at
        visit.witnesses["queued"] = event.witness
        if queue is not None and visit_id(visit.key) in queue.waiting:
            queue.waiting[visit_id(visit.key)] = visit.queued_at
    if visit.answered_at and event.answered_at:
        visit.answered_at = event.answered_at
        waited_ms = max(0, event.answered_at - event.queued_at)
        visit.wait_ms = waited_ms if event.wait_ms is None else event.wait_ms
        visit.tags = [word for word in visit.tags if word not in NO_WAIT]
    new = leg_of(writing.state, visit, outcome=outcome, ended_at=Millis(0))
    if new != old:
        if queue is not None:
            legs.move(queue, old, new, writing)
        writing.repaired(AnomalyKind.CORRECTED, visit_id(visit.key))


def _answer(event: ContactCorrected, visit: Visit, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    visit.agent, visit.answered_at = agent.id, event.answered_at or event.at
    visit.witnesses["answered"] = event.witness
    visit.ring_ms = event.ring_ms or 0
    if event.answered_at:
        visit.wait_ms = max(0, event.answered_at - visit.queued_at if event.wait_ms is None else event.wait_ms)
        count_answer(visit, writing)
    else:
        count_unseen_answer(visit, writing)
    agent.talks.append(visit.key)
    agent.today.answered += 1
    writing.withdraw_offers(visit)
    writing.relabel(agent)
    writing.repaired(AnomalyKind.CORRECTED, visit_id(visit.key))


# --- one leg from two witnesses ------------------------------------------------------------------------------------


def witnesses_of(leg: ContactLeg) -> dict[str, str]:
    """`queued=log answered=log` as a mapping; what is not in it the wire told."""
    return dict(word.split("=", 1) for word in leg.witnesses.split() if "=" in word)


def _merged(event: ContactCorrected, old: ContactLeg, told_by: dict[str, str]) -> ContactLeg:
    """`old` with what the event knows better, and who told what. The key (queued_at, contact, leg) never changes."""
    overrule = event.witness is Witness.CORRECTION
    unseen = not NO_WAIT.isdisjoint(old.tags.split())
    changes: dict[str, Any] = {}
    who = str(event.witness)
    if overrule or not old.answered_at or unseen or told_by.get("answered") == who:
        changes |= _answer_told(event, old)
        if event.answered_at:
            told_by["answered"] = who
            changes["tags"] = " ".join(word for word in old.tags.split() if word not in NO_WAIT)
    end_missed = old.outcome in (*_OPEN, Outcome.LOST) or told_by.get("ended") in (Witness.PICTURE, who)
    if overrule or end_missed or old.outcome is not event.outcome:
        changes |= _end_told(event, old, changes.get("answered_at", old.answered_at))
        told_by["ended"] = who
    changes |= {
        name: getattr(event, name)
        for name, unknown in (("agent", AgentId("")), ("customer", ""), ("tier", ""), ("ended_by", EndedBy.UNKNOWN))
        if getattr(event, name) != unknown and (overrule or getattr(old, name) == unknown)
    }
    told = " ".join(f"{what}={by}" for what, by in sorted(told_by.items()))
    leg = replace(old, **changes, witnesses=told, ver=old.ver + 1)
    if leg.outcome is Outcome.ANSWERED and not leg.answered_at:
        began = Millis(max(leg.queued_at, leg.ended_at - leg.talk_ms - leg.hold_ms))
        leg = replace(leg, answered_at=began, tags=" ".join([*leg.tags.split(), UNSEEN]))
    return leg


def _answer_told(event: ContactCorrected, old: ContactLeg) -> dict[str, Any]:
    if not event.answered_at:
        return {}
    wait_ms = max(0, event.answered_at - event.queued_at) if event.wait_ms is None else event.wait_ms
    outbound = old.direction is Direction.OUTBOUND
    return {
        "answered_at": event.answered_at,
        "wait_ms": 0 if outbound else wait_ms,
        "accept_wait_ms": 0 if outbound else wait_ms,
        "ring_ms": wait_ms if outbound and event.ring_ms is None else event.ring_ms or old.ring_ms,
    }


def _end_told(event: ContactCorrected, old: ContactLeg, answered_at: Millis) -> dict[str, Any]:
    ended_at = event.ended_at or old.ended_at or event.at
    reason = event.reason
    if event.outcome is Outcome.OVERFLOWED and reason not in _OVERFLOWED_BY:
        reason = (
            OverflowReason.WITHDRAWN.value
        )  # a word from outside has no counter: it would be offered and never gone
    told: dict[str, Any] = {"outcome": event.outcome, "ended_at": ended_at, "reason": reason}
    if event.outcome is Outcome.ANSWERED:
        hold_ms = old.hold_ms if event.hold_ms is None else event.hold_ms
        whole_ms = max(0, ended_at - answered_at) if event.talk_ms is None else event.talk_ms
        # as in ContactEnded, talk counts from the answer, hold included
        told |= {"hold_ms": min(hold_ms, whole_ms), "talk_ms": max(0, whole_ms - hold_ms)}
        return told
    wait_ms = max(0, ended_at - event.queued_at) if event.wait_ms is None else event.wait_ms
    outbound = old.direction is Direction.OUTBOUND
    nobody: dict[str, Any] = {"talk_ms": 0, "hold_ms": 0, "wrap_up_ms": 0, "answered_at": Millis(0)}
    if outbound:
        return told | nobody | {"ring_ms": wait_ms if event.ring_ms is None else event.ring_ms}
    return told | nobody | {"agent": AgentId(""), "wait_ms": wait_ms, "accept_wait_ms": 0}


def _move_agents(old: ContactLeg | None, new: ContactLeg, writing: Writing) -> None:
    """The agents' own day follows: whoever was said to have answered and did not gives it back."""
    for leg, sign in ((old, -1), (new, 1)):
        if leg is None or not leg.agent or not leg.answered_at or leg.answered_at < writing.state.day_began:
            continue
        agent = writing.state.agents.get(leg.agent)
        if agent is None:
            continue
        if leg.direction is Direction.OUTBOUND:
            agent.today.reached = max(0, agent.today.reached + sign)
        else:
            agent.today.answered = max(0, agent.today.answered + sign)
        agent.today.talk_ms = max(0, agent.today.talk_ms + sign * leg.talk_ms)
        agent.today.hold_ms = max(0, agent.today.hold_ms + sign * (leg.hold_ms if leg.ended_at else 0))
