"""A plan as a table, one line a seat. In: CSV text, or a plan. Out: `Parsed`, or CSV text.

Columns by name, Chinese names too; only `seat` is needed. Lines of kind floor, room and team tell outlines; seats
without x and y are set in blocks by team. May not know: files. Format: docs/plan.md.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from seat_map.plan import Backdrop, Block, Box, Floor, Plan, Room, Seat, Team
from seat_map.plan_csv_rooms import Rooms
from seat_map.plan_draft import (
    COORDINATE_MAX,
    DRAFT_MAX,
    Draft,
    DraftSeat,
    DraftTeam,
    Parsed,
    backdrop_fits,
    box_of,
    settle,
)
from seat_map.plan_faults import MOST_SEATS, FaultKind
from seat_map.plan_toml import metres

COLUMNS = (
    "kind", "floor", "room", "team", "seat", "x", "y", "extension", "agent", "width", "height", "rows", "columns",
    "single", "rotated", "bench", "picture", "fade",
)  # fmt: skip
CHINESE = {
    "类型": "kind", "楼层": "floor", "房间": "room", "区域": "room", "班组": "team", "座位": "seat", "座位号": "seat",
    "座席": "seat", "横": "x", "纵": "y", "分机": "extension", "分机号": "extension", "工号": "agent", "宽": "width",
    "高": "height", "行": "rows", "列": "columns", "单排": "single", "旋转": "rotated", "机动席": "bench",
    "底图": "picture", "淡化": "fade",
}  # fmt: skip
ALSO = {
    "id": "seat",
    "label": "seat",
    "ext": "extension",
    "staff": "agent",
    "agent_id": "agent",
    "left": "x",
    "top": "y",
}
TRUE = frozenset({"true", "1", "yes", "是"})
KINDS = {"": "seat", "座位": "seat", "座席": "seat", "房间": "room", "班组": "team", "楼层": "floor", "方案": "plan"}
DELIMITERS = ",;\t"
NAMES = frozenset({"floor", "room", "team", "seat", "extension", "agent", "picture"})
FORMULA = ("=", "+", "-", "@", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are full-width: a Chinese spreadsheet takes them for the others."""
COUNT_MAX, COUNT_DIGITS = 200, 6


def write_csv(plan: Plan) -> str:
    """Every column; begins with the outlines. A name that a spreadsheet would run as a formula gets a `'` in front."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for row in _rows(plan):
        table.writerow({key: _harmless(cell) if key in NAMES else cell for key, cell in row.items()})
    return out.getvalue()


def _harmless(name: str) -> str:
    return "'" + name if name.startswith(FORMULA) else name


def _rows(plan: Plan) -> Iterator[dict[str, str]]:
    if plan.name:
        yield {"kind": "plan", "seat": plan.name}
    for floor in plan.floors:
        yield _floor_row(floor)
    for room in plan.rooms:
        yield {"kind": "room", "floor": plan.floors[room.floor].name, "room": room.name, **_outline(room.box),
               "bench": "true" if room.bench else ""}  # fmt: skip
    for team in plan.teams:
        yield {"kind": "team", "team": team.code, **_block(team)}
    for seat in plan.seats:
        yield _seat_row(plan, seat)


def _floor_row(floor: Floor) -> dict[str, str]:
    row = {"kind": "floor", "floor": floor.name}
    if floor.backdrop is None:
        return row
    one = floor.backdrop
    box = Box(left=one.left, top=one.top, right=one.left + one.width, bottom=one.top + one.height)
    return {**row, **_outline(box), "picture": one.picture, "fade": metres(one.fade)}


def _outline(box: Box) -> dict[str, str]:
    return {"x": metres(box.left), "y": metres(box.top), "width": metres(box.width), "height": metres(box.height)}


def _block(team: Team) -> dict[str, str]:
    if team.block is None:
        return {}
    block = team.block
    flags = {"single": "true" if block.single else "", "rotated": "true" if block.rotated else ""}
    return {"rows": str(block.rows), "columns": str(block.columns), **flags}


def _seat_row(plan: Plan, seat: Seat) -> dict[str, str]:
    room = plan.rooms[seat.room]
    return {
        "floor": plan.floors[room.floor].name,
        "room": room.name,
        "team": "" if seat.team is None else plan.teams[seat.team].code,
        "seat": seat.id,
        "x": metres(seat.x),
        "y": metres(seat.y),
        "extension": seat.extension,
        "agent": seat.agent,
    }


@dataclass(slots=True)
class _Reading:
    """One CSV while it is read."""

    draft: Draft = field(default_factory=Draft)
    floors: dict[str, int] = field(default_factory=dict)
    rooms: Rooms = field(default_factory=Rooms)
    found: list["_Row"] = field(default_factory=list)

    def floor(self, name: str, place: str, line: int) -> int:
        """A floor that no line of its own declared comes into being with its first seat."""
        if name not in self.floors:
            self.floors[name] = self.draft.floor(Floor(name=name), place, line=line)
        return self.floors[name]


def read_csv(text: str) -> Parsed:
    reading = _Reading()
    draft = reading.draft
    rows = _table(text, draft)
    for row in rows:
        match row.kind:
            case "plan":
                draft.name = row.name("seat")
            case "floor":
                _read_floor(reading, row)
            case "room":
                _read_room(reading, row)
            case "team":
                _read_team(reading, row)
            case "seat" if len(reading.found) < DRAFT_MAX:
                reading.found.append(row)
            case "seat":
                row.blame(FaultKind.TOO_MANY_SEATS, **MOST_SEATS)
            case _:
                row.blame(FaultKind.UNKNOWN_KEY, key=row.kind[:40], known="seat, team, room, floor, plan")
    _read_seats(reading)
    return settle(draft)


@dataclass(frozen=True, slots=True)
class _Row:
    draft: Draft
    line: int
    cells: Mapping[str, str]

    @property
    def kind(self) -> str:
        kind = self.cells.get("kind", "").strip().lower()
        return KINDS.get(kind, kind)

    @property
    def place(self) -> str:
        return f"row {self.line}"

    def blame(self, fault: FaultKind, **told: str) -> None:
        self.draft.blame(fault, self.place, told, line=self.line, seat=self.cells.get("seat", "").strip()[:64])

    def name(self, key: str) -> str:
        cell = self.cells.get(key, "")
        if cell.startswith("'") and cell[1:].startswith(FORMULA):
            cell = cell[1:]
        return self.draft.clean(cell, key, self.place, line=self.line)

    def flag(self, key: str) -> bool:
        return self.cells.get(key, "").strip().lower() in TRUE

    def number(self, key: str) -> float | None:
        """None: the cell is empty, or wrong and named."""
        cell = self.cells.get(key, "").strip()
        if not cell:
            return None
        try:
            value = float(cell)
        except ValueError:
            value = COORDINATE_MAX
        if abs(value) < COORDINATE_MAX:  # nan is not
            return value
        self.blame(FaultKind.BAD_NUMBER, key=key, value=repr(cell)[:60])
        return None

    def count(self, key: str) -> int | None:
        cell = self.cells.get(key, "").strip()
        if not cell:
            return None
        if cell.isascii() and cell.isdecimal() and len(cell) <= COUNT_DIGITS and 1 <= int(cell) <= COUNT_MAX:
            return int(cell)
        self.blame(FaultKind.BAD_COUNT, key=key, value=repr(cell)[:60])
        return None


def _table(text: str, draft: Draft) -> list[_Row]:
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows: list[_Row] = []
    names: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = _header(draft, cells)
                if not names:
                    return []
                continue
            row = _Row(draft, reader.line_num, dict(zip(names, cells, strict=False)))
            if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                row.blame(FaultKind.ROW_TOO_LONG, cells=str(len(cells)), columns=str(len(names)))
                continue
            rows.append(row)
    except csv.Error as error:
        told = {"why": str(error), "mend": "close every quote; a quote inside a text is written twice"}
        draft.blame(FaultKind.BAD_SYNTAX, f"row {reader.line_num}", told, line=reader.line_num)
    if not names and not draft.faults:
        draft.blame(FaultKind.NO_HEADER, "row 1", line=1)
    return rows


def _header(draft: Draft, cells: list[str]) -> list[str]:
    """The columns' own names; [] if no column tells the seat's."""
    names = []
    for cell in cells:
        name = cell.strip().lower()
        name = CHINESE.get(name) or ALSO.get(name) or name
        if name and name not in COLUMNS:
            told = {"key": repr(name)[:60], "known": ", ".join(COLUMNS)}
            draft.blame(FaultKind.UNKNOWN_KEY, "row 1", told, line=1)
        names.append(name)
    if "seat" in names:
        return names
    draft.blame(FaultKind.NO_HEADER, "row 1", line=1)
    return []


def _read_floor(reading: _Reading, row: _Row) -> None:
    name, picture = row.name("floor"), row.name("picture")
    backdrop = None
    if picture:
        numbers = [row.number(key) for key in ("x", "y", "width", "height", "fade")]
        left, top, width, height, fade = (0.0 if value is None else value for value in numbers)
        backdrop = Backdrop(picture=picture, left=left, top=top, width=width, height=height, fade=fade)
        if not backdrop_fits(backdrop):
            row.blame(FaultKind.NO_ROOM_IN_IT, what=picture, width=f"{width:g}", height=f"{height:g}")
            backdrop = None
    reading.floors[name] = reading.draft.floor(Floor(name=name, backdrop=backdrop), row.place, line=row.line)


def _read_room(reading: _Reading, row: _Row) -> None:
    floor = reading.floor(row.name("floor"), row.place, row.line)
    left, top = row.number("x") or 0.0, row.number("y") or 0.0
    width, height = row.number("width"), row.number("height")
    if width is None or height is None:
        row.blame(FaultKind.MISSING, key="width" if width is None else "height")
        return
    room = Room(name=row.name("room"), box=box_of(left, top, width, height), floor=floor, bench=row.flag("bench"))
    index = reading.draft.room(room, row.place, line=row.line)
    if index is not None:
        reading.rooms.declare(floor, room.name, index)


def _read_team(reading: _Reading, row: _Row) -> None:
    code, rows, columns = row.name("team"), row.count("rows"), row.count("columns")
    if not code:
        row.blame(FaultKind.MISSING, key="team")
        return
    block = None
    if rows and columns:
        block = Block(rows=rows, columns=columns, single=row.flag("single"), rotated=row.flag("rotated"))
    reading.draft.team(DraftTeam(code=code, place=row.place, line=row.line, block=block))


def _read_seats(reading: _Reading) -> None:
    """Seats in the order of the file; what has no x and y is set below what has, team by team."""
    seats = [seat for row in reading.found if (seat := _seat(reading, row)) is not None]
    for floor, of_floor in groupby(sorted(seats, key=lambda one: one[1].floor), key=lambda one: one[1].floor):
        reading.rooms.lay_out(reading.draft, floor, list(of_floor))


def _seat(reading: _Reading, row: _Row) -> tuple[str, DraftSeat, bool] | None:
    """The room's name, the seat, whether it says where it stands."""
    draft = reading.draft
    name = row.name("seat")
    if not name:
        if not row.cells.get("seat", "").strip():
            row.blame(FaultKind.MISSING, key="seat")
        return None
    floor = reading.floor(row.name("floor"), row.place, row.line)
    code = row.name("team")
    team = draft.codes.get(code) if code else None
    if code and team is None:
        team = draft.team(DraftTeam(code=code, place=row.place, line=row.line))
    before = len(draft.faults) + draft.more
    x, y = row.number("x"), row.number("y")
    if len(draft.faults) + draft.more > before:
        return None
    stands = x is not None and y is not None
    if not stands and (x is not None or y is not None):
        row.blame(FaultKind.MISSING, key="x" if x is None else "y")
        return None
    seat = DraftSeat(
        id=name, x=x or 0.0, y=y or 0.0, place=row.place, line=row.line, floor=floor, team=team,
        agent=row.name("agent"), extension=row.name("extension"),
    )  # fmt: skip
    return row.name("room"), seat, stands
