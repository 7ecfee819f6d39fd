"""Alert rules from TOML. In: a table holding [[rule]], [schedule.NAME]. Out: rules; every fault, in the table's list.

The caller looks at `table.faults` (or catches AlertFaults from `parse_rules`) before using a rule. May not know: the
file system, senders.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from alerts.parse_burn import read_burn
from alerts.parse_fields import (
    Known,
    read_channels,
    read_label,
    read_name,
    read_queues,
    read_schedule_of,
    read_severity,
    read_timing,
    read_traffic,
    read_window,
)
from alerts.parse_schedule import read_schedules
from alerts.parse_threshold import read_threshold
from alerts.rules import (
    SOURCE_SILENT,
    Rule,
    ServiceLevelRule,
    Severity,
    SourceSilentRule,
    default_source_silent,
)
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS
from streams.toml_lines import Fault, read_toml
from streams.toml_table import Table

_DEFAULT_FIRE_BELOW = 80.0


class AlertFaults(Exception):
    """All that is wrong with a file of rules."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def parse_rules(
    text: str,
    *,
    file: str,
    channels: Collection[str],
    queues: Collection[str] | None = None,
    teams: Collection[str] | None = None,
) -> tuple[Rule, ...]:
    """The rules of a file of [[rule]] tables; raises AlertFaults with every fault.

    `channels`: names a rule may notify. `queues`, `teams`: names a rule may watch, None if they are not known
    beforehand.
    """
    toml = read_toml(text, file=file)
    table = Table(toml, file=file, faults=list(toml.faults))
    rules = read_rules(table, channels=channels, queues=queues, teams=teams)
    table.close()
    if table.faults:
        raise AlertFaults(tuple(sorted(set(table.faults))))
    return with_source_silent(rules, channels=channels)


def with_source_silent(rules: tuple[Rule, ...], *, channels: Collection[str]) -> tuple[Rule, ...]:
    """Adds the default rule for silent sources where none is written."""
    if any(isinstance(rule, SourceSilentRule) for rule in rules):
        return rules
    return (*rules, default_source_silent(tuple(sorted(channels))))


def read_rules(
    table: Table,
    *,
    channels: Collection[str],
    queues: Collection[str] | None,
    teams: Collection[str] | None = None,
) -> tuple[Rule, ...]:
    """The [[rule]] tables below `table`; faults go to `table.faults`."""
    known = Known(channels=channels, queues=queues, teams=teams, schedules=read_schedules(table))
    rules: list[Rule] = []
    for entry in table.tables("rule"):
        kind = entry.choice("kind", KINDS)
        rule = KINDS[kind](entry, known)
        entry.close()
        if any(rule.name == other.name for other in rules):
            entry.fault("name", f"{rule.name!r} names two rules", "give each rule its own name; its alerts carry it")
        if isinstance(rule, SourceSilentRule) and any(isinstance(other, SourceSilentRule) for other in rules):
            entry.fault("kind", "a second source_silent rule", "keep one; it watches the whole site")
        rules.append(rule)
    return tuple(rules)


def _service_level(entry: Table, known: Known) -> ServiceLevelRule:
    fire_below = entry.number("fire_below", low=0.1, high=100, default=_DEFAULT_FIRE_BELOW)
    clear_above = entry.number("clear_above", low=0.1, high=100, default=fire_below)
    if clear_above < fire_below:
        entry.fault(
            "clear_above",
            f"{clear_above:g} is below fire_below = {fire_below:g}: the alert would resolve while it fires",
            f"write at least {fire_below:g}",
        )
    return ServiceLevelRule(
        name=read_name(entry),
        label=read_label(entry),
        severity=read_severity(entry, Severity.WARNING),
        channels=read_channels(entry, known.channels),
        timing=read_timing(entry, hold_s=120, keep_firing_s=300),
        queues=read_queues(entry, known.queues),
        formula=entry.choice("formula", FORMULAS, default=DEFAULT_FORMULA),
        window_minutes=read_window(entry),
        fire_below=fire_below,
        clear_above=clear_above,
        min_sample=entry.integer("min_sample", low=1, high=1_000_000, default=20),
        schedule=read_schedule_of(entry, known.schedules),
        traffic=read_traffic(entry),
    )


def _source_silent(entry: Table, known: Known) -> SourceSilentRule:
    return SourceSilentRule(
        name=read_name(entry),
        label=read_label(entry),
        severity=read_severity(entry, Severity.CRITICAL),
        channels=read_channels(entry, known.channels),
        timing=read_timing(entry, hold_s=15, keep_firing_s=10),
        schedule=read_schedule_of(entry, known.schedules),
    )


KINDS: Mapping[str, Callable[[Table, Known], Rule]] = MappingProxyType(
    {
        "service_level": _service_level,
        SOURCE_SILENT: _source_silent,
        "burn": read_burn,
        "threshold": read_threshold,
    }
)
