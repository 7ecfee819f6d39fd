"""What people ask to be told. In: nothing. Out: frozen rules, each with the timing that keeps it from crying wolf.

A rule says how to measure (its own fields) and when to speak (`Timing`, the same for every kind). May not know: TOML,
numbers of the moment, senders. A new kind of rule is a new class in `Rule` and a new `measure` in evaluate.py.
"""

from dataclasses import dataclass
from enum import StrEnum

from streams.vocabulary.ids import QueueName


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSilentRule:
    """The floor is blind: numbers rest on a lost source or no longer come. One alert per site, naming the queues."""

    name: str
    label: Label
    severity: Severity
    channels: tuple[str, ...]
    timing: Timing


Rule = ServiceLevelRule | SourceSilentRule

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
