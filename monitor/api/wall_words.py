"""The wall's JSON words, sent in the same socket as the frames. In: numbers, goals, alerts. Out: UTF-8 JSON.

Each has `t`, its name. Ratios travel as [part, whole], never as a rounded percentage. May not know: sockets, HTML.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from dashboards.columns import Goals, Tile, Totals, occupancy, service_level_line, tile, totals
from dashboards.lately import Lately
from dashboards.rows import lines_row, need_of
from seat_map.palette import SeatCode
from seat_map.plan import Plan
from streams.floor.numbers import FORMULAS, QueueNumbers, Ratio
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis
from streams.vocabulary.states import AgentState

encode = msgspec.json.Encoder().encode


class Word(StrEnum):
    """In the order in which a new viewer gets them; docs/wall.md says what each holds."""

    PLAN = "plan"
    REASONS = "reasons"
    ALERTS = "alerts"
    NUMBERS = "numbers"
    GROUPS = "groups"
    LINE = "line"
    LINES = "lines"
    TIERS = "tiers"
    ATTENTION = "attention"
    FORECAST = "forecast"
    NEWS = "news"
    PERSONS = "persons"
    TIERED = "tiered"
    ATTENDING = "attending"


def word(name: Word, **values: object) -> bytes:
    return encode({"t": name, **values})


def plan_version(plan: Plan) -> str:
    """The same plan has the same version in every process: a browser that comes back knows whether to draw anew."""
    return f"{crc32(encode(plan)):08x}"


def reasons_word(texts: Sequence[str]) -> bytes:
    return encode({"t": Word.REASONS, "texts": list(texts)})


def alerts_word(alerts: Sequence[AlertFact]) -> bytes:
    return encode({"t": Word.ALERTS, "alerts": [alert_row(alert) for alert in alerts]})


def alert_row(alert: AlertFact) -> dict[str, object]:
    return {
        "alert": alert.alert,
        "rule": alert.rule,
        "scope": alert.scope,
        "severity": alert.severity,
        "state": alert.state,
        "reason": alert.reason,
        "value": alert.value,
        "threshold": alert.threshold,
        "raised_at": alert.raised_at,
        "resolved_at": alert.resolved_at or None,
        "acknowledged_at": alert.acknowledged_at or None,
        "acknowledged_by": alert.acknowledged_by,
        "detail": read_detail(alert.detail),
    }


class MeasuredDetail(msgspec.Struct, frozen=True):
    """One number that a rule looked at."""

    metric: str = ""
    unit: str = ""
    value: float | None = None
    threshold: float = 0.0
    formula: str = ""
    window_minutes: int = 0
    part: int = 0
    whole: int = 0


class AlertDetail(msgspec.Struct, frozen=True):
    """What an alert's value rests on, as its JSON tells; words we do not know are left aside."""

    label_zh: str = ""
    label_en: str = ""
    formula: str = ""
    window_minutes: int = 0
    part: int = 0
    whole: int = 0
    queues: tuple[str, ...] = ()
    metric: str = ""
    unit: str = ""
    target: float = 0.0
    mode: str = ""
    measured: tuple[MeasuredDetail, ...] = ()
    why: str = ""
    who: str = ""


def read_detail(text: str) -> AlertDetail:
    """A detail in another shape is shown as a label, not lost."""
    if not text:
        return AlertDetail()
    try:
        return msgspec.json.decode(text, type=AlertDetail)
    except msgspec.DecodeError:
        return AlertDetail(label_zh=text, label_en=text)


def numbers_word(
    numbers: Sequence[QueueNumbers],
    goals: Goals,
    *,
    now: Millis,
    viewers: int,
    counts: npt.NDArray[np.int64],
    whole: bool = False,
) -> bytes:
    """`whole`: with each queue's tiers and outbound contacts, for who does not hear it every second."""
    tiles = [tile(queue, goals.of(queue.queue)) for queue in numbers]
    return encode(
        {
            "t": Word.NUMBERS,
            "at": now,
            "viewers": viewers,
            "queues": [(queue_row if whole else tile_row)(shown) for shown in tiles],
            "total": total_row(totals(tiles), counts),
        }
    )


def tile_row(shown: Tile) -> dict[str, object]:
    """`outbound` only where there is any."""
    running: dict[str, object] = {"outbound": shown.outbound} if shown.outbound else {}
    return {
        **running,
        "queue": shown.queue,
        "at": shown.at,
        "standing": shown.standing,
        "need": need_of(shown),
        "certain": shown.certain,
        "level": pair(shown.level),
        "formula": shown.goal.formula,
        "goal_percent": shown.goal.percent,
        "threshold_ms": shown.threshold_ms,
        "window_minutes": shown.goal.window_minutes,
        "since": shown.since,
        "waiting": shown.waiting,
        "longest_wait_ms": shown.longest_wait_ms,
        "talking": shown.talking,
        "agents": dict(shown.agents),
        "offered": shown.window.offered,
        "answered": shown.window.answered,
        "abandon": pair(shown.window.abandon_rate),
        "asa_ms": shown.window.asa,
        "today_level": pair(shown.today_level),
    }


def queue_row(shown: Tile) -> dict[str, object]:
    """A tile and what stands behind it, of the day; each tier by the tile's own formula."""
    today, formula = shown.today, FORMULAS[shown.goal.formula]
    tiers = [
        {
            "tier": tier,
            "offered": one.offered,
            "answered": one.answered,
            "abandoned": one.abandoned,
            "level": pair(formula.of(one)),
        }
        for tier, one in sorted(shown.tiers.items())
    ]
    return {
        **tile_row(shown),
        "outbound": shown.outbound,
        "outbound_today": {
            "dialled": today.outbound_dialled,
            "reached": pair(today.reach_rate),
            "talk_ms": today.outbound_talk_ms,
        },
        "messages": today.messages,
        "tiers": tiers,
    }


def total_row(total: Totals, counts: npt.NDArray[np.int64]) -> dict[str, object]:
    states: Mapping[AgentState, int] = {
        AgentState.READY: int(counts[SeatCode.READY]),
        AgentState.ON_CONTACT: int(counts[SeatCode.ON_CONTACT]),
        AgentState.ON_HOLD: int(counts[SeatCode.ON_HOLD]),
        AgentState.WRAP_UP: int(counts[SeatCode.WRAP_UP]),
    }
    return {
        "waiting": total.waiting,
        "longest_wait_ms": total.longest_wait_ms,
        "talking": total.talking,
        "level": pair(total.level),
        "measures": total.measures,
        "certain": total.certain,
        "occupancy": pair(occupancy(states)),
    }


def line_word(numbers: Sequence[QueueNumbers], goals: Goals) -> bytes:
    line = service_level_line([queue.line for queue in numbers])
    return encode(
        {
            "t": Word.LINE,
            "at": line.at.tolist(),
            "minute": known(line.minute),
            "cumulative": known(line.cumulative),
            "whole": line.whole.tolist(),
            "goal_percent": goals.default.percent,
        }
    )


def lines_word(numbers: Sequence[QueueNumbers], goals: Goals, lately: Lately) -> bytes:
    """The small line of each card; it changes once a minute."""
    return encode({"t": Word.LINES, **lines_row(numbers, goals, lately)})


def known(values: npt.NDArray[np.float64]) -> list[float | None]:
    """JSON has no NaN: no answer is null."""
    return [None if np.isnan(value) else float(value) for value in values]


def pair(ratio: Ratio) -> list[int]:
    return [ratio.part, ratio.whole]
