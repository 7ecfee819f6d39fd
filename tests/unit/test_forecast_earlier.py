"""The same hours of earlier days, asked of history: a question its desk understands, and what its silence costs."""

import asyncio
from typing import Any

import msgspec

from dashboards.forecast.trend import trend
from monitor.api.history import HistoryUnavailable
from monitor.forecast_earlier import EarlierDays, Recall
from monitor.questions import parse_question
from streams.floor.numbers import Counters
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.ranges import QueueSlot, queue_line

MINUTE, DAY = 60_000, 86_400_000
NOW = Millis(20_000 * DAY + 10 * 3_600_000 + 420_000)
QUEUE = QueueName("A")


class Desk:
    """A history that has two days' slots of one queue: 10 in five minutes, twice as many after ten o'clock."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        question, typed = parse_question(msgspec.json.encode({"name": name, "params": params}))
        assert question is queue_line
        self.asked.append(typed)
        slots = range(typed["since"], typed["until"], 5 * MINUTE)
        late = [at % DAY >= NOW % DAY // (5 * MINUTE) * 5 * MINUTE for at in slots]
        rows = [
            QueueSlot(at=Millis(at), queue=QUEUE, counters=Counters(offered=20 if after else 10))
            for at, after in zip(slots, late, strict=True)
        ]
        return [msgspec.to_builtins(row) for row in rows]


class Silent:
    async def ask(self, name: str, **params: object) -> list[dict[str, object]]:
        raise HistoryUnavailable("the history process does not answer")


def test_yesterday_and_last_week_are_asked_for_by_whole_slots() -> None:
    """Three hours before this time of day and two after it, on both days."""
    desk = Desk()
    found = asyncio.run(EarlierDays(desk, SiteId("s")).around(NOW))
    assert found is not None
    assert len(desk.asked) == 2
    for asked, back in zip(desk.asked, (DAY, 7 * DAY), strict=True):
        assert asked["since"] % (5 * MINUTE) == 0
        assert asked["since"] <= NOW - back - 180 * MINUTE
        assert asked["until"] >= NOW - back + 115 * MINUTE
        assert asked["site"] == "s"


def test_what_is_recalled_is_a_trend() -> None:
    found = asyncio.run(EarlierDays(Desk(), SiteId("s")).around(NOW))
    assert found is not None
    assert trend(found[QUEUE], NOW, Millis(NOW + 20 * MINUTE)) > 1.2


def test_a_silent_history_is_counted_and_costs_the_trend_only() -> None:
    earlier = EarlierDays(Silent(), SiteId("s"))
    assert asyncio.run(earlier.around(NOW)) is None
    assert earlier.counts == {Recall.UNAVAILABLE: 1}
