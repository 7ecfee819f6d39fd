"""The simulation's columns and the product's own floor say the same of the same day."""

from collections import deque

import pytest

from streams.floor.fold import Floor
from tests.sim_centre import Centre, Incident, simulated
from tests.sim_numbers import OPENS, SITE, events, looks, table


@pytest.mark.parametrize(("per_hour", "every_ms"), [(200, 60_000), (40, 15_000)])
def test_columns_equal_the_floor_at_every_look(per_hour: int, every_ms: int) -> None:
    """Every field of every look of a day with an incident: waiting, agents, windows, today, the line."""
    day = simulated(Centre(per_hour=per_hour), 11, Incident(at=3 * 3_600_000))
    floor = Floor(SITE, short_abandon_ms=5_000)
    told = deque(events(day))
    for ours in looks(day, table(day, every_ms=every_ms)):
        while told and told[0].at <= ours.at:
            floor.apply(told.popleft())
        (theirs,) = floor.numbers(ours.at)
        assert ours == theirs, (ours.at - OPENS) / 60_000
    assert not floor.state.anomalies
