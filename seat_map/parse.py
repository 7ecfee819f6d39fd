"""A plan file's text to a plan. In: TOML text. Out: `Parsed`: all that is sound, and every fault with its place.

A faulty seat or team is left out and named; the rest is shown. Format: docs/wall.md. May not know: files, agents.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from seat_map.plan import SEATS_MAX, Box, Plan, Room, Seat, Team, block_size, desk_block

ROOM_KEYS = {"name", "left", "top", "width", "height", "team", "seat"}
TEAM_KEYS = {"code", "left", "top", "rows", "columns", "agents", "extensions"}
SEAT_KEYS = {"id", "x", "y", "agent", "extension"}
SEAT_APART = 0.8
"""Two seats nearer than this (metres) would be drawn over each other."""


@dataclass(frozen=True, slots=True)
class PlanFault:
    """What is wrong, where, and what mends it."""

    place: str
    fault: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}; {self.mend}"


@dataclass(frozen=True, slots=True)
class Parsed:
    plan: Plan
    faults: tuple[PlanFault, ...]


@dataclass(slots=True)
class _Draft:
    """What has been read so far; owned by one call of `parse`."""

    rooms: list[Room] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    faults: list[PlanFault] = field(default_factory=list)
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    cells: dict[tuple[int, int], list[Seat]] = field(default_factory=dict)

    def blame(self, place: str, fault: str, mend: str) -> None:
        self.faults.append(PlanFault(place, fault, mend))


def parse(text: str) -> Parsed:
    draft = _Draft()
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        draft.blame("file", f"is not TOML: {error}", "mend the line it names")
        table = {}
    _refuse_unknown(draft, "file", table, {"name", "room"})
    for number, room in enumerate(_tables(draft, table, "room", "file")):
        _read_room(draft, f"room[{number}]", room)
    if not draft.seats and not draft.faults:
        draft.blame("file", "has no seat", "add a [[room]] with a [[room.team]]")
    plan = Plan(
        name=_text(draft, table, "name", "file", default=""),
        rooms=tuple(draft.rooms),
        teams=tuple(draft.teams),
        seats=tuple(draft.seats),
    )
    return Parsed(plan, tuple(draft.faults))


def _read_room(draft: _Draft, place: str, table: Mapping[str, object]) -> None:
    _refuse_unknown(draft, place, table, ROOM_KEYS)
    left, top = _number(draft, table, "left", place, default=0.0), _number(draft, table, "top", place, default=0.0)
    width, height = _number(draft, table, "width", place), _number(draft, table, "height", place)
    if left is None or top is None or width is None or height is None:
        return
    if width <= 0 or height <= 0:
        draft.blame(place, f"is {width} by {height} metres", "give width and height above 0")
        return
    box = Box(left=left, top=top, right=left + width, bottom=top + height)
    name = _text(draft, table, "name", place, default=place)
    index = len(draft.rooms)
    draft.rooms.append(Room(name=name, box=box))
    for number, team in enumerate(_tables(draft, table, "team", place)):
        _read_team(draft, f"{place}.team[{number}]", team, index, box)
    for number, seat in enumerate(_tables(draft, table, "seat", place)):
        _read_seat(draft, f"{place}.seat[{number}]", seat, index, box)


def _read_team(draft: _Draft, place: str, table: Mapping[str, object], room: int, room_box: Box) -> None:
    _refuse_unknown(draft, place, table, TEAM_KEYS)
    code = _text(draft, table, "code", place)
    left, top = _number(draft, table, "left", place), _number(draft, table, "top", place)
    rows, columns = _count(draft, table, "rows", place, 4), _count(draft, table, "columns", place, 10)
    if not code or left is None or top is None or rows is None or columns is None:
        return
    left, top = room_box.left + left, room_box.top + top
    width, height = block_size(rows=rows, columns=columns)
    index = len(draft.teams)
    draft.teams.append(Team(code=code, room=room, box=Box(left=left, top=top, right=left + width, bottom=top + height)))
    owners = _owners(draft, table, place, rows * columns)
    for number, (x, y) in enumerate(desk_block(left=left, top=top, rows=rows, columns=columns)):
        agent, extension = owners[number] if number < len(owners) else ("", "")
        seat = Seat(id=f"{code}-{number + 1:02d}", x=x, y=y, room=room, team=index, agent=agent, extension=extension)
        _keep(draft, f"{place} seat {number + 1}", seat, room_box)


def _read_seat(draft: _Draft, place: str, table: Mapping[str, object], room: int, room_box: Box) -> None:
    _refuse_unknown(draft, place, table, SEAT_KEYS)
    name = _text(draft, table, "id", place)
    x, y = _number(draft, table, "x", place), _number(draft, table, "y", place)
    if not name or x is None or y is None:
        return
    seat = Seat(
        id=name,
        x=room_box.left + x,
        y=room_box.top + y,
        room=room,
        agent=_text(draft, table, "agent", place, default=""),
        extension=_text(draft, table, "extension", place, default=""),
    )
    _keep(draft, place, seat, room_box)


def _keep(draft: _Draft, place: str, seat: Seat, room: Box) -> None:
    """The seat joins the plan unless it is outside, twice there, or on top of another."""
    if len(draft.seats) >= SEATS_MAX:
        draft.blame(place, f"is seat number {SEATS_MAX + 1}", "split the site into several plans")
        return
    if not room.holds(seat.x, seat.y):
        draft.blame(place, f"seat {seat.id} is outside its room", "move it or enlarge the room")
        return
    if near := _near(draft, seat):
        draft.blame(place, f"seat {seat.id} lies on seat {near.id}", f"keep {SEAT_APART} m between seats")
        return
    claims = {("id", seat.id), ("agent", seat.agent), ("extension", seat.extension)}
    for kind, name in sorted(claim for claim in claims if claim[1]):
        if first := draft.taken.get((kind, name)):
            draft.blame(place, f"{kind} {name} is already at {first}", "give each seat its own")
            return
    draft.taken.update({claim: place for claim in claims if claim[1]})
    draft.cells.setdefault((int(seat.x // 2), int(seat.y // 2)), []).append(seat)
    draft.seats.append(seat)


def _near(draft: _Draft, seat: Seat) -> Seat | None:
    column, row = int(seat.x // 2), int(seat.y // 2)
    for cell in ((column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
        for other in draft.cells.get(cell, ()):
            if max(abs(other.x - seat.x), abs(other.y - seat.y)) < SEAT_APART:
                return other
    return None


def _owners(draft: _Draft, table: Mapping[str, object], place: str, seats: int) -> list[tuple[str, str]]:
    agents, extensions = _texts(draft, table, "agents", place), _texts(draft, table, "extensions", place)
    if agents and extensions:
        draft.blame(place, "names both agents and extensions", "keep one of the two lists")
        extensions = []
    owners = [(agent, "") for agent in agents] or [("", extension) for extension in extensions]
    if len(owners) > seats:
        draft.blame(place, f"has {len(owners)} owners for {seats} seats", "add rows or columns")
    return owners[:seats]


def _refuse_unknown(draft: _Draft, place: str, table: Mapping[str, object], known: set[str]) -> None:
    for key in sorted(set(table) - known):
        draft.blame(f"{place}.{key}", "is not a known word", f"use one of {', '.join(sorted(known))}")


def _tables(draft: _Draft, table: Mapping[str, object], key: str, place: str) -> Iterator[Mapping[str, object]]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        yield from value
    else:
        draft.blame(f"{place}.{key}", "is not a list of tables", f"write [[{key}]]")


def _number(
    draft: _Draft, table: Mapping[str, object], key: str, place: str, default: float | None = None
) -> float | None:
    value = table.get(key, default)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e5:
        return float(value)
    draft.blame(f"{place}.{key}", "is missing" if value is None else f"is {value!r}", "give metres as a number")
    return None


def _count(draft: _Draft, table: Mapping[str, object], key: str, place: str, default: int) -> int | None:
    value = table.get(key, default)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 200:
        return value
    draft.blame(f"{place}.{key}", f"is {value!r}", "give a whole number from 1 to 200")
    return None


def _text(draft: _Draft, table: Mapping[str, object], key: str, place: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if isinstance(value, str) and (value or default is not None):
        return value
    draft.blame(f"{place}.{key}", "is missing" if value is None else f"is {value!r}", "give a text in quotes")
    return ""


def _texts(draft: _Draft, table: Mapping[str, object], key: str, place: str) -> list[str]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return list(value)
    draft.blame(f"{place}.{key}", "is not a list of texts", 'write ["8001", "8002"]')
    return []
