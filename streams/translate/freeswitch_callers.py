"""A caller's way through a queue until an agent takes him. In: member-queue-start, -resume, -end Cancel. Out: events.

A resumed visit is a new one, and its wait counts from the resume. May not know: agents.
"""

from streams.translate.freeswitch_calls import Visit, VisitKey
from streams.translate.freeswitch_teller import Teller
from streams.translate.freeswitch_words import BREAK_OUT, OVERFLOWS
from streams.vocabulary.events import ContactAbandoned, ContactOverflowed, ContactQueued
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import OverflowReason
from streams.wire.esl_message import Message


def key_of(message: Message) -> VisitKey:
    return (message.text(b"CC-Member-UUID"), message.text(b"CC-Member-Session-UUID"))


def created_s(message: Message) -> int:
    """The second in which the channel was made, of an event that carries the caller's own channel."""
    return message.number_or(b"Caller-Channel-Created-Time", 0) // 1_000_000


def joined(here: Teller, message: Message) -> None:
    """A visit that a list named first is known already: the list was newer than this event."""
    key = key_of(message)
    if visit := here.calls.visits.get(key):
        visit.joined_ms = here.stamp_ms
        return
    visit = here.calls.open_visit(
        key,
        QueueName(message.text(b"CC-Queue")),
        created_s=created_s(message) or here.stamp_ms // 1000,
        joined_ms=here.stamp_ms,
        at=here.at,
    )
    here.tell_of(
        ContactQueued,
        visit,
        customer=message.find(b"CC-Member-CID-Number") or "",
        customer_name=message.find(b"CC-Member-CID-Name") or "",
    )


def cancelled(here: Teller, message: Message) -> None:
    """Left without an agent. A timeout in the moment of the answer is told too: the answer stands (traces README)."""
    key = key_of(message)
    visit = here.calls.visits.get(key)
    if visit is None and key in here.calls.closed:
        here.untold["left_twice"] += 1
        return
    if visit is None:
        visit = unseen(here, message, key)
    if visit.talk is not None:
        here.noticed["cancel_after_bridge"] += 1
        return
    here.calls.close(visit)
    wait_ms = max(0, here.stamp_ms - visit.joined_ms)
    reason = message.text(b"CC-Cancel-Reason")
    if reason == BREAK_OUT:
        here.tell_of(ContactAbandoned, visit, wait_ms=wait_ms)
    else:
        overflow = OVERFLOWS.get(reason, OverflowReason.WITHDRAWN)
        here.tell_of(ContactOverflowed, visit, reason=overflow, wait_ms=wait_ms)


def unseen(here: Teller, message: Message, key: VisitKey) -> Visit:
    """Joined before anybody listened, or in a gap: counted from what the switch says of its joining."""
    joined_s = message.number_or(b"CC-Member-Joined-Time", here.stamp_ms // 1000)
    caller = message.find(b"Unique-ID") == key[1]
    return here.calls.open_visit(
        key,
        QueueName(message.text(b"CC-Queue")),
        created_s=(created_s(message) if caller else 0) or joined_s,
        joined_ms=joined_s * 1000,
        at=here.at,
    )
