"""Whether an event's turn has come. In: events as they arrive, the time. Out: events to fold, in order; holes given up.

By arrival: a number not above the last is a redelivery. Numbered: what stands behind a hole waits for it. Timed: only a
number seen before is a redelivery, the order is `reorder`'s. May not know: what events mean.
"""

from itertools import islice, takewhile
from typing import Any

from streams.floor.outputs import AnomalyKind
from streams.floor.records import Gap
from streams.floor.resync import add_gap
from streams.floor.state import FloorState, Hole, Writing
from streams.vocabulary.events import Event, SourceConnected
from streams.vocabulary.ids import Millis, SourceId
from streams.vocabulary.states import GapReason, Order

REORDER_MS = 30_000
MOST_HELD = 20_000
"""Events behind a hole, per source. Full: the hole is given up before its time."""
SEEN_KEPT_MS = 30 * 60_000
MOST_SEEN = 262_144
"""Numbers of a timed source, 145 a second for half an hour. Full: the oldest are forgotten; a redelivery of one
of these is taken for a late event and becomes a correction that changes nothing."""


def admit(event: Event, writing: Writing) -> list[Event]:
    state, intake = writing.state, writing.state.intake
    if isinstance(event, SourceConnected) and event.order is not Order.ARRIVAL:
        intake.orders[event.source] = event.order  # said once is enough: a later one that says nothing changes nothing
    order = intake.orders.get(event.source)
    if order is Order.TIMED:
        return _timed(event, writing)
    last = state.seqs.get(event.source)
    if last is not None and event.seq <= last:
        writing.anomaly(AnomalyKind.DUPLICATE, event.id)
        return []
    if order is Order.NUMBERED:
        return _numbered(event, last, writing)
    state.seqs[event.source] = event.seq
    return [event]


def _timed(event: Event, writing: Writing) -> list[Event]:
    seen = writing.state.intake.seen.setdefault(event.source, {})
    if event.seq in seen:
        writing.anomaly(AnomalyKind.DUPLICATE, event.id)
        return []
    seen[event.seq] = max(event.at, writing.state.at)
    forget_oldest(seen, MOST_SEEN)
    return [event]


def forget_oldest(known: dict[Any, Any], most: int) -> None:
    """A part at once: one by one, each would cost a walk over the places of all that went before it."""
    if len(known) > most:
        for key in list(islice(known, most // 16)):
            del known[key]


def _numbered(event: Event, last: int | None, writing: Writing) -> list[Event]:
    state = writing.state
    hole = state.intake.holes.get(event.source)
    if hole is not None and event.seq in hole.events:
        writing.anomaly(AnomalyKind.DUPLICATE, event.id)
        return []
    if isinstance(event, SourceConnected):
        # a new connection counts anew: what the old one still owed will never come
        before = _give_up_all(event.source, event.at, writing) if hole is not None else []
        state.seqs[event.source] = event.seq
        return [*before, event]
    if last is None or event.seq == last + 1:
        state.seqs[event.source] = event.seq
        return [event, *_released(event.source, state)] if hole is not None else [event]
    if hole is None:
        hole = state.intake.holes[event.source] = Hole(look_at=Millis(max(event.at, state.at) + REORDER_MS))
    came = max(event.at, state.at)
    hole.events[event.seq] = (came, event)
    hole.look_at = min(hole.look_at, Millis(came + REORDER_MS))
    if len(hole.events) <= MOST_HELD:
        return []
    # half at once: one by one, each further event would cost a look at all that are held
    middle = sorted(hole.events)[MOST_HELD // 2]
    return _give_up(event.source, middle, event.at, writing)


def _released(source: SourceId, state: FloorState) -> list[Event]:
    """What follows without a hole now."""
    hole = state.intake.holes.get(source)
    if hole is None:
        return []
    released = []
    while (seq := state.seqs[source] + 1) in hole.events:
        released.append(hole.events.pop(seq)[1])
        state.seqs[source] = seq
    if not hole.events:
        del state.intake.holes[source]
    return released


def overdue(now: Millis, writing: Writing) -> list[Event]:
    """Events whose missing predecessors were waited for long enough; numbers nobody asks for any more are forgotten."""
    intake = writing.state.intake
    released = []
    for source, hole in list(intake.holes.items()):
        if now < hole.look_at:
            continue
        late = [seq for seq, (came, _) in hole.events.items() if now - came >= REORDER_MS]
        if late:
            released += _give_up(source, max(late), now, writing)
        hole.look_at = Millis(min((came for came, _ in hole.events.values()), default=now) + REORDER_MS)
    return released


def forget(now: Millis, state: FloorState) -> None:
    limit = now - SEEN_KEPT_MS
    for seen in state.intake.seen.values():
        for seq, _ in list(takewhile(lambda one: one[1] <= limit, seen.items())):
            del seen[seq]


def _give_up(source: SourceId, through: int, now: Millis, writing: Writing) -> list[Event]:
    """The holes before the number `through` are gaps; what stands behind them up to the next hole comes now."""
    state = writing.state
    held = state.intake.holes[source].events
    released: list[Event] = []
    for seq in sorted(held):
        last = state.seqs[source]
        if seq != last + 1:
            if seq > through:
                break
            _missed(source, held[seq][1], now, writing)
        released.append(held.pop(seq)[1])
        state.seqs[source] = seq
    if not held:
        del state.intake.holes[source]
    return released


def _missed(source: SourceId, next_told: Event, now: Millis, writing: Writing) -> None:
    state = writing.state
    heard = state.heard.get(source, next_told.at)
    gap = Gap(source=source, began=heard, ended=max(heard, next_told.at), reason=GapReason.MISSING_NUMBERS)
    add_gap(gap, state.gaps)
    if state.intake.window is not None:
        add_gap(gap, state.intake.window.settled.gaps)
    state.intake.missing[source] = now


def _give_up_all(source: SourceId, now: Millis, writing: Writing) -> list[Event]:
    return _give_up(source, max(writing.state.intake.holes[source].events), now, writing)
