"""What events do to agents. In: one event, `Writing`. Out: memberships changed, labels derived anew.

May not know: contacts beyond their keys, resync.
"""

from streams.floor.outputs import AnomalyKind
from streams.floor.records import AgentRecord, Membership
from streams.floor.state import Writing
from streams.floor.wrap_up import end_wrap_up
from streams.vocabulary.events import (
    AgentDevice,
    AgentJoinedQueue,
    AgentLeftQueue,
    AgentNotReady,
    AgentReady,
)
from streams.vocabulary.ids import Millis


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
        device=event.device,
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
    if not agent.memberships:
        end_wrap_up(agent, writing, event.at)
    writing.relabel(agent)


def not_ready(event: AgentNotReady, writing: Writing) -> None:
    if found := _membership(event, writing):
        agent, membership = found
        reserved = agent.next_reason
        membership.not_ready = True
        membership.reason = event.reason
        membership.not_ready_since = event.at
        _relabel_reserved(agent, writing, reserved)


def ready(event: AgentReady, writing: Writing) -> None:
    if found := _membership(event, writing):
        agent, membership = found
        reserved = agent.next_reason
        membership.not_ready = False
        membership.reason = ""
        membership.not_ready_since = Millis(0)
        _relabel_reserved(agent, writing, reserved)


def _relabel_reserved(agent: AgentRecord, writing: Writing, reserved: str | None) -> None:
    """A pause reserved or taken back in mid-contact (预约小休) changes no label, but the map shows it all the same."""
    told = len(writing.out)
    writing.relabel(agent)
    if len(writing.out) == told and agent.next_reason != reserved:
        writing.tell_change(agent)


def device(event: AgentDevice, writing: Writing) -> None:
    if found := _membership(event, writing):
        agent, membership = found
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
