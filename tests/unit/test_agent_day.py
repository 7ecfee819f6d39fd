"""An agent's day worked by hand: 09:00 to 10:00 of a day that began nine hours before."""

import pytest

from dashboards.agent_day import Interval, agent_day
from streams.floor.numbers import Ratio
from streams.vocabulary.ids import ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState

MINUTE, HOUR = 60_000, 3_600_000
DAY = 1_795_190_400_000
NINE = DAY + 9 * HOUR


def stretch(begin: int, end: int | None, state: AgentState, reason: str = "") -> Interval:
    """Minutes after nine."""
    return Interval(
        since=Millis(NINE + begin * MINUTE),
        until=None if end is None else Millis(NINE + end * MINUTE),
        state=state,
        reason=reason,
        queue=QueueName(""),
        contact=ContactId(""),
    )


WORKED = (
    stretch(0, 10, AgentState.READY),
    stretch(10, 14, AgentState.ON_CONTACT),
    stretch(14, 15, AgentState.ON_HOLD),
    stretch(15, 17, AgentState.WRAP_UP),
    stretch(17, 20, AgentState.NOT_READY, "小休"),
    stretch(20, 22, AgentState.NOT_READY, "unreachable"),
    stretch(22, 23, AgentState.UNKNOWN),
    stretch(23, None, AgentState.READY),
)


def day_until(now_minutes: int, *stretches: Interval):
    return agent_day(
        stretches, since=Millis(DAY), until=Millis(DAY + 24 * HOUR), now=Millis(NINE + now_minutes * MINUTE)
    )


def test_every_state_has_its_sum() -> None:
    day = day_until(30, *WORKED)
    sums = (day.ready_ms, day.talk_ms, day.hold_ms, day.wrap_up_ms, day.not_ready_ms, day.unknown_ms)
    assert [one // MINUTE for one in sums] == [17, 4, 1, 2, 5, 1]
    assert day.signed_in_ms == 29 * MINUTE
    assert day.occupancy == Ratio(7 * MINUTE, 24 * MINUTE)


def test_reasons_stand_apart_and_an_unreachable_telephone_is_trouble() -> None:
    day = day_until(30, *WORKED)
    told = {(part.look, part.reason): part.duration_ms // MINUTE for part in day.parts}
    assert told["not_ready", "小休"] == 3
    assert told["trouble", "unreachable"] == 2
    assert sum(part.share.part for part in day.parts) == day.parts[0].share.whole == 30 * MINUTE


def test_the_running_stretch_ends_now_and_is_open() -> None:
    last = day_until(30, *WORKED).segments[-1]
    assert (last.open, last.duration_ms) == (True, 7 * MINUTE)


def test_the_axis_is_whole_hours_around_what_there_is() -> None:
    day = day_until(30, *WORKED)
    assert day.axis == (NINE, NINE + HOUR)
    assert day.segments[1].left == pytest.approx(10 / 60)
    assert day.segments[1].width == pytest.approx(4 / 60)


def test_what_began_before_the_day_is_cut_to_it() -> None:
    """Signed out since yesterday evening, until nine."""
    before = Interval(
        since=Millis(DAY - 8 * HOUR), until=Millis(NINE), state=AgentState.SIGNED_OUT, reason="", queue=QueueName(""),
        contact=ContactId(""),
    )  # fmt: skip
    day = day_until(10, before, stretch(0, 10, AgentState.READY))
    assert day.segments[0].since == DAY
    assert day.signed_in_ms == 10 * MINUTE


def test_nothing_has_no_occupancy_and_shows_the_whole_day() -> None:
    """Not 0 %: there is no answer."""
    day = day_until(30)
    assert day.segments == ()
    assert day.occupancy.percent is None
    assert day.axis == (DAY, DAY + 24 * HOUR)


def test_contacts_widen_the_axis() -> None:
    day = agent_day(
        WORKED, since=Millis(DAY), until=Millis(DAY + 24 * HOUR), now=Millis(NINE + HOUR), others=[Millis(NINE - 1)]
    )
    assert day.axis[0] == NINE - HOUR
