"""Alert rules from TOML. In: a table holding [[rule]]. Out: rules; every fault at once, kept in the table's list.

The caller looks at `table.faults` (or catches AlertFaults from `parse_rules`) before using a rule. May not know: the
file system, senders.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from alerts.rules import (
    SOURCE_SILENT,
    Label,
    Rule,
    ServiceLevelRule,
    Severity,
    SourceSilentRule,
    Timing,
    default_source_silent,
)
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS, WINDOW_MINUTES
from streams.toml_lines import Fault, read_toml
from streams.toml_table import Table, suggest
from streams.vocabulary.ids import QueueName

_DAY_S = 86_400
_DEFAULT_FIRE_BELOW = 80.0


class AlertFaults(Exception):
    """All that is wrong with a file of rules."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def parse_rules(
    text: str, *, file: str, channels: Collection[str], queues: Collection[str] | None = None
) -> tuple[Rule, ...]:
    """The rules of a file of [[rule]] tables; raises AlertFaults with every fault.

    `channels`: names a rule may notify. `queues`: names a rule may watch, None if they are not known beforehand.
    """
    toml = read_toml(text, file=file)
    table = Table(toml, file=file, faults=list(toml.faults))
    rules = read_rules(table, channels=channels, queues=queues)
    table.close()
    if table.faults:
        raise AlertFaults(tuple(sorted(table.faults)))
    return with_source_silent(rules, channels=channels)


def with_source_silent(rules: tuple[Rule, ...], *, channels: Collection[str]) -> tuple[Rule, ...]:
    """Adds the default rule for silent sources where none is written."""
    if any(isinstance(rule, SourceSilentRule) for rule in rules):
        return rules
    return (*rules, default_source_silent(tuple(sorted(channels))))


def read_rules(table: Table, *, channels: Collection[str], queues: Collection[str] | None) -> tuple[Rule, ...]:
    """The [[rule]] tables below `table`; faults go to `table.faults`."""
    rules: list[Rule] = []
    for entry in table.tables("rule"):
        kind = entry.choice("kind", _KINDS)
        rule = _KINDS[kind](entry, channels, queues)
        entry.close()
        if any(rule.name == other.name for other in rules):
            entry.fault("name", f"{rule.name!r} names two rules", "give each rule its own name; its alerts carry it")
        if isinstance(rule, SourceSilentRule) and any(isinstance(other, SourceSilentRule) for other in rules):
            entry.fault("kind", "a second source_silent rule", "keep one; it watches the whole site")
        rules.append(rule)
    return tuple(rules)


def _service_level(entry: Table, channels: Collection[str], queues: Collection[str] | None) -> ServiceLevelRule:
    fire_below = entry.number("fire_below", low=0.1, high=100, default=_DEFAULT_FIRE_BELOW)
    clear_above = entry.number("clear_above", low=0.1, high=100, default=fire_below)
    if clear_above < fire_below:
        entry.fault(
            "clear_above",
            f"{clear_above:g} is below fire_below = {fire_below:g}: the alert would resolve while it fires",
            f"write at least {fire_below:g}",
        )
    return ServiceLevelRule(
        name=_name(entry),
        label=_label(entry),
        severity=_severity(entry, Severity.WARNING),
        channels=_channels(entry, channels),
        timing=_timing(entry, hold_s=120, keep_firing_s=300),
        queues=_queues(entry, queues),
        formula=entry.choice("formula", FORMULAS, default=DEFAULT_FORMULA),
        window_minutes=_window(entry),
        fire_below=fire_below,
        clear_above=clear_above,
        min_sample=entry.integer("min_sample", low=1, high=1_000_000, default=20),
    )


def _source_silent(entry: Table, channels: Collection[str], queues: Collection[str] | None) -> SourceSilentRule:
    return SourceSilentRule(
        name=_name(entry),
        label=_label(entry),
        severity=_severity(entry, Severity.CRITICAL),
        channels=_channels(entry, channels),
        timing=_timing(entry, hold_s=15, keep_firing_s=10),
    )


_KINDS: Mapping[str, Callable[[Table, Collection[str], Collection[str] | None], Rule]] = MappingProxyType(
    {"service_level": _service_level, SOURCE_SILENT: _source_silent}
)


def _name(entry: Table) -> str:
    name = entry.text("name")
    if name and not all(char.isalnum() or char in "-_." for char in name):
        entry.fault("name", f"{name!r} has characters an id cannot carry", "use letters, digits, - _ . only")
    return name


def _label(entry: Table) -> Label:
    name = str(entry.text("name", default="?"))
    return Label(zh=entry.text("label_zh", default=name), en=entry.text("label_en", default=name))


def _severity(entry: Table, default: Severity) -> Severity:
    return Severity(entry.choice("severity", [severity.value for severity in Severity], default=default.value))


def _timing(entry: Table, *, hold_s: int, keep_firing_s: int) -> Timing:
    return Timing(
        hold_ms=1000 * entry.integer("hold_s", low=0, high=_DAY_S, default=hold_s),
        keep_firing_ms=1000 * entry.integer("keep_firing_s", low=0, high=_DAY_S, default=keep_firing_s),
    )


def _window(entry: Table) -> int:
    minutes = entry.integer("window_minutes", low=1, high=1440, default=15)
    if minutes not in WINDOW_MINUTES:
        known = ", ".join(map(str, WINDOW_MINUTES))
        entry.fault("window_minutes", f"no window of {minutes} minutes is kept", f"choose one of {known}")
    return minutes


def _channels(entry: Table, known: Collection[str]) -> tuple[str, ...]:
    """Absent: all channels. An empty list: the page only."""
    if not entry.has("channels"):
        return tuple(sorted(known))
    names = entry.texts("channels", default=())
    for name in names:
        if name not in known:
            entry.fault("channels", f"unknown channel {name!r}", suggest(name, known))
    return tuple(dict.fromkeys(names))


def _queues(entry: Table, known: Collection[str] | None) -> tuple[QueueName, ...]:
    names = entry.texts("queues", default=())
    if entry.has("queues") and not names:
        entry.fault("queues", "an empty list watches nothing", "name queues, or leave the key out to watch all")
    for name in names:
        if known is not None and name not in known:
            entry.fault("queues", f"unknown queue {name!r}", suggest(name, known))
    return tuple(QueueName(name) for name in dict.fromkeys(names))
