"""A plan as the editor and the store hold it. In: JSON, or a plan. Out: `PlanDoc` and back through the same rules.

Metres of each floor; numbers stand for rooms and teams, -1 for none (a seat's room: whichever holds it). May not know:
sockets, files.
"""

import msgspec

from seat_map.plan import Backdrop, Block, Floor, Plan, Room
from seat_map.plan_draft import COORDINATE_MAX, Draft, DraftSeat, DraftTeam, Parsed, backdrop_fits, box_of, settle
from seat_map.plan_faults import FaultKind

COUNT_MAX = 200


class BackdropDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    picture: str
    left: float
    top: float
    width: float
    height: float
    fade: float = 0.5


class FloorDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = ""
    backdrop: BackdropDoc | None = None


class RoomDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    left: float
    top: float
    width: float
    height: float
    floor: int = 0
    bench: bool = False


class BlockDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rows: int
    columns: int
    single: bool = False
    rotated: bool = False


class TeamDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    block: BlockDoc | None = None


class SeatDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    id: str
    x: float
    y: float
    floor: int = 0
    room: int = -1
    team: int = -1
    agent: str = ""
    extension: str = ""


class PlanDoc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = ""
    floors: tuple[FloorDoc, ...] = ()
    rooms: tuple[RoomDoc, ...] = ()
    teams: tuple[TeamDoc, ...] = ()
    seats: tuple[SeatDoc, ...] = ()


def doc_of(plan: Plan) -> PlanDoc:
    """Without what was done by hand."""
    return PlanDoc(
        name=plan.name,
        floors=tuple(FloorDoc(name=one.name, backdrop=_backdrop_doc(one.backdrop)) for one in plan.floors),
        rooms=tuple(_room_doc(room) for room in plan.rooms),
        teams=tuple(TeamDoc(code=team.code, block=_block_doc(team.block)) for team in plan.teams),
        seats=tuple(
            SeatDoc(
                id=seat.id,
                x=seat.x,
                y=seat.y,
                floor=plan.rooms[seat.room].floor,
                room=seat.room,
                team=-1 if seat.team is None else seat.team,
                agent=seat.agent,
                extension=seat.extension,
            )
            for seat in plan.seats
        ),
    )


def _backdrop_doc(one: Backdrop | None) -> BackdropDoc | None:
    if one is None:
        return None
    return BackdropDoc(
        picture=one.picture, left=one.left, top=one.top, width=one.width, height=one.height, fade=one.fade
    )


def _room_doc(room: Room) -> RoomDoc:
    box = room.box
    return RoomDoc(
        name=room.name, left=box.left, top=box.top, width=round(box.width, 3), height=round(box.height, 3),
        floor=room.floor, bench=room.bench,
    )  # fmt: skip


def _block_doc(one: Block | None) -> BlockDoc | None:
    if one is None:
        return None
    return BlockDoc(rows=one.rows, columns=one.columns, single=one.single, rotated=one.rotated)


def read_doc(doc: PlanDoc) -> Parsed:
    draft = Draft()
    draft.name = draft.clean(doc.name, "name", "plan")
    for number, floor in enumerate(doc.floors):
        _floor(draft, floor, f"floor {number + 1}")
    floors = max(1, len(doc.floors))
    rooms = [
        _room(draft, room, f"room {room.name[:64] or number + 1}", floors) for number, room in enumerate(doc.rooms)
    ]
    teams = [_team(draft, team, f"team {number + 1}") for number, team in enumerate(doc.teams)]
    for number, seat in enumerate(doc.seats):
        _seat(draft, seat, f"seat {seat.id[:64] or number + 1}", floors, rooms, teams)
    return settle(draft)


def _floor(draft: Draft, doc: FloorDoc, place: str) -> None:
    backdrop = None
    if doc.backdrop is not None:
        one = doc.backdrop
        name = draft.clean(one.picture, "picture", place)
        backdrop = Backdrop(picture=name, left=one.left, top=one.top, width=one.width, height=one.height, fade=one.fade)
        if not name or not backdrop_fits(backdrop) or not _in_reach(one.left, one.top, one.width, one.height):
            told = {"what": name or "backdrop", "width": f"{one.width:g}", "height": f"{one.height:g}"}
            draft.blame(FaultKind.NO_ROOM_IN_IT, place, told)
            backdrop = None
    draft.floor(Floor(name=draft.clean(doc.name, "name", place), backdrop=backdrop), place)


def _in_reach(*numbers: float) -> bool:
    return all(abs(number) < COORDINATE_MAX for number in numbers)


def _room(draft: Draft, doc: RoomDoc, place: str, floors: int) -> int | None:
    if not _in_reach(doc.left, doc.top, doc.width, doc.height):
        draft.blame(FaultKind.BAD_NUMBER, place, {"key": "left, top, width or height", "value": "too large"})
        return None
    if not 0 <= doc.floor < floors:
        draft.blame(FaultKind.UNKNOWN_FLOOR, place, {"value": str(doc.floor)})
        return None
    box = box_of(doc.left, doc.top, doc.width, doc.height)
    name = draft.clean(doc.name, "name", place)
    return draft.room(Room(name=name, box=box, floor=doc.floor, bench=doc.bench), place)


def _team(draft: Draft, doc: TeamDoc, place: str) -> int | None:
    code = draft.clean(doc.code, "code", place)
    if not code:
        draft.blame(FaultKind.MISSING, place, {"key": "code"})
        return None
    block = None
    if doc.block is not None:
        one = doc.block
        if 1 <= one.rows <= COUNT_MAX and 1 <= one.columns <= COUNT_MAX:
            block = Block(rows=one.rows, columns=one.columns, single=one.single, rotated=one.rotated)
        else:
            draft.blame(FaultKind.BAD_COUNT, place, {"key": "rows or columns", "value": f"{one.rows}, {one.columns}"})
    return draft.team(DraftTeam(code=code, place=place, block=block))


def _seat(
    draft: Draft, doc: SeatDoc, place: str, floors: int, rooms: list[int | None], teams: list[int | None]
) -> None:
    name = draft.clean(doc.id, "id", place)
    if not name:
        draft.blame(FaultKind.MISSING, place, {"key": "id"})
    elif not 0 <= doc.floor < floors:
        draft.blame(FaultKind.UNKNOWN_FLOOR, place, {"value": str(doc.floor)}, seat=name)
    elif not _in_reach(doc.x, doc.y):
        draft.blame(FaultKind.BAD_NUMBER, place, {"key": "x or y", "value": f"{doc.x:g}, {doc.y:g}"}, seat=name)
    elif not -1 <= doc.room < len(rooms):
        draft.blame(FaultKind.UNKNOWN_ROOM, place, {"value": str(doc.room)}, seat=name)
    elif not -1 <= doc.team < len(teams):
        draft.blame(
            FaultKind.UNKNOWN_TEAM, place, {"value": str(doc.team), "known": f"0 to {len(teams) - 1}"}, seat=name
        )
    else:
        room = None if doc.room < 0 else rooms[doc.room]
        draft.seats.append(
            DraftSeat(
                id=name,
                x=doc.x,
                y=doc.y,
                place=place,
                floor=doc.floor,
                room=room if room is not None and draft.rooms[room].floor == doc.floor else None,
                team=None if doc.team < 0 else teams[doc.team],
                agent=draft.clean(doc.agent, "agent", place),
                extension=draft.clean(doc.extension, "extension", place),
            )
        )
