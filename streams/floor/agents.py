"""What events do to agents in queues. In: one event, `Writing`. Out: memberships changed, labels derived anew.

May not know: contacts beyond their keys, resync; what is said of the whole agent is streams/floor/status.py's.
"""

from streams.floor.outputs import AnomalyKind
from streams.floor.records import AgentRecord, Membership
from streams.floor.state import EVERY_QUEUE, Writing
from streams.floor.status import end_pause
from streams.floor.wrap_up import end_wrap_up
from streams.vocabulary.events import (
    AgentDevice,
    AgentJoinedQueue,
    AgentLeftQueue,
    AgentNotReady,
    AgentReady,
)
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Device


def joined(event: AgentJoinedQueue, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    agent.source = event.source
    agent.name = event.name or agent.name
    agent.extension = event.extension or agent.extension
    writing.queue(event.queue, event.source)
    agent.memberships[event.queue] = Membership(
        queue=event.queue,
        joined_at=event.at,
        penalty=event.penalty,
        device=agent.device if event.device is Device.UNKNOWN else event.device,
        not_ready=event.not_ready,
        reason=event.reason,
        not_ready_since=(event.since or event.at) if event.not_ready else Millis(0),
    )
    writing.relabel(agent)


def left(event: AgentLeftQueue, writing: Writing) -> None:
    agent = writing.state.agents.get(event.agent)
    if agent is None or agent.memberships.pop(event.queue, None) is None:
        writing.anomaly(AnomalyKind.UNKNOWN_AGENT, f"{event.agent} left {event.queue}")
        return
    writing.ends_pause_at(agent.id, event.queue, None)
    if not agent.is_signed_in:
        end_wrap_up(agent, writing, event.at)
    writing.relabel(agent)


def not_ready(event: AgentNotReady, writing: Writing) -> None:
    if found := _membership(event, writing):
        agent, membership = found
        end_pause(agent, event.queue, writing)
        if event.until is None or event.until > event.at:
            membership.not_ready, membership.reason, membership.not_ready_since = True, event.reason, event.at
            if event.until is not None:
                writing.ends_pause_at(agent.id, event.queue, event.until)
        writing.relabel(agent)


def ready(event: AgentReady, writing: Writing) -> None:
    if found := _membership(event, writing):
        agent, _ = found
        end_pause(agent, event.queue, writing)
        writing.relabel(agent)


def device(event: AgentDevice, writing: Writing) -> None:
    if event.queue == EVERY_QUEUE:
        agent = writing.agent(event.agent, event.source)
        agent.device = event.device
        for membership in agent.memberships.values():
            membership.device = event.device
        writing.relabel(agent)
    elif found := _membership(event, writing):
        agent, membership = found
        if membership.device is not event.device:
            membership.device = event.device
            writing.relabel(agent)


def _membership(
    event: AgentNotReady | AgentReady | AgentDevice, writing: Writing
) -> tuple[AgentRecord, Membership] | None:
    agent = writing.state.agents.get(event.agent)
    membership = agent.memberships.get(event.queue) if agent is not None else None
    if agent is None or membership is None:
        writing.anomaly(AnomalyKind.UNKNOWN_AGENT, f"{event.agent} in {event.queue}")
        return None
    return agent, membership
