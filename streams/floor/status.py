"""What a switch says of the whole agent, whatever the queues served. In: one event, `Writing`. Out: the status axis.

Any status but signed out implies signed in. May not know: queues, contacts beyond their keys.
"""

from streams.floor.records import AgentRecord, Pause, Reserved
from streams.floor.state import EVERY_QUEUE, Writing
from streams.floor.wrap_up import end_wrap_up
from streams.vocabulary.events import (
    AgentNotReady,
    AgentReady,
    AgentReserved,
    AgentSignedIn,
    AgentSignedOut,
    AgentSkills,
)
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState


def signed_in(event: AgentSignedIn, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    agent.source = event.source
    agent.name = event.name or agent.name
    agent.extension = event.extension or agent.extension
    agent.signed_in, agent.reserved, agent.told_at = True, None, event.at
    pause = Pause(reason=event.reason, since=event.since or event.at) if event.not_ready else None
    set_pause(agent, pause, writing)
    writing.relabel(agent)


def signed_out(event: AgentSignedOut, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    agent.signed_in, agent.reserved, agent.told_at = False, None, event.at
    set_pause(agent, None, writing)
    end_wrap_up(agent, writing, event.at)
    writing.relabel(agent)


def not_ready(event: AgentNotReady, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    _stands_up(agent, event.at)
    over = event.until is not None and event.until <= event.at
    set_pause(agent, None if over else Pause(reason=event.reason, since=event.at, until=event.until), writing)
    writing.relabel(agent)


def ready(event: AgentReady, writing: Writing) -> None:
    """For every queue: pauses of single queues end with it."""
    agent = writing.agent(event.agent, event.source)
    _stands_up(agent, event.at)
    set_pause(agent, None, writing)
    for membership in agent.memberships.values():
        membership.not_ready, membership.reason, membership.not_ready_since = False, "", Millis(0)
        writing.ends_pause_at(agent.id, membership.queue, None)
    writing.relabel(agent)


def _stands_up(agent: AgentRecord, at: Millis) -> None:
    agent.reserved, agent.told_at = None, at
    if not agent.is_signed_in:
        agent.signed_in = True


def set_pause(agent: AgentRecord, pause: Pause | None, writing: Writing) -> None:
    agent.pause = pause
    writing.ends_pause_at(agent.id, EVERY_QUEUE, None if pause is None else pause.until)


def end_pause(agent: AgentRecord, queue: QueueName, writing: Writing) -> None:
    """Of one queue or, with "", of the whole agent."""
    writing.ends_pause_at(agent.id, queue, None)
    if queue == EVERY_QUEUE:
        agent.pause = None
    elif membership := agent.memberships.get(queue):
        membership.not_ready, membership.reason, membership.not_ready_since = False, "", Millis(0)


def reserved(event: AgentReserved, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    agent.reserved = None if event.state is AgentState.READY else Reserved(state=event.state, reason=event.reason)
    writing.relabel(agent)


def skills(event: AgentSkills, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    if agent.skills != event.skills:
        agent.skills = dict(event.skills)
        writing.tell_change(agent)
