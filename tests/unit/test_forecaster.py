"""The forecaster beside a floor: each step with its time as an argument, no clock, no thread."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from dashboards.columns import Goal, Goals
from dashboards.forecast.steps import finished
from dashboards.forecast.trend import Slots
from monitor.forecast import MOST_ASKING, Earlier, Forecaster, WhyNot, no_earlier
from streams.floor.certainty import Doubt
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState
from tests.browser.synthetic import QUEUES, SyntheticFloor

HALF_HOUR = 1_800_000
NOW = Millis(972_000 * HALF_HOUR + 600_000)
"""Ten minutes into a half hour"""
POOR, CALM = QueueName(QUEUES[5]), QueueName(QUEUES[0])


def floor_of(agents: int = 60) -> SyntheticFloor:
    return SyntheticFloor(agents=agents, now=NOW)


def forecaster(floor: SyntheticFloor, *, began: int = 0, earlier: Earlier = no_earlier) -> Forecaster:
    return Forecaster(
        floor=floor,
        minutes=floor.minutes,
        goals=Goals(default=Goal(percent=80.0)),
        clock=lambda: NOW,
        began=lambda: Millis(began),
        earlier=earlier,
    )


def told(one: Forecaster, now: int = NOW) -> dict[str, dict[str, Any]]:
    finished(one.reckon(Millis(now)))
    word = one.word(Millis(now))
    assert word is not None
    return {row["queue"]: row for row in json.loads(word)["queues"]}


def test_every_queue_is_told_once_and_only_when_it_is_new() -> None:
    one = forecaster(floor_of())
    assert one.word(NOW) is None
    rows = told(one)
    assert sorted(rows) == sorted(QUEUES)
    assert one.word(NOW) is None


def test_a_row_says_until_when_and_on_what_it_rests() -> None:
    """Ten minutes of the half hour are over: until is twenty minutes ahead; an hour of minutes is known."""
    row = told(forecaster(floor_of()))[POOR]
    assert (row["began"], row["until"] - NOW) == (NOW - 600_000, 1_200_000)
    assert row["basis"]["minutes"] == 60
    assert 0 <= row["low"] <= row["miss"] <= row["high"] <= 1
    assert row["likely"] == (row["miss"] >= 0.5)


def test_the_attention_list_hears_of_those_that_can_be_told() -> None:
    one = forecaster(floor_of())
    rows = told(one)
    heard = {outlook.queue: outlook for outlook in one.outlooks()}
    assert sorted(heard) == sorted(queue for queue, row in rows.items() if "miss" in row)
    assert heard[POOR].miss == rows[POOR]["miss"]
    assert heard[POOR].short == rows[POOR]["needed"]["more"]


def test_a_lost_source_is_said_and_nothing_is_guessed() -> None:
    floor = floor_of()
    floor.lose_source(NOW)
    one = forecaster(floor)
    assert {row["cannot_tell"] for row in told(one).values()} == {"source_lost"}
    assert one.outlooks() == []


def test_too_many_people_in_unknown_states_are_a_reason() -> None:
    """More than a tenth of the queue's people."""
    floor = floor_of()
    for agent in list(floor.agents)[:30]:
        floor.put(agent, AgentState.UNKNOWN, NOW)
    assert told(forecaster(floor))[POOR]["cannot_tell"] == "agents_unknown"


def test_nobody_at_work_is_a_reason_with_who_is_away() -> None:
    floor = floor_of()
    for agent in floor.agents:
        floor.put(agent, AgentState.NOT_READY, NOW, reason="小休")
    row = told(forecaster(floor))[POOR]
    assert row["cannot_tell"] == "no_agents"
    assert row["away"]["小休"] > 0


def test_an_interval_begun_before_the_floor_counted_is_not_judged() -> None:
    """The floor began five minutes ago, the interval ten."""
    floor = floor_of()
    rows = told(forecaster(floor, began=NOW - 300_000))
    assert {row["cannot_tell"] for row in rows.values()} == {"interval_unseen"}


def test_the_same_floor_has_the_same_forecast() -> None:
    """Within an interval the dice stay: a forecast moves because the floor did."""
    floor = floor_of()
    assert told(forecaster(floor)) == told(forecaster(floor))


def test_agents_needed_are_searched_anew_only_where_something_moved() -> None:
    """A second later nothing has moved; two minutes later what was found is too old."""
    one = forecaster(floor_of())
    rows = told(one)
    searched = one.counts["searched"]
    assert searched == len([row for row in rows.values() if "miss" in row])
    told(one, NOW + 1)
    assert one.counts["searched"] == searched
    told(one, NOW + 120_001)
    assert one.counts["searched"] == 2 * searched


def test_a_peak_of_earlier_days_makes_arrivals_more_and_silence_keeps_it() -> None:
    """Yesterday and last week twice as many came in the rest of this interval; then history is silent."""
    answers: list[Mapping[QueueName, Slots] | None] = [{POOR: peak()}, None]

    async def earlier(now: Millis) -> Mapping[QueueName, Slots] | None:
        return answers.pop(0)

    one = forecaster(floor_of(), earlier=earlier)
    asyncio.run(one.recall(NOW))
    before = told(one)[POOR]
    asyncio.run(one.recall(NOW))
    rows = told(one, NOW + 1)
    assert 1.3 < before["basis"]["trend"] <= 2.0
    assert rows[POOR]["basis"]["trend"] == pytest.approx(before["basis"]["trend"], abs=0.01)
    assert rows[CALM]["basis"]["trend"] == 1.0
    assert told(forecaster(floor_of()))[POOR]["miss"] <= before["miss"]


def peak() -> Slots:
    """Fifty in five minutes before this time of day, a hundred after it."""
    slots = []
    for days in (1, 7):
        then = NOW - days * 86_400_000
        slots += [(Millis(then - back * 300_000), 50) for back in range(1, 37)]
        slots += [(Millis(then + ahead * 300_000), 100) for ahead in range(6)]
    return slots


def test_more_agents_never_make_it_worse_and_fewer_never_better() -> None:
    one = forecaster(floor_of())
    now = told(one)[POOR]["miss"]

    async def asked() -> tuple[float, float, float]:
        rows = [await one.what_if(POOR, more=more) for more in (-3, 0, 6)]
        return tuple(row["miss"] for row in rows)  # type: ignore[index,return-value]

    fewer, same, more = asyncio.run(asked())
    assert more <= same <= fewer
    assert same == pytest.approx(now)


def test_what_is_said_to_be_enough_is_enough_when_asked_for() -> None:
    """The number of agents needed, as a what-if, leaves a miss of at most 20 %."""
    one = forecaster(floor_of())
    rows = {queue: row for queue, row in told(one).items() if "miss" in row and row["needed"]["more"]}
    assert rows
    for queue, row in rows.items():
        answer = asyncio.run(one.what_if(QueueName(queue), more=row["needed"]["more"]))
        assert not isinstance(answer, WhyNot)
        assert answer["miss"] <= 0.2 + 1e-9  # type: ignore[operator]


def test_two_agents_from_another_queue_are_one_question_with_both_answers() -> None:
    one = forecaster(floor_of())
    rows = told(one)
    answer = asyncio.run(one.what_if(POOR, more=2, giver=CALM))
    assert not isinstance(answer, WhyNot)
    giver = answer["giver"]
    assert isinstance(giver, dict)
    assert answer["agents"] == pytest.approx(rows[POOR]["agents"] + 2, abs=0.01)
    assert (giver["queue"], giver["agents"]) == (CALM, pytest.approx(rows[CALM]["agents"] - 2, abs=0.01))
    assert giver["miss"] >= rows[CALM]["miss"]


def test_a_queue_nobody_knows_has_no_answer() -> None:
    one = forecaster(floor_of())
    told(one)
    assert asyncio.run(one.what_if(QueueName("夜间"), more=1)) is WhyNot.NO_QUEUE
    assert asyncio.run(one.what_if(POOR, more=1, giver=QueueName("夜间"))) is WhyNot.NO_QUEUE


def test_too_many_questions_at_once_are_sent_away() -> None:
    one = forecaster(floor_of())
    told(one)

    async def crowd() -> list[object]:
        return list(await asyncio.gather(*(one.what_if(POOR, more=1) for _ in range(MOST_ASKING + 3))))

    answers = asyncio.run(crowd())
    assert sum(answer is WhyNot.BUSY for answer in answers) == 3
    assert one.counts["busy"] == 3


def test_a_slice_of_the_reckoning_is_short() -> None:
    """Forty queues' reckoning comes in hundreds of steps: the loop that sends seats is free between any two."""
    assert sum(1 for _ in forecaster(floor_of(200)).reckon(NOW)) > 200


def test_agents_whose_source_is_silent_are_not_counted_on() -> None:
    """What was heard of them last is no state of now."""
    floor = floor_of()
    floor.doubts = dict.fromkeys(list(floor.agents)[:30], Doubt.SILENT)
    assert told(forecaster(floor))[POOR]["cannot_tell"] == "agents_unknown"
