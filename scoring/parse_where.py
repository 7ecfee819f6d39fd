"""Where a condition looks, from text. In: its table. Out: Where; faults in the table.

Also the order in which a rule's conditions are decided: an anchor before what stands on it. May not know: operators,
formulas.
"""

from collections.abc import Mapping
from typing import Final

from scoring.rules import Anchor, Condition, Role, Side, Where
from streams.toml_table import Table, suggest

RANGES: Final = ("first_seconds", "last_seconds", "first_utterances", "last_utterances")
SIDES: Final[Mapping[str, Side]] = {
    "before": Side.BEFORE,
    "after": Side.AFTER,
    "around": Side.AROUND,
    "at": Side.CURRENT,
}
LIMITS: Final = ("within_utterances", "within_seconds")
MOST_SECONDS: Final = 36_000.0
MOST_UTTERANCES: Final = 10_000
MOST_HIT: Final = 100
LEAST_SECONDS: Final = 0.1


def read_where(table: Table) -> Where:
    role = Role(table.choice("role", [role.value for role in Role], default=Role.ANY.value))
    every = table.flag("every", default=False)
    ranges = [key for key in RANGES if table.has(key)]
    anchors = [key for key in SIDES if table.has(key)]
    for key in (ranges + anchors)[1:]:
        table.fault(key, f"stands beside {(ranges + anchors)[0]}", "one range is enough: remove the others")
    amounts = {key: _amount(table, key) for key in ranges}
    if anchors and not ranges:
        return Where(role=role, anchor=_anchor(table, anchors[0]), every=every)
    for key in (*LIMITS, "hit"):
        if table.has(key):
            table.fault(key, "says how far from another condition, and none is named", 'add after = "…", or remove it')
    if len(ranges) != 1:
        return Where(role=role, every=every)
    key, amount = ranges[0], amounts[ranges[0]]
    return Where(
        role=role,
        first_ms=amount if key == "first_seconds" else None,
        last_ms=amount if key == "last_seconds" else None,
        first_utterances=amount if key == "first_utterances" else None,
        last_utterances=amount if key == "last_utterances" else None,
        every=every,
    )


def _amount(table: Table, key: str) -> int:
    if key.endswith("_utterances"):
        return table.integer(key, low=1, high=MOST_UTTERANCES)
    return round(table.number(key, low=LEAST_SECONDS, high=MOST_SECONDS) * 1000)


def _anchor(table: Table, key: str) -> Anchor:
    limits = {limit: _amount(table, limit) for limit in LIMITS if table.has(limit)}
    side = SIDES[key]
    if side is Side.CURRENT:
        for limit in limits:
            table.fault(
                limit, "means nothing with at", "at looks at the utterance of the hit: remove it, or use around"
            )
    return Anchor(
        condition=table.text(key),
        side=side,
        hit=_hit(table),
        within_utterances=limits.get("within_utterances"),
        within_ms=limits.get("within_seconds"),
    )


def _hit(table: Table) -> int:
    if not table.has("hit"):
        return 1
    given = table.scalar("hit")
    if given == "every":
        return 0
    if isinstance(given, int) and not isinstance(given, bool) and -1 <= given <= MOST_HIT:
        return given
    if given is not None:
        mend = f'write hit = 1 to {MOST_HIT}, -1 for the last, 0 or "every" for each'
        table.fault("hit", "is no number of a hit", mend)
    return 1


def in_order(tables: Mapping[str, Table], conditions: Mapping[str, Condition]) -> tuple[Condition, ...]:
    """Those that others stand on first, else as written; a fault for each anchor that is none."""
    stands_on: dict[str, str] = {}
    for name, condition in conditions.items():
        anchor = condition.where.anchor
        if anchor is None or not anchor.condition:
            continue
        key = next(key for key, side in SIDES.items() if side is anchor.side)
        if anchor.condition == name:
            tables[name].fault(key, "names the condition itself", "name another condition of this rule")
        elif anchor.condition not in conditions:
            others = conditions.keys() - {name}
            problem = f"names {anchor.condition[:80]!r}, which is no condition of this rule"
            tables[name].fault(key, problem, suggest(anchor.condition, others))
        else:
            stands_on[name] = anchor.condition
    ordered: dict[str, Condition] = {}
    for name in conditions:
        way = _way(name, stands_on, ordered)
        if way is None:
            continue
        if way[-1] in way[:-1]:
            ring = way[way.index(way[-1]) :]
            if min(ring[:-1], key=list(conditions).index) == name:  # each ring is told once
                key = next(key for key, side in SIDES.items() if side is _side(conditions[name]))
                shown = " → ".join(ring[:10])
                tables[name].fault(key, f"goes round in a ring: {shown}", "let one of them stand by itself")
            continue
        ordered.update((one, conditions[one]) for one in reversed(way))
    return (*ordered.values(), *(one for name, one in conditions.items() if name not in ordered))


def _way(name: str, stands_on: Mapping[str, str], ordered: Mapping[str, Condition]) -> list[str] | None:
    """From the condition to what stands by itself, or is in order, or is there twice; None: it is in order itself."""
    if name in ordered:
        return None
    way = [name]
    while (below := stands_on.get(way[-1])) is not None and below not in ordered:
        way.append(below)
        if below in way[:-1]:
            break
    return way


def _side(condition: Condition) -> Side | None:
    return None if condition.where.anchor is None else condition.where.anchor.side
