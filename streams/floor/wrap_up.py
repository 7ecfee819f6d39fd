"""After-contact work: begun by an event, ended by one or by the clock. In: events. Out: labels, amended legs.

May not know: queues beyond their counters, talks.
"""

from msgspec.structs import replace

from streams.floor.records import AgentRecord, WrapUp
from streams.floor.state import Writing
from streams.vocabulary.events import (
    WrapUpStarted,
)
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Direction


def wrap_up_started(event: WrapUpStarted, writing: Writing) -> None:
    agent = writing.agent(event.agent, event.source)
    end_wrap_up(agent, writing, event.at)
    if not agent.is_signed_in or (event.until is not None and event.until <= event.at):
        writing.relabel(agent)
        return
    agent.wrap_up = WrapUp(began=event.at, until=event.until, queue=event.queue, visit=(event.contact, event.leg))
    if event.until is not None:
        writing.ends_wrap_up_at(agent.id, event.until)
    writing.relabel(agent)


def end_wrap_up(agent: AgentRecord, writing: Writing, end: Millis) -> None:
    """Close a running wrap-up at `end` and put its length on the contact it belongs to."""
    wrap_up = agent.wrap_up
    if wrap_up is None:
        return
    agent.wrap_up = None
    writing.ends_wrap_up_at(agent.id, None)
    duration_ms = max(0, end - wrap_up.began)
    agent.today.wrap_up_ms += duration_ms
    queue = writing.state.queues.get(wrap_up.queue)
    if queue is not None:
        closed = writing.state.closed.get(wrap_up.visit)
        outbound = closed is not None and closed.leg.direction is Direction.OUTBOUND
        for counters in writing.counting(queue, closed.leg.tier if closed is not None else ""):
            if outbound:
                counters.outbound_wrap_up_ms += duration_ms
            else:
                counters.wrap_up_ms += duration_ms
    if closed := writing.state.closed.get(wrap_up.visit):
        closed.leg = replace(closed.leg, wrap_up_ms=duration_ms, ver=closed.leg.ver + 1)
        writing.out.append(closed.leg)
