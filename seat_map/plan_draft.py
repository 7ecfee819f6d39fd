"""A plan as somebody wrote it to a plan that holds. In: rooms, teams, seats with their places. Out: `Parsed`.

Every reader (TOML, CSV, the editor) fills a `Draft`; the rules are here once. A faulty seat is left out and named, the
rest is shown; the order is rooms, their teams, their seats. May not know: formats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from seat_map.plan import SEATS_MAX, Backdrop, Block, Box, Floor, Plan, Room, Seat, Team, team_box, to_mm
from seat_map.plan_faults import APART, MOST_SEATS, NAME_MAX, SEAT_APART, FaultKind, PlanFault, Spot

FAULTS_MAX = 1_000
"""Further ones are counted in `Parsed.more`: a file of another kind has one per line."""
ROOMS_MAX = 500
DRAFT_MAX = 2 * SEATS_MAX
"""Seats that are looked at, the faulty ones among them: a small file can ask for a billion."""
COORDINATE_MAX = 100_000.0
CELL = 2.0
_NO_TEAM = 1 << 30


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that is sound, and every fault."""

    plan: Plan
    faults: tuple[PlanFault, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTeam:
    code: str
    place: str
    line: int = 0
    block: Block | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSeat:
    """`room` None: whichever room of its floor holds it. `team` is the number `Draft.team` gave."""

    id: str
    x: float
    y: float
    place: str
    line: int = 0
    floor: int = 0
    room: int | None = None
    team: int | None = None
    agent: str = ""
    extension: str = ""

    @property
    def spot(self) -> Spot:
        return Spot(floor=self.floor, x=self.x, y=self.y)


class Draft:
    """What has been read so far. Mutable; owned by one reading."""

    def __init__(self) -> None:
        self.name = ""
        self.floors: list[Floor] = []
        self.rooms: list[Room] = []
        self.teams: list[DraftTeam] = []
        self.codes: dict[str, int] = {}
        """Of teams, to their numbers."""
        self.seats: list[DraftSeat] = []
        self.faults: list[PlanFault] = []
        self.more = 0

    def blame(
        self,
        kind: FaultKind,
        place: str,
        told: Mapping[str, str] | None = None,
        *,
        line: int = 0,
        seat: str = "",
        spot: Spot | None = None,
    ) -> None:
        if len(self.faults) >= FAULTS_MAX:
            self.more += 1
            return
        self.faults.append(PlanFault(kind=kind, place=place, line=line, told=told or {}, seat=seat, spot=spot))

    def clean(self, text: str, key: str, place: str, *, line: int = 0) -> str:
        """A name without what would lie on a screen: no control signs, none that turn the reading around."""
        text = text.strip()
        if len(text) > NAME_MAX:
            self.blame(
                FaultKind.TOO_LONG, place, {"key": key, "length": str(len(text)), "most": str(NAME_MAX)}, line=line
            )
            return ""
        hidden = next((sign for sign in text if not sign.isprintable()), "")
        if hidden:
            self.blame(FaultKind.UNPRINTABLE, place, {"key": key, "value": f"U+{ord(hidden):04X}"}, line=line)
            return ""
        return text

    def room(self, room: Room, place: str, *, line: int = 0) -> int | None:
        """Its number; None: it has no extent, or there are too many."""
        width, height = room.box.width, room.box.height
        if width <= 0 or height <= 0:
            told = {"what": room.name, "width": f"{width:g}", "height": f"{height:g}"}
            self.blame(FaultKind.NO_ROOM_IN_IT, place, told, line=line)
            return None
        if len(self.rooms) >= ROOMS_MAX:
            self.blame(FaultKind.TOO_MANY_ROOMS, place, {"most": str(ROOMS_MAX)}, line=line)
            return None
        middle = Spot(floor=room.floor, x=(room.box.left + room.box.right) / 2, y=(room.box.top + room.box.bottom) / 2)
        for other in self.rooms:
            if other.floor != room.floor:
                continue
            if other.name == room.name:
                self.blame(FaultKind.ROOM_TWICE, place, {"value": room.name}, line=line, spot=middle)
            if other.box.covers(room.box):
                told = {"room": room.name, "other": other.name}
                self.blame(FaultKind.ROOMS_OVERLAP, place, told, line=line, spot=middle)
        self.rooms.append(room)
        return len(self.rooms) - 1

    def floor(self, floor: Floor, place: str, *, line: int = 0) -> int:
        if len(self.floors) >= ROOMS_MAX:
            self.blame(FaultKind.TOO_MANY_ROOMS, place, {"most": str(ROOMS_MAX)}, line=line)
            return 0
        if any(other.name == floor.name for other in self.floors):
            self.blame(FaultKind.FLOOR_TWICE, place, {"value": floor.name}, line=line)
        self.floors.append(floor)
        return len(self.floors) - 1

    def team(self, team: DraftTeam) -> int:
        """Its number; of a code that is there already: a fault, and that team's number."""
        known = self.codes.get(team.code)
        if known is not None:
            told = {"value": team.code, "first": self.teams[known].place}
            self.blame(FaultKind.TEAM_TWICE, team.place, told, line=team.line)
            return known
        self.codes[team.code] = len(self.teams)
        self.teams.append(team)
        return len(self.teams) - 1


def settle(draft: Draft) -> Parsed:
    """The plan that holds. Stable: seats keep the order in which they were written, within room and team."""
    floors = draft.floors or [Floor(name="")]
    order = sorted(range(len(draft.rooms)), key=lambda number: draft.rooms[number].floor)
    rooms = [draft.rooms[number] for number in order]
    kept = _Kept(draft, rooms)
    numbers = {old: new for new, old in enumerate(order)}
    for seat in draft.seats:
        kept.take(seat, None if seat.room is None else numbers[seat.room])
    if not kept.seats and not draft.faults:
        draft.blame(FaultKind.NO_SEAT, "plan")
    teams, seats = _ordered(draft, kept.seats)
    plan = Plan(name=draft.name, floors=tuple(floors), rooms=tuple(rooms), teams=teams, seats=seats)
    return Parsed(plan, tuple(sorted(draft.faults, key=lambda fault: fault.line)), draft.more)


@dataclass(slots=True)
class _Kept:
    """The seats that may stay so far. Owned by one `settle`."""

    draft: Draft
    rooms: list[Room]
    seats: list[Seat] = field(default_factory=list)
    taken: dict[tuple[FaultKind, str], str] = field(default_factory=dict)
    cells: dict[tuple[int, int, int], list[Seat]] = field(default_factory=dict)
    boxes: dict[int, tuple[list[int], npt.NDArray[np.float64]]] = field(default_factory=dict)

    def take(self, seat: DraftSeat, room: int | None) -> None:
        """The seat joins the plan unless it is outside, twice there, or on top of another."""
        x, y = to_mm(seat.x), to_mm(seat.y)
        if len(self.seats) >= SEATS_MAX:
            self._blame(FaultKind.TOO_MANY_SEATS, seat, MOST_SEATS)
            return
        if room is None:
            room = self._around(seat.floor, x, y)
            if room is None:
                self._blame(FaultKind.NOWHERE, seat, {"seat": seat.id})
                return
        elif not self.rooms[room].box.holds(x, y):
            self._blame(FaultKind.OUTSIDE, seat, {"seat": seat.id})
            return
        if near := self._near(seat.floor, x, y):
            self._blame(FaultKind.OVERLAP, seat, {"seat": seat.id, "other": near.id, **APART})
            return
        claims = (
            (FaultKind.SEAT_TWICE, seat.id),
            (FaultKind.AGENT_TWICE, seat.agent),
            (FaultKind.EXTENSION_TWICE, seat.extension),
        )
        for claim in claims:
            if claim[1] and (first := self.taken.get(claim)):
                self._blame(claim[0], seat, {"value": claim[1], "first": first})
                return
        self.taken.update({claim: seat.place for claim in claims if claim[1]})
        sat = Seat(id=seat.id, x=x, y=y, room=room, team=seat.team, agent=seat.agent, extension=seat.extension)
        self.cells.setdefault((seat.floor, int(x // CELL), int(y // CELL)), []).append(sat)
        self.seats.append(sat)

    def _around(self, floor: int, x: float, y: float) -> int | None:
        """The first room of the floor that holds the spot; 500 rooms and 65,536 seats take half a second."""
        if floor not in self.boxes:
            numbers = [number for number, room in enumerate(self.rooms) if room.floor == floor]
            boxes = [self.rooms[number].box for number in numbers]
            edges = [[box.left, box.top, -box.right, -box.bottom] for box in boxes]
            self.boxes[floor] = (numbers, np.array(edges, np.float64).reshape(-1, 4))
        numbers, around = self.boxes[floor]
        holding = np.flatnonzero((around <= (x, y, -x, -y)).all(axis=1))
        return numbers[holding[0]] if holding.size else None

    def _near(self, floor: int, x: float, y: float) -> Seat | None:
        column, row = int(x // CELL), int(y // CELL)
        for cell in ((floor, column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            for other in self.cells.get(cell, ()):
                if max(abs(other.x - x), abs(other.y - y)) < SEAT_APART:
                    return other
        return None

    def _blame(self, kind: FaultKind, seat: DraftSeat, told: Mapping[str, str]) -> None:
        self.draft.blame(kind, seat.place, told, line=seat.line, seat=seat.id, spot=seat.spot)


def _ordered(draft: Draft, seats: list[Seat]) -> tuple[tuple[Team, ...], tuple[Seat, ...]]:
    """Teams by room, seats by room and team; a team's box is around its seats, a team without seats is left out."""
    members: dict[int, list[Seat]] = {}
    for seat in seats:
        if seat.team is not None:
            members.setdefault(seat.team, []).append(seat)
    rooms = {number: min(seat.room for seat in those) for number, those in members.items()}
    order = sorted(members, key=lambda number: (rooms[number], number))
    teams = []
    for number in order:
        block, those = draft.teams[number].block, members[number]
        if block is not None and block.rows * block.columns != len(those):
            block = None  # desks drawn for seats that are not there would mislead
        box = team_box((seat.x, seat.y) for seat in those)
        teams.append(Team(code=draft.teams[number].code, room=rooms[number], box=box, block=block))
    places = {number: place for place, number in enumerate(order)}
    moved = [seat if seat.team is None else replace(seat, team=places[seat.team]) for seat in seats]
    moved.sort(key=lambda seat: (seat.room, _NO_TEAM if seat.team is None else seat.team))
    return tuple(teams), tuple(moved)


def box_of(left: float, top: float, width: float, height: float) -> Box:
    return Box(left=to_mm(left), top=to_mm(top), right=to_mm(left + width), bottom=to_mm(top + height))


def backdrop_fits(backdrop: Backdrop) -> bool:
    return backdrop.width > 0 and backdrop.height > 0 and 0 <= backdrop.fade <= 1
