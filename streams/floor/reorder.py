"""Events put in order of time without making anybody wait. In: events of timed sources. Out: changes now, facts later.

Two folds: one goes along with what comes, for the screens; one follows `REORDER_MS` behind in strict order, and only it
tells facts. A disorder folds the first anew from the second, so legs, intervals and counters are those of the ordered
stream by construction. May not know: which events there are.
"""

from bisect import bisect_right

import msgspec

from streams.floor import late
from streams.floor.clockwork import Rules, advance, fold
from streams.floor.order import REORDER_MS
from streams.floor.outputs import AgentChange, Anomaly, AnomalyKind, Output
from streams.floor.records import AgentRecord
from streams.floor.state import FloorState, Window, Writing
from streams.vocabulary.events import Event
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Order

REFOLD_MS = 1_000
"""A disorder that may show (news of the same contact or agent) is mended on screen within this time,"""
REFOLD_HARMLESS_MS = 10_000
"""any other one within this: it is shown at once, only what depends on it in a roundabout way may lag."""
REFOLD_EVENTS_PER_MS = 20
"""A refold folds everything that waits once more; the more waits, the later it comes, so that it stays a small part."""
MOST_LOOKED_AT = 50
"""How many overtaken events are looked at for one that the overtaking one touches. More: it is taken to touch one."""
MOST_WAITING = 200_000
"""Events in the window, 6,600 a second. Full: the oldest are settled before their time, what overtakes them is late."""
_AT_THE_DOOR = (AnomalyKind.DUPLICATE, AnomalyKind.LATE, AnomalyKind.LATE_DROPPED)


def open_window(state: FloorState) -> Window:
    """From the first timed source on."""
    settled = copy_of(state)
    settled.intake = type(settled.intake)()
    return Window(settled=settled, horizon=Millis(state.at - REORDER_MS))


def copy_of(state: FloorState) -> FloorState:
    """All but the intake. One gap is known by two names; decoding made two of it."""
    intake, state.intake = state.intake, type(state.intake)()
    copied = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=FloorState)
    state.intake = intake
    rejoin_gaps(copied)
    return copied


def rejoin_gaps(state: FloorState) -> None:
    for source in state.blind:
        state.blind[source] = next(gap for gap in reversed(state.gaps) if gap.source == source and gap.ended is None)


def enter(event: Event, window: Window, writing: Writing, rules: Rules) -> None:
    """One event that has passed the door; shown at once wherever that cannot be wrong."""
    state = writing.state
    if event.at <= window.horizon and state.intake.orders.get(event.source) is Order.TIMED:
        for mended in late.mend(event, window, writing, rules):
            _insert(Millis(window.horizon + 1), mended, window, writing, rules)
        return
    late.remember(event, state.intake)
    _insert(_place(event, state, window), event, window, writing, rules)


def _place(event: Event, state: FloorState, window: Window) -> Millis:
    if state.intake.orders.get(event.source) is Order.TIMED:
        return event.at
    place = max(event.at, window.latest.get(event.source, event.at), Millis(window.horizon + 1))
    window.latest[event.source] = place
    return place


def _insert(place: Millis, event: Event, window: Window, writing: Writing, rules: Rules) -> None:
    state = writing.state
    entry = (place, event.source, event.seq, event)
    last = window.waiting[-1][:3] if window.waiting else None
    if last is None or entry[:3] > last:
        window.waiting.append(entry)
        overtaken = 0
    else:
        put = bisect_right(window.waiting, entry[:3], key=lambda one: one[:3])
        window.waiting.insert(put, entry)
        overtaken = len(window.waiting) - put - 1
    if not overtaken and place >= state.clock_at:
        _show(event, writing, rules)
        return
    if place < state.clock_at or overtaken > MOST_LOOKED_AT or _touches_one_of(overtaken, event, window, state):
        _refold_by(Millis(writing.at + REFOLD_MS + len(window.waiting) // REFOLD_EVENTS_PER_MS), window)
        return
    _show(event, writing, rules)
    _refold_by(Millis(writing.at + REFOLD_HARMLESS_MS), window)


def _touches_one_of(overtaken: int, event: Event, window: Window, state: FloorState) -> bool:
    touched = _touched(event, state)
    return any(not touched.isdisjoint(_touched(one[3], state)) for one in window.waiting[-overtaken:])


def _refold_by(moment: Millis, window: Window) -> None:
    window.refold_by = moment if window.refold_by is None else min(window.refold_by, moment)


EVERYTHING = ""


def _touched(event: Event, state: FloorState) -> set[str]:
    """Names of the contacts and agents an event may change; `EVERYTHING` for what concerns a whole source."""
    contact = getattr(event, "contact", None)
    agent = getattr(event, "agent", None)
    if contact is None and agent is None:
        return {EVERYTHING}
    touched = {f"c{contact}"} if contact is not None else set()
    if agent:
        touched.add(f"a{agent}")
    if contact is not None and (visit := state.visits.get((contact, getattr(event, "leg", 1)))):
        touched.update(f"a{name}" for name in visit.offered_to)
        if visit.agent is not None:
            touched.add(f"a{visit.agent}")
    return touched


def _show(event: Event, writing: Writing, rules: Rules) -> None:
    told: list[Output] = []
    fold(writing.state, event, rules, told)
    writing.out += only_changes(told)


def settle(now: Millis, window: Window, writing: Writing, rules: Rules) -> None:
    """What nothing older can overtake any more becomes fact."""
    window.horizon = max(window.horizon, Millis(now - REORDER_MS))
    told: list[Output] = []
    due = 0
    while due < len(window.waiting) and (
        window.waiting[due][0] <= window.horizon or len(window.waiting) - due > MOST_WAITING
    ):
        place, _, _, event = window.waiting[due]
        window.horizon = max(window.horizon, place)
        fold(window.settled, event, rules, told)
        due += 1
    if due:
        del window.waiting[:due]
    advance(window.settled, window.horizon, rules, told)
    writing.out += [one for one in told if not isinstance(one, AgentChange | Anomaly)]


def refolded(now: Millis, window: Window, state: FloorState, rules: Rules) -> tuple[FloorState, list[Output]]:
    """The floor for the screens made anew from the settled one and all that waits; which agents look different now."""
    fresh = copy_of(window.settled)
    ignored: list[Output] = []
    for _, _, _, event in window.waiting:
        fold(fresh, event, rules, ignored)
        ignored.clear()
    advance(fresh, now, rules, ignored)
    fresh.intake, fresh.seqs = state.intake, state.seqs
    for kind in _AT_THE_DOOR:
        if kind in state.anomalies:
            fresh.anomalies[kind] = state.anomalies[kind]
    window.refold_by, window.refolded_at = None, now
    writing = Writing(fresh, now, [], rules.short_abandon_ms)
    for name, agent in fresh.agents.items():
        before = state.agents.get(name)
        if before is None or _shown(before) != _shown(agent):
            writing.tell_change(agent)
    return fresh, writing.out


def _shown(agent: AgentRecord) -> tuple[object, ...]:
    return (agent.state, agent.reason, agent.since, agent.queue, agent.contact, agent.doubt, agent.next_state)


def only_changes(told: list[Output]) -> list[Output]:
    """What the fold for the screens may say; facts are the settled one's."""
    return [one for one in told if isinstance(one, AgentChange | Anomaly)]
