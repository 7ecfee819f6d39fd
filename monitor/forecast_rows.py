"""The forecast's rows. In: stands, outlooks. Out: builtins for the word `forecast` and the what-if's answer.

May not know: how any of it was reckoned.
"""

from dashboards.forecast.need import Needed
from dashboards.forecast.outlook import Outlook, Present
from monitor.forecast_stand import Stand

LIKELY = 0.5
Row = dict[str, object]


def told(stand: Stand) -> Row:
    return {
        "queue": stand.queue,
        "at": stand.at,
        "began": stand.began,
        "until": stand.until,
        "goal_percent": stand.goal.percent,
        "formula": stand.goal.formula,
        "people": stand.staff.people,
        "agents": round(stand.staff.agents, 2),
        "away": dict(stand.staff.away),
    }


def cannot(stand: Stand) -> Row:
    """Of a stand whose `present` is a reason."""
    return told(stand) | {"cannot_tell": str(stand.present)}


def answer(stand: Stand, present: Present, outlook: Outlook, need: Needed) -> Row:
    basis = present.basis
    return told(stand) | {
        "agents": round(present.agents, 2),
        "miss": outlook.miss,
        "low": outlook.low,
        "high": outlook.high,
        "expected_level": outlook.expected_level,
        "level": [present.part, present.whole],
        "needed": {"more": need.more, "low": need.low, "high": need.high},
        "likely": outlook.miss >= LIKELY,
        "basis": {
            "minutes": basis.minutes,
            "arrivals_per_hour": 3600 * basis.arriving.mean,
            "contacts": basis.arriving.seen,
            "trend": round(basis.trend, 3),
            "handling_s": 1 / basis.serving.mean,
            "ended": basis.serving.seen,
            "patience_s": 1 / basis.leaving.mean,
            "gave_up": basis.leaving.seen,
            "ring_s": basis.ring_s,
        },
    }
