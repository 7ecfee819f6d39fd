"""What people ask to be told. In: nothing. Out: frozen rules, each with the timing that keeps it from crying wolf.

A rule says how to measure (its own fields) and when to speak (`Timing`, `schedule`, `traffic`, the same for every
kind). May not know: TOML, numbers of the moment, senders. A new kind of rule is a new class in `Rule`, a measure for
it (alerts/measure.py) and its words (alerts/text.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.schedule import Schedule
from streams.vocabulary.ids import AgentId, QueueName

MOST_SCOPES = 1_000
"""Alerts of one rule in progress at once: a storm beyond is one fact, and more messages would not tell more."""


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`hold_ms`: how long it must be bad before it fires; `keep_firing_ms`: how long good before it resolves."""

    hold_ms: int
    keep_firing_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Watches a queue only while `least` <= contacts an hour < `below`; `below` None: however many."""

    least: int = 0
    below: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevelRule:
    """Service level of a queue by `formula` over the trailing `window_minutes`.

    Fires below `fire_below` percent, may resolve from `clear_above` percent on; between the two it stays what it was.
    Fewer than `min_sample` contacts in the formula's denominator say nothing. `queues` empty: every queue.
    """

    name: str
    label: Label
    severity: Severity
    channels: tuple[str, ...]
    timing: Timing
    queues: tuple[QueueName, ...]
    formula: str
    window_minutes: int
    fire_below: float
    clear_above: float
    min_sample: int
    schedule: Schedule | None = None
    traffic: Traffic | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSilentRule:
    """The floor is blind: numbers rest on a lost source or no longer come. One alert per site, naming the queues."""

    name: str
    label: Label
    severity: Severity
    channels: tuple[str, ...]
    timing: Timing
    schedule: Schedule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnRule:
    """Spends its error budget too fast: burn = (100 - service level) / (100 - target), on a long and a short window.

    Fires where both reach `factor`, the long window has `min_sample` contacts and, at `z`, the upper end of its Wilson
    interval is below `bound_below` (0: no bound); with `day_below_target` only on a day that is itself below target.
    """

    name: str
    label: Label
    severity: Severity
    channels: tuple[str, ...]
    timing: Timing
    queues: tuple[QueueName, ...]
    formula: str
    target: float
    target_by: Mapping[str, float]
    """queue -> its own target"""
    factor: float
    long_minutes: int
    short_minutes: int
    min_sample: int
    bound_below: float
    z: float
    day_below_target: bool
    schedule: Schedule | None = None
    traffic: Traffic | None = None

    def target_of(self, queue: str) -> float:
        return self.target_by.get(queue, self.target)

    def threshold_of(self, queue: str) -> float:
        """The service level at which it burns `factor` times."""
        return 100 - self.factor * (100 - self.target_of(queue))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a metric is asked for; what a metric does not know stays at its default."""

    window_minutes: int = 0
    formula: str = ""
    state: str = ""
    reason: str = ""
    """"": whatever the reason"""
    phrase: str = ""
    """a live rule's name; "": any"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One metric against its thresholds, in the metric's own unit (percent, ms, count, score).

    Where high is bad: a breach from `fire` on, clear below `clear`. Where low is bad: a breach below `fire`, clear
    from `clear` on. `z` above 0: the Wilson interval of the share, not the share, must lie beyond `fire`.
    """

    metric: str
    fire: float
    clear: float
    asked: Asked = Asked()
    min_sample: int = 0
    z: float = 0.0
    fire_by: Mapping[str, float] = field(default_factory=dict)
    """queue, team or tier -> its own `fire`; `clear` keeps its distance"""

    def fire_of(self, scope: str) -> float:
        """`scope` without its kind; of a tier, the part behind the queue counts."""
        if not self.fire_by:
            return self.fire
        return self.fire_by.get(scope, self.fire_by.get(scope.rpartition("/")[2], self.fire))

    def clear_of(self, scope: str) -> float:
        return self.fire_of(scope) + self.clear - self.fire


class Mode(StrEnum):
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """Whom a rule watches; empty: everyone it can."""

    queues: tuple[QueueName, ...] = ()
    teams: tuple[str, ...] = ()
    agents: tuple[AgentId, ...] = ()
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRule:
    """Conditions over alerts/metrics.py, all or any of them at once; the first one names what is watched."""

    name: str
    label: Label
    severity: Severity
    channels: tuple[str, ...]
    timing: Timing
    mode: Mode
    conditions: tuple[Condition, ...]
    among: Selectors = Selectors()
    most_scopes: int = MOST_SCOPES
    schedule: Schedule | None = None
    traffic: Traffic | None = None


Rule = ServiceLevelRule | SourceSilentRule | BurnRule | ThresholdRule

SOURCE_SILENT = "source_silent"


def default_source_silent(channels: tuple[str, ...]) -> SourceSilentRule:
    """The rule every site has unless it writes its own: 15 s of silence tell all channels."""
    return SourceSilentRule(
        name=SOURCE_SILENT,
        label=Label(zh="数据源中断", en="Source silent"),
        severity=Severity.CRITICAL,
        channels=channels,
        timing=Timing(hold_ms=15_000, keep_firing_ms=10_000),
    )
