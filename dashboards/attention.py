"""Which queues somebody should look at now. In: tiles, limits, what was found before. Out: `QueueFinding`s.

A queue whose source is lost is never judged: its numbers are of the past. What is found leaves later than it came
(`Before`), so that a number that wavers around its limit does not blink. May not know: seats, words, sockets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from alerts.rules import Severity
from dashboards.columns import Tile
from streams.floor.records import Visit
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState, Direction


class QueueKind(StrEnum):
    NOBODY_SERVES = "nobody_serves"
    """contacts wait and every agent of the queue is not ready or signed out"""
    TIER_WAITING = "tier_waiting"
    WAIT = "wait_long"
    IDLE = "ready_while_waiting"
    """agents of the queue are ready, yet contacts wait long"""
    FORECAST = "forecast_miss"
    LEVEL = "level_below"
    NOBODY_READY = "nobody_ready"


@dataclass(frozen=True, slots=True)
class Wait:
    """From `amber_ms` on somebody should look, from `red_ms` on at once."""

    amber_ms: int
    red_ms: int

    def of(self, severity: Severity) -> int:
        return self.red_ms if severity is Severity.CRITICAL else self.amber_ms


DEFAULT_TIERS: Mapping[str, Wait] = MappingProxyType(
    {
        tier: Wait(10_000, 20_000)
        for tier in ("VIP", "vip", "SVIP", "platinum", "diamond", "gold", "白金卡", "钻石卡", "金卡")
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """`wait_amber`, `wait_red`: multiples of the queue's target, unless `wait` names it. Only named `tiers` count."""

    wait: Mapping[QueueName, Wait] = field(default_factory=dict)
    wait_amber: int = 3
    wait_red: int = 6
    tiers: Mapping[str, Wait] = field(default_factory=lambda: DEFAULT_TIERS)
    least_sample: int = 20
    """fewer contacts in the formula's whole say nothing of a service level"""
    red_points: float = 10.0
    """this far below the goal is red"""
    miss_amber: float = 0.6
    miss_red: float = 0.85
    """probability of missing the interval's target"""

    def wait_of(self, tile: Tile) -> Wait:
        own = self.wait.get(tile.queue)
        return own or Wait(self.wait_amber * tile.threshold_ms, self.wait_red * tile.threshold_ms)


Values = Mapping[str, int | float | str]

STAYS = 0.75
"""What came at its limit leaves below this share of it."""
STAYS_POINTS = 2.0
"""A service level must rise this far above where it came before it leaves."""
STAYS_PROBABILITY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFinding:
    """`since`: what its clock counts from. `values`: what the sentence says, by name."""

    kind: QueueKind
    queue: QueueName
    severity: Severity
    since: Millis
    at: Millis
    values: Values

    @property
    def key(self) -> str:
        tier = self.values.get("tier", "")
        return f"{self.kind}:{self.queue}:{tier}" if tier else f"{self.kind}:{self.queue}"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast for the running interval. `short`: further agents needed now, None: not known."""

    queue: QueueName
    miss: float
    short: int | None
    until: Millis


@dataclass(frozen=True, slots=True)
class TierWaiting:
    queue: QueueName
    tier: str
    since: Millis
    count: int


Before = Mapping[str, tuple[Severity, Millis]]
"""By key: how a finding stood a second ago, and since when it has been so."""


def queue_findings(
    tiles: Sequence[Tile],
    limits: QueueLimits,
    now: Millis,
    *,
    tiers: Sequence[TierWaiting] = (),
    outlooks: Sequence[Outlook] = (),
    before: Before | None = None,
) -> list[QueueFinding]:
    kept = before or {}
    certain = {tile.queue: tile for tile in tiles if tile.certain}
    found: list[QueueFinding | None] = []
    for tile in certain.values():
        found += [_wait(tile, limits, now, kept), _nobody(tile, now, kept), _level(tile, limits, now, kept)]
    found += [_tier(one, limits, now, kept) for one in tiers if one.queue in certain]
    found += [_outlook(one, limits, now, kept) for one in outlooks if one.queue in certain]
    return [one for one in found if one is not None]


def tiers_waiting(visits: Iterable[Visit], limits: QueueLimits) -> list[TierWaiting]:
    """Customers of the named tiers that still wait, added up by queue and tier."""
    named = limits.tiers
    since: dict[tuple[QueueName, str], list[Millis]] = {}
    for one in visits:
        if one.tier in named and not one.answered_at and not one.missing and one.direction is Direction.INBOUND:
            since.setdefault((one.queue, one.tier), []).append(one.queued_at)
    return [TierWaiting(queue, tier, min(moments), len(moments)) for (queue, tier), moments in since.items()]


def _judged(value: float, limit: Wait, before: Severity | None) -> Severity | None:
    """A severity that was reached is kept down to `STAYS` of its limit."""
    if value >= limit.red_ms * (STAYS if before is Severity.CRITICAL else 1):
        return Severity.CRITICAL
    if value >= limit.amber_ms * (STAYS if before is not None else 1):
        return Severity.WARNING
    return None


def _was(key: str, kept: Before) -> Severity | None:
    before = kept.get(key)
    return None if before is None else before[0]


def _listed(made: QueueFinding, kept: Before) -> QueueFinding:
    """It keeps its place in the list as long as it stays as severe."""
    before = kept.get(made.key)
    return made if before is None or before[0] is not made.severity else replace(made, at=before[1])


def _wait(tile: Tile, limits: QueueLimits, now: Millis, kept: Before) -> QueueFinding | None:
    if not tile.waiting:
        return None
    kind, limit = QueueKind.WAIT, limits.wait_of(tile)
    severity = _judged(tile.longest_wait_ms, limit, _was(f"{kind}:{tile.queue}", kept))
    if severity is None:
        return None
    since = Millis(tile.at - tile.longest_wait_ms)
    passed = limit.of(severity)
    values = {"waiting": tile.waiting, "limit_ms": passed}
    at = Millis(min(now, since + passed))
    made = QueueFinding(kind=kind, queue=tile.queue, severity=severity, since=since, at=at, values=values)
    return _listed(made, kept)


_SERVING = (AgentState.READY, AgentState.OFFERED, AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.WRAP_UP)
_TAKES = (AgentState.READY, AgentState.OFFERED)


def _nobody(tile: Tile, now: Millis, kept: Before) -> QueueFinding | None:
    """Contacts wait, and no agent of the queue is there at all, or, past the target, none is free."""
    if not tile.waiting or tile.agents.get(AgentState.UNKNOWN):
        return None
    late = tile.longest_wait_ms >= tile.threshold_ms
    busy = sum(tile.agents.get(state, 0) for state in _SERVING)
    if not busy:
        kind, severity = QueueKind.NOBODY_SERVES, Severity.CRITICAL if late else Severity.WARNING
    elif late and not any(tile.agents.get(state) for state in _TAKES):
        kind, severity = QueueKind.NOBODY_READY, Severity.WARNING
    else:
        return None
    since = Millis(tile.at - tile.longest_wait_ms)
    values = {"waiting": tile.waiting, "not_ready": tile.agents.get(AgentState.NOT_READY, 0), "busy": busy}
    made = QueueFinding(kind=kind, queue=tile.queue, severity=severity, since=since, at=now, values=values)
    return _listed(made, kept)


def _level(tile: Tile, limits: QueueLimits, now: Millis, kept: Before) -> QueueFinding | None:
    percent = tile.level.percent
    if percent is None or tile.level.whole < limits.least_sample:
        return None
    was, goal = _was(f"{QueueKind.LEVEL}:{tile.queue}", kept), tile.goal.percent
    if percent < goal - limits.red_points + (STAYS_POINTS if was is Severity.CRITICAL else 0):
        severity = Severity.CRITICAL
    elif percent < goal + (STAYS_POINTS if was is not None else 0):
        severity = Severity.WARNING
    else:
        return None
    values: Values = {
        "part": tile.level.part,
        "whole": tile.level.whole,
        "goal": goal,
        "formula": tile.goal.formula,
        "threshold_ms": tile.threshold_ms,
        "window_minutes": tile.goal.window_minutes,
    }
    made = QueueFinding(
        kind=QueueKind.LEVEL, queue=tile.queue, severity=severity, since=tile.since, at=now, values=values
    )
    return _listed(made, kept)


def _tier(one: TierWaiting, limits: QueueLimits, now: Millis, kept: Before) -> QueueFinding | None:
    kind, limit = QueueKind.TIER_WAITING, limits.tiers.get(one.tier)
    if limit is None:
        return None
    severity = _judged(now - one.since, limit, _was(f"{kind}:{one.queue}:{one.tier}", kept))
    if severity is None:
        return None
    passed = limit.of(severity)
    values: Values = {"tier": one.tier, "waiting": one.count, "limit_ms": passed}
    at = Millis(min(now, one.since + passed))
    made = QueueFinding(kind=kind, queue=one.queue, severity=severity, since=one.since, at=at, values=values)
    return _listed(made, kept)


def _outlook(one: Outlook, limits: QueueLimits, now: Millis, kept: Before) -> QueueFinding | None:
    was = _was(f"{QueueKind.FORECAST}:{one.queue}", kept)
    if one.miss >= limits.miss_red - (STAYS_PROBABILITY if was is Severity.CRITICAL else 0):
        severity = Severity.CRITICAL
    elif one.miss >= limits.miss_amber - (STAYS_PROBABILITY if was is not None else 0):
        severity = Severity.WARNING
    else:
        return None
    values: dict[str, int | float | str] = {"miss": round(one.miss, 2), "until": one.until}
    if one.short is not None:
        values["short"] = one.short
    made = QueueFinding(kind=QueueKind.FORECAST, queue=one.queue, severity=severity, since=now, at=now, values=values)
    return _listed(made, kept)
