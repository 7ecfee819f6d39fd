"""Who sits where: reserved seat, extension, free desk, bench; and it stays so."""

from seat_map.generate import generate
from seat_map.plan import Box, Floor, Plan, Room, Seat
from seat_map.plan_arrange import with_pins
from seat_map.seating import NotSeated, Place, SeatedBy, Seating
from streams.vocabulary.ids import AgentId

ROOM = Room(name="A", box=Box(left=0, top=0, right=10, bottom=10))
PLAN = Plan(
    name="",
    rooms=(ROOM,),
    teams=(),
    seats=(
        Seat(id="1", x=1, y=1, room=0),
        Seat(id="2", x=3, y=1, room=0, extension="8002"),
        Seat(id="3", x=5, y=1, room=0, agent="8003"),
    ),
)


def test_a_reserved_seat_goes_before_an_extension_a_free_desk_and_the_bench():
    seating = Seating(PLAN)
    assert seating.place(AgentId("8003"), extension="8002") == Place(2, SeatedBy.AGENT)
    assert seating.place(AgentId("x"), extension="8002") == Place(1, SeatedBy.EXTENSION)
    assert seating.place(AgentId("y"), extension="8002") == Place(0, SeatedBy.FREE_DESK)
    assert seating.place(AgentId("z"), extension="") == Place(3, SeatedBy.BENCH)


def test_an_agent_keeps_the_seat():
    seating = Seating(PLAN)
    first = seating.place(AgentId("a"), extension="")
    seating.place(AgentId("b"), extension="")
    assert seating.place(AgentId("a"), extension="8002") == first


def test_the_bench_grows_by_rows_below_the_rooms():
    seating = Seating(generate(1))
    places = [seating.place(AgentId(str(number)), extension="") for number in range(22)]
    assert [place.index for place in places] == list(range(22))
    assert seating.size == 1 + 40
    assert seating.bench_box.top > seating.plan.bounds.bottom
    assert len(seating.spots()) == seating.size


def test_a_full_map_says_so():
    seating = Seating(generate(65_536))
    for number in range(65_536):
        seating.place(AgentId(str(number)), extension="")
    assert seating.place(AgentId("one too many"), extension="") is NotSeated.FULL


def test_each_newcomer_makes_the_picture_of_the_room_old():
    seating = Seating(PLAN)
    before = seating.revision
    seating.place(AgentId("a"), extension="")
    assert seating.revision > before


BENCHES = Plan(
    name="",
    floors=(Floor(name="1"), Floor(name="2")),
    rooms=(
        ROOM,
        Room(name="bench 1", box=Box(left=20, top=0, right=30, bottom=10), bench=True),
        Room(name="B", box=ROOM.box, floor=1),
        Room(name="bench 2", box=Box(left=20, top=0, right=30, bottom=10), floor=1, bench=True),
    ),
    teams=(),
    seats=(
        Seat(id="1", x=1, y=1, room=0),
        Seat(id="b1", x=21, y=1, room=1),
        Seat(id="2", x=1, y=1, room=2, extension="8002"),
        Seat(id="b2", x=21, y=1, room=3),
    ),
)


def test_who_finds_the_own_seat_taken_waits_on_that_floor_s_bench():
    """Benches are given out when every desk is taken, then the bench below the rooms."""
    seating = Seating(BENCHES)
    assert seating.place(AgentId("a"), extension="8002") == Place(2, SeatedBy.EXTENSION)
    assert seating.place(AgentId("b"), extension="") == Place(0, SeatedBy.FREE_DESK)
    assert seating.place(AgentId("c"), extension="8002") == Place(3, SeatedBy.BENCH)
    assert seating.place(AgentId("d"), extension="8002") == Place(1, SeatedBy.BENCH)
    assert seating.place(AgentId("e"), extension="8002") == Place(4, SeatedBy.BENCH)


def test_who_sat_at_a_free_desk_keeps_it_under_a_new_plan():
    """Though others come by first, and though its number in the plan is another one."""
    before = Seating(Plan(name="", rooms=(ROOM,), teams=(), seats=tuple(free("1", "2", "3"))))
    for agent in ("a", "b", "c"):
        before.place(AgentId(agent), extension="")
    after = Seating(Plan(name="", rooms=(ROOM,), teams=(), seats=tuple(free("0", "3", "2"))), before)
    assert after.place(AgentId("a"), extension="") == Place(0, SeatedBy.FREE_DESK), "desk 1 is gone"
    assert after.place(AgentId("c"), extension="") == Place(1, SeatedBy.FREE_DESK)
    assert after.place(AgentId("b"), extension="") == Place(2, SeatedBy.FREE_DESK)


def test_a_seat_given_by_hand_goes_before_everything_else():
    seated = Seating(with_pins(PLAN, {"1": AgentId("8003"), "gone": AgentId("8009")}))
    assert seated.place(AgentId("8003"), extension="8002") == Place(0, SeatedBy.HAND)
    assert seated.plan.seats[2].agent == "", "the seat of the file is free meanwhile"


def free(*names: str) -> list[Seat]:
    return [Seat(id=name, x=1 + 2 * index, y=1, room=0) for index, name in enumerate(names)]
