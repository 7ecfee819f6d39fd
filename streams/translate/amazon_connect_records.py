"""A contact record, told when all is over. In: one record. Out: the visit as Amazon Connect counts it, a correction.

Its times are whole seconds. One that never entered a queue and reached no agent (a menu, a message) is no visit.
Source: guide, "Data model for contact records", "How to identify abandoned contacts". May not know: agent events.
"""

from streams.translate.amazon_connect_shapes import ContactRecord, RecordAgent
from streams.translate.amazon_connect_teller import Teller
from streams.translate.amazon_connect_words import (
    LISTENING,
    OUTBOUND,
    agent_of,
    channel_of,
    ended_by,
    overflow_of,
    queue_of,
    visit_of,
)
from streams.vocabulary.events import ContactCorrected
from streams.vocabulary.ids import AgentId, Millis
from streams.vocabulary.states import Direction, Outcome, Witness

NEVER = Millis(0)


def told_at(record: ContactRecord) -> str | None:
    """When the record was written: a later version of it has a later one."""
    return record.last_update_timestamp or record.disconnect_timestamp or record.initiation_timestamp


def is_visit(record: ContactRecord) -> bool:
    if record.initiation_method in LISTENING:
        return False
    queued = record.queue is not None and record.queue.enqueue_timestamp
    return bool(queued or (record.agent is not None and record.agent.connected_to_agent_timestamp) or _outbound(record))


def _outbound(record: ContactRecord) -> bool:
    return record.initiation_method in OUTBOUND


def tell_record(teller: Teller, record: ContactRecord) -> None:
    queue, agent = record.queue, record.agent
    contact, leg = visit_of(record.contact_id, record.initial_contact_id)
    began = teller.moment(record.initiation_timestamp)
    queued_at = teller.moment(queue.enqueue_timestamp if queue else None) or began or teller.at
    answered_at = _answered_at(teller, record)
    goes_on = bool(
        record.next_contact_id or (record.transferred_to_endpoint and record.transferred_to_endpoint.address)
    )
    outcome, reason = Outcome.ANSWERED, ""
    if not answered_at:
        overflow = None if _outbound(record) else overflow_of(record.disconnect_reason, goes_on=goes_on)
        outcome, reason = (Outcome.OVERFLOWED, overflow.value) if overflow else (Outcome.ABANDONED, "")
    left_at = teller.moment(queue.dequeue_timestamp if queue else None)
    wait_ms = _ms(queue.duration if queue else None)
    hold_ms = _ms(agent.customer_hold_duration) if agent else None
    teller.tell(
        ContactCorrected,
        witness=Witness.LOG,
        contact=contact,
        leg=leg,
        queue=queue_of(queue.name if queue else None),
        outcome=outcome,
        queued_at=queued_at,
        answered_at=answered_at,
        ended_at=_ended_at(teller, record, left_at=None if answered_at else left_at),
        agent=agent_of(agent.username, agent.arn) if agent and (answered_at or _outbound(record)) else AgentId(""),
        reason=reason,
        wait_ms=wait_ms if wait_ms is not None or not answered_at else max(0, answered_at - queued_at),
        talk_ms=_talk_ms(agent) if agent and answered_at else None,
        hold_ms=hold_ms if answered_at else None,
        ended_by=ended_by(record.disconnect_reason, goes_on=goes_on) if answered_at else ended_by(None, goes_on=False),
        channel=channel_of(record.channel),
        direction=Direction.OUTBOUND if _outbound(record) else Direction.INBOUND,
        customer=(record.customer_endpoint.address or "") if record.customer_endpoint else "",
    )


def _answered_at(teller: Teller, record: ContactRecord) -> Millis:
    """Outbound, the agent is there from the first ring; the answer is the customer's."""
    connected = teller.moment(record.agent.connected_to_agent_timestamp if record.agent else None)
    if connected is None or not _outbound(record):
        return connected or NEVER
    reached = teller.moment(record.connected_to_system_timestamp)
    return NEVER if reached is None else max(connected, reached)


def _ended_at(teller: Teller, record: ContactRecord, *, left_at: Millis | None) -> Millis:
    """The agent's part is over when the after-contact work begins, even where the customer talks on with somebody."""
    agent = record.agent
    if left_at is not None:
        return left_at
    began_acw = teller.moment(agent.after_contact_work_start_timestamp if agent else None)
    return began_acw or teller.moment(record.disconnect_timestamp) or teller.at


def _talk_ms(agent: RecordAgent) -> int | None:
    """From the answer, hold included, as ContactEnded counts; AgentInteractionDuration leaves hold out."""
    talk_ms, hold_ms = _ms(agent.agent_interaction_duration), _ms(agent.customer_hold_duration)
    return None if talk_ms is None else talk_ms + (hold_ms or 0)


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None or seconds < 0 else seconds * 1000
