"""A plan file's TOML text to a plan. In: text. Out: `Parsed`: all that is sound, every fault with its line and mend.

Written by plan_toml.py; the format is in docs/plan.md. May not know: files, agents.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seat_map.plan import Backdrop, Block, Floor, Room, block_spots, to_mm
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
from streams.toml_lines import KeyPath, TomlText, read_toml
from streams.toml_table import dotted

PLAN_KEYS = {"name", "floor", "room"}
FLOOR_KEYS = {"name", "room", "backdrop"}
BACKDROP_KEYS = {"picture", "left", "top", "width", "height", "fade"}
ROOM_KEYS = {"name", "left", "top", "width", "height", "bench", "team", "seat"}
TEAM_KEYS = {"code", "left", "top", "rows", "columns", "single", "rotated", "agents", "extensions"}
SEAT_KEYS = {"id", "x", "y", "team", "agent", "extension"}
ROWS, COLUMNS, COUNT_MAX = 4, 10, 200


def parse(text: str) -> Parsed:
    toml = read_toml(text, file="plan")
    draft = Draft()
    for fault in toml.faults:
        draft.blame(FaultKind.BAD_SYNTAX, "file", {"why": fault.message, "mend": fault.mend}, line=fault.line)
    top = _Table(draft, toml, (), toml.values)
    top.refuse_unknown(PLAN_KEYS)
    draft.name = top.text("name", default="")
    floors = list(top.tables("floor"))
    rooms = list(top.tables("room"))
    if rooms or not floors:
        draft.floor(Floor(name=""), "file")
        for room in rooms:
            _read_room(room, 0)
    for floor in floors:
        _read_floor(floor)
    return settle(draft)


def _read_floor(table: "_Table") -> None:
    table.refuse_unknown(FLOOR_KEYS)
    name = table.text("name", default="")
    backdrop = next((_read_backdrop(one) for one in table.one("backdrop")), None)
    number = table.draft.floor(Floor(name=name, backdrop=backdrop), table.place, line=table.line())
    for room in table.tables("room"):
        _read_room(room, number)


def _read_backdrop(table: "_Table") -> Backdrop | None:
    table.refuse_unknown(BACKDROP_KEYS)
    picture = table.text("picture")
    left, top = table.number("left", default=0.0), table.number("top", default=0.0)
    width, height = table.number("width"), table.number("height")
    fade = table.number("fade", default=0.5)
    if not picture or left is None or top is None or width is None or height is None or fade is None:
        return None
    backdrop = Backdrop(picture=picture, left=left, top=top, width=width, height=height, fade=fade)
    if backdrop_fits(backdrop):
        return backdrop
    told = {"what": picture, "width": f"{width:g}", "height": f"{height:g}"}
    table.blame(FaultKind.NO_ROOM_IN_IT, told)
    return None


def _read_room(table: "_Table", floor: int) -> None:
    table.refuse_unknown(ROOM_KEYS)
    left, top = table.number("left", default=0.0), table.number("top", default=0.0)
    width, height = table.number("width"), table.number("height")
    name = table.text("name", default=table.place)
    bench = table.flag("bench")
    if left is None or top is None or width is None or height is None:
        return
    box = box_of(left, top, width, height)
    room = Room(name=name or table.place, box=box, floor=floor, bench=bench)
    index = table.draft.room(room, table.place, line=table.line())
    if index is None:
        return
    for team in table.tables("team"):
        _read_team(team, floor, index, room)
    for seat in table.tables("seat"):
        _read_seat(seat, floor, index, room)


def _read_team(table: "_Table", floor: int, room: int, within: Room) -> None:
    table.refuse_unknown(TEAM_KEYS)
    code = table.text("code")
    stands = table.has("left") or table.has("top")
    rows = table.count("rows", ROWS if stands else None)
    columns = table.count("columns", COLUMNS if stands else None)
    block = None
    if rows is not None and columns is not None:
        block = Block(rows=rows, columns=columns, single=table.flag("single"), rotated=table.flag("rotated"))
    if not code:
        return
    team = DraftTeam(code=code, place=table.place, line=table.line(), block=block)
    if code in table.draft.codes:
        table.draft.team(team)  # names the fault
        return
    number = table.draft.team(team)
    if not stands:
        return
    if len(table.draft.seats) > DRAFT_MAX:
        table.blame(FaultKind.TOO_MANY_SEATS, MOST_SEATS)
        return
    left, top = table.number("left"), table.number("top")
    if left is None or top is None or block is None:
        return
    _read_desks(table, team, number, floor, room, (within.box.left + left, within.box.top + top))


def _read_desks(
    table: "_Table", team: DraftTeam, number: int, floor: int, room: int, corner: tuple[float, float]
) -> None:
    """The seats of a block: A01-01, A01-02 …, with their owners in that order."""
    assert team.block is not None
    spots = block_spots(team.block, left=corner[0], top=corner[1])
    agents, extensions = table.texts("agents"), table.texts("extensions")
    for owners in (agents, extensions):
        if len(owners) > len(spots):
            told = {"owners": str(len(owners)), "seats": str(len(spots))}
            table.blame(FaultKind.TOO_MANY_OWNERS, told)
    for index, (x, y) in enumerate(spots):
        table.draft.seats.append(
            DraftSeat(
                id=f"{team.code}-{index + 1:02d}",
                x=x,
                y=y,
                place=f"{table.place} seat {index + 1}",
                line=table.line(),
                floor=floor,
                room=room,
                team=number,
                agent=agents[index] if index < len(agents) else "",
                extension=extensions[index] if index < len(extensions) else "",
            )
        )


def _read_seat(table: "_Table", floor: int, room: int, within: Room) -> None:
    table.refuse_unknown(SEAT_KEYS)
    name = table.text("id")
    x, y = table.number("x"), table.number("y")
    team = table.text("team", default="")
    if not name or x is None or y is None:
        return
    number = table.draft.codes.get(team) if team else None
    if team and number is None:
        told = {"value": team, "known": ", ".join(list(table.draft.codes)[:8]) or "-"}
        table.blame(FaultKind.UNKNOWN_TEAM, told, seat=name)
    table.draft.seats.append(
        DraftSeat(
            id=name,
            x=within.box.left + x,
            y=within.box.top + y,
            place=table.place,
            line=table.line(),
            floor=floor,
            room=room,
            team=number,
            agent=table.text("agent", default=""),
            extension=table.text("extension", default=""),
        )
    )


@dataclass(slots=True)
class _Table:
    """One table of the file while it is read; its faults go to the draft."""

    draft: Draft
    toml: TomlText
    path: KeyPath
    values: Mapping[str, object]

    @property
    def place(self) -> str:
        return dotted(self.path) if self.path else "file"

    def line(self, *keys: str) -> int:
        return self.toml.line_of((*self.path, *keys))

    def blame(self, kind: FaultKind, told: Mapping[str, str], *, key: str = "", seat: str = "") -> None:
        place = f"{self.place}.{key}" if key and self.path else key or self.place
        self.draft.blame(kind, place, told, line=self.line(key) if key else self.line(), seat=seat)

    def has(self, key: str) -> bool:
        return key in self.values

    def refuse_unknown(self, known: set[str]) -> None:
        for key in self.values:
            if key not in known:
                self.blame(FaultKind.UNKNOWN_KEY, {"key": key[:80], "known": ", ".join(sorted(known))}, key=key[:80])

    def tables(self, key: str) -> "Iterator[_Table]":
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.blame(FaultKind.NOT_A_LIST, {"key": key, "example": f"[[{key}]]"}, key=key)
            return
        for number, entry in enumerate(value):
            yield _Table(self.draft, self.toml, (*self.path, key, number), entry)

    def one(self, key: str) -> "Iterator[_Table]":
        """The sub-table, if there is one."""
        value = self.values.get(key)
        if isinstance(value, dict):
            yield _Table(self.draft, self.toml, (*self.path, key), value)
        elif value is not None:
            self.blame(FaultKind.NOT_A_LIST, {"key": key, "example": f"[{key}]"}, key=key)

    def number(self, key: str, default: float | None = None) -> float | None:
        value = self.values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < COORDINATE_MAX:
            return to_mm(float(value))
        self._amiss(key, value, FaultKind.BAD_NUMBER)
        return None

    def count(self, key: str, default: int | None) -> int | None:
        value = self.values.get(key, default)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= COUNT_MAX):
            return value
        self._amiss(key, value, FaultKind.BAD_COUNT)
        return None

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self._amiss(key, value, FaultKind.BAD_FLAG)
        return value is True

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if isinstance(value, str) and (value or default is not None):
            return self.draft.clean(value, key, self.place, line=self.line(key))
        self._amiss(key, value, FaultKind.BAD_TEXT)
        return ""

    def texts(self, key: str) -> list[str]:
        value = self.values.get(key, [])
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return [self.draft.clean(entry, key, self.place, line=self.line(key)) for entry in value]
        self.blame(FaultKind.NOT_A_LIST, {"key": key, "example": '["8001", "", "8003"]'}, key=key)
        return []

    def _amiss(self, key: str, value: object, kind: FaultKind) -> None:
        if value is None:
            if key.rpartition(".")[2] not in self.toml.broken:
                self.blame(FaultKind.MISSING, {"key": key}, key=key)
        else:
            self.blame(kind, {"key": key, "value": repr(value)[:60]}, key=key)
