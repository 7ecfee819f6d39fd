"""Time travel over a store in memory: the floor then equals the floor that lived then, whatever the way there."""

import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec.msgpack import encode

from monitor.past_answers import Basis, Checkpoint, Limits, NoPast, Refused, Seen, Underway
from monitor.time_travel import Traveller
from streams.floor.fold import Floor
from streams.floor.report import report
from streams.vocabulary.events import Event, SourceConnected
from streams.vocabulary.ids import Millis, SourceId
from streams.vocabulary.states import Order
from tests.past_day import SITE, T0, PastDay

MINUTE = 60_000
EVENTS = tuple(PastDay(agents=30, queues=4, minutes=30, per_second=0.3, gap_at_minute=12).events())
LAST = EVENTS[-1].at
LATER = Millis(LAST + 3_600_000)
DAY = (Millis(T0 - 9 * 3_600_000), Millis(T0 + 15 * 3_600_000))


class Kept:
    """monitor.time_travel.PastStore in memory; counts how many events were read."""

    def __init__(self, events: Sequence[Event] = EVENTS, *, checkpoints_every: int = 0, older: bool = False) -> None:
        self.all = list(events)
        self.read = 0
        self.older = older
        self.checkpoints: list[Checkpoint] = []
        if checkpoints_every:
            self._write(checkpoints_every)

    def _write(self, every: int) -> None:
        floor, due = Floor(SITE), T0 + every
        for event in self.all:
            if event.at >= due:
                self.checkpoints.append(Checkpoint(at=floor.state.at, blob=floor.snapshot()))
                due += every
            floor.apply(event)

    def first_event(self) -> Millis | None:
        return self.all[0].at if self.all else None

    def last_event(self, before: Millis) -> Millis | None:
        return max((event.at for event in self.all if event.at <= before), default=None)

    def anything_before(self, at: Millis) -> bool:
        return self.older

    def checkpoint(self, before: Millis) -> Checkpoint | None:
        return max((one for one in self.checkpoints if one.at <= before), key=lambda one: one.at, default=None)

    def orders(self) -> Mapping[SourceId, Order]:
        return {one.source: one.order for one in self.all if isinstance(one, SourceConnected)}

    def events(self, since: Millis, until: Millis, *, after: Event | None, limit: int) -> Sequence[Event]:
        def key(event: Event) -> tuple[int, str, int]:
            return int(event.at), event.source, event.seq

        start = bisect_left(self.all, (int(since), "", -1), key=key)
        found = [one for one in self.all[start:] if one.at < until and (after is None or key(one) > key(after))][:limit]
        self.read += len(found)
        return found


def traveller(store: Kept, **limits: int) -> Traveller:
    return Traveller(
        store,
        day_of=lambda at: DAY,
        new_floor=lambda: Floor(SITE),
        restore=Floor.restore,
        limits=replace(Limits(), **limits),
    )


def lived(at: int) -> dict[str, Any]:
    """The floor that heard everything up to `at` as it happened."""
    floor = Floor(SITE)
    for event in EVENTS:
        if event.at > at:
            break
        floor.apply(event)
    floor.advance(Millis(at))
    return report(floor, now=Millis(at))


def arrive(travels: Traveller, at: int, *, now: Millis = LATER) -> Seen:
    while isinstance(seen := travels.go(Millis(at), now=now), Underway):
        pass
    assert isinstance(seen, Seen)
    return seen


def told(seen: Seen) -> dict[str, Any]:
    return report(seen.floor, now=seen.at)


@pytest.mark.parametrize("every", [0, 5 * MINUTE], ids=["from-the-first-event", "from-checkpoints"])
@pytest.mark.parametrize("page", [5_000, 7], ids=["large-pages", "tiny-pages"])
@pytest.mark.parametrize("seed", range(3))
def test_any_instant_in_any_order_equals_the_floor_that_lived_then(every: int, page: int, seed: int) -> None:
    """Forwards, backwards, to the same second again; one traveller that keeps what it folded."""
    draw = random.Random(seed)
    travels = traveller(Kept(checkpoints_every=every), page=page)
    for _ in range(25):
        at = draw.randrange(T0 + 1, LAST + 60_000)
        for step in (0, 1_000, 10_000, -1_000):
            wanted = max(T0, min(at + step, LATER))
            assert told(arrive(travels, wanted)) == lived(wanted), wanted - T0


def test_a_checkpoint_that_holds_what_came_before_repeats_nothing() -> None:
    """The events around it are read again, and no anomaly says that they came twice."""
    travels = traveller(Kept(checkpoints_every=5 * MINUTE))
    seen = arrive(travels, T0 + 10 * MINUTE + 500)
    assert seen.basis is Basis.CHECKPOINT
    assert seen.floor.state.anomalies == {}


def test_what_arrived_late_behind_a_checkpoint_is_in_its_place() -> None:
    """A second source's event, older than the checkpoint, was not in it."""
    late = [replace_source(event, "late") for event in EVENTS if event.at > T0 + 5 * MINUTE - 20_000][:1]
    store = Kept(sorted([*EVENTS, *late], key=lambda one: (one.at, one.source, one.seq)))
    store.checkpoints = Kept(checkpoints_every=5 * MINUTE).checkpoints
    seen = arrive(traveller(store), T0 + 6 * MINUTE)
    assert "late" in seen.floor.state.seqs


def replace_source(event: Event, source: str) -> Event:
    return type(event)(**{name: getattr(event, name) for name in event.__struct_fields__} | {"source": source})


def test_a_step_of_a_second_reads_a_second_of_events() -> None:
    """Nothing at all, mostly: the first step reads half a minute ahead."""
    store = Kept()
    travels = traveller(store)
    arrive(travels, T0 + 20 * MINUTE)
    arrive(travels, T0 + 20 * MINUTE + 1000)
    before = store.read
    for second in range(2, 20):
        arrive(travels, T0 + 20 * MINUTE + second * 1000)
    assert store.read == before


def test_steps_back_begin_at_a_mark_nearby() -> None:
    store = Kept()
    travels = traveller(store)
    arrive(travels, T0 + 20 * MINUTE)
    before = store.read
    assert told(arrive(travels, T0 + 20 * MINUTE - 1_000)) == lived(T0 + 20 * MINUTE - 1_000)
    in_two_minutes = sum(T0 + 18 * MINUTE <= event.at < T0 + 21 * MINUTE for event in EVENTS)
    assert store.read - before <= in_two_minutes


def test_a_long_way_is_gone_in_several_calls() -> None:
    """Each says how far it came, none begins anew."""
    travels = traveller(Kept(), page=50, events_per_call=100)
    reached: list[int] = []
    while isinstance(answer := travels.go(Millis(T0 + 29 * MINUTE), now=LATER), Underway):
        reached.append(answer.reached)
    assert len(reached) > 5
    assert reached == sorted(set(reached))
    assert isinstance(answer, Seen)
    assert told(answer) == lived(T0 + 29 * MINUTE)


def test_two_viewers_do_not_take_each_others_floor() -> None:
    """Both far apart, in turns: each reads on from where it was."""
    store = Kept()
    travels = traveller(store)
    early, late = T0 + 8 * MINUTE, T0 + 25 * MINUTE
    for at in (late, early, late + 500, early + 500):
        arrive(travels, at)
    before = store.read
    for second in range(1, 10):
        assert told(arrive(travels, early + second * 1000)) == lived(early + second * 1000)
        assert told(arrive(travels, late + second * 1000)) == lived(late + second * 1000)
    assert store.read == before


def test_what_is_kept_is_bounded() -> None:
    travels = traveller(Kept(), cursors=2, marks_bytes=600_000)
    for minute in range(1, 29):
        arrive(travels, T0 + minute * MINUTE)
    assert travels.kept["cursors"] <= 2
    assert travels.kept["marks_bytes"] <= 600_000


def test_nothing_young_is_kept_for_its_events_may_still_come() -> None:
    """An event that reaches the store after we looked is seen at the next look."""
    store = Kept(EVENTS[:-40])
    travels = traveller(store)
    now = Millis(LAST + 5_000)
    arrive(travels, LAST, now=now)
    store.all = list(EVENTS)
    assert told(arrive(travels, LAST, now=Millis(now + 3_000))) == lived(LAST)


def test_a_kept_state_is_not_believed_for_ever() -> None:
    """A correction that is stored later shows after ten minutes."""
    store = Kept(EVENTS[1:])
    travels = traveller(store)
    arrive(travels, T0 + 20 * MINUTE)
    store.all = list(EVENTS)
    assert told(arrive(travels, T0 + 20 * MINUTE, now=Millis(LATER + 11 * MINUTE))) == lived(T0 + 20 * MINUTE)


def test_a_clock_that_was_set_back_costs_no_event() -> None:
    """Sorted by time, high numbers come first; the floor must not take the lower ones for told twice."""
    back = [msgspec.structs.replace(event, at=Millis(event.at - 5_000 * (event.at > T0 + 60_000))) for event in EVENTS]
    heard = Floor(SITE)
    for event in back:
        heard.apply(event)
    store = Kept(sorted(back, key=lambda one: (one.at, one.source, one.seq)))
    seen = arrive(traveller(store), LAST)
    heard.advance(LAST)
    assert told(seen) == report(heard, now=LAST)


def test_numbers_that_only_tell_apart_are_known_before_their_source_says_so() -> None:
    """A timed source says its order once per connection; what it tells of the time before bears numbers in no order."""
    draw = random.Random(5)
    timed = [msgspec.structs.replace(event, seq=draw.getrandbits(60)) for event in EVENTS]
    heard = Floor(SITE)
    heard.expect({timed[0].source: Order.TIMED})
    for event in timed:
        heard.apply(event)
    heard.advance(LAST)
    late = SourceConnected(at=Millis(LAST + 1), site=SITE, source=timed[0].source, seq=1, order=Order.TIMED)
    store = Kept(sorted([*timed, late], key=lambda one: (one.at, one.source, one.seq)))
    seen = arrive(traveller(store), LAST)
    assert told(seen) == report(heard, now=LAST)


def test_after_now_is_refused() -> None:
    assert traveller(Kept()).go(Millis(LATER + 1), now=LATER) == Refused(
        reason=NoPast.AFTER_NOW, at=Millis(LATER + 1), last=LATER
    )


@pytest.mark.parametrize(("older", "reason"), [(False, NoPast.BEFORE_FIRST), (True, NoPast.DROPPED)])
def test_before_the_first_event_is_refused_with_its_moment(*, older: bool, reason: NoPast) -> None:
    """Retention drops events before contacts: contacts without events mean that there were some."""
    refused = traveller(Kept(older=older)).go(Millis(T0 - 1), now=LATER)
    assert refused == Refused(reason=reason, at=Millis(T0 - 1), first=T0, last=LAST)


def test_an_empty_store_says_so() -> None:
    assert traveller(Kept([])).go(T0, now=LATER) == Refused(reason=NoPast.NOTHING_STORED, at=T0)


def test_a_checkpoint_of_another_version_is_named() -> None:
    store = Kept()
    store.checkpoints = [Checkpoint(at=T0, blob=encode({"not": "a floor"}))]
    refused = traveller(store).go(Millis(T0 + MINUTE), now=LATER)
    assert isinstance(refused, Refused)
    assert refused.reason is NoPast.NOT_READABLE
