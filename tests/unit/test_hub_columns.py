"""Queue numbers to tiles and lines: ratios stay ratios, no answer stays no answer."""

import numpy as np
import pytest

from dashboards.columns import Goal, Standing, occupancy, service_level_line, standing, tile, totals
from streams.floor.numbers import Counters, QueueNumbers, Ratio
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.vocabulary.states import AgentState

MINUTE = 60_000


def numbers(**more) -> QueueNumbers:
    values = {
        "at": Millis(30 * MINUTE + 5000),
        "site": SiteId("hz"),
        "queue": QueueName("q"),
        "target_ms": 20_000,
        "certain": True,
        "waiting": 2,
        "longest_wait_ms": 7000,
        "talking": 3,
        "agents": {"ready": 1},
        "today": Counters(),
        "windows": {30: Counters(answered=8, answered_in_target=6, abandoned=2)},
        "line": [],
    }
    return QueueNumbers(**(values | more))


def test_a_tile_tells_its_window_from_its_first_whole_minute():
    shown = tile(numbers(), Goal())
    assert shown.level == Ratio(6, 10)
    assert shown.since == MINUTE


@pytest.mark.parametrize(
    ("level", "certain", "expected"),
    [
        (Ratio(0, 0), True, Standing.EMPTY),
        (Ratio(79, 100), True, Standing.MISSED),
        (Ratio(80, 100), True, Standing.WATCH),
        (Ratio(85, 100), True, Standing.MET),
        (Ratio(100, 100), False, Standing.UNCERTAIN),
    ],
)
def test_how_a_queue_stands(level, certain, expected):
    assert standing(level, Goal(), certain=certain) is expected


def test_the_whole_floor_adds_parts_and_wholes_not_percentages():
    small = numbers(windows={30: Counters(answered=1, answered_in_target=1)})
    large = numbers(windows={30: Counters(answered=99, answered_in_target=0)}, certain=False)
    total = totals([tile(small, Goal()), tile(large, Goal())])
    assert total.level == Ratio(1, 100)
    assert not total.certain


def test_a_minute_without_contacts_breaks_the_line():
    line = service_level_line([[(Millis(0), 1, 2), (Millis(MINUTE), 0, 0)], [(Millis(0), 1, 2)]])
    assert line.minute[0] == 50
    assert np.isnan(line.minute[1])
    assert line.cumulative.tolist() == [50, 50]


def test_before_the_first_contact_there_is_no_level():
    line = service_level_line([[(Millis(0), 0, 0), (Millis(MINUTE), 1, 1)]])
    assert np.isnan(line.cumulative[0])
    assert line.cumulative[1] == 100


def test_ringing_is_neither_handling_nor_ready():
    assert occupancy(
        {AgentState.ON_CONTACT: 2, AgentState.WRAP_UP: 1, AgentState.READY: 1, AgentState.OFFERED: 5}
    ) == Ratio(3, 4)
