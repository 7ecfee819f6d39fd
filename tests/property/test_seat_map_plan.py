"""A generated plan is a sound plan, whatever its size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_map.generate import generate
from seat_map.plan import SEATS_MAX


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 3000))
def test_every_seat_is_in_its_team_and_room_and_apart_from_the_others(count):
    plan = generate(count)
    assert len(plan.seats) == count
    for seat in plan.seats:
        assert plan.rooms[seat.room].box.holds(seat.x, seat.y)
        assert plan.teams[seat.team].box.holds(seat.x, seat.y)
    assert len({seat.id for seat in plan.seats}) == count
    assert len({(seat.x, seat.y) for seat in plan.seats}) == count


def test_more_seats_than_a_frame_can_number_are_refused_with_the_mend():
    with pytest.raises(ValueError, match="split the site"):
        generate(SEATS_MAX + 1)
