"""A plan as a table: a list of seats is enough, and a spreadsheet's own ways are understood."""

import pytest

from seat_map.plan import Plan, Room
from seat_map.plan_csv import read_csv, write_csv
from seat_map.plan_draft import box_of


def test_a_list_of_seats_is_laid_out_in_blocks_by_team():
    parsed = read_csv("seat,team\n" + "".join(f"A{n},T1\n" for n in range(12)) + "B1,T2\n")
    assert parsed.faults == ()
    assert [team.code for team in parsed.plan.teams] == ["T1", "T2"]
    assert len(parsed.plan.rooms) == 1
    assert len({(seat.x, seat.y) for seat in parsed.plan.seats}) == 13


def test_chinese_headers_a_semicolon_and_a_mark_in_front_are_read():
    parsed = read_csv("\ufeff楼层;房间;班组;座位;分机;工号\n三楼;A 区;A01;A01-01;8001;1001\n")
    (seat,) = parsed.plan.seats
    assert (parsed.faults, seat.id, seat.extension, seat.agent) == ((), "A01-01", "8001", "1001")
    assert (parsed.plan.floors[0].name, parsed.plan.rooms[0].name) == ("三楼", "A 区")


def test_a_room_is_drawn_around_seats_that_say_where_they_stand():
    parsed = read_csv("room,seat,x,y\nA,1,10,5\nA,2,12,5\nB,3,30,5\n")
    assert parsed.faults == ()
    boxes = {room.name: room.box for room in parsed.plan.rooms}
    assert boxes["A"].holds(10, 5)
    assert not boxes["A"].covers(boxes["B"])


def test_seats_with_and_without_a_place_share_a_room_that_is_drawn_around_both():
    parsed = read_csv("room,team,seat,x,y\nA,T,1,,\nA,T,2,,\nA,,lead,20,5\nB,,3,50,5\nB,U,4,,\n")
    assert parsed.faults == ()
    assert [room.name for room in parsed.plan.rooms] == ["A", "B"]
    assert len(parsed.plan.seats) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "row 1: the first line names no column called seat"),
        ("name,x\na,1\n", "row 1: 'name' is not a known word"),
        ("seat\nA1\nA1\n", "row 3: seat A1 is already at row 2"),
        ("seat,x,y\nA1,one,2\n", "row 2: x is 'one'"),
        ("seat,x,y\nA1,1,\n", "row 2: y is missing"),
        ("seat,team\nA1,T,8001\n", "row 2: has 3 cells under 2 columns"),
        ('seat\n"A1\n', "row 2: cannot be read: unexpected end of data"),
        ("seat,x,y\nA1,1,1\nA2,1.1,1\n", "row 3: seat A2 lies on seat A1"),
        ("seat,kind\nA1,sofa\n", "row 2: sofa is not a known word"),
    ],
)
def test_each_slip_is_named_with_its_row(text: str, said: str):
    parsed = read_csv(text)
    assert said in str(parsed.faults[0])
    assert parsed.faults[0].line == int(said.split()[1].rstrip(":"))


def test_a_name_that_a_spreadsheet_would_run_is_disarmed():
    text = write_csv(Plan(name="", rooms=(Room(name="=1+2", box=box_of(0, 0, 5, 5)),), teams=(), seats=()))
    assert "'=1+2" in text
    assert read_csv(text).plan.rooms[0].name == "=1+2"
