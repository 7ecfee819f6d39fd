"""One label from two axes. In: an agent's record and the open visits. Out: `Label`.

Precedence (docs/decisions/0001): unknown > on contact, on hold > signed out > offered > wrap-up > not ready as a whole
> not ready in every queue > telephone unreachable > telephone in use > ready. A talk outranks signing out: who talks is
not gone. Only the telephone of queues that could ring the agent matters.
May not know: time, events.
"""

from collections.abc import Mapping

from msgspec import Struct

from streams.floor.records import AgentRecord, Visit, VisitKey, all_not_ready_reason
from streams.vocabulary.ids import ContactId, QueueName
from streams.vocabulary.states import AgentState, Device, NotReadyReason

_NONE = QueueName("")
_NOBODY = ContactId("")
_USED = frozenset((Device.IN_USE, Device.BUSY, Device.RING_IN_USE, Device.ON_HOLD))
_FREE = frozenset((Device.UNKNOWN, Device.IDLE, Device.RINGING))
"""Neither in use nor gone (unreachable, invalid)."""


class Label(Struct, frozen=True, gc=False):
    state: AgentState
    reason: str
    queue: QueueName
    contact: ContactId


_READY = Label(AgentState.READY, "", _NONE, _NOBODY)


def derive(agent: AgentRecord, visits: Mapping[VisitKey, Visit]) -> Label:
    if agent.lost_since is not None:
        return Label(AgentState.UNKNOWN, "", _NONE, _NOBODY)
    if agent.talks and (visit := visits.get(agent.talks[-1])):
        state = AgentState.ON_HOLD if visit.held_since is not None else AgentState.ON_CONTACT
        return Label(state, "", visit.queue, visit.contact)
    if not agent.is_signed_in:
        return Label(AgentState.SIGNED_OUT, "", _NONE, _NOBODY)
    if agent.offers and (visit := visits.get(agent.offers[-1])):
        return Label(AgentState.OFFERED, "", visit.queue, visit.contact)
    if agent.wrap_up is not None:
        return Label(AgentState.WRAP_UP, "", agent.wrap_up.queue, agent.wrap_up.visit[0])
    return _idle(agent)


def _idle(agent: AgentRecord) -> Label:
    reason = all_not_ready_reason(agent)
    if reason is not None:
        return Label(AgentState.NOT_READY, reason, _NONE, _NOBODY)
    used = gone = False
    for membership in agent.memberships.values():
        if membership.not_ready:
            continue
        if membership.device in _FREE:
            return _READY
        used = used or membership.device in _USED
        gone = True
    if not gone:  # no queue has its own view of the telephone
        if agent.device in _FREE:
            return _READY
        used = agent.device in _USED
    reason = NotReadyReason.OTHER_CONTACT if used else NotReadyReason.UNREACHABLE
    return Label(AgentState.NOT_READY, reason, _NONE, _NOBODY)
