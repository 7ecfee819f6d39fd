"""Agents as a full picture names them. In: `AgentSeen`. Out: status and memberships as seen, repairs, doubts.

After a gap a difference is what the gap hid; without one it is a contradiction until a picture confirms. May not know:
contacts.
"""

from streams.floor.certainty import Doubt
from streams.floor.label import derive
from streams.floor.outputs import AnomalyKind
from streams.floor.records import AgentRecord, Membership, Pause, WrapUp, all_not_ready_since
from streams.floor.state import EVERY_QUEUE, Writing
from streams.floor.status import set_pause
from streams.vocabulary.events import AgentSeen
from streams.vocabulary.ids import ContactId, Millis
from streams.vocabulary.states import AgentState, Device


def seen(event: AgentSeen, writing: Writing) -> None:
    state = writing.state
    new = event.agent not in state.agents
    agent = writing.agent(event.agent, event.source)
    agent.source = event.source
    agent.name = event.name or agent.name
    agent.extension = event.extension or agent.extension
    doubt, repair = _status(agent, event, writing) if event.queue == EVERY_QUEUE else _member(agent, event, writing)
    picture = state.pictures.get(event.source)
    if picture is not None:
        picture.agents.append((event.agent, event.queue))
        if event.in_contact:
            picture.in_contact.append(event.agent)
    if repair is not None and not new and event.source in state.pictured:
        writing.repaired(repair, f"{event.agent} in {event.queue}")
        if picture is not None and not picture.after_gap:
            picture.doubts.setdefault(agent.id, doubt)
    if picture is None and not new and agent.doubt != doubt:  # a picture of one agent alone confirms or doubts at once
        agent.doubt = doubt
        writing.tell_change(agent)
    if new and event.not_ready and event.not_ready_since is not None:
        agent.since = min(event.not_ready_since, event.at)  # nothing is remembered of before, so nothing can overlap
    not_ready = derive(agent, state.visits).state is AgentState.NOT_READY
    writing.relabel(agent, since=all_not_ready_since(agent) if not_ready else None)


Difference = tuple[Doubt, AnomalyKind | None]
NO_DIFFERENCE: Difference = (Doubt.NONE, None)


def _status(agent: AgentRecord, event: AgentSeen, writing: Writing) -> Difference:
    """The whole agent's status, for switches that have one."""
    was_in, was_paused = agent.signed_in, agent.pause
    agent.signed_in = event.signed_in
    if event.device is not Device.UNKNOWN:
        agent.device = event.device
    paused = event.not_ready and event.signed_in
    if event.not_ready_until is not None and event.not_ready_until <= event.at:
        paused = False  # over before it was told
    if not paused:
        set_pause(agent, None, writing)
    elif was_paused is None or was_paused.reason != event.reason or was_paused.until != event.not_ready_until:
        since = event.not_ready_since or (was_paused.since if was_paused is not None else event.at)
        set_pause(agent, Pause(reason=event.reason, since=since, until=event.not_ready_until), writing)
    if event.wrap_up_until is not None and event.wrap_up_until > event.at and agent.wrap_up is None:
        agent.wrap_up = WrapUp(began=event.at, until=event.wrap_up_until, queue=EVERY_QUEUE, visit=(ContactId(""), 0))
        writing.ends_wrap_up_at(agent.id, event.wrap_up_until)
    if was_in is not None and was_in != event.signed_in:
        return Doubt.STATUS_DIFFERS, AnomalyKind.REPAIRED_STATUS
    if was_in is not None and _reason(was_paused) != _reason(agent.pause):
        return Doubt.NOT_READY_DIFFERS, AnomalyKind.REPAIRED_NOT_READY
    return NO_DIFFERENCE


def _reason(pause: Pause | None) -> str | None:
    return None if pause is None else pause.reason


def _member(agent: AgentRecord, event: AgentSeen, writing: Writing) -> Difference:
    writing.queue(event.queue, event.source)
    membership = agent.memberships.get(event.queue)
    if membership is None:
        membership = agent.memberships[event.queue] = Membership(queue=event.queue, joined_at=event.at)
        _take(membership, event, writing)
        return Doubt.MEMBERSHIP_DIFFERS, AnomalyKind.REPAIRED_MEMBERSHIP
    before = (membership.not_ready, membership.reason)
    device = membership.device
    _take(membership, event, writing)
    if before != (event.not_ready, event.reason):
        return Doubt.NOT_READY_DIFFERS, AnomalyKind.REPAIRED_NOT_READY
    if device is not event.device:
        return Doubt.DEVICE_DIFFERS, AnomalyKind.REPAIRED_DEVICE
    return NO_DIFFERENCE


def _take(membership: Membership, event: AgentSeen, writing: Writing) -> None:
    membership.penalty = event.penalty
    membership.device = event.device
    if (membership.not_ready, membership.reason) != (event.not_ready, event.reason):
        membership.not_ready, membership.reason = event.not_ready, event.reason
        since = event.not_ready_since or event.at
        membership.not_ready_since = since if event.not_ready else Millis(0)
        writing.ends_pause_at(event.agent, event.queue, None)
