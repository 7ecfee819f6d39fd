"""What happens by the clock alone, and one event after it. In: a state, rules, the time. Out: outputs.

Wrap-ups, stated pauses and days end at their own moment, however late and however often the time is told. May not know:
in which order events came.
"""

from dataclasses import dataclass

from streams.floor import room, status, wrap_up
from streams.floor.days import QUARTER_MS, DayBegan
from streams.floor.dispatch import dispatch
from streams.floor.numbers import Counters
from streams.floor.outputs import AnomalyKind, Output
from streams.floor.records import Totals, VisitKey
from streams.floor.state import CLOSED_KEPT_MS, EVERY_QUEUE, MOST_CLOSED, FloorState, Writing
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis

PRUNE_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is not remembered but configured. `day_began` None: days never end (a replay counts over midnight)."""

    short_abandon_ms: int
    day_began: DayBegan | None


def fold(state: FloorState, event: Event, rules: Rules, out: list[Output]) -> None:
    """One event whose turn it is."""
    at = event.at
    advance(state, at, rules, out)
    writing = Writing(state, at, out, rules.short_abandon_ms)
    if at < state.at:
        writing.anomaly(AnomalyKind.OUT_OF_ORDER, event.id)
    elif not state.began:
        state.began = at
    state.heard[event.source] = at
    if not room.is_full(state) or room.has_room(event, writing):
        dispatch(event, writing)
    if at > state.at:
        state.at = at


def advance(state: FloorState, now: Millis, rules: Rules, out: list[Output]) -> None:
    if rules.day_began is not None and now // QUARTER_MS != state.quarter:
        _look_at_the_day(state, now, rules, rules.day_began, out)
    if state.next_due is not None and state.next_due <= now:
        _end_by_clock(state, now, rules, out)
    if now - state.pruned_at >= PRUNE_EVERY_MS:
        _prune(state, now)


def _look_at_the_day(state: FloorState, now: Millis, rules: Rules, day_began: DayBegan, out: list[Output]) -> None:
    state.quarter = now // QUARTER_MS
    began = day_began(now)
    if began <= state.day_began:
        return
    _end_by_clock(state, began, rules, out)
    if state.day_began:
        _begin_day(state)
    state.day_began = state.clock_at = began


def _end_by_clock(state: FloorState, now: Millis, rules: Rules, out: list[Output]) -> None:
    """In order of their ends."""
    due = [(until, name, EVERY_QUEUE, 0) for name, until in state.wrapping.items() if until <= now]
    due += [(until, name, queue, 1) for (name, queue), until in state.pausing.items() if until <= now]
    for until, name, queue, is_pause in sorted(due):
        writing = Writing(state, until, out, rules.short_abandon_ms)
        agent = state.agents[name]
        if is_pause:
            status.end_pause(agent, queue, writing)
        else:
            wrap_up.end_wrap_up(agent, writing, until)
        writing.relabel(agent)
        state.clock_at = max(state.clock_at, until)


def _prune(state: FloorState, now: Millis) -> None:
    """On whole minutes, so that what may still be amended does not depend on when this is called."""
    state.pruned_at = Millis(now - now % PRUNE_EVERY_MS)
    limit = Millis(state.pruned_at - CLOSED_KEPT_MS)
    wrapping = {agent.wrap_up.visit for agent in state.agents.values() if agent.wrap_up is not None}
    excess = len(state.closed) - MOST_CLOSED
    old: list[VisitKey] = []
    for key, one in state.closed.items():  # in order of closing
        if one.closed_at > limit and excess <= len(old):
            break
        if key not in wrapping:
            old.append(key)
            state.forgotten_before = max(state.forgotten_before, one.closed_at)
    for key in old:
        del state.closed[key]
    state.forgotten_before = max(state.forgotten_before, limit)
    state.turned_away = {key: at for key, at in state.turned_away.items() if at > limit}


def _begin_day(state: FloorState) -> None:
    state.contacts = 0
    for queue in state.queues.values():
        queue.today, queue.tiers = Counters(), {}
    for agent in state.agents.values():
        agent.today = Totals()
