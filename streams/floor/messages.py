"""Text chats. In: message events. Out: `MessageSaid`, and the utterance it is for the warehouse.

Text was redacted at the door. May not know: scores, stores.
"""

from streams.floor.outputs import MessageSaid
from streams.floor.state import Writing
from streams.vocabulary.events import ContactMessage
from streams.vocabulary.facts import UtteranceFact
from streams.vocabulary.ids import AgentId, Millis, SiteId
from streams.vocabulary.states import Role

_CHANNELS = {Role.CUSTOMER: 0, Role.AGENT: 1, Role.SYSTEM: 2}
"""As a two-channel recording would have them: the customer first."""
_ROLES = {Role.CUSTOMER: "customer", Role.AGENT: "agent", Role.SYSTEM: "unknown"}


def said(event: ContactMessage, writing: Writing) -> None:
    """A message of a contact that is over or unknown is told all the same: words are never lost."""
    key = (event.contact, event.leg)
    visit = writing.state.visits.get(key)
    closed = writing.state.closed.get(key)
    leg = closed.leg if closed is not None else None
    known = visit or leg
    if known is None:
        writing.anomaly_of_contact(event.contact, event.leg)
    agent = event.agent or (visit.agent if visit is not None else leg.agent if leg is not None else None)
    if queue := writing.queue_or_none(event.queue, event.source):
        for counters in writing.counting(queue):
            counters.messages += 1
    writing.out.append(
        MessageSaid(
            contact=event.contact,
            contact_at=known.queued_at if known is not None else Millis(0),
            at=event.at,
            number=event.number,
            role=event.role,
            text=event.text,
            queue=event.queue,
            agent=agent or AgentId(""),
        )
    )


def utterance(message: MessageSaid, site: SiteId) -> UtteranceFact:
    """`start_ms` counts from the contact's beginning, as it does in a recording."""
    start_ms = max(0, message.at - message.contact_at) if message.contact_at else 0
    return UtteranceFact(
        site=site,
        ver=message.at << 8,
        said_at=message.at,
        contact=message.contact,
        channel=_CHANNELS[message.role],
        role=_ROLES[message.role],
        number=message.number,
        start_ms=start_ms,
        end_ms=start_ms,
        text=message.text,
        confidence=1.0,
        queue=message.queue,
        agent=message.agent,
        model="chat",
    )
