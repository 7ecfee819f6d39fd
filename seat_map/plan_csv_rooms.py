"""Rooms for seats of a table that has none. In: seats with the names of their rooms. Out: rooms and seats in a draft.

A room nobody outlined is drawn around its seats; seats without a place are set in blocks of ten columns, a block for
each team. May not know: CSV.
"""

from collections.abc import Sequence
from dataclasses import replace

from seat_map.generate import TEAM_COLUMNS, TEAM_GAP
from seat_map.plan import ROOM_HEAD, ROOM_PAD, TEAM_HEAD, Block, Box, Room, block_extent, block_spots, team_box
from seat_map.plan_draft import ROOMS_MAX, Draft, DraftSeat, box_of
from seat_map.plan_faults import FaultKind

ROOM_GAP = 2.0
ACROSS = 4
"""Blocks beside each other in a room that is laid out."""
Found = tuple[str, DraftSeat, bool]


class Rooms:
    """Which rooms were outlined. Mutable; owned by one reading."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], int] = {}

    def declare(self, floor: int, name: str, number: int) -> None:
        self._known.setdefault((floor, name), number)

    def lay_out(self, draft: Draft, floor: int, found: Sequence[Found]) -> None:
        """All seats of a floor into the draft, and the rooms that are missing."""
        standing: dict[str, list[DraftSeat]] = {}
        loose: dict[str, list[DraftSeat]] = {}
        for name, seat, stands in found:
            (standing if stands else loose).setdefault(name, []).append(seat)
        outlined = any(room.floor == floor for room in draft.rooms)
        floor_end = max((seat.y for seats in standing.values() for seat in seats), default=None)
        for name in dict.fromkeys([*standing, *loose]):
            number = self._known.get((floor, name))
            seats = standing.get(name, [])
            unnamed = not name and not loose.get(name) and outlined
            if number is None and not unnamed and len(draft.rooms) >= ROOMS_MAX:
                first = (seats or loose[name])[0]
                draft.blame(FaultKind.TOO_MANY_ROOMS, first.place, {"most": str(ROOMS_MAX)}, line=first.line)
                continue
            if name in loose:
                left, top = self._corner(draft, floor, number, floor_end)
                if number is None and seats:
                    left = min(seat.x for seat in seats)  # below its own, not across the rooms in between
                seats = seats + _set(loose[name], left, top)
            if number is None and not unnamed:
                number = self._around(draft, floor, name or "1", seats)
            # a seat that names no room belongs to whichever holds it
            draft.seats += [replace(seat, room=number) for seat in seats]

    def _around(self, draft: Draft, floor: int, name: str, seats: Sequence[DraftSeat]) -> int | None:
        box = _grown(team_box((seat.x, seat.y) for seat in seats))
        number = draft.room(Room(name=name, box=box, floor=floor), seats[0].place, line=seats[0].line)
        if number is not None:
            self.declare(floor, name, number)
        return number

    def _corner(self, draft: Draft, floor: int, room: int | None, floor_end: float | None) -> tuple[float, float]:
        """Where desks that have no place begin: below the seats of their room, or below everything on the floor."""
        if room is None:
            boxes = [one.box for one in draft.rooms if one.floor == floor]
            ends = [box.bottom + ROOM_GAP for box in boxes] + ([] if floor_end is None else [floor_end + ROOM_GAP])
            left = min((box.left for box in boxes), default=0.0)
            return left + ROOM_PAD, max(ends, default=0.0) + ROOM_HEAD
        box = draft.rooms[room].box
        below = [seat.y for seat in draft.seats if seat.room == room]
        top = max(below) + TEAM_GAP if below else box.top + ROOM_HEAD
        return box.left + ROOM_PAD, top + TEAM_HEAD


def _set(seats: Sequence[DraftSeat], left: float, top: float) -> list[DraftSeat]:
    """In blocks, one for each team."""
    teams: dict[int | None, list[DraftSeat]] = {}
    for seat in seats:
        teams.setdefault(seat.team, []).append(seat)
    blocks = [Block(rows=-(-len(those) // TEAM_COLUMNS), columns=TEAM_COLUMNS) for those in teams.values()]
    placed = []
    for block, (x, y), those in zip(blocks, _corners(blocks), teams.values(), strict=True):
        spots = block_spots(block, left=left + x, top=top + y)
        placed += [replace(seat, x=spot[0], y=spot[1]) for seat, spot in zip(those, spots, strict=False)]
    return placed


def _corners(blocks: Sequence[Block]) -> list[tuple[float, float]]:
    """Left upper corners of blocks, `ACROSS` beside each other."""
    corners = []
    top = 0.0
    for start in range(0, len(blocks), ACROSS):
        left = tallest = 0.0
        for block in blocks[start : start + ACROSS]:
            wide, tall = block_extent(block)
            corners.append((left, top))
            left += wide + TEAM_GAP
            tallest = max(tallest, tall)
        top += tallest + TEAM_GAP
    return corners


def _grown(box: Box) -> Box:
    return box_of(
        box.left - ROOM_PAD,
        box.top - ROOM_HEAD,
        box.width + 2 * ROOM_PAD,
        box.height + ROOM_HEAD + ROOM_PAD,
    )
