"""One condition from TOML: a metric and its thresholds. In: its Table. Out: Condition; faults in the table's list.

Times are written in seconds, or as "2m", and kept in ms. May not know: rules, how a metric is read.
"""

from typing import Final

from alerts.bounds import Z_OF
from alerts.metric import Metric, ScopeKind, Trait, Unit
from alerts.metrics import METRICS
from alerts.parse_burn import read_z
from alerts.parse_fields import DAY_S, Known, read_own, read_window
from alerts.rules import Asked, Condition
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS
from streams.toml_table import Table, suggest
from streams.vocabulary.states import AgentState

STATES: Final = tuple(state.value for state in AgentState if state not in (AgentState.SIGNED_OUT, AgentState.UNKNOWN))
"""Those an agent can be too long in; who is signed out or not known is not watched."""
_MOST: Final = {Unit.PERCENT: 1000.0, Unit.MS: float(DAY_S), Unit.COUNT: 100_000.0, Unit.SCORE: 10_000.0}
_LEAST: Final = 0.01
"""Every value reaches 0, and none is below it."""
_NEEDS: Final = {
    "window_minutes": Trait.WINDOWED,
    "formula": Trait.NAMED_FORMULA,
    "min_sample": Trait.SAMPLED,
    "bound": Trait.SHARE,
    "confidence": Trait.SHARE,
}
_ONLY_OF: Final = {"state": "state_time", "reason": "state_time", "phrase": "phrase_hit"}
CONDITION_KEYS: Final = ("metric", "fire", "clear", "fire_by", *_NEEDS, *_ONLY_OF)


def read_condition(entry: Table, known: Known) -> Condition:
    name = entry.text("metric")
    metric = METRICS.get(name)
    if metric is None:
        if name:
            entry.fault("metric", f"unknown metric {name!r}", suggest(name, METRICS))
        for key in CONDITION_KEYS:
            entry.has(key)  # what they mean depends on the metric: one fault is enough
        return Condition(metric="waiting", fire=1, clear=1)
    _refuse_what_it_has_not(entry, metric)
    fire, clear = _thresholds(entry, metric)
    return Condition(
        metric=metric.name,
        fire=fire,
        clear=clear,
        asked=_asked(entry, metric),
        min_sample=_min_sample(entry, metric),
        z=_z(entry, metric),
        fire_by=_own(entry, metric, known),
    )


def _refuse_what_it_has_not(entry: Table, metric: Metric) -> None:
    for key, trait in _NEEDS.items():
        if entry.has(key) and not metric.has(trait):
            entry.fault(key, f"{metric.name} has no {key}", f"remove {key}")
    for key, name in _ONLY_OF.items():
        if entry.has(key) and metric.name != name:
            entry.fault(key, f"{metric.name} has no {key}", f"remove {key}; it belongs to {name}")


def _thresholds(entry: Table, metric: Metric) -> tuple[float, float]:
    fire = _level(entry, "fire", metric, 1.0 if metric.has(Trait.EVENT) else None)
    clear = _level(entry, "clear", metric, fire / 1000 if metric.unit is Unit.MS else fire)
    if not entry.has("fire") and not metric.has(Trait.EVENT):
        return clear, clear
    if metric.high_is_bad and clear > fire:
        told = _shown(metric, fire)
        entry.fault("clear", f"is above fire = {told}: the alert would resolve while it fires", f"write at most {told}")
    if not metric.high_is_bad and clear < fire:
        told = _shown(metric, fire)
        entry.fault(
            "clear", f"is below fire = {told}: the alert would resolve while it fires", f"write at least {told}"
        )
    return fire, clear


def _level(entry: Table, key: str, metric: Metric, default: float | None) -> float:
    most = _MOST[metric.unit]
    if metric.unit is Unit.MS:
        return 1000 * entry.seconds(key, low=1, high=most, default=default)
    return entry.number(key, low=-most if metric.unit is Unit.SCORE else _LEAST, high=most, default=default)


def _shown(metric: Metric, value: float) -> str:
    return f"{value / 1000:g}" if metric.unit is Unit.MS else f"{value:g}"


def _asked(entry: Table, metric: Metric) -> Asked:
    in_state, hits = metric.name == "state_time", metric.name == "phrase_hit"
    return Asked(
        window_minutes=read_window(entry) if metric.has(Trait.WINDOWED) else 0,
        formula=entry.choice("formula", FORMULAS, default=DEFAULT_FORMULA) if metric.has(Trait.NAMED_FORMULA) else "",
        state=entry.choice("state", STATES) if in_state else "",
        reason=entry.text("reason", default="") if in_state else "",
        phrase=entry.text("phrase", default="") if hits else "",
    )


def _min_sample(entry: Table, metric: Metric) -> int:
    if not metric.has(Trait.SAMPLED):
        return 0
    return entry.integer("min_sample", low=1, high=1_000_000, default=20 if metric.has(Trait.WINDOWED) else 1)


def _z(entry: Table, metric: Metric) -> float:
    if not metric.has(Trait.SHARE):
        return 0.0
    if not entry.has("bound"):
        if entry.has("confidence"):
            entry.fault("confidence", "without a bound it is of no use", 'add bound = "wilson"')
        return 0.0
    entry.choice("bound", ["wilson"])
    if not entry.has("min_sample"):
        mend = "add min_sample = 15: of a handful of contacts even a bound says little"
        entry.fault("bound", "a bound without min_sample", mend)
    return read_z(entry) if entry.has("confidence") else Z_OF[95]


def _own(entry: Table, metric: Metric, known: Known) -> dict[str, float]:
    if not entry.has("fire_by"):
        return {}
    if metric.scope not in (ScopeKind.QUEUE, ScopeKind.TEAM, ScopeKind.TIER):
        entry.fault(
            "fire_by", f"{metric.name} is about a {metric.scope}", "remove fire_by; it names queues, teams, tiers"
        )
        return {}
    names = {ScopeKind.QUEUE: known.queues, ScopeKind.TEAM: known.teams}.get(metric.scope)
    own = read_own(entry, "fire_by", metric.scope.value, names, high=_MOST[metric.unit])
    scale = 1000 if metric.unit is Unit.MS else 1
    return {name: scale * value for name, value in own.items()}
