"""Where people sit: rooms, teams, seats. In: values. Out: frozen `Plan`, its bounds; metres, x to the right, y down.

A plan says where desks are, never who sits there now (seating.py). May not know: TOML, agents' states, Bokeh.
"""

from dataclasses import dataclass

SEATS_MAX = 65_536
"""A frame's seat index is 16 bits wide."""
PITCH = 1.15
AISLE = 0.75
TEAM_PAD = 0.35
TEAM_HEAD = 0.55
ROOM_PAD = 0.9
ROOM_HEAD = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    name: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A block of desks with one label. `room` is an index into `Plan.rooms`."""

    code: str
    room: int
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place. `agent` or `extension` reserve it; with neither it is a free desk. `team` is an index or None."""

    id: str
    x: float
    y: float
    room: int
    team: int | None = None
    agent: str = ""
    extension: str = ""

    @property
    def free_desk(self) -> bool:
        return not self.agent and not self.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    name: str
    rooms: tuple[Room, ...]
    teams: tuple[Team, ...]
    seats: tuple[Seat, ...]

    @property
    def bounds(self) -> Box:
        """The smallest box around all rooms; an empty plan is a metre wide so that a map can be drawn."""
        boxes = [room.box for room in self.rooms] or [Box(left=0, top=0, right=1, bottom=1)]
        return Box(
            left=min(box.left for box in boxes),
            top=min(box.top for box in boxes),
            right=max(box.right for box in boxes),
            bottom=max(box.bottom for box in boxes),
        )


def desk_block(*, left: float, top: float, rows: int, columns: int) -> list[tuple[float, float]]:
    """Seat centres of desks back to back: rows 0 and 1 share a desk, then an aisle, then rows 2 and 3, and so on."""
    return [
        (
            round(left + TEAM_PAD + PITCH * (column + 0.5), 3),
            round(top + TEAM_PAD + PITCH * (row + 0.5) + AISLE * (row // 2), 3),
        )
        for row in range(rows)
        for column in range(columns)
    ]


def block_size(*, rows: int, columns: int) -> tuple[float, float]:
    """Width and height of a team's block with its margin."""
    aisles = (rows - 1) // 2
    return 2 * TEAM_PAD + PITCH * columns, 2 * TEAM_PAD + PITCH * rows + AISLE * aisles
