"""A past floor as the wall draws it. In: a floor, who sits where now. Out: JSON words and one binary frame, packed.

Everybody sits where they sit today, so that two instants compare; who is gone takes a desk that is free today.
Packed: u32 length of the words, the words (a JSON list, padded to 4), the frame of seat_map/frames.py. The frame's
`revision` is a checksum of the people: equal numbers, equal names. May not know: sockets, stores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

import msgspec
import numpy as np

from dashboards.attention import tiers_waiting
from dashboards.columns import Goals, Tile, tile
from monitor.api.past_door import PastUnderway
from monitor.api.wall_words import line_word, numbers_word, reasons_word
from monitor.attention import attention, attention_word
from monitor.attention_items import Attention, Known, Scene
from monitor.attention_limits import AttentionLimits
from monitor.past_answers import Seen, Underway
from seat_map.columns import Reasons, SeatColumns, label_of
from seat_map.frames import snapshot
from seat_map.picture import Person, person_of
from streams.vocabulary.ids import AgentId

LENGTH = Struct("<I")
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """Today's seating: `places` of the agents, `free` rows for whoever is not among them, `size` rows in all."""

    size: int
    places: Mapping[AgentId, int]
    free: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPicture:
    columns: SeatColumns
    reasons: Sequence[str]
    people: Mapping[int, Person]
    not_seated: int
    """Agents of then for whom today's map has no seat left."""


def picture(seen: Seen, seats: Seats) -> PastPicture:
    """Written as whole columns: row by row, 5,000 seats would take three times as long."""
    agents, floor = seen.floor.agents, seen.floor
    reasons = Reasons()
    rows: list[int] = []
    cells: list[tuple[int, int, int, int]] = []
    people: dict[int, Person] = {}
    not_seated = 0
    free = iter(sorted(seats.free))
    for name in sorted(agents):  # the floor's own order depends on where the fold began
        row = seats.places.get(name)
        if row is None:
            row = next(free, None)
        if row is None or row >= seats.size:
            not_seated += 1
            continue
        record = agents[name]
        label = label_of(record, floor.doubt(record, seen.at))
        rows.append(row)
        cells.append((label.code, label.flags, reasons.number(label.reason), label.since))
        people[row] = person_of(record)
    columns = SeatColumns(seats.size)
    table = np.array(cells, np.int64).reshape(-1, 4)
    columns.code[rows], columns.flags[rows] = table[:, 0], table[:, 1]
    columns.reason[rows], columns.since[rows] = table[:, 2], table[:, 3]
    return PastPicture(columns=columns, reasons=reasons.texts, people=people, not_seated=not_seated)


def packed(seen: Seen, seats: Seats, goals: Goals, *, people: int) -> bytes:
    """What a browser needs of an instant. `people`: the revision it has; the same again is not sent."""
    shown = picture(seen, seats)
    named = encode({str(row): person for row, person in shown.people.items()})
    revision = crc32(named)
    numbers = seen.floor.numbers(seen.at)
    looked = _attention(seen, shown, [tile(one, goals.of(one.queue)) for one in numbers])
    words = [
        encode(past_word(seen, not_seated=shown.not_seated)),
        reasons_word(shown.reasons),
        numbers_word(numbers, goals, now=seen.at, viewers=0, counts=shown.columns.counts(), whole=True),
        line_word(numbers, goals),
        attention_word(looked),
    ]
    if revision != people:
        words.append(b'{"t":"people","revision":%d,"people":%b}' % (revision, named))
    text = b"[" + b",".join(words) + b"]"
    text += b" " * (-len(text) % 4)
    return LENGTH.pack(len(text)) + text + snapshot(shown.columns, seq=0, revision=revision, now=seen.at)


def _attention(seen: Seen, shown: PastPicture, tiles: Sequence[Tile]) -> Attention:
    """What stood in the list then, as far as one instant tells it: no offers missed in a row, no teams of then."""
    limits, floor = AttentionLimits(), seen.floor
    scene = Scene(
        columns=shown.columns,
        reasons=shown.reasons,
        people=shown.people,
        team_of=np.zeros(0, np.int32),
        teams=(),
    )
    known = Known(
        agents=floor.agents,
        tiers=tiers_waiting(floor.visits.values(), limits.queues),
        gaps=[gap for gap in floor.gaps if gap.ended is None or gap.ended > seen.at],
    )
    return attention(scene, tiles, limits, seen.at, known=known)


def unpacked(body: bytes) -> tuple[list[dict[str, object]], bytes]:
    """Words and frame, as the browser takes them apart."""
    (length,) = LENGTH.unpack_from(body)
    words: list[dict[str, object]] = msgspec.json.decode(body[LENGTH.size : LENGTH.size + length])
    return words, body[LENGTH.size + length :]


def past_word(seen: Seen, *, not_seated: int) -> dict[str, object]:
    """How much of this instant is known."""
    return {
        "t": "past",
        "at": seen.at,
        "basis": seen.basis,
        "began": seen.began,
        "first": seen.first,
        "last": seen.last,
        "not_seated": not_seated,
        "blind": [
            {"source": gap.source, "since": gap.began, "reason": gap.reason}
            for gap in seen.floor.gaps
            if gap.ended is None or gap.ended > seen.at
        ],
    }


def underway_word(found: Underway) -> PastUnderway:
    way = max(1, found.at - found.began)
    share = min(1.0, max(0.0, (found.reached - found.began) / way))
    return PastUnderway(at=found.at, reached=found.reached, share=round(share, 3))
