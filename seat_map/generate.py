"""A plan for a centre that has none yet. In: how many seats. Out: `Plan`: rooms of up to 20 teams of 40 seats.

The grid is chosen so that the drawing is as large as possible on a wide screen. May not know: agents, TOML.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from seat_map.plan import (
    ROOM_HEAD,
    ROOM_PAD,
    SEATS_MAX,
    TEAM_HEAD,
    Block,
    Box,
    Plan,
    Room,
    Seat,
    Team,
    block_extent,
    block_spots,
    team_box,
    to_mm,
)

TEAM_ROWS, TEAM_COLUMNS = 4, 10
TEAM_SEATS = TEAM_ROWS * TEAM_COLUMNS
ROOM_TEAMS = 20
TEAM_GAP = 1.1
ROOM_GAP = 2.0
SCREEN = (2.15, 1.0)
DESKS = Block(rows=TEAM_ROWS, columns=TEAM_COLUMNS)
BLOCK = block_extent(DESKS)


@dataclass(frozen=True, slots=True)
class Grid:
    """How many rooms stand in a row, and the rows and columns of teams in a room."""

    room_columns: int
    team_rows: int
    team_columns: int

    @property
    def per_room(self) -> int:
        return self.team_rows * self.team_columns

    def room_size(self, teams: int) -> tuple[float, float]:
        columns, rows = self.team_columns, ceil(teams / self.team_columns)
        width = columns * BLOCK[0] + (columns - 1) * TEAM_GAP + 2 * ROOM_PAD
        height = rows * (BLOCK[1] + TEAM_GAP) - TEAM_GAP + TEAM_HEAD + ROOM_HEAD + ROOM_PAD
        return width, height

    def merit(self, teams: int) -> float:
        """How large one metre is drawn if everything fits on the screen; places left empty count against it."""
        rooms = ceil(teams / self.per_room)
        width, height = self.room_size(self.per_room)
        rows = ceil(rooms / self.room_columns)
        total_width = self.room_columns * (width + ROOM_GAP) - ROOM_GAP
        total_height = rows * (height + ROOM_GAP) - ROOM_GAP
        filled = teams / (rows * self.room_columns * self.per_room)
        return min(SCREEN[0] / total_width, SCREEN[1] / total_height) * (1 + filled) / 2


def _grids(teams: int) -> Iterator[Grid]:
    """A small centre is one room; a large one has rooms of at least half `ROOM_TEAMS`."""
    fewest = min(teams, ROOM_TEAMS // 2)
    for rows in range(1, ROOM_TEAMS + 1):
        for columns in range(1, ROOM_TEAMS // rows + 1):
            if rows * columns >= fewest:
                yield from (Grid(r, rows, columns) for r in range(1, ceil(teams / (rows * columns)) + 1))


def generate(seats: int, *, name: str = "") -> Plan:
    """Free desks for `seats` people, named A01-01 and so on."""
    if not 0 <= seats <= SEATS_MAX:
        raise ValueError(f"a plan has 0 to {SEATS_MAX} seats, not {seats}: split the site into several plans")
    teams = max(1, ceil(seats / TEAM_SEATS))
    grid = max(_grids(teams), key=lambda candidate: candidate.merit(teams))
    rooms = ceil(teams / grid.per_room)
    made_rooms = tuple(_rooms(grid, rooms, teams))
    made_teams = tuple(_teams(grid, made_rooms, teams))
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


def _rooms(grid: Grid, rooms: int, teams: int) -> Iterator[Room]:
    width, full_height = grid.room_size(grid.per_room)
    for index in range(rooms):
        row, column = divmod(index, grid.room_columns)
        left, top = column * (width + ROOM_GAP), row * (full_height + ROOM_GAP)
        height = grid.room_size(min(grid.per_room, teams - index * grid.per_room))[1]
        box = Box(left=to_mm(left), top=to_mm(top), right=to_mm(left + width), bottom=to_mm(top + height))
        yield Room(name=room_letters(index), box=box)


def _teams(grid: Grid, rooms: tuple[Room, ...], teams: int) -> Iterator[Team]:
    for index in range(teams):
        room_index, place = divmod(index, grid.per_room)
        row, column = divmod(place, grid.team_columns)
        room = rooms[room_index]
        left = room.box.left + ROOM_PAD + column * (BLOCK[0] + TEAM_GAP)
        top = room.box.top + ROOM_HEAD + TEAM_HEAD + row * (BLOCK[1] + TEAM_GAP)
        box = team_box(block_spots(DESKS, left=left, top=top))
        yield Team(code=f"{room.name}{place + 1:02d}", room=room_index, box=box, block=DESKS)


def _seats(index: int, team: Team) -> Iterator[Seat]:
    centres = block_spots(DESKS, left=team.box.left, top=team.box.top)
    for number, (x, y) in enumerate(centres, start=1):
        yield Seat(id=f"{team.code}-{number:02d}", x=x, y=y, room=team.room, team=index)
