"""A plan file: everything sound is kept, every fault is named with its place and mend."""

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
    assert places(text) == ["room[0].width", "room[1].colour", "room[1].name"]


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
