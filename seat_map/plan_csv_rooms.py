"""Rooms for seats of a table that has none. In: seats with the names of their rooms. Out: rooms and seats in a draft.

A room nobody outlined is drawn around its seats; seats without a place are set in blocks of ten columns, a block for
each team. May not know: CSV.
"""

from collections.abc import Sequence
from dataclasses import replace

from seat_map.generate import TEAM_COLUMNS, TEAM_GAP
from seat_map.plan import ROOM_HEAD, ROOM_PAD, TEAM_HEAD, Block, Box, Room, block_extent, block_spots, team_box
from seat_map.plan_draft import Draft, DraftSeat, box_of

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
        by_room: dict[str, list[DraftSeat]] = {}
        loose: dict[str, list[DraftSeat]] = {}
        for name, seat, stands in found:
            (by_room if stands else loose).setdefault(name, []).append(seat)
        for name, seats in by_room.items():
            number = self._known.get((floor, name))
            if number is None and (name or not any(room.floor == floor for room in draft.rooms)):
                number = self._around(draft, floor, name or "1", seats)
            # a seat that names no room belongs to whichever holds it
            draft.seats += [replace(seat, room=number) for seat in seats]
        for name, seats in loose.items():
            self._set(draft, floor, name, seats)

    def _around(self, draft: Draft, floor: int, name: str, seats: Sequence[DraftSeat]) -> int | None:
        box = _grown(team_box((seat.x, seat.y) for seat in seats))
        number = draft.room(Room(name=name, box=box, floor=floor), seats[0].place, line=seats[0].line)
        if number is not None:
            self.declare(floor, name, number)
        return number

    def _set(self, draft: Draft, floor: int, name: str, seats: Sequence[DraftSeat]) -> None:
        """In a room of its own below everything that is there; in one that was outlined, below its other seats."""
        teams: dict[int | None, list[DraftSeat]] = {}
        for seat in seats:
            teams.setdefault(seat.team, []).append(seat)
        blocks = [Block(rows=-(-len(those) // TEAM_COLUMNS), columns=TEAM_COLUMNS) for those in teams.values()]
        number = self._known.get((floor, name))
        left, top = self._corner(draft, floor, number)
        corners, width, height = _corners(blocks)
        if number is None:
            box = box_of(left, top, width + 2 * ROOM_PAD, height + ROOM_HEAD + TEAM_HEAD + ROOM_PAD)
            number = draft.room(Room(name=name or "1", box=box, floor=floor), seats[0].place, line=seats[0].line)
            left, top = left + ROOM_PAD, top + ROOM_HEAD + TEAM_HEAD
        for block, (x, y), those in zip(blocks, corners, teams.values(), strict=True):
            spots = block_spots(block, left=left + x, top=top + y)
            draft.seats += [
                replace(seat, x=spot[0], y=spot[1], room=number) for seat, spot in zip(those, spots, strict=False)
            ]

    def _corner(self, draft: Draft, floor: int, room: int | None) -> tuple[float, float]:
        if room is None:
            boxes = [one.box for one in draft.rooms if one.floor == floor]
            left = min((box.left for box in boxes), default=0.0)
            return left, max((box.bottom + ROOM_GAP for box in boxes), default=0.0)
        box = draft.rooms[room].box
        below = [seat.y for seat in draft.seats if seat.room == room]
        top = max(below) + TEAM_GAP if below else box.top + ROOM_HEAD
        return box.left + ROOM_PAD, top + TEAM_HEAD


def _corners(blocks: Sequence[Block]) -> tuple[list[tuple[float, float]], float, float]:
    """Left upper corners of blocks, `ACROSS` beside each other, and how much room all of them take."""
    corners = []
    top = width = height = 0.0
    for start in range(0, len(blocks), ACROSS):
        left = tallest = 0.0
        for block in blocks[start : start + ACROSS]:
            wide, tall = block_extent(block)
            corners.append((left, top))
            left += wide + TEAM_GAP
            tallest = max(tallest, tall)
        width = max(width, left - TEAM_GAP)
        height = top + tallest
        top = height + TEAM_GAP
    return corners, width, height


def _grown(box: Box) -> Box:
    return box_of(
        box.left - ROOM_PAD,
        box.top - ROOM_HEAD,
        box.width + 2 * ROOM_PAD,
        box.height + ROOM_HEAD + ROOM_PAD,
    )
