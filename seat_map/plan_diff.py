"""What differs between two plans. In: two plans. Out: `PlanChanges`, by seat. May not know: versions, files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seat_map.plan import Plan, Seat

MOVED = 0.005
"""Metres below which nobody moved a desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A seat's owner, extension, team, room or place; `what` names the field, texts say both values."""

    seat: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """`renamed`: another seat's name at the very place of one that is gone."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[Renamed, ...]
    moved: tuple[str, ...]
    changed: tuple[Changed, ...]
    rooms_added: tuple[str, ...]
    rooms_removed: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not any(getattr(self, name) for name in self.__slots__)


def differ(before: Plan, after: Plan) -> PlanChanges:
    old, new = ({seat.id: seat for seat in plan.seats} for plan in (before, after))
    gone = {_place(before, seat): seat.id for seat in before.seats if seat.id not in new}
    renamed: list[Renamed] = []
    added: list[str] = []
    for seat in after.seats:
        if seat.id in old:
            continue
        was = gone.pop(_place(after, seat), None)
        if was is None:
            added.append(seat.id)
        else:
            renamed.append(Renamed(before=was, after=seat.id))
    pairs = [(old[name], new[name]) for name in old if name in new]
    pairs += [(old[one.before], new[one.after]) for one in renamed]
    rooms = [[_room_name(plan, number) for number in range(len(plan.rooms))] for plan in (before, after)]
    return PlanChanges(
        added=tuple(added),
        removed=tuple(seat for seat in (one.id for one in before.seats) if seat in set(gone.values())),
        renamed=tuple(renamed),
        moved=tuple(two.id for one, two in pairs if _moved(before, one, after, two)),
        changed=tuple(change for one, two in pairs for change in _changes(before, one, after, two)),
        rooms_added=tuple(name for name in rooms[1] if name not in set(rooms[0])),
        rooms_removed=tuple(name for name in rooms[0] if name not in set(rooms[1])),
    )


def _place(plan: Plan, seat: Seat) -> tuple[str, float, float]:
    return plan.floors[plan.rooms[seat.room].floor].name, round(seat.x, 2), round(seat.y, 2)


def _moved(before: Plan, one: Seat, after: Plan, two: Seat) -> bool:
    if _place(before, one)[0] != _place(after, two)[0]:
        return True
    return max(abs(one.x - two.x), abs(one.y - two.y)) > MOVED


def _changes(before: Plan, one: Seat, after: Plan, two: Seat) -> Iterator[Changed]:
    told: Mapping[str, tuple[str, str]] = {
        "agent": (one.agent, two.agent),
        "extension": (one.extension, two.extension),
        "team": (_team(before, one), _team(after, two)),
        "room": (_room_name(before, one.room), _room_name(after, two.room)),
    }
    for what, (was, now) in told.items():
        if was != now:
            yield Changed(seat=two.id, what=what, before=was, after=now)


def _team(plan: Plan, seat: Seat) -> str:
    return "" if seat.team is None else plan.teams[seat.team].code


def _room_name(plan: Plan, number: int) -> str:
    room = plan.rooms[number]
    floor = plan.floors[room.floor].name
    return f"{floor} {room.name}" if floor else room.name
