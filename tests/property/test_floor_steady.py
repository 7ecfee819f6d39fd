"""Numbers counted once are those counted anew at every instant, whatever comes late, corrected or out of order."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.floor.fold import Floor
from streams.floor.numbers import WINDOW_MINUTES
from streams.floor.steady import SteadyFloor
from streams.vocabulary import events as ev
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import GapReason, Order
from tests.past_day import SITE, T0, PastDay
from tests.property.test_floor_fold import T0 as STORY
from tests.property.test_floor_late import visits

SHANGHAI_MS = 8 * 3_600_000
MIDNIGHT = Millis(T0 + 15 * 3_600_000)


def same(steady: SteadyFloor, plain: Floor, now: int, lengths: tuple[int, ...]) -> None:
    """To the last counter. What the windows nobody asked for hold is nobody's business."""
    told, wanted = steady.numbers(Millis(now)), plain.numbers(Millis(now))
    asked = [replace(one, windows={length: one.windows[length] for length in lengths}) for one in wanted]
    assert msgspec.to_builtins(told) == msgspec.to_builtins(asked)
    assert sorted(now - since for since, _ in steady.oldest) == sorted(
        one.longest_wait_ms for one in wanted if one.waiting
    )


@settings(max_examples=40, deadline=None)
@given(heard=visits(), order=st.sampled_from(Order), steps=st.lists(st.integers(1, 90_000), min_size=1, max_size=40))
def test_late_and_disordered_news(heard: list[tuple[int, ev.Event]], order: Order, steps: list[int]) -> None:
    """Delays of up to a quarter of an hour; corrections from a second witness go into minutes that were over."""
    plain, steady = (Floor(SiteId("gz"), utc_offset_ms=SHANGHAI_MS) for _ in range(2))
    both = SteadyFloor(steady)
    connect = ev.SourceConnected(at=Millis(STORY), site=SiteId("gz"), source=SourceId("a"), seq=0, order=order)
    plain.apply(connect)
    both.apply(connect)
    left, now = list(heard), STORY
    for step in steps:
        now += step
        while left and left[0][0] <= now:
            _, event = left.pop(0)
            plain.apply(event)
            both.apply(event)
        plain.advance(Millis(now))
        same(both, plain, now, WINDOW_MINUTES)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 999), step_ms=st.sampled_from([1_000, 5_000, 15_000]), gap=st.booleans())
def test_a_day_over_midnight(seed: int, step_ms: int, gap: bool) -> None:
    """An hour around local midnight: waits, wrap-ups that end by the clock, a lost source, one correction."""
    start = Millis(MIDNIGHT - 12 * 60_000)
    day = PastDay(agents=6, queues=2, minutes=24, per_second=0.1, seed=seed, start=start, gap_at_minute=9 * gap)
    events = list(day.events())
    corrected = ev.ContactCorrected(
        at=Millis(start + 14 * 60_000), site=SITE, source=SourceId("b"), seq=1, contact="c900", leg=1, queue="q00",
        outcome="abandoned", queued_at=Millis(start + 60_000), ended_at=Millis(start + 90_000), wait_ms=30_000,
    )  # fmt: skip
    events = sorted([*events, decode_event(encode(corrected))], key=lambda event: event.at)
    plain, mirror = (Floor(SITE, utc_offset_ms=SHANGHAI_MS) for _ in range(2))
    steady, lengths, place = SteadyFloor(mirror, lengths=(5, 15)), (5, 15), 0
    for now in range(start, start + 25 * 60_000, step_ms):
        while place < len(events) and events[place].at <= now:
            plain.apply(events[place])
            steady.apply(events[place])
            place += 1
        plain.advance(Millis(now))
        same(steady, plain, now, lengths)


def test_nothing_new_is_said_to_be_nothing_new() -> None:
    """`changed` is False while only time passes, also where somebody waits; a new minute may drop an old one."""
    steady = SteadyFloor(Floor(SITE))
    where = {"site": SITE, "source": SourceId("a"), "contact": "c1", "leg": 1, "queue": "q"}
    steady.apply(ev.ContactQueued(at=Millis(T0), seq=1, **where))
    said = []
    for second in (0, 1, 2, 61):
        (queue,) = steady.numbers(Millis(T0 + 1000 * second))
        said.append((steady.changed, bool(steady.oldest), queue.longest_wait_ms))
    assert said == [(True, True, 0), (False, True, 1_000), (False, True, 2_000), (True, True, 61_000)]


def test_a_lost_source_is_a_change() -> None:
    steady = SteadyFloor(Floor(SITE))
    where = {"site": SITE, "source": SourceId("a")}
    steady.apply(ev.ContactQueued(at=Millis(T0), seq=1, contact="c1", leg=1, queue="q", **where))
    steady.numbers(Millis(T0))
    steady.apply(ev.SourceLost(at=Millis(T0 + 1), seq=2, reason=GapReason.DISCONNECTED, **where))
    (queue,) = steady.numbers(Millis(T0 + 1_000))
    assert steady.changed
    assert not queue.certain
