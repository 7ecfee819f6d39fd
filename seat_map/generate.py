"""A plan for a centre that has none yet. In: how many seats. Out: `Plan`: rooms of up to 16 teams of 40 seats.

The grid is chosen so that the drawing is as large as possible on a wide screen. May not know: agents, TOML.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from seat_map.plan import ROOM_HEAD, ROOM_PAD, SEATS_MAX, TEAM_HEAD, Box, Plan, Room, Seat, Team, block_size, desk_block

TEAM_ROWS, TEAM_COLUMNS = 4, 10
TEAM_SEATS = TEAM_ROWS * TEAM_COLUMNS
ROOM_TEAMS = 16
TEAM_GAP = 1.1
ROOM_GAP = 2.0
SCREEN = (1.75, 1.0)
BLOCK = block_size(rows=TEAM_ROWS, columns=TEAM_COLUMNS)


@dataclass(frozen=True, slots=True)
class Grid:
    """How many rooms stand in a row and how many teams in a row of a room."""

    room_columns: int
    team_columns: int

    def room_size(self, teams: int) -> tuple[float, float]:
        columns, rows = self.team_columns, ceil(teams / self.team_columns)
        width = columns * BLOCK[0] + (columns - 1) * TEAM_GAP + 2 * ROOM_PAD
        height = rows * (BLOCK[1] + TEAM_HEAD) + (rows - 1) * (TEAM_GAP - TEAM_HEAD) + ROOM_HEAD + ROOM_PAD
        return width, height

    def scale(self, rooms: int, teams: int) -> float:
        """How large one metre is drawn if everything fits on the screen."""
        width, height = self.room_size(teams)
        rows = ceil(rooms / self.room_columns)
        total_width = self.room_columns * width + (self.room_columns - 1) * ROOM_GAP
        total_height = rows * height + (rows - 1) * ROOM_GAP
        return min(SCREEN[0] / total_width, SCREEN[1] / total_height)


def generate(seats: int, *, name: str = "") -> Plan:
    """Free desks for `seats` people, named A01-01 and so on."""
    if not 0 <= seats <= SEATS_MAX:
        raise ValueError(f"a plan has 0 to {SEATS_MAX} seats, not {seats}: split the site into several plans")
    teams = max(1, ceil(seats / TEAM_SEATS))
    rooms = ceil(teams / ROOM_TEAMS)
    per_room = ceil(teams / rooms)
    grid = max(
        (Grid(r, t) for r in range(1, rooms + 1) for t in range(1, per_room + 1)),
        key=lambda candidate: candidate.scale(rooms, per_room),
    )
    made_rooms = tuple(_rooms(grid, rooms, teams, per_room))
    made_teams = tuple(_teams(grid, made_rooms, teams, per_room))
    places = [seat for index, team in enumerate(made_teams) for seat in _seats(index, team)]
    return Plan(name=name, rooms=made_rooms, teams=made_teams, seats=tuple(places[:seats]))


def room_letters(index: int) -> str:
    """A, B … Z, AA, AB …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _rooms(grid: Grid, rooms: int, teams: int, per_room: int) -> Iterator[Room]:
    width, full_height = grid.room_size(per_room)
    for index in range(rooms):
        row, column = divmod(index, grid.room_columns)
        left, top = column * (width + ROOM_GAP), row * (full_height + ROOM_GAP)
        height = grid.room_size(min(per_room, teams - index * per_room))[1]
        box = Box(left=left, top=top, right=left + width, bottom=top + height)
        yield Room(name=room_letters(index), box=box)


def _teams(grid: Grid, rooms: tuple[Room, ...], teams: int, per_room: int) -> Iterator[Team]:
    for index in range(teams):
        room_index, place = divmod(index, per_room)
        row, column = divmod(place, grid.team_columns)
        room = rooms[room_index]
        left = room.box.left + ROOM_PAD + column * (BLOCK[0] + TEAM_GAP)
        top = room.box.top + ROOM_HEAD + TEAM_HEAD + row * (BLOCK[1] + TEAM_GAP)
        box = Box(left=left, top=top, right=left + BLOCK[0], bottom=top + BLOCK[1])
        yield Team(code=f"{room.name}{place + 1:02d}", room=room_index, box=box)


def _seats(index: int, team: Team) -> Iterator[Seat]:
    centres = desk_block(left=team.box.left, top=team.box.top, rows=TEAM_ROWS, columns=TEAM_COLUMNS)
    for number, (x, y) in enumerate(centres, start=1):
        yield Seat(id=f"{team.code}-{number:02d}", x=x, y=y, room=team.room, team=index)
