"""A plan to its TOML text. In: `Plan`. Out: text that `parse` reads back as the same plan.

A block whose seats stand and are named as its rows and columns say is written as such; other seats one by one. May not
know: files.
"""

from collections.abc import Iterator, Sequence

from seat_map.plan import Floor, Plan, Room, Seat, Team, block_spots, to_mm


def write_toml(plan: Plan) -> str:
    lines = [f"name = {quoted(plan.name)}"] if plan.name else []
    plain = len(plan.floors) == 1 and plan.floors[0] == Floor(name="")
    seats = _by_room(plan)
    for number, floor in enumerate(plan.floors):
        if not plain:
            lines += _floor(floor)
        for index, room in enumerate(plan.rooms):
            if room.floor == number:
                lines += _room(plan, index, room, seats[index], "room" if plain else "floor.room")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A basic string: what a plan's names may hold needs no more than these two escapes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def metres(value: float) -> str:
    return f"{to_mm(value):g}" if abs(value) < 1000 else repr(to_mm(value))


def _by_room(plan: Plan) -> list[list[Seat]]:
    rooms: list[list[Seat]] = [[] for _ in plan.rooms]
    for seat in plan.seats:
        rooms[seat.room].append(seat)
    return rooms


def _floor(floor: Floor) -> Iterator[str]:
    yield from ("", "[[floor]]", f"name = {quoted(floor.name)}")
    if floor.backdrop is not None:
        one = floor.backdrop
        yield from ("[floor.backdrop]", f"picture = {quoted(one.picture)}")
        for key in ("left", "top", "width", "height", "fade"):
            yield f"{key} = {metres(getattr(one, key))}"


def _room(plan: Plan, index: int, room: Room, seats: Sequence[Seat], table: str) -> Iterator[str]:
    yield from ("", f"[[{table}]]", f"name = {quoted(room.name)}")
    yield f"left = {metres(room.box.left)}"
    yield f"top = {metres(room.box.top)}"
    yield f"width = {metres(room.box.width)}"
    yield f"height = {metres(room.box.height)}"
    if room.bench:
        yield "bench = true"
    compact: set[int] = set()
    for number, team in enumerate(plan.teams):
        if team.room != index:
            continue
        members = [seat for seat in seats if seat.team == number]
        yield from ("", f"[[{table}.team]]", f"code = {quoted(team.code)}")
        if team.block is not None and _stands(team, members):
            compact.add(number)
            yield f"left = {metres(team.box.left - room.box.left)}"
            yield f"top = {metres(team.box.top - room.box.top)}"
        yield from _block(team)
        if number in compact:
            yield from _owners(members)
    for seat in seats:
        if seat.team is None or seat.team not in compact:
            yield from _seat(seat, room, plan, table)


def _block(team: Team) -> Iterator[str]:
    if team.block is None:
        return
    yield f"rows = {team.block.rows}"
    yield f"columns = {team.block.columns}"
    if team.block.single:
        yield "single = true"
    if team.block.rotated:
        yield "rotated = true"


def _stands(team: Team, members: Sequence[Seat]) -> bool:
    """Whether the seats are just those that rows and columns would give."""
    assert team.block is not None
    spots = block_spots(team.block, left=team.box.left, top=team.box.top)
    return [(seat.id, seat.x, seat.y) for seat in members] == [
        (f"{team.code}-{number:02d}", x, y) for number, (x, y) in enumerate(spots, 1)
    ]


def _owners(members: Sequence[Seat]) -> Iterator[str]:
    for key, owners in (
        ("agents", [seat.agent for seat in members]),
        ("extensions", [seat.extension for seat in members]),
    ):
        while owners and not owners[-1]:
            owners.pop()
        if owners:
            yield f"{key} = [{', '.join(map(quoted, owners))}]"


def _seat(seat: Seat, room: Room, plan: Plan, table: str) -> Iterator[str]:
    yield from ("", f"[[{table}.seat]]", f"id = {quoted(seat.id)}")
    yield f"x = {metres(seat.x - room.box.left)}"
    yield f"y = {metres(seat.y - room.box.top)}"
    if seat.team is not None:
        yield f"team = {quoted(plan.teams[seat.team].code)}"
    if seat.agent:
        yield f"agent = {quoted(seat.agent)}"
    if seat.extension:
        yield f"extension = {quoted(seat.extension)}"
