"""Slots out of rollups or straight from the base, the same numbers. In: a Rollup, a range. Out: sums by slot and key.

Borders are widened to whole slots of the table that is read. May not know: what the numbers are for.
"""
# ruff: noqa: S608 -- every f-string here joins constants of ours; values travel as parameters

from collections.abc import Mapping
from typing import Final

from streams.floor.numbers import COUNTER_NAMES, Counters
from streams.vocabulary.ids import Millis, QueueName, SiteId
from streams.warehouse.engine import Warehouse
from streams.warehouse.literals import Value
from streams.warehouse.roller import SHORT_ABANDON_MS
from streams.warehouse.rollup_sql import QUEUE_1M, QUEUE_15M, Part, Rollup, added, counted
from streams.warehouse.sql_parts import only, span

LOOK_BACK_MS: Final = 24 * 3600 * 1000
"""How long before a range a contact may have joined to be counted from the base."""
LONG_LOOK_BACK_MS: Final = 8 * LOOK_BACK_MS
"""The same for intervals: few are longer than a day, but they must not be forgotten."""

SLOTS: Final = "slot >= toDateTime({first}) AND slot < toDateTime({end})"


def finest(since: Millis, until: Millis, slot_minutes: int, today: Millis | None) -> Rollup:
    """Quarters where they fit the borders, else minutes."""
    wanted = slot_minutes * 60_000
    borders = (since, until, wanted, today or 0)
    return QUEUE_15M if all(border % QUEUE_15M.slot_ms == 0 for border in borders) else QUEUE_1M


def slots(rollup: Rollup, since: Millis, until: Millis) -> dict[str, Value]:
    slot_s = rollup.slot_ms // 1000
    return {"first": since // 1000 // slot_s * slot_s, "end": -(-until // rollup.slot_ms) * slot_s}


def border_of(rollup: Rollup, until: Millis, today: Millis | None) -> Millis:
    """Where the rollups end and the base begins, on a slot's border."""
    return until if today is None else Millis(min(until, today // rollup.slot_ms * rollup.slot_ms))


def grouped(group_ms: int) -> str:
    if not group_ms:
        return "toInt64(0)"
    return "intDiv(toInt64(toUnixTimestamp(slot)) * 1000, {group_ms}) * {group_ms}"


def counters_by_slot(
    warehouse: Warehouse,
    rollup: Rollup,
    since: Millis,
    until: Millis,
    queue: QueueName | None,
    site: SiteId | None,
    slot_minutes: int,
    today: Millis | None,
    short_abandon_ms: int,
) -> dict[tuple[int, str], Counters]:
    border = border_of(rollup, until, today)
    rows = from_rollup(warehouse, rollup, since, border, queue, site, slot_minutes) if since < border else {}
    if border < until:
        group = slot_minutes * 60_000
        where, params = only(queue=queue, site=site)
        params |= {"short_abandon_ms": short_abandon_ms}
        begun = Millis(max(since, border))
        for part in rollup.parts:
            for at, name, values in from_base(warehouse, QUEUE_1M, part, begun, until, where, params):
                key = (at // group * group if group else int(since), name)
                known = {one: value for one, value in values.items() if one in COUNTER_NAMES}
                rows[key] = rows.get(key, Counters()) + Counters(**known)
    return {key: counters for key, counters in rows.items() if counters != Counters()}


def from_rollup(
    warehouse: Warehouse,
    rollup: Rollup,
    since: Millis,
    until: Millis,
    queue: QueueName | None,
    site: SiteId | None,
    slot_minutes: int,
) -> dict[tuple[int, str], Counters]:
    where, params = only(queue=queue, site=site)
    group = slot_minutes * 60_000
    names = [name for name in COUNTER_NAMES if name in rollup.columns]
    key = ", ".join(("at", *rollup.keys))
    sql = f"""SELECT {grouped(group)} AS at, {"queue" if rollup.keys else "''"}, {added(names)}
        FROM {rollup.table} FINAL WHERE {SLOTS}{where} AND part != 'states' GROUP BY {key}"""
    rows = warehouse.query(sql, params | slots(rollup, since, until) | {"group_ms": group})
    found = {}
    for at, name, *values in rows:
        counters = Counters(**dict(zip(names, values, strict=True)))
        if counters != Counters():
            found[at or int(since), name] = counters
    return found


def from_base(
    warehouse: Warehouse,
    rollup: Rollup,
    part: Part,
    since: Millis,
    until: Millis,
    where: str,
    params: Mapping[str, Value],
) -> list[tuple[int, str, dict[str, int]]]:
    """What the roller would count, straight from the base: (slot's ms, queue or agent, numbers)."""
    back = 0 if part is Part.TALLIES else LONG_LOOK_BACK_MS if part is Part.STATES else LOOK_BACK_MS
    sql = counted(
        rollup,
        part,
        by_origin=False,
        where=f"{where} AND happened_ms >= {{first_ms}} AND happened_ms < {{end_ms}}",
    )
    whole = slots(rollup, since, until)
    bounds: dict[str, Value] = {
        "first_ms": int(str(whole["first"])) * 1000,
        "end_ms": int(str(whole["end"])) * 1000,
        "slot_ms": rollup.slot_ms,
        "short_abandon_ms": SHORT_ABANDON_MS,
    }
    found = warehouse.query(sql, {**bounds, **params, **span(Millis(since - back), until)})
    names = list(rollup.parts[part])
    return [(row[0] * 1000, row[2], dict(zip(names, row[3 : 3 + len(names)], strict=True))) for row in found]
