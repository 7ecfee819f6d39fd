"""One label from two axes. In: an agent's record and the open visits. Out: `Label`.

Precedence (docs/decisions/0001): unknown > on contact, on hold > signed out > offered > wrap-up > not ready as a whole
> not ready in every queue > telephone unreachable > telephone in use > ready. A talk outranks signing out: who talks is
not gone. Only the telephone of queues that could ring the agent matters.
May not know: time, events.
"""

from collections.abc import Mapping
from typing import NamedTuple

from streams.floor.records import AgentRecord, Visit, VisitKey, all_not_ready_reason
from streams.vocabulary.ids import ContactId, QueueName
from streams.vocabulary.states import AgentState, Device, NotReadyReason

_NONE = QueueName("")
_NOBODY = ContactId("")
_GONE = (Device.UNREACHABLE, Device.INVALID)
_USED = (Device.IN_USE, Device.BUSY, Device.RING_IN_USE, Device.ON_HOLD)


class Label(NamedTuple):
    state: AgentState
    reason: str
    queue: QueueName
    contact: ContactId


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
    devices = [membership.device for membership in agent.memberships.values() if not membership.not_ready]
    devices = devices or [agent.device]
    if all(device in _GONE for device in devices):
        return Label(AgentState.NOT_READY, NotReadyReason.UNREACHABLE, _NONE, _NOBODY)
    if all(device in _GONE or device in _USED for device in devices):
        return Label(AgentState.NOT_READY, NotReadyReason.OTHER_CONTACT, _NONE, _NOBODY)
    return Label(AgentState.READY, "", _NONE, _NOBODY)
