"""The floor in the shape `floorwatch replay --json` prints (DESIGN section 4). In: a `Floor`, the time. Out: builtins.

Talk excludes hold everywhere; `hold_ms` stands beside it. May not know: where the events came from.
"""

from typing import Any

from streams.floor.fold import Floor
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS, Counters, QueueNumbers
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import Millis


def report(floor: Floor, *, now: Millis) -> dict[str, Any]:
    return {
        "contacts": floor.state.contacts,
        "queues": {numbers.queue: _queue(numbers) for numbers in floor.numbers(now)},
        "agents": {name: _agent(agent, floor.not_ready_ms(agent, now)) for name, agent in sorted(floor.agents.items())},
        "gaps": [{"from": gap.began, "to": gap.ended, "reason": gap.reason} for gap in floor.gaps],
        "anomalies": dict(sorted(floor.state.anomalies.items())),
        "repairs": dict(sorted(floor.state.repairs.items())),
    }


def _queue(numbers: QueueNumbers) -> dict[str, Any]:
    counters = numbers.today
    return {
        "offered": counters.offered,
        "answered": counters.answered,
        "abandoned": counters.abandoned,
        "overflowed": counters.overflowed,
        "turned_away": counters.turned_away,
        "transferred_out": counters.transferred_out,
        "lost": counters.lost,
        "waiting": numbers.waiting,
        "talking": numbers.talking,
        "target_ms": numbers.target_ms,
        "service_level": {name: _service_level(name, counters) for name in FORMULAS},
        "wait_ms": {"sum": counters.wait_ms, "max": counters.wait_max_ms},
        "talk_ms": {"sum": counters.talk_ms},
        "hold_ms": {"sum": counters.hold_ms},
        "wrap_up_ms": {"sum": counters.wrap_up_ms},
        "answered_unseen": counters.answered_unseen,
        "messages": counters.messages,
        "outbound": {
            "open": numbers.outbound,
            "dialled": counters.outbound_dialled,
            "reached": counters.outbound_reached,
            "unreached": counters.outbound_unreached,
            "dial_ms": {"sum": counters.outbound_dial_ms},
            "talk_ms": {"sum": counters.outbound_talk_ms},
            "hold_ms": {"sum": counters.outbound_hold_ms},
        },
        "tiers": {tier: _tier(counted) for tier, counted in sorted(numbers.tiers.items())},
    }


def _tier(counters: Counters) -> dict[str, Any]:
    return {
        "offered": counters.offered,
        "answered": counters.answered,
        "abandoned": counters.abandoned,
        "service_level": {DEFAULT_FORMULA: _service_level(DEFAULT_FORMULA, counters)},
    }


def _service_level(name: str, counters: Counters) -> dict[str, Any]:
    ratio = FORMULAS[name].of(counters)
    return {"numerator": ratio.part, "denominator": ratio.whole, "percent": ratio.percent}


def _agent(agent: AgentRecord, not_ready_ms: int) -> dict[str, Any]:
    return {
        "name": agent.name,
        "state": agent.state,
        "reason": agent.reason,
        "answered": agent.today.answered,
        "talk_ms": agent.today.talk_ms,
        "hold_ms": agent.today.hold_ms,
        "not_ready_ms": not_ready_ms,
    }
