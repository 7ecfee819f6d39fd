"""A plan file: everything sound is kept, every fault is named with its place and mend."""

import pytest

from seat_map.parse import parse

SOUND = """
name = "三楼"
[[room]]
name = "A 区"
width = 30
height = 12
[[room.team]]
code = "A01"
left = 1
top = 2
rows = 2
columns = 3
agents = ["8001", "8002"]
[[room.seat]]
id = "lead"
x = 20
y = 5
extension = "8100"
"""


def places(text: str) -> list[str]:
    return [fault.place for fault in parse(text).faults]


def test_a_sound_plan_has_its_desks_and_owners():
    parsed = parse(SOUND)
    assert parsed.faults == ()
    assert [(seat.id, seat.agent, seat.extension) for seat in parsed.plan.seats] == [
        ("A01-01", "8001", ""),
        ("A01-02", "8002", ""),
        ("A01-03", "", ""),
        ("A01-04", "", ""),
        ("A01-05", "", ""),
        ("A01-06", "", ""),
        ("lead", "", "8100"),
    ]


def test_what_is_not_toml_is_one_fault_of_the_file():
    assert places("[[room]\n") == ["file"]


def test_all_faults_are_named_at_once():
    text = SOUND.replace("width = 30", 'width = "wide"') + "\n[[room]]\nname = 3\nwidth = 5\nheight = 5\ncolour = 1\n"
    assert places(text) == ["room[0].width", "room[1].name", "room[1].colour"]


def test_a_seat_on_another_is_left_out_and_the_rest_is_kept():
    parsed = parse(SOUND + '[[room.seat]]\nid = "twin"\nx = 20.1\ny = 5\n')
    assert [fault.place for fault in parsed.faults] == ["room[0].seat[1]"]
    assert "lies on seat lead" in parsed.faults[0].fault
    assert len(parsed.plan.seats) == 7


def test_an_agent_with_two_seats_is_named_with_both_places():
    parsed = parse(SOUND + '[[room.seat]]\nid = "second"\nx = 25\ny = 5\nagent = "8001"\n')
    assert str(parsed.faults[0]) == (
        "line 19, room[0].seat[1]: agent 8001 is already at room[0].team[0] seat 1; give each agent one seat"
    )


def test_a_seat_outside_its_room_is_named():
    assert places(SOUND + '[[room.seat]]\nid = "far"\nx = 99\ny = 5\n') == ["room[0].seat[1]"]


FLOORS = """
[[floor]]
name = "三楼"
[[floor.room]]
name = "A"
width = 20
height = 10
[[floor.room.team]]
code = "A01"
left = 1
top = 1
rows = 2
columns = 3
single = true
rotated = true
[[floor]]
name = "四楼"
[[floor.room]]
name = "A"
bench = true
width = 5
height = 5
[[floor.room.seat]]
id = "B1"
x = 1
y = 1
"""


def test_floors_have_rooms_and_benches_of_their_own():
    """Coordinates are each floor's: rooms of two floors may lie at the same place and have the same name."""
    parsed = parse(FLOORS)
    assert parsed.faults == ()
    assert [floor.name for floor in parsed.plan.floors] == ["三楼", "四楼"]
    assert [(room.floor, room.bench) for room in parsed.plan.rooms] == [(0, False), (1, True)]
    assert [(seat.x, seat.y) for seat in parsed.plan.seats][:4] == [
        (1.925, 1.925),
        (1.925, 3.075),
        (1.925, 4.225),
        (3.825, 1.925),
    ]


@pytest.mark.parametrize(
    ("line", "place", "fault"),
    [
        ("x = nan", "room[0].seat[0].x", "x is nan"),
        ("x = 1e6", "room[0].seat[0].x", "x is 1000000.0"),
        ("x = true", "room[0].seat[0].x", "x is True"),
        ('x = 1\nteam = "Z"', "room[0].seat[0]", "there is no team Z"),
        ('x = 1\nagent = "a\\u0007"', "room[0].seat[0]", "agent holds a sign that cannot be seen (U+0007)"),
        ('x = 1\nagent = "a\\u202Eb"', "room[0].seat[0]", "agent holds a sign that cannot be seen (U+202E)"),
        (f'x = 1\nagent = "{"a" * 65}"', "room[0].seat[0]", "agent has 65 letters"),
    ],
)
def test_what_a_seat_cannot_have_is_said_with_its_line(line: str, place: str, fault: str):
    text = f'[[room]]\nwidth = 9\nheight = 9\n[[room.seat]]\nid = "s"\ny = 1\n{line}\n'
    found = parse(text).faults[0]
    assert (found.place, found.fault) == (place, fault)
    assert found.line >= 4
    assert found.mend


def test_rooms_that_lie_over_each_other_are_named_and_both_shown():
    room = '[[room]]\nname = "{}"\nwidth = 9\nheight = 9\n[[room.seat]]\nid = "{}"\nx = {}\ny = 1\n'
    parsed = parse(room.format("A", "1", 1) + room.format("B", "2", 3))
    assert [str(fault) for fault in parsed.faults] == [
        "line 9, room[1]: room B lies over room A; move one of them or make it smaller"
    ]
    assert len(parsed.plan.seats) == 2


def test_more_seats_than_a_frame_can_number_are_cut_and_counted():
    blocks = "".join(
        f'[[room]]\nname = "{n}"\nleft = {300 * n}\nwidth = 300\nheight = 400\n[[room.team]]\ncode = "T{n}"\n'
        f"left = 0\ntop = 0\nrows = 200\ncolumns = 200\n"
        for n in range(2)
    )
    parsed = parse(blocks)
    assert len(parsed.plan.seats) == 65_536
    assert len(parsed.faults) + parsed.more == 80_000 - 65_536
    assert parsed.faults[0].fault == "there are more than 65536 seats"
