"""However events arrive, the floor is that of the ordered stream: disorder, triples, holes."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.floor.state import FloorState
from streams.vocabulary import events as ev
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Order
from tests.property.test_floor_fold import T0, facts, fold, new_floor, stories

WINDOW_MS = 30_000
APART = {"intake", "seqs", "pruned_at", "anomalies", "heard"}
"""What a floor remembers of the way events came, not of the floor."""
AT_THE_DOOR = {"duplicate", "late", "late_dropped"}


def connected(source: str, order: Order) -> ev.Event:
    return ev.SourceConnected(at=Millis(T0 - 1), site=SiteId("gz"), source=SourceId(source), seq=0, order=order)


def of_the_floor(state: FloorState) -> dict[str, Any]:
    kept = {name: value for name, value in asdict(state).items() if name not in APART}
    return kept | {"odd": {kind: count for kind, count in state.anomalies.items() if kind not in AT_THE_DOOR}}


def ordered(told: Sequence[ev.Event]) -> tuple[Floor, list[Output]]:
    floor = new_floor()
    outputs = fold(floor, [connected("a", Order.ARRIVAL), connected("b", Order.ARRIVAL)])
    outputs += fold(floor, sorted(told, key=lambda one: (one.at, one.source, one.seq)))
    outputs += floor.advance(end_of(told))
    return floor, facts(outputs)


def end_of(told: Sequence[ev.Event]) -> Millis:
    """After everything could have come, and a minute's work of the clock."""
    return Millis(max((one.at for one in told), default=T0) + 200_000)


def arriving(told: Sequence[ev.Event], delays: Sequence[int]) -> list[tuple[int, ev.Event]]:
    return sorted(((one.at + ms, one) for one, ms in zip(told, delays, strict=True)), key=lambda one: one[0])


def timed(
    arrivals: Sequence[tuple[int, ev.Event]], end: Millis, *, cut: int | None = None, other: Order = Order.TIMED
) -> tuple[Floor, list[Output]]:
    """`cut`: restart from a snapshot before this arrival."""
    floor = new_floor()
    outputs = fold(floor, [connected("a", Order.TIMED), connected("b", other)])
    for number, (now, event) in enumerate(arrivals):
        if number == cut:
            floor = Floor.restore(floor.snapshot(), utc_offset_ms=7 * 3_600_000)
        outputs += floor.advance(Millis(now))
        outputs += floor.apply(event)
    outputs += floor.advance(end)
    return floor, facts(outputs)


def some_delays(data: st.DataObject, count: int) -> list[int]:
    shapes = st.sampled_from([0, 0, 1, 700, 4_000, 29_999]) | st.integers(0, 29_999)
    return data.draw(st.lists(shapes, min_size=count, max_size=count))


@settings(max_examples=150, deadline=None)
@given(stories(), st.data())
def test_a_disorder_within_the_window_leaves_no_trace(told: list[ev.Event], data: st.DataObject) -> None:
    """Any soup of events, each up to 30 s late: same legs, intervals, versions, counters, labels."""
    oracle, expected = ordered(told)
    floor, outputs = timed(arriving(told, some_delays(data, len(told))), end_of(told))
    assert outputs == expected
    assert of_the_floor(floor.state) == of_the_floor(oracle.state)


@settings(max_examples=60, deadline=None)
@given(stories(), st.data())
def test_a_switch_in_order_and_a_source_in_disorder_share_a_floor(told: list[ev.Event], data: st.DataObject) -> None:
    """Source b is a switch that is heard at once, a is pushed: what a tells late is put between."""
    oracle, expected = ordered(told)
    delays = some_delays(data, len(told))
    delays = [ms if one.source == "a" else 0 for one, ms in zip(told, delays, strict=True)]
    floor, outputs = timed(arriving(told, delays), end_of(told), other=Order.ARRIVAL)
    assert outputs == expected
    assert of_the_floor(floor.state) == of_the_floor(oracle.state)


@settings(max_examples=60, deadline=None)
@given(stories(), st.data())
def test_every_event_three_times_in_any_order_counts_once(told: list[ev.Event], data: st.DataObject) -> None:
    oracle, expected = ordered(told)
    floor, outputs = timed(arriving(told * 3, some_delays(data, len(told) * 3)), end_of(told))
    assert outputs == expected
    assert of_the_floor(floor.state) == of_the_floor(oracle.state)
    assert floor.state.anomalies.get("duplicate", 0) == 2 * len(told)


@settings(max_examples=60, deadline=None)
@given(stories(), st.data())
def test_a_restart_in_the_middle_of_a_disorder_changes_nothing(told: list[ev.Event], data: st.DataObject) -> None:
    arrivals = arriving(told, some_delays(data, len(told)))
    through, expected = timed(arrivals, end_of(told))
    again, outputs = timed(arrivals, end_of(told), cut=data.draw(st.integers(0, max(0, len(told) - 1))))
    assert outputs == expected
    assert again.state == through.state


@settings(max_examples=60, deadline=None)
@given(stories())
def test_an_ordered_stream_is_on_the_screen_at_once(told: list[ev.Event]) -> None:
    """A timed source that happens to be in order: after each event the labels are those of a floor without a window."""
    plain, windowed = new_floor(), new_floor()
    fold(windowed, [connected("a", Order.TIMED), connected("b", Order.TIMED)])
    fold(plain, [connected("a", Order.ARRIVAL), connected("b", Order.ARRIVAL)])
    for event in sorted(told, key=lambda one: (one.at, one.source, one.seq)):
        plain.apply(event)
        windowed.apply(event)
        assert windowed.agents == plain.agents
        assert windowed.queues == plain.queues


@settings(max_examples=60, deadline=None)
@given(stories(), st.data())
def test_numbered_events_in_any_order_are_folded_by_number(told: list[ev.Event], data: st.DataObject) -> None:
    """One source that counts; each event up to 30 s late, some twice."""
    told = [one for one in told if not isinstance(one, ev.SourceConnected)]
    told = [replace(one, source=SourceId("a"), seq=number) for number, one in enumerate(told, start=1)]
    oracle, expected = ordered(told)
    floor = new_floor()
    outputs = fold(floor, [connected("a", Order.NUMBERED), connected("b", Order.ARRIVAL)])
    # each holds back those behind it: what comes within the window of the first that was missed is in time
    for now, event in arriving(told, some_delays(data, len(told))):
        outputs += floor.advance(Millis(now))
        outputs += floor.apply(event)
        if now % 3 == 0:
            outputs += floor.apply(event)
    outputs += floor.advance(end_of(told))
    assert floor.state.gaps == oracle.state.gaps
    assert {name: one.state for name, one in floor.agents.items()} == {
        name: one.state for name, one in oracle.agents.items()
    }
    assert len(facts(outputs)) == len(expected)
    assert not floor.state.intake.holes
