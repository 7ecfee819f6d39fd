"""A caller's way through a queue. In: Join, Abandon, Leave, QUEUESTATUS and the dialplan's Queue() step. Out: events.

QueueCallerAbandon stands for hang-up, timeout, leave-when-empty and withdrawal; only the QUEUESTATUS that follows tells
them apart (traces README, "Counters"). May not know: agents.
"""

from streams.translate.asterisk_calls import WaitingVisit
from streams.translate.asterisk_teller import Teller, known
from streams.translate.asterisk_words import OVERFLOWS, TURNED_AWAY
from streams.vocabulary.events import (
    ContactAbandoned,
    ContactOverflowed,
    ContactQueued,
    ContactTurnedAway,
    RecordingStarted,
)
from streams.vocabulary.ids import ContactId, Millis, QueueName
from streams.vocabulary.states import OverflowReason
from streams.wire.ami import Message


def joined(here: Teller, message: Message) -> None:
    caller = message.text(b"Uniqueid")
    queue = QueueName(message.text(b"Queue"))
    settle(here, caller)
    leg = here.calls.next_leg(caller, queue)
    visit = WaitingVisit(
        contact=ContactId(caller), leg=leg, queue=queue, joined_at=here.at, joined_s=here.switch_second(message)
    )
    here.calls.waiting.setdefault(caller, []).append(visit)
    here.out.append(
        ContactQueued(
            at=here.at,
            site=here.site,
            source=here.source,
            seq=here.number(),
            contact=visit.contact,
            leg=leg,
            queue=queue,
            customer=known(message.find(b"CallerIDNum")),
            customer_name=known(message.find(b"CallerIDName")),
            position=message.number_or(b"Position", 0),
        )
    )


def abandoned(here: Teller, message: Message) -> None:
    """Hang-up, timeout, leave-when-empty and withdrawal alike; the QUEUESTATUS that follows tells them apart."""
    queue = QueueName(message.text(b"Queue"))
    wait_s = message.number(b"HoldTime")
    here.tell_tally(here.tally.abandoned(queue, in_target=wait_s * 1000 <= here.target_ms(queue)))
    caller = message.text(b"Uniqueid")
    visit = here.calls.visit(caller, queue)
    if visit is None:
        # joined before the capture or in a gap: the wait is all that is known
        visit = WaitingVisit(
            contact=ContactId(caller),
            leg=here.calls.next_leg(caller, queue),
            queue=queue,
            joined_at=Millis(here.at - wait_s * 1000),
            joined_s=here.switch_second(message) - wait_s,
        )
        here.calls.waiting.setdefault(caller, []).append(visit)
    visit.abandoned_at = here.at


def left(here: Teller, message: Message) -> None:
    """After an abandon it repeats it; before an AgentConnect it announces it; alone it is a pressed key.

    Until the first picture after a gap nobody knows which: an answer may follow, an abandon may have come before.
    """
    visit = here.calls.visit(message.text(b"Uniqueid"), QueueName(message.text(b"Queue")))
    if visit is not None and visit.abandoned_at is None and not visit.accepted and not here.blind:
        _overflowed(here, visit, OverflowReason.KEY)


def variable(here: Teller, message: Message) -> None:
    channel = message.find(b"Uniqueid")
    if channel is None:
        return
    value = message.text(b"Value")
    if message.text(b"Variable") == "QUEUESTATUS":
        _queue_status(here, channel, value)
    else:
        contact = here.calls.contact_on(channel)
        here.calls.recordings[channel] = (contact, value)
        here.out.append(
            RecordingStarted(
                at=here.at,
                site=here.site,
                source=here.source,
                seq=here.number(),
                contact=contact,
                path=value,
            )
        )


def _queue_status(here: Teller, caller: str, status: str) -> None:
    if reason := TURNED_AWAY.get(status):
        queue = here.calls.queue_step.pop(caller, None)
        if queue is None:
            here.untold["turned_away_without_queue_step"] += 1
        else:
            here.tell(ContactTurnedAway, contact=ContactId(caller), queue=queue, reason=reason)
        return
    overflow = OVERFLOWS.get(status)
    for visit in list(here.calls.waiting.get(caller, ())):
        if visit.abandoned_at is None:
            continue
        if overflow is not None:
            _overflowed(here, visit, overflow)
        else:
            _hung_up(here, visit)


def queue_step(here: Teller, message: Message) -> None:
    queue = message.text(b"AppData").partition(",")[0]
    here.calls.queue_step[message.text(b"Uniqueid")] = QueueName(queue)


def _overflowed(here: Teller, visit: WaitingVisit, reason: OverflowReason) -> None:
    here.calls.close(visit)
    here.tell(
        ContactOverflowed,
        contact=visit.contact,
        leg=visit.leg,
        queue=visit.queue,
        reason=reason,
        wait_ms=(visit.abandoned_at or here.at) - visit.joined_at,
    )


def _hung_up(here: Teller, visit: WaitingVisit) -> None:
    here.calls.close(visit)
    wait_ms = (visit.abandoned_at or here.at) - visit.joined_at
    here.tell(ContactAbandoned, contact=visit.contact, leg=visit.leg, queue=visit.queue, wait_ms=wait_ms)


def settle(here: Teller, caller: str) -> None:
    """A caller who goes on or is gone: what was pending is decided now."""
    for visit in list(here.calls.waiting.get(caller, ())):
        if visit.abandoned_at is not None:
            _hung_up(here, visit)
