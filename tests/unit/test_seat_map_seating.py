"""Who sits where: reserved seat, extension, free desk, bench; and it stays so."""

from seat_map.generate import generate
from seat_map.plan import Box, Plan, Room, Seat
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
