"""A queue's offer to a member. In: AgentCalled, DialEnd, AgentRingNoAnswer, the agent leg's hang-up. Out: events.

AgentRingNoAnswer means "not taken" of every kind and may come before or after DialEnd (traces README, order 5-7). May
not know: what follows an answer.
"""

from typing import Final

from streams.translate.asterisk_calls import Offer
from streams.translate.asterisk_teller import Teller
from streams.vocabulary.events import (
    ContactAccepted,
    ContactDeclined,
    ContactOffered,
)
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import DeclineReason
from streams.wire.ami import Message

# The agent's leg is hung up with these causes when the telephone was busy (17) or the call rejected (21).
_DECLINE_CAUSES: Final = {"17": DeclineReason.BUSY, "21": DeclineReason.REJECTED}


def called(here: Teller, message: Message) -> None:
    caller = message.text(b"Uniqueid")
    visit = here.calls.visit(caller, QueueName(message.text(b"Queue")))
    if visit is None:
        here.untold["offer_without_visit"] += 1
        return
    agent = here.agent(message.text(b"Interface"))
    here.calls.offers[message.text(b"DestUniqueid")] = Offer(visit=visit, agent=agent, began=here.at)
    here.out.append(
        ContactOffered(
            at=here.at,
            site=here.site,
            source=here.source,
            seq=here.number(),
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            agent=agent,
        )
    )


def dialled(here: Teller, message: Message) -> None:
    offer = here.calls.offers.get(message.text(b"DestUniqueid"))
    if offer is None:
        _dialled_in_gap(here, message)
        return
    visit = offer.visit
    if message.text(b"DialStatus") != "ANSWER":
        offer.refused_at = offer.refused_at or here.at
        offer.refused = offer.refused or message.text(b"DialStatus") != "CANCEL"
        return
    offer.accepted_at = here.at
    visit.accepted = True
    # app_queue decides here, before any announcement to the agent, on its whole-second clock.
    waited_ms = (here.switch_second(message) - visit.joined_s) * 1000
    visit.in_target = waited_ms <= here.target_ms(visit.queue)
    here.out.append(
        ContactAccepted(
            at=here.at,
            site=here.site,
            source=here.source,
            seq=here.number(),
            contact=visit.contact,
            leg=visit.leg,
            queue=visit.queue,
            agent=offer.agent,
        )
    )


def _dialled_in_gap(here: Teller, message: Message) -> None:
    """The AgentCalled was lost in a gap: the caller's side alone says that somebody picked up."""
    caller = message.find(b"Uniqueid")
    if caller is not None and message.text(b"DialStatus") == "ANSWER":
        for visit in here.calls.waiting.get(caller, ()):
            visit.accepted = True
            waited_ms = (here.switch_second(message) - visit.joined_s) * 1000
            visit.in_target = waited_ms <= here.target_ms(visit.queue)


def not_taken(here: Teller, message: Message) -> None:
    """Ring-out, busy and rejection alike; only the hang-up cause of the agent's leg tells them apart."""
    if offer := here.calls.offers.get(message.text(b"DestUniqueid")):
        offer.refused = True
        offer.refused_at = offer.refused_at or here.at


def offer_over(here: Teller, offer: Offer, cause: str | None) -> None:
    visit = offer.visit
    if offer.accepted_at is not None:
        gone = visit.abandoned_at is not None or visit not in here.calls.waiting.get(visit.contact, ())
        reason = DeclineReason.CUSTOMER_GONE if gone else DeclineReason.REJECTED
        visit.accepted = False
    elif offer.refused:
        reason = _DECLINE_CAUSES.get(cause or "", DeclineReason.NO_ANSWER)
    else:
        reason = DeclineReason.WITHDRAWN
    here.tell(
        ContactDeclined,
        contact=visit.contact,
        leg=visit.leg,
        queue=visit.queue,
        agent=offer.agent,
        reason=reason,
        ring_ms=(offer.refused_at or here.at) - offer.began,
    )
