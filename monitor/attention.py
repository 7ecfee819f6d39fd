"""What a supervisor should look at now, in order, with reasons. In: the map, tiles, limits, the time. Out: `Attention`.

Pure; under a millisecond at 5,000 seats. Nothing that rests on unknown or stale data is listed: the silence itself is
the one item said instead. The kinds and their rank: docs/wall.md. May not know: sockets, words of any language.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from alerts.rules import Severity
from dashboards.attention import QueueFinding, QueueKind, Values, queue_findings
from dashboards.columns import Tile
from monitor.attention_items import (
    RANK,
    Also,
    Attention,
    FloorKind,
    HitSeen,
    Item,
    Known,
    Scene,
)
from monitor.attention_limits import AttentionLimits
from monitor.attention_seats import missed_items, seat_lines
from seat_map.attention import Rows, SeatKind, believed, long_in, over_limits, silence, stale_rows
from seat_map.palette import SeatCode
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState

LISTED = 40
READY_MOST = 60
"""Ready agents looked at for whose queue contacts wait, the longest ready first: `count` may be too low, never 0."""
SAMPLE = 20
"""Ended contacts without which a queue has no usual wrap-up."""
IDLE_ROWS = 12

encode = msgspec.json.Encoder().encode
Mask = npt.NDArray[np.bool_]


def attention(
    scene: Scene,
    tiles: Sequence[Tile],
    limits: AttentionLimits,
    now: Millis,
    *,
    rows: Rows | None = None,
    known: Known | None = None,
) -> Attention:
    """`rows`: only these (a scope's); `tiles` are then that scope's queues."""
    known = known or Known()
    asked = _mask(len(scene.columns), rows)
    sure = _sure(tiles, scene)
    among = asked & believed(scene.columns)
    seats = seat_lines(
        over_limits(scene.columns, scene.reasons, limits.seats, now, among), scene, known.before, most=LISTED
    )
    queues = queue_findings(sure, limits.queues, now, tiers=known.tiers, outlooks=known.outlooks, before=known.before)
    silent = _silent(scene, asked, len(tiles) - len(sure), now, known)
    idle = _idle(scene, sure, limits, now, among, known)
    further = [
        *silent,
        *idle,
        *_queue_items(queues),
        *_unusual(scene, sure, limits, now, among, known),
        *missed_items(scene, known.missed, limits, among),
        *_hits(tiles, asked, known),
    ]
    items = sorted([*further, *seats.items], key=lambda item: item.place)
    kept: dict[str, tuple[Severity, Millis]] = dict(seats.kept)
    kept |= {one.key: (one.severity, one.at) for one in queues}
    kept |= {one.key: (one.severity, one.at) for one in (*silent, *idle)}
    return Attention(items=tuple(items[:LISTED]), more=seats.more + max(0, len(items) - LISTED), kept=kept)


def _mask(size: int, rows: Rows | None) -> Mask:
    if rows is None:
        return np.ones(size, np.bool_)
    mask = np.zeros(size, np.bool_)
    mask[rows] = True
    return mask


def _sure(tiles: Sequence[Tile], scene: Scene) -> list[Tile]:
    """Queues that can be judged: no source of theirs is lost, and none of their agents is only as last heard."""
    certain = {tile.queue for tile in tiles if tile.certain}
    for row in stale_rows(scene.columns).tolist():
        if not certain:
            break
        person = scene.people.get(row)
        if person is not None:
            certain.difference_update(person.queues)
    return [tile for tile in tiles if tile.queue in certain]


def _silent(scene: Scene, asked: Mask, blind: int, now: Millis, known: Known) -> list[Item]:
    told = silence(scene.columns, asked)
    if not (told.unknown or told.stale or blind):
        return []
    began = min((gap.began for gap in known.gaps), default=told.since)
    stood = known.before.get(FloorKind.SOURCE_SILENT)
    at = stood[1] if stood is not None else began or now
    sources = ", ".join(sorted({gap.source for gap in known.gaps}))
    values: Values = {"unknown": told.unknown, "stale": told.stale, "queues": blind, "sources": sources}
    return [
        Item(
            kind=FloorKind.SOURCE_SILENT,
            key=FloorKind.SOURCE_SILENT,
            severity=Severity.CRITICAL,
            since=began or at,
            at=at,
            values=values,
        )
    ]


def _hits(tiles: Sequence[Tile], asked: Mask, known: Known) -> list[Item]:
    """What was said and done stands, also where a source has fallen silent since."""
    queues = {tile.queue for tile in tiles}
    by_contact: dict[str, list[HitSeen]] = {}
    for one in known.hits:
        if one.queue in queues if one.row is None else bool(asked[one.row]):
            by_contact.setdefault(one.contact, []).append(one)
    return [_hit(sorted(those, key=lambda one: (not one.fatal, one.at, one.key))) for those in by_contact.values()]


def _hit(those: Sequence[HitSeen]) -> Item:
    """Several rules in one contact are one line: whoever opens it sees them all."""
    one, *others = those
    return Item(
        kind=FloorKind.RULE_HIT,
        key=one.key,
        severity=Severity.CRITICAL if one.fatal else Severity.WARNING,
        since=one.at,
        at=one.at,
        rows=() if one.row is None else (one.row,),
        count=0 if one.row is None else 1,
        queue=one.queue if one.row is None else None,
        values={"contact": one.contact, "zh": one.zh, "en": one.en},
        also=tuple(
            Also(kind=FloorKind.RULE_HIT, since=each.at, values={"zh": each.zh, "en": each.en}) for each in others
        ),
    )


def _queue_items(found: Iterable[QueueFinding]) -> list[Item]:
    """One line per queue, led by its worst finding; a waiting tier is a line of its own."""
    by_subject: dict[tuple[QueueName, object], list[QueueFinding]] = {}
    for one in found:
        by_subject.setdefault((one.queue, one.values.get("tier")), []).append(one)
    items: list[Item] = []
    for (queue, _), those in by_subject.items():
        leading, *also = sorted(those, key=lambda one: (one.severity is not Severity.CRITICAL, RANK[one.kind]))
        items.append(
            Item(
                kind=leading.kind,
                key=leading.key,
                severity=leading.severity,
                since=leading.since,
                at=leading.at,
                queue=queue,
                values=leading.values,
                also=tuple(also),
            )
        )
    return items


def _idle(
    scene: Scene, tiles: Sequence[Tile], limits: AttentionLimits, now: Millis, among: Mask, known: Known
) -> list[Item]:
    """Contacts wait beyond the target while agents of that queue are ready: routing, skills or a telephone is wrong."""
    late = [tile for tile in tiles if tile.waiting and tile.longest_wait_ms >= tile.threshold_ms]
    late = [tile for tile in late if tile.agents.get(AgentState.READY)]
    if not late:
        return []
    ready = long_in(scene.columns, SeatCode.READY, limits.seats.idle_ms, now, among, most=READY_MOST).tolist()
    able: dict[QueueName, list[int]] = {tile.queue: [] for tile in late}
    for row in ready:
        for queue in _open_queues(row, scene, known):
            if queue in able:
                able[queue].append(row)
    found = []
    for tile in late:
        rows = able[tile.queue]
        if not rows:
            continue
        key = f"{QueueKind.IDLE}:{tile.queue}"
        red = tile.longest_wait_ms >= limits.queues.wait_of(tile).red_ms
        severity = Severity.CRITICAL if red else Severity.WARNING
        stood = known.before.get(key)
        found.append(
            Item(
                kind=QueueKind.IDLE,
                key=key,
                severity=severity,
                since=Millis(tile.at - tile.longest_wait_ms),
                at=stood[1] if stood is not None and stood[0] is severity else now,
                rows=tuple(rows[:IDLE_ROWS]),
                count=len(rows),
                queue=tile.queue,
                values={"waiting": tile.waiting},
            )
        )
    return found


def _open_queues(row: int, scene: Scene, known: Known) -> Iterable[QueueName]:
    """The queues a ready agent takes contacts of: those served and not paused."""
    person = scene.people.get(row)
    if person is None:
        return ()
    record = known.agents.get(person.id)
    if record is None:
        return person.queues
    return [queue for queue, one in record.memberships.items() if not one.not_ready]


def _unusual(
    scene: Scene, tiles: Sequence[Tile], limits: AttentionLimits, now: Millis, among: Mask, known: Known
) -> list[Item]:
    """Wrap-ups far beyond their queue's mean of the day, though still below the limit."""
    usual = _usual_wrap_up(tiles)
    limit = limits.seats.by_code.get(SeatCode.WRAP_UP)
    if not usual or not known.agents:
        return []
    least = max(limits.seats.unusual_least_ms, round(limits.seats.unusual * min(usual.values())))
    if limit is not None and least >= limit.amber_ms:
        return []
    found = []
    for row in long_in(scene.columns, SeatCode.WRAP_UP, least, now, among, most=LISTED).tolist():
        person, since = scene.people.get(row), int(scene.columns.since[row])
        record = None if person is None else known.agents.get(person.id)
        mean = None if record is None else usual.get(record.queue)
        if mean is None or (limit is not None and now - since >= limit.amber_ms):
            continue
        beyond = max(limits.seats.unusual_least_ms, round(limits.seats.unusual * mean))
        if now - since >= beyond:
            found.append(
                Item(
                    kind=SeatKind.WRAP_UP_UNUSUAL,
                    key=f"{SeatKind.WRAP_UP_UNUSUAL}:{row}:{since}",
                    severity=Severity.WARNING,
                    since=Millis(since),
                    at=Millis(since + beyond),
                    rows=(row,),
                    count=1,
                    values={"usual_ms": mean},
                )
            )
    return found


def _usual_wrap_up(tiles: Sequence[Tile]) -> Mapping[QueueName, int]:
    """The mean of the day, ms, where enough contacts have ended."""
    return {
        tile.queue: tile.today.wrap_up_ms // tile.today.ended
        for tile in tiles
        if tile.today.ended >= SAMPLE and tile.today.wrap_up_ms
    }


def attention_word(found: Attention) -> bytes:
    """JSON for the browsers. No ages: as long as nothing changes, these are the same bytes."""
    return encode({"t": "attention", "items": [item_row(item) for item in found.items], "more": found.more})


def item_row(item: Item) -> dict[str, object]:
    row: dict[str, object] = {
        "kind": item.kind,
        "key": item.key,
        "severity": item.severity,
        "since": item.since,
        "values": dict(item.values),
    }
    if item.rows:
        row |= {"rows": item.rows, "count": item.count}
    for name, value in (("queue", item.queue), ("team", item.team), ("reason", item.reason or None)):
        if value is not None:
            row[name] = value
    if item.also:
        row["also"] = [{"kind": one.kind, "since": one.since, "values": dict(one.values)} for one in item.also]
    return row
