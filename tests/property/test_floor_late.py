"""News that comes ten minutes late: the visit becomes what it was, counters too; the live floor is never put back."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.floor.fold import Floor
from streams.floor.numbers import COUNTER_NAMES
from streams.vocabulary import events as ev
from streams.vocabulary.codec import decode_event, encode
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import Order
from tests.property.test_floor_fold import T0, TARGETS

DELAYS = st.sampled_from([0, 0, 0, 900, 29_000, 600_000, 630_000, 900_000])
TOLD_SO = {"site", "ver", "witnesses", "queued_at"}
"""Who told and how often differs, and a row's key is never changed once told; what happened does not differ."""


@st.composite
def visits(draw: st.DrawFn) -> list[tuple[int, ev.Event]]:
    """Whole visits of a day, each event with the delay after which it is heard."""
    told: list[tuple[int, dict[str, Any], Any]] = []
    for number in range(draw(st.integers(1, 6))):
        at = T0 + 20_000 + number * draw(st.integers(1, 20_000))
        visit = {"contact": f"c{number}", "leg": 1, "queue": draw(st.sampled_from(["sales", "vip"]))}
        agent = {"agent": str(number)}
        told.append((at, visit | {"tier": draw(st.sampled_from(["", "vip"]))}, ev.ContactQueued))
        at += draw(st.integers(1, 60_000))
        match draw(st.sampled_from(["answered", "answered", "abandoned", "overflowed", "talking"])):
            case "abandoned":
                told.append((at, visit, ev.ContactAbandoned))
            case "overflowed":
                told.append((at, visit | {"reason": "timeout"}, ev.ContactOverflowed))
            case how:
                told.append((at, visit | agent, ev.ContactAnswered))
                if draw(st.booleans()):
                    told.append((at + 1_000, visit | agent, ev.ContactHeld))
                    told.append((at + 3_000, visit | agent, ev.ContactResumed))
                if how == "answered":
                    ended_by = {"ended_by": draw(st.sampled_from(["customer", "agent", "transfer"]))}
                    told.append((at + draw(st.integers(4_000, 90_000)), visit | agent | ended_by, ev.ContactEnded))
    heard = []
    for seq, (at, fields, kind) in enumerate(told, start=1):
        event = decode_event(encode(kind(at=at, site="gz", source="a", seq=seq, **fields)))
        heard.append((event.at + draw(DELAYS), event))
    return sorted(heard, key=lambda one: one[0])


def told_by(floor: Floor, heard: list[tuple[int, ev.Event]], order: Order) -> dict[tuple[str, int], dict[str, Any]]:
    """The newest version of each leg, by what happened."""
    connect = ev.SourceConnected(at=Millis(T0), site=SiteId("gz"), source="a", seq=0, order=order)  # type: ignore[arg-type]
    outputs = floor.apply(connect)
    for now, event in heard:
        outputs += floor.advance(Millis(now))
        outputs += floor.apply(event)
    outputs += floor.advance(Millis(T0 + 2_000_000))
    legs: dict[tuple[str, int], ContactLeg] = {}
    for one in outputs:
        if isinstance(one, ContactLeg) and one.ver >= legs.get((one.contact, one.leg), one).ver:
            legs[one.contact, one.leg] = one
    return {
        key: {name: getattr(leg, name) for name in ContactLeg.__struct_fields__ if name not in TOLD_SO}
        for key, leg in legs.items()
    }


@settings(max_examples=200, deadline=None)
@given(visits())
def test_what_comes_ten_minutes_late_is_put_right(heard: list[tuple[int, ev.Event]]) -> None:
    """Each leg and each counter of the day as if everything had come in time; the late are counted."""
    oracle = Floor(SiteId("gz"), targets_ms=TARGETS)
    by_time = sorted((event for _, event in heard), key=lambda one: (one.at, one.seq))
    in_time: list[tuple[int, ev.Event]] = [(one.at, replace(one, seq=seq)) for seq, one in enumerate(by_time, start=1)]
    expected = told_by(oracle, in_time, Order.ARRIVAL)
    floor = Floor(SiteId("gz"), targets_ms=TARGETS)
    assert told_by(floor, heard, Order.TIMED) == expected
    late = [event for now, event in heard if now - event.at > 30_000]
    assert floor.state.anomalies.get("late", 0) == len(late)
    for name, queue in oracle.queues.items():
        ours = {counter: getattr(floor.queues[name].today, counter) for counter in COUNTER_NAMES}
        assert ours == {counter: getattr(queue.today, counter) for counter in COUNTER_NAMES}
        assert (len(floor.queues[name].waiting), floor.queues[name].talking) == (len(queue.waiting), queue.talking)


@settings(max_examples=200, deadline=None)
@given(visits(), st.randoms(use_true_random=False))
def test_whole_visits_told_at_one_late_moment_in_any_order_are_put_right(
    heard: list[tuple[int, ev.Event]], by: Any
) -> None:
    """A buffer that is emptied backwards: each leg as if everything had come in time."""
    by_time = sorted((event for _, event in heard), key=lambda one: (one.at, one.seq))
    in_time: list[tuple[int, ev.Event]] = [(one.at, replace(one, seq=seq)) for seq, one in enumerate(by_time, start=1)]
    expected = told_by(Floor(SiteId("gz"), targets_ms=TARGETS), in_time, Order.ARRIVAL)
    by.shuffle(by_time)
    late: list[tuple[int, ev.Event]] = [(T0 + 1_200_000, event) for event in by_time]
    assert told_by(Floor(SiteId("gz"), targets_ms=TARGETS), late, Order.TIMED) == expected
