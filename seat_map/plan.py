"""Where people sit: floors, rooms, teams, seats. In: values. Out: frozen `Plan`, its bounds; metres, x right, y down.

A plan says where desks are, never who sits there now (seating.py). Each floor has coordinates of its own;
`plan_arrange.arranged` lays floors side by side for a map. May not know: TOML, agents' states, Bokeh.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SEATS_MAX = 65_536
"""A frame's seat index is 16 bits wide."""
PITCH = 1.15
AISLE = 0.75
TEAM_PAD = 0.35
TEAM_HEAD = 0.55
ROOM_PAD = 0.9
ROOM_HEAD = 1.0
DESK = 0.14
"""How wide a desk's strip is drawn."""


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

    def covers(self, other: "Box") -> bool:
        """Whether both share more than an edge."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def moved(self, dx: float, dy: float) -> "Box":
        return Box(
            left=to_mm(self.left + dx),
            top=to_mm(self.top + dy),
            right=to_mm(self.right + dx),
            bottom=to_mm(self.bottom + dy),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """A floor's picture and where it lies. `picture` is the name the store gave it; `fade` 0 hides it, 1 shows it."""

    picture: str
    left: float
    top: float
    width: float
    height: float
    fade: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A storey. "" is the only floor of a house that names none."""

    name: str
    backdrop: Backdrop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`floor` is an index into `Plan.floors`. The seats of a `bench` are given when every desk is taken."""

    name: str
    box: Box
    floor: int = 0
    bench: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """How desks stand: two rows share a desk, or each row has its own (`single`); `rotated` by a quarter turn."""

    rows: int
    columns: int
    single: bool = False
    rotated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Seats with one label. `room` is an index into `Plan.rooms`; `block`: how its desks stand, None: anyhow."""

    code: str
    room: int
    box: Box
    block: Block | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place. `agent` or `extension` reserve it; with neither it is a free desk. `team` is an index or None.

    `by_hand`: a supervisor put this agent here; it is no part of a plan's file.
    """

    id: str
    x: float
    y: float
    room: int
    team: int | None = None
    agent: str = ""
    extension: str = ""
    by_hand: bool = False

    @property
    def free_desk(self) -> bool:
        return not self.agent and not self.extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    name: str
    rooms: tuple[Room, ...]
    teams: tuple[Team, ...]
    seats: tuple[Seat, ...]
    floors: tuple[Floor, ...] = (Floor(name=""),)

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


def to_mm(metres: float) -> float:
    """Metres to the millimetre: so that what is written and read again is equal. Never minus zero."""
    return round(metres, 3) + 0.0


def block_spots(block: Block, *, left: float, top: float) -> list[tuple[float, float]]:
    """Seat centres, row by row. Back to back: rows 0 and 1 share a desk, then an aisle, rows 2 and 3, and so on."""
    spots = []
    for row in range(block.rows):
        aisles = row if block.single else row // 2
        down = TEAM_PAD + PITCH * (row + 0.5) + AISLE * aisles
        for column in range(block.columns):
            along = TEAM_PAD + PITCH * (column + 0.5)
            x, y = (down, along) if block.rotated else (along, down)
            spots.append((to_mm(left + x), to_mm(top + y)))
    return spots


def block_extent(block: Block) -> tuple[float, float]:
    """Width and height of a team's block with its margin."""
    aisles = block.rows - 1 if block.single else (block.rows - 1) // 2
    along, down = 2 * TEAM_PAD + PITCH * block.columns, 2 * TEAM_PAD + PITCH * block.rows + AISLE * aisles
    return (down, along) if block.rotated else (along, down)


def team_box(spots: Iterable[tuple[float, float]]) -> Box:
    """The box around a team's seats; of a whole block it is `block_extent`. Raises ValueError without seats."""
    places = list(spots)
    margin = TEAM_PAD + PITCH / 2
    return Box(
        left=to_mm(min(x for x, _ in places) - margin),
        top=to_mm(min(y for _, y in places) - margin),
        right=to_mm(max(x for x, _ in places) + margin),
        bottom=to_mm(max(y for _, y in places) + margin),
    )


def desk_strips(team: Team) -> list[Box]:
    """The desks of a block: a strip between facing rows, or in front of each single row. Nothing without a block."""
    block = team.block
    if block is None:
        return []
    rows = range(block.rows) if block.single else range(0, block.rows - 1, 2)
    strips = []
    for row in rows:
        aisles = row if block.single else row // 2
        edge = row if block.single else row + 1
        middle = TEAM_PAD + PITCH * edge + AISLE * aisles
        start, end = TEAM_PAD, TEAM_PAD + PITCH * block.columns
        low, high = middle - DESK / 2, middle + DESK / 2
        left, top, right, bottom = (low, start, high, end) if block.rotated else (start, low, end, high)
        x, y = team.box.left, team.box.top
        strips.append(Box(left=x + left, top=y + top, right=x + right, bottom=y + bottom))
    return strips
