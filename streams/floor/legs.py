"""What one visit adds to its queue's counters. In: a leg as told. Out: its `Counters`; the difference of two.

A correction moves counters by exactly what changed, each in the minute it belongs to. May not know: events, visits.
"""

from streams.floor.closing import NO_WAIT
from streams.floor.numbers import COUNTER_NAMES, Counters
from streams.floor.records import QueueRecord
from streams.floor.state import Writing
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import Direction, EndedBy, Outcome

_AT_THE_START = frozenset(("offered", "outbound_dialled", "turned_away_full", "turned_away_join_empty"))
_AT_THE_ANSWER = frozenset(
    (
        *("answered", "answered_unseen", "answered_in_target", "accepted_in_target", "wait_ms", "ring_ms"),
        *("outbound_reached", "outbound_dial_ms"),
    )
)
_MOVED = tuple(name for name in COUNTER_NAMES if not name.startswith("switch_") and name != "wait_max_ms")


def counted(leg: ContactLeg, short_abandon_ms: int) -> Counters:
    """All that this visit has added so far."""
    if leg.outcome is Outcome.TURNED_AWAY:
        return _one(f"turned_away_{leg.reason}")
    if leg.direction is Direction.OUTBOUND:
        return _outbound(leg)
    counters = Counters(offered=1)
    match leg.outcome:
        case Outcome.ANSWERED | Outcome.TALKING:
            _count_answered(leg, counters)
        case Outcome.ABANDONED:
            counters.abandoned = 1
            counters.abandoned_in_target = int(leg.wait_ms <= leg.target_ms)
            counters.short_abandoned = int(leg.wait_ms < short_abandon_ms)
            counters.abandoned_wait_ms = leg.wait_ms
        case Outcome.OVERFLOWED:
            counters += _one(f"overflowed_{leg.reason}")
        case Outcome.LOST:
            counters.lost = 1
        case Outcome.WAITING:
            pass
    return counters


def _one(name: str) -> Counters:
    """A reason comes from outside: one that has no counter of its own counts nothing more."""
    return Counters(**{name: 1}) if name in COUNTER_NAMES else Counters()


def _count_answered(leg: ContactLeg, counters: Counters) -> None:
    unseen = not NO_WAIT.isdisjoint(leg.tags.split())
    counters.answered = 1
    counters.answered_unseen = int(unseen)
    if not unseen:
        counters.answered_in_target = int(leg.wait_ms <= leg.target_ms)
        counters.accepted_in_target = int(leg.accept_wait_ms <= leg.target_ms)
        counters.wait_ms = counters.wait_max_ms = leg.wait_ms
        counters.ring_ms = leg.ring_ms
    if leg.outcome is Outcome.ANSWERED:
        counters.ended = 1
        counters.talk_ms, counters.hold_ms, counters.wrap_up_ms = leg.talk_ms, leg.hold_ms, leg.wrap_up_ms
        counters.transferred_out = int(leg.ended_by is EndedBy.TRANSFER)


def _outbound(leg: ContactLeg) -> Counters:
    if leg.outcome is Outcome.WAITING:
        return Counters(outbound_dialled=1)
    if leg.outcome not in (Outcome.ANSWERED, Outcome.TALKING):
        return Counters(outbound_dialled=1, outbound_unreached=1, outbound_unreached_ms=leg.ring_ms)
    counters = Counters(outbound_dialled=1, outbound_reached=1, outbound_dial_ms=leg.ring_ms)
    if leg.outcome is Outcome.ANSWERED:
        counters.outbound_ended = 1
        counters.outbound_talk_ms, counters.outbound_hold_ms = leg.talk_ms, leg.hold_ms
        counters.outbound_wrap_up_ms = leg.wrap_up_ms
    return counters


def move(queue: QueueRecord, old: ContactLeg | None, new: ContactLeg, writing: Writing) -> None:
    """Take off what `old` counted and add what `new` does; where both agree nothing moves.

    The longest wait is raised, never lowered: of the second longest nothing is remembered.
    """
    before = counted(old, writing.short_abandon_ms) if old is not None else Counters()
    after = counted(new, writing.short_abandon_ms)
    for name in _MOVED:
        change = getattr(after, name) - getattr(before, name)
        if change:
            leg = new if change > 0 or old is None else old
            _add(queue, leg.tier, _moment(leg, name), name, change, writing)
    if old is not None and old.tier != new.tier:
        _change_tier(queue, old, new, after, writing)
    for counters in _counters_at(queue, new.tier, new.answered_at, writing):
        counters.wait_max_ms = max(counters.wait_max_ms, after.wait_max_ms)


def _change_tier(queue: QueueRecord, old: ContactLeg, new: ContactLeg, counted_now: Counters, writing: Writing) -> None:
    """All of it belongs to another kind of customer; what changed besides is on the new one's account already."""
    before = counted(old, writing.short_abandon_ms)
    for name in _MOVED:
        if old.tier:
            left = writing.tier(queue, old.tier)
            setattr(left, name, max(0, getattr(left, name) - min(getattr(before, name), getattr(counted_now, name))))
        if new.tier:
            now = writing.tier(queue, new.tier)
            setattr(now, name, getattr(now, name) + min(getattr(before, name), getattr(counted_now, name)))


def _moment(leg: ContactLeg, name: str) -> Millis:
    if name in _AT_THE_START:
        return leg.queued_at
    return leg.answered_at if name in _AT_THE_ANSWER else leg.ended_at or leg.queued_at


def _add(queue: QueueRecord, tier: str, at: Millis, name: str, change: int, writing: Writing) -> None:
    for counters in _counters_at(queue, tier, at, writing):
        # a minute may hold it a moment beside where it is taken off (found by a picture): never below nothing
        setattr(counters, name, max(0, getattr(counters, name) + change))


def _counters_at(queue: QueueRecord, tier: str, at: Millis, writing: Writing) -> list[Counters]:
    """The day's, the tier's, and the minute's if it is still kept; none of the day's for what was yesterday."""
    found = []
    if at >= writing.state.day_began:
        found.append(queue.today)
        if tier:
            found.append(writing.tier(queue, tier))
    if minute := queue.minutes.get(at // 60_000):
        found.append(minute)
    return found
