"""A queue's offer to an agent, and the agent's own words. In: agent-offering, bridge-agent-fail, agent-*. Out: events.

bridge-agent-fail may come after the caller has left; an agent who lost the race for a ring-all caller may be freed
without one. May not know: what follows an answer.
"""

from streams.translate.freeswitch_callers import key_of
from streams.translate.freeswitch_calls import Offer, Visit
from streams.translate.freeswitch_teller import Teller
from streams.translate.freeswitch_words import RECEIVING, Delay, extension_of, fail_of
from streams.vocabulary.events import ContactDeclined, ContactOffered
from streams.vocabulary.ids import AgentId
from streams.vocabulary.states import DeclineReason
from streams.wire.esl_message import Message


def offered(here: Teller, message: Message) -> None:
    agent = AgentId(message.text(b"CC-Agent"))
    here.book(agent)
    visit = here.calls.visits.get(key_of(message))
    if visit is None:
        here.untold["offer_without_visit"] += 1
        return
    tell_offer(here, visit, agent, began_ms=here.stamp_ms)


def tell_offer(here: Teller, visit: Visit, agent: AgentId, *, began_ms: int) -> None:
    offer = here.calls.offers.get(agent)
    if offer is not None and offer.visit is visit:
        return  # a list has told of it before
    if offer is not None:
        _decline(here, agent, DeclineReason.WITHDRAWN)
    else:
        _withdraw_recalled(here, agent, visit)
    here.calls.offers[agent] = Offer(visit=visit, began_ms=began_ms, seen_at=here.at)
    here.tell_of(ContactOffered, visit, agent=agent)


def _withdraw_recalled(here: Teller, agent: AgentId, visit: Visit) -> None:
    """An earlier collector told that this telephone rings for somebody else: it no longer does."""
    before = here.calls.recalled.offers.pop(agent, None)
    if before is not None and (before.contact, before.leg) != (visit.contact, visit.leg):
        here.tell(
            ContactDeclined,
            contact=before.contact,
            leg=before.leg,
            queue=before.queue,
            agent=agent,
            reason=DeclineReason.WITHDRAWN,
            ring_ms=max(0, here.at - before.began),
        )


def failed(here: Teller, message: Message) -> None:
    agent = AgentId(message.text(b"CC-Agent"))
    book = here.book(agent)
    reason, delay = fail_of(message.text(b"CC-Hangup-Cause"))
    offer = here.calls.offers.get(agent)
    if offer is None or offer.visit.key != key_of(message):
        here.untold["fail_without_offer"] += 1
    else:
        gone = reason is DeclineReason.WITHDRAWN and offer.visit.key in here.calls.closed
        _decline(here, agent, DeclineReason.CUSTOMER_GONE if gone else reason)
    if delay is not Delay.NONE:
        book.delayed(delay, message.number_or(b"CC-Agent-Aborted-Time", here.stamp_ms // 1000))
    here.tell_stance(agent, book)


def _decline(here: Teller, agent: AgentId, reason: DeclineReason) -> None:
    offer = here.calls.offers.pop(agent)
    ring_ms = max(0, here.stamp_ms - offer.began_ms)
    here.tell_of(ContactDeclined, offer.visit, agent=agent, reason=reason, ring_ms=ring_ms)


def status_changed(here: Teller, message: Message) -> None:
    """Sent even if nothing changed; after agent-max-no-answer it is the switch's own doing."""
    agent = AgentId(message.text(b"CC-Agent"))
    status = message.text(b"CC-Agent-Status")
    book = here.book(agent)
    ordered, book.order_told = book.order_told, False
    if book.status == status:
        return
    book.ordered_by_switch = ordered
    book.status = status
    book.status_since_s = here.stamp_ms // 1000
    here.tell_stance(agent, book)


def max_no_answer(here: Teller, message: Message) -> None:
    here.book(AgentId(message.text(b"CC-Agent"))).order_told = True


def state_changed(here: Teller, message: Message) -> None:
    """Waiting and Idle: whatever was offered is over; In a queue call follows the bridge that was told before."""
    agent = AgentId(message.text(b"CC-Agent"))
    book = here.book(agent)
    book.state = message.text(b"CC-Agent-State")
    if book.state != RECEIVING and agent in here.calls.offers:
        _decline(here, agent, DeclineReason.WITHDRAWN)
    here.tell_stance(agent, book)


def contact_changed(here: Teller, message: Message) -> None:
    book = here.book(AgentId(message.text(b"CC-Agent")))
    book.extension = extension_of(message.find(b"CC-Agent-Contact") or "") or book.extension
