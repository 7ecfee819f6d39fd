"""A contact in an agent's hands, before and after. In: two `Work`s. Out: what happened in between.

The stream names a contact only while an agent has it: one that waits is first heard of when it is offered, and told
then with the time it entered the queue. May not know: agent status, JSON.
"""

from dataclasses import dataclass

from streams.translate.amazon_connect_shapes import Contact
from streams.translate.amazon_connect_teller import Teller
from streams.translate.amazon_connect_words import (
    DECLINED,
    LISTENING,
    OUTBOUND,
    PHASES,
    Phase,
    channel_of,
    queue_of,
    visit_of,
)
from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from streams.vocabulary.states import Channel, DeclineReason

UNKNOWN_STATE = "unknown_contact_state"
MOST_CONTACTS = 64
TOO_MANY_CONTACTS = "too_many_contacts"
_TALK = (Phase.TALKING, Phase.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One contact as one snapshot shows it. `queued_at`, `connected_at`: None if it did not happen (yet)."""

    contact: ContactId
    leg: int
    queue: QueueName
    channel: Channel
    outbound: bool
    state: str
    phase: Phase
    since: Millis
    queued_at: Millis | None
    connected_at: Millis | None

    @property
    def visit(self) -> dict[str, ContactId | int | QueueName]:
        return {"contact": self.contact, "leg": self.leg, "queue": self.queue}


def works_of(contacts: list[Contact] | None, teller: Teller) -> dict[str, Work]:
    """By ContactId; contacts that are only listened to are left out, unknown states refused."""
    found: dict[str, Work] = {}
    if contacts and len(contacts) > MOST_CONTACTS:
        teller.refused[TOO_MANY_CONTACTS] += 1
        contacts = contacts[:MOST_CONTACTS]
    for one in contacts or ():
        phase = PHASES.get(one.state)
        if one.initiation_method in LISTENING:
            continue
        if phase is None:
            teller.refused[UNKNOWN_STATE] += 1
            continue
        contact, leg = visit_of(one.contact_id, one.initial_contact_id)
        found[one.contact_id] = Work(
            contact=contact,
            leg=leg,
            queue=queue_of(one.queue.name if one.queue else None),
            channel=channel_of(one.channel),
            outbound=one.initiation_method in OUTBOUND,
            state=one.state,
            phase=phase,
            since=teller.moment(one.state_start_timestamp) or teller.at,
            queued_at=teller.moment(one.queue_timestamp),
            connected_at=teller.moment(one.connected_to_agent_timestamp),
        )
    return found


def tell_change(teller: Teller, agent: AgentId, before: Work | None, after: Work | None) -> None:
    was = before.phase if before else Phase.ABSENT
    work = after or before
    if work is None or (after is not None and was is after.phase):
        return
    if before is not None:
        _dial_unheard(teller, before, agent)
    match after.phase if after else Phase.ABSENT:
        case Phase.OFFERED:
            _open(teller, work, agent)
            if not work.outbound:
                teller.tell(ev.ContactOffered, agent=agent, **work.visit)
        case Phase.TALKING | Phase.HELD as phase:
            if was not in _TALK:
                _answered(teller, work, agent, before, seen=was is Phase.OFFERED)
            if phase is Phase.HELD:
                teller.tell(ev.ContactHeld, agent=agent, **work.visit)
            elif was is Phase.HELD:
                teller.tell(ev.ContactResumed, agent=agent, **work.visit)
        case Phase.OVER:
            _over(teller, work, agent, before)
        case Phase.REFUSED:
            _refused(teller, work, agent, before)
        case Phase.ABSENT:
            if was in _TALK:
                _ended(teller, work, agent, teller.at)
            elif was is Phase.OFFERED:
                _not_taken(teller, work, agent, DeclineReason.WITHDRAWN, ring_ms=max(0, teller.at - work.since))


def tell_seen(teller: Teller, agent: AgentId, work: Work) -> None:
    """What a snapshot shows, said again: repairs a floor that missed how it came about."""
    _dial_unheard(teller, work, agent)
    if work.phase in _TALK:
        teller.tell(
            ev.TalkSeen,
            agent=agent,
            queued_at=work.queued_at,
            answered_at=work.connected_at,
            held=work.phase is Phase.HELD,
            channel=work.channel,
            **work.visit,
        )
    elif work.phase is Phase.OFFERED and not work.outbound:
        _open(teller, work, agent)


def _dial_unheard(teller: Teller, work: Work, agent: AgentId) -> None:
    """The stream left out how an outbound contact began; without that it would pass for one that was offered."""
    if not work.outbound or (work.contact, work.leg) in teller.dialled or work.phase not in (*_TALK, Phase.OFFERED):
        return
    _open(teller, work, agent)
    if work.phase in _TALK:
        _answered(teller, work, agent, None, seen=True)


def _open(teller: Teller, work: Work, agent: AgentId) -> None:
    if work.outbound:
        teller.note_dialled(work.contact, work.leg)
        teller.tell(ev.ContactDialled, agent=agent, channel=work.channel, **work.visit)
        return
    wait_ms = max(0, teller.at - work.queued_at) if work.queued_at is not None else 0
    teller.tell(ev.ContactSeen, wait_ms=wait_ms, channel=work.channel, **work.visit)


def _answered(teller: Teller, work: Work, agent: AgentId, before: Work | None, *, seen: bool) -> None:
    if not seen:
        _open(teller, work, agent)
    connected_at = work.connected_at or work.since
    teller.tell(
        ev.ContactAnswered,
        agent=agent,
        wait_ms=max(0, connected_at - work.queued_at) if work.queued_at is not None else None,
        ring_ms=max(0, connected_at - before.since) if before is not None and seen else None,
        **work.visit,
    )


def _over(teller: Teller, work: Work, agent: AgentId, before: Work | None) -> None:
    was = before.phase if before else Phase.ABSENT
    if was is Phase.REFUSED:
        return
    if was not in _TALK and work.connected_at is None:
        if work.outbound or was is Phase.OFFERED:
            _not_taken(teller, work, agent, DeclineReason.WITHDRAWN, ring_ms=_rang(before, work))
        return
    if was not in _TALK:  # the stream left out how it was answered
        _answered(teller, work, agent, before, seen=was is Phase.OFFERED)
    _ended(teller, work, agent, work.since)
    teller.tell(ev.WrapUpStarted, agent=agent, **work.visit)


def _refused(teller: Teller, work: Work, agent: AgentId, before: Work | None) -> None:
    was = before.phase if before else Phase.ABSENT
    if was in _TALK:
        _ended(teller, work, agent, work.since)
        return
    if was is Phase.ABSENT:
        _open(teller, work, agent)
        if not work.outbound:
            teller.tell(ev.ContactOffered, agent=agent, **work.visit)
    if was is not Phase.OVER:
        _not_taken(teller, work, agent, DECLINED[work.state], ring_ms=_rang(before, work))


def _rang(before: Work | None, after: Work) -> int:
    return max(0, after.since - before.since) if before is not None and before.phase is Phase.OFFERED else 0


def _not_taken(teller: Teller, work: Work, agent: AgentId, reason: DeclineReason, *, ring_ms: int) -> None:
    """An outbound attempt that reached nobody is over; an inbound contact goes on waiting."""
    if work.outbound:
        teller.tell(ev.ContactAbandoned, **work.visit)
        return
    teller.tell(ev.ContactDeclined, agent=agent, reason=reason, ring_ms=ring_ms, **work.visit)


def _ended(teller: Teller, work: Work, agent: AgentId, end: Millis) -> None:
    talk_ms = max(0, end - work.connected_at) if work.connected_at is not None else None
    teller.tell(ev.ContactEnded, agent=agent, talk_ms=talk_ms, **work.visit)
