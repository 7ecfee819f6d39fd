"""The fields that rules of several kinds share. In: one rule's Table. Out: plain values; faults in the table's list.

May not know: what any kind measures, the file system.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from alerts.rules import Label, Severity, Timing, Traffic
from alerts.schedule import Schedule
from streams.floor.numbers import WINDOW_MINUTES
from streams.toml_table import Table, suggest
from streams.vocabulary.ids import QueueName

DAY_S = 86_400
_MOST_AN_HOUR = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a rule may name. None: not known beforehand, so any name may be right."""

    channels: Collection[str]
    queues: Collection[str] | None = None
    teams: Collection[str] | None = None
    schedules: Mapping[str, Schedule] = field(default_factory=dict)


def read_name(entry: Table) -> str:
    name = entry.text("name")
    if name and not all(char.isalnum() or char in "-_." for char in name):
        entry.fault("name", f"{name!r} has characters an id cannot carry", "use letters, digits, - _ . only")
    return name


def read_label(entry: Table) -> Label:
    name = str(entry.text("name", default="?"))
    return Label(zh=entry.text("label_zh", default=name), en=entry.text("label_en", default=name))


def read_severity(entry: Table, default: Severity) -> Severity:
    return Severity(entry.choice("severity", [severity.value for severity in Severity], default=default.value))


def read_timing(entry: Table, *, hold_s: int, keep_firing_s: int) -> Timing:
    return Timing(
        hold_ms=1000 * entry.integer("hold_s", low=0, high=DAY_S, default=hold_s),
        keep_firing_ms=1000 * entry.integer("keep_firing_s", low=0, high=DAY_S, default=keep_firing_s),
    )


def read_window(entry: Table, key: str = "window_minutes", default: int = 15) -> int:
    minutes = entry.integer(key, low=1, high=1440, default=default)
    if minutes not in WINDOW_MINUTES:
        known = ", ".join(map(str, WINDOW_MINUTES))
        entry.fault(key, f"no window of {minutes} minutes is kept", f"choose one of {known}")
        return default
    return minutes


def read_channels(entry: Table, known: Collection[str]) -> tuple[str, ...]:
    """Absent: all channels. An empty list: the page only."""
    if not entry.has("channels"):
        return tuple(sorted(known))
    return _names(entry, "channels", "channel", known)


def read_queues(entry: Table, known: Collection[str] | None) -> tuple[QueueName, ...]:
    return tuple(QueueName(name) for name in read_some(entry, "queues", "queue", known))


def read_some(entry: Table, key: str, noun: str, known: Collection[str] | None) -> tuple[str, ...]:
    """A list of names that may be left out to mean all, but not be empty."""
    names = _names(entry, key, noun, known)
    if entry.has(key) and not names:
        entry.fault(key, "an empty list watches nothing", f"name {key}, or leave the key out to watch all")
    return names


def read_own(entry: Table, key: str, noun: str, known: Collection[str] | None, *, high: float) -> Mapping[str, float]:
    """A table of numbers by name: {VIP = 90}."""
    table = entry.table(key)
    if table is None:
        return {}
    own = {name: table.number(name, low=-high, high=high) for name in list(table.names())}
    for name in own:
        if known is not None and name not in known:
            table.fault(name, f"unknown {noun} {name!r}", suggest(name, known))
    return own


def read_traffic(entry: Table) -> Traffic | None:
    if not entry.has("traffic_from") and not entry.has("traffic_below"):
        return None
    least = entry.integer("traffic_from", low=0, high=_MOST_AN_HOUR, default=0)
    below = entry.integer("traffic_below", low=1, high=_MOST_AN_HOUR, default=_MOST_AN_HOUR)
    if below <= least:
        mend = f"write more than {least}, or leave one of the two out"
        entry.fault("traffic_below", f"{below} is not above traffic_from = {least}: it never watches", mend)
    return Traffic(least=least, below=below if entry.has("traffic_below") else None)


def read_schedule_of(entry: Table, schedules: Mapping[str, Schedule]) -> Schedule | None:
    if not entry.has("schedule"):
        return None
    name = entry.text("schedule")
    if name and name not in schedules:
        mend = suggest(name, schedules) if schedules else f"write a table [schedule.{name}] with its hours"
        entry.fault("schedule", f"unknown schedule {name!r}", mend)
    return schedules.get(name)


def _names(entry: Table, key: str, noun: str, known: Collection[str] | None) -> tuple[str, ...]:
    names = entry.texts(key, default=())
    for name in names:
        if known is not None and name not in known:
            entry.fault(key, f"unknown {noun} {name!r}", suggest(name, known))
    return tuple(dict.fromkeys(names))
