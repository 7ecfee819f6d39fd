"""A plan made ready for the map. In: a plan, who was put where by hand. Out: a plan. May not know: agents' states.

`arranged` lays floors side by side in one plane, `with_pins` lets a supervisor's choice go before the file's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from seat_map.generate import SCREEN
from seat_map.plan import Box, Plan
from streams.vocabulary.ids import AgentId

FLOOR_GAP = 4.0
FLOOR_TITLE = 1.5


def floor_boxes(plan: Plan) -> list[Box | None]:
    """What each floor's rooms take; None: it has none."""
    boxes: list[Box | None] = []
    for number in range(len(plan.floors)):
        own = [room.box for room in plan.rooms if room.floor == number]
        boxes.append(
            Box(
                left=min(box.left for box in own),
                top=min(box.top for box in own),
                right=max(box.right for box in own),
                bottom=max(box.bottom for box in own),
            )
            if own
            else None
        )
    return boxes


def arranged(plan: Plan) -> Plan:
    """Floors one beside the other, as large as a wide screen lets them be; a plan of one floor stays as it is.

    A room is named with its floor then, for names need be unique on one floor only.
    """
    if len(plan.floors) < 2:
        return plan
    offsets = _offsets(floor_boxes(plan))
    rooms = tuple(
        replace(
            room,
            name=f"{plan.floors[room.floor].name} {room.name}".strip(),
            box=room.box.moved(*offsets[room.floor]),
        )
        for room in plan.rooms
    )
    floor_of = [offsets[room.floor] for room in plan.rooms]
    teams = tuple(replace(team, box=team.box.moved(*floor_of[team.room])) for team in plan.teams)
    seats = tuple(
        replace(seat, x=seat.x + floor_of[seat.room][0], y=seat.y + floor_of[seat.room][1]) for seat in plan.seats
    )
    return replace(plan, rooms=rooms, teams=teams, seats=seats)


def _offsets(boxes: Sequence[Box | None]) -> list[tuple[float, float]]:
    """How far each floor moves; the number of columns is the one that draws a metre largest."""
    sizes = [(box.width, box.height) if box else (0.0, 0.0) for box in boxes]
    best = max(range(1, len(boxes) + 1), key=lambda columns: _merit(sizes, columns))
    widths, heights = _grid(sizes, best)
    lefts = list(accumulate((width + FLOOR_GAP for width in widths), initial=0.0))
    tops = list(accumulate((height + FLOOR_GAP + FLOOR_TITLE for height in heights), initial=0.0))
    offsets = []
    for number, box in enumerate(boxes):
        row, column = divmod(number, best)
        offsets.append((lefts[column] - (box.left if box else 0.0), tops[row] - (box.top if box else 0.0)))
    return offsets


def _grid(sizes: Sequence[tuple[float, float]], columns: int) -> tuple[list[float], list[float]]:
    rows = [sizes[start : start + columns] for start in range(0, len(sizes), columns)]
    widths = [max(row[column][0] for row in rows if column < len(row)) for column in range(min(columns, len(sizes)))]
    return widths, [max(height for _, height in row) for row in rows]


def _merit(sizes: Sequence[tuple[float, float]], columns: int) -> float:
    widths, heights = _grid(sizes, columns)
    width = sum(widths) + FLOOR_GAP * (len(widths) - 1)
    height = sum(heights) + (FLOOR_GAP + FLOOR_TITLE) * (len(heights) - 1)
    return min(SCREEN[0] / max(width, 1.0), SCREEN[1] / max(height, 1.0))


def with_pins(plan: Plan, pins: Mapping[str, AgentId]) -> Plan:
    """`pins`: seat to agent. A pinned agent has no other seat; a pin of a seat that is not there does nothing."""
    there = {seat.id for seat in plan.seats}
    held = {agent for seat, agent in pins.items() if seat in there}
    if not held:
        return plan
    seats = []
    for seat in plan.seats:
        pinned = pins.get(seat.id)
        if pinned is not None:
            seat = replace(seat, agent=pinned, by_hand=True)
        elif seat.agent in held:
            seat = replace(seat, agent="")
        seats.append(seat)
    return replace(plan, seats=tuple(seats))
