"""A plan written to a file and read again is the same plan, whatever it holds."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_map.parse import parse
from seat_map.plan import Backdrop, Block, Floor, Plan, Room, block_extent, block_spots, to_mm
from seat_map.plan_arrange import arranged
from seat_map.plan_csv import read_csv, write_csv
from seat_map.plan_diff import differ
from seat_map.plan_draft import Draft, DraftSeat, DraftTeam, box_of, settle
from seat_map.plan_toml import write_toml
from seat_map.plan_words import PlanDoc, doc_of, read_doc

NAMES = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=6)
BLOCKS = st.builds(
    Block, rows=st.integers(1, 5), columns=st.integers(1, 6), single=st.booleans(), rotated=st.booleans()
)
BACKDROPS = st.none() | st.builds(
    Backdrop,
    picture=st.just("0123abcd.png"),
    left=st.integers(-9_000, 9_000).map(lambda mm: mm / 1000),
    top=st.just(1.5),
    width=st.just(40.125),
    height=st.just(20.0),
    fade=st.just(0.4),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Floors with rooms beside each other, in each a block and a few seats of no team, some moved, renamed, owned."""
    draft = Draft()
    draft.name = draw(st.just("") | NAMES)
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    if len(names) == 1 and draw(st.booleans()):
        names = [""]
    for floor, name in enumerate(names):
        draft.floor(Floor(name=name, backdrop=draw(BACKDROPS) if name else None), name)
        left = draw(st.integers(-50_000, 50_000)) / 1000
        for index in range(draw(st.integers(0, 2))):
            left = _room(draw, draft, floor, index, left)
    parsed = settle(draft)
    assert all(fault.kind == "no_seat" for fault in parsed.faults)
    return parsed.plan


def _room(draw: st.DrawFn, draft: Draft, floor: int, index: int, left: float) -> float:
    block = draw(BLOCKS)
    width, height = block_extent(block)
    room = Room(name=f"{floor}·{index}", box=box_of(left, -3.7, width + 6, height + 4), floor=floor,
                bench=draw(st.booleans()))  # fmt: skip
    number = draft.room(room, "room")
    assert number is not None
    code = f"T{len(draft.teams)}"
    team = draft.team(DraftTeam(code=code, place=code, block=block))
    whole = draw(st.booleans())
    for at, (x, y) in enumerate(block_spots(block, left=left + 1, top=-2.2)):
        shift = 0.0 if whole else draw(st.integers(-100, 100)) / 1000
        label = f"{code}-{at + 1:02d}" if whole else f"{code}.{at}{draw(NAMES)}"
        seat = len(draft.seats)
        draft.seats.append(
            DraftSeat(
                id=label, x=to_mm(x + shift), y=y, place=label, floor=floor, room=number, team=team,
                agent=f"=a{seat}" if draw(st.booleans()) else "", extension=f"'{seat}" if draw(st.booleans()) else "",
            )
        )  # fmt: skip
    if draw(st.booleans()):
        lone = DraftSeat(
            id=f"lone {floor}{index}", x=left + width + 4.001, y=0.003, place="lone", floor=floor, room=number
        )
        draft.seats.append(lone)
    return to_mm(left + width + 7.3)


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_toml_gives_back_the_plan(plan: Plan):
    parsed = parse(write_toml(plan))
    assert [str(fault) for fault in parsed.faults if fault.kind != "no_seat"] == []
    assert parsed.plan == plan
    assert write_toml(parsed.plan) == write_toml(plan)


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_csv_gives_back_the_plan(plan: Plan):
    """Names that a spreadsheet would run come back as they were, too."""
    parsed = read_csv(write_csv(plan))
    assert [str(fault) for fault in parsed.faults if fault.kind != "no_seat"] == []
    assert parsed.plan == plan


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_json_gives_back_the_plan(plan: Plan):
    """What the store keeps and the editor works on."""
    blob = msgspec.json.encode(doc_of(plan))
    assert read_doc(msgspec.json.decode(blob, type=PlanDoc)).plan == plan


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_floors_laid_side_by_side_never_meet(plan: Plan):
    laid = arranged(plan)
    for one in laid.rooms:
        for other in laid.rooms:
            assert one is other or one.floor == other.floor or not one.box.covers(other.box)
    assert [seat.id for seat in laid.seats] == [seat.id for seat in plan.seats]
    for seat in laid.seats:
        box = laid.rooms[seat.room].box
        assert box.left - 0.01 <= seat.x <= box.right + 0.01
        assert box.top - 0.01 <= seat.y <= box.bottom + 0.01


@settings(max_examples=60, deadline=None)
@given(block=BLOCKS, left=st.integers(-90_000, 90_000), top=st.integers(-90_000, 90_000))
def test_a_stamped_block_s_seats_are_apart_and_inside_it(block: Block, left: int, top: int):
    """So stamping never makes a fault by itself."""
    spots = block_spots(block, left=left / 1000, top=top / 1000)
    width, height = block_extent(block)
    assert len(set(spots)) == len(spots) == block.rows * block.columns
    draft = Draft()
    room = draft.room(Room(name="r", box=box_of(left / 1000, top / 1000, width, height)), "r")
    draft.seats += [DraftSeat(id=str(at), x=x, y=y, place="", room=room) for at, (x, y) in enumerate(spots)]
    assert settle(draft).faults == ()


@settings(max_examples=40, deadline=None)
@given(before=plans(), after=plans())
def test_what_differs_accounts_for_every_seat(before: Plan, after: Plan):
    """Removed and renamed are gone, added and renamed are new; of two equal plans nothing differs."""
    changes = differ(before, after)
    old, new = {seat.id for seat in before.seats}, {seat.id for seat in after.seats}
    assert set(changes.removed) | {one.before for one in changes.renamed} == old - new
    assert set(changes.added) | {one.after for one in changes.renamed} == new - old
    assert differ(before, before).nothing


@settings(max_examples=200, deadline=None)
@given(text=st.text() | st.binary().map(lambda blob: blob.decode("latin-1")))
def test_any_text_is_read_with_faults_but_without_a_crash(text: str):
    for parsed in (parse(text), read_csv(text)):
        assert parsed.faults or parsed.plan.seats
        assert all(str(fault) for fault in parsed.faults)


@settings(max_examples=100, deadline=None)
@given(
    cells=st.lists(
        st.tuples(
            st.sampled_from(("", "A", "B")),
            st.sampled_from(("", "1", "2", "3", "nan", "1e9")),
            st.sampled_from(("", "T1", "T2")),
            st.sampled_from(("", "8001", "8002")),
        ),
        max_size=30,
    )
)
def test_a_seat_of_a_table_is_either_shown_or_named(cells: list[tuple[str, str, str, str]]):
    """Nothing is lost in silence."""
    lines = [f"{room},S{at},{x},{x},{team},{owner}" for at, (room, x, team, owner) in enumerate(cells)]
    parsed = read_csv("\n".join(["room,seat,x,y,team,agent", *lines]))
    shown = {seat.id for seat in parsed.plan.seats}
    named = {fault.seat for fault in parsed.faults}
    assert shown | named >= {f"S{at}" for at in range(len(cells))}
