"""Reads [[limit]]: from when on a state, a pause, a queue's or a tier's wait needs attention. In: a Table. Out: limits.

What is not written keeps its default. May not know: which queues, reasons and tiers there are.
"""

from collections.abc import Mapping

from dashboards.attention import DEFAULT_TIERS, QueueLimits, Wait
from monitor.attention_limits import AttentionLimits
from seat_map.limits import DEFAULT_LIMITS, Limit, Limits
from seat_map.palette import SeatCode
from streams.toml_table import Table
from streams.vocabulary.ids import QueueName

STATES: Mapping[str, SeatCode] = {
    "offered": SeatCode.OFFERED,
    "on_contact": SeatCode.ON_CONTACT,
    "on_hold": SeatCode.ON_HOLD,
    "wrap_up": SeatCode.WRAP_UP,
    "not_ready": SeatCode.NOT_READY,
    "unreachable": SeatCode.TROUBLE,
}
LONGEST_S = 86_400
WAYS = ("state", "reason", "queue", "tier")


def read_limits(table: Table) -> AttentionLimits:
    states, reasons = dict(DEFAULT_LIMITS), dict[str, Limit]()
    waits, tiers = dict[QueueName, Wait](), dict(DEFAULT_TIERS)
    told: set[tuple[str, str]] = set()
    for entry in table.tables("limit"):
        ways = [way for way in WAYS if entry.has(way)]
        if len(ways) != 1:
            message = "names nothing" if not ways else f"{' and '.join(ways)} are both written"
            entry.fault(ways[1] if ways else None, message, f"write exactly one of {', '.join(WAYS)}")
        way = ways[0] if ways else "reason"
        name = entry.choice("state", list(STATES)) if way == "state" else _name(entry, way)
        amber_ms, red_ms = _seconds(entry)
        if (way, name) in told:
            entry.fault(way, f"{name!r} has a limit already", "keep one of the two")
        told.add((way, name))
        match way:
            case "state" if name in STATES:
                states[STATES[name]] = Limit(amber_ms, red_ms)
            case "reason":
                reasons[name] = Limit(amber_ms, red_ms)
            case "queue":
                waits[QueueName(name)] = Wait(amber_ms, red_ms)
            case "tier":
                tiers[name] = Wait(amber_ms, red_ms)
        for other in ways[1:]:
            entry.text(other)
        entry.close()
    return AttentionLimits(seats=Limits(by_code=states, by_reason=reasons), queues=QueueLimits(wait=waits, tiers=tiers))


def _name(entry: Table, way: str) -> str:
    return entry.text(way) if entry.has(way) else ""


def _seconds(entry: Table) -> tuple[int, int]:
    amber_s = entry.integer("amber_s", low=0, high=LONGEST_S)
    red_s = entry.integer("red_s", low=1, high=LONGEST_S)
    if entry.has("amber_s") and entry.has("red_s") and red_s < amber_s:
        entry.fault("red_s", f"{red_s} is below amber_s", "write seconds; red comes after amber")
    return amber_s * 1000, red_s * 1000
