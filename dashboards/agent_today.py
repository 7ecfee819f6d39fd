"""One agent's day in numbers, from the living floor. In: an agent's record, the time. Out: `AgentToday`, ratios unmade.

The stretch that still runs counts. Formulas: docs/metrics.md. May not know: stores, HTML.
"""

from dataclasses import dataclass

from streams.floor.numbers import Ratio
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentToday:
    """`handled`: contacts with the agent today, the running ones included. Durations in ms."""

    handled: int
    declined: int
    handling_ms: int
    ready_ms: int
    not_ready_ms: int
    aht: float | None
    """(talk + hold + wrap_up) ÷ contacts that have ended; None before the first has"""
    occupancy: Ratio
    """handling ÷ (handling + ready), both in ms"""


def agent_today(agent: AgentRecord, now: Millis, *, day_began: Millis | None = None) -> AgentToday:
    """`day_began`: what ran before that is not of this day."""
    today = agent.today
    running = max(0, now - max(agent.since, day_began or 0)) if agent.lost_since is None else 0
    state = agent.state
    in_contact = state in (AgentState.ON_CONTACT, AgentState.ON_HOLD)
    closed_ms = today.talk_ms + today.hold_ms + today.wrap_up_ms
    handling_ms = closed_ms + (running if in_contact or state is AgentState.WRAP_UP else 0)
    ready_ms = today.ready_ms + (running if state is AgentState.READY else 0)
    handled = today.answered + today.reached
    ended = handled - len(agent.talks)
    return AgentToday(
        handled=handled,
        declined=today.declined,
        handling_ms=handling_ms,
        ready_ms=ready_ms,
        not_ready_ms=today.not_ready_ms + (running if state is AgentState.NOT_READY else 0),
        aht=closed_ms / ended if ended > 0 else None,
        occupancy=Ratio(handling_ms, handling_ms + ready_ms),
    )
