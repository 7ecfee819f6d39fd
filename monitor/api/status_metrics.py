"""The service's own status as Prometheus metrics. In: `status()`, the door, dead letters' counts. Out: metric families.

Names and labels are stable (docs/operations.md lists them); a section nobody named here still shows under
floorwatch_status. Labels are sources, streams, reasons: never people. May not know: who counted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.api.push_door import PushDoor
from streams.bus.dead import Tally

Labels = tuple[str, ...]
Sample = tuple[Labels, float]

_SPOOL: Final = re.compile(r"([\w.-]+(?: \(pushed\))?) (.*)")
_UNSAFE: Final = re.compile(r"[^a-z0-9_]+")
_COUNTED: Final = frozenset({"bytes", "messages", "events"})
_SPOOL_GAUGES: Final = {
    "bytes": "bytes",
    "unsent": "unsent",
    "oldest_unsent_s": "oldest_unsent_seconds",
    "full_percent": "full_percent",
}


@dataclass(slots=True)
class Families:
    """Families by name, in the order they came. Mutable; one scrape's."""

    made: dict[str, Metric]

    def counter(self, name: str, text: str, labels: Sequence[str], told: Labels, value: float) -> None:
        family = self.made.setdefault(name, CounterMetricFamily(name, text, labels=labels))
        family.add_sample(f"{name}_total", dict(zip(labels, told, strict=True)), value)

    def gauge(self, name: str, text: str, labels: Sequence[str], told: Labels, value: float) -> None:
        family = self.made.setdefault(name, GaugeMetricFamily(name, text, labels=labels))
        family.add_sample(name, dict(zip(labels, told, strict=True)), value)


def status_families(
    status: Mapping[str, object], *, door: PushDoor | None = None, dead: Sequence[Tally] = ()
) -> Iterable[Metric]:
    families = Families({})
    for section, values in status.items():
        if section == "ready":
            families.gauge("floorwatch_ready", "1 once the floor has caught up", (), (), float(values is True))
        elif isinstance(values, Mapping):
            _section(families, section, values)
    if door is not None:
        _door(families, door)
    for tally in dead:
        for reason, letters in tally.reasons.items():
            families.gauge(
                "floorwatch_dead_letters", "Letters that wait", ("stream", "reason"), (tally.stream, reason), letters
            )
        families.gauge(
            "floorwatch_dead_letters_all", "Letters of a stream", ("stream",), (tally.stream,), tally.letters
        )
    return families.made.values()


def _section(families: Families, section: str, values: Mapping[str, object]) -> None:
    tell = _SECTIONS.get(section)
    for key, value in values.items():
        if section == "stores":
            families.gauge("floorwatch_store_up", "1: answers", ("store",), (key,), float(value in ("ok", True)))
        elif not isinstance(value, int | float):
            continue
        elif tell is not None:
            tell(families, key, float(value))
        elif section.startswith("history "):
            _history(families, section.removeprefix("history "), key, float(value))
        else:
            families.gauge(
                "floorwatch_status", "What has no name of its own yet", ("section", "name"), (section, key), value
            )


def _split(key: str) -> tuple[str, str]:
    """`switch: headless` is of `switch`; a word by itself is of nobody."""
    of, colon, word = key.rpartition(": ")
    return (of, word) if colon else ("", key)


def _drops(families: Families, key: str, value: float) -> None:
    families.counter("floorwatch_refused", "Input not used", ("source", "reason"), _split(key), value)


def _lost(families: Families, key: str, value: float) -> None:
    source, reason = _split(key)
    told = (source.removesuffix(" lost"), reason)
    families.counter("floorwatch_source_lost", "Connections lost", ("source", "reason"), told, value)


def _sources(families: Families, key: str, value: float) -> None:
    source, _, what = key.rpartition(" ")
    name = f"floorwatch_source_{_safe(what)}"
    if what in _COUNTED:
        families.counter(name, f"{what} of a source", ("source",), (source,), value)
    else:
        families.gauge(name, f"{what}: how a source stands", ("source",), (source,), value)


def _spools(families: Families, key: str, value: float) -> None:
    found = _SPOOL.fullmatch(key)
    source, what = (found[1], found[2]) if found else ("", key)
    if what in _SPOOL_GAUGES:
        name = f"floorwatch_spool_{_SPOOL_GAUGES[what]}"
        families.gauge(name, "What a source's spool holds", ("source",), (source,), value)
        return
    families.counter("floorwatch_spool", "What a source's spool did", ("source", "what"), (source, what), value)


def _of_kind(name: str, text: str) -> Callable[[Families, str, float], None]:
    def tell(families: Families, key: str, value: float) -> None:
        families.counter(name, text, ("site", "kind"), _split(key), value)

    return tell


def _streams(families: Families, key: str, value: float) -> None:
    families.gauge("floorwatch_stream_entries", "Entries on the bus", ("stream",), (key,), value)


def _disk(families: Families, key: str, value: float) -> None:
    families.gauge(f"floorwatch_disk_{_safe(key)}", "The data folder's disk", (), (), value)


def _lag(families: Families, key: str, value: float) -> None:
    reader, _, stream = key.partition(" ")
    told = (reader, stream)
    families.gauge("floorwatch_lag_seconds", "How far a reader is behind", ("reader", "stream"), told, value)


def _nothing(families: Families, key: str, value: float) -> None:
    """Told otherwise: dead letters by reason."""


_SECTIONS: Final[Mapping[str, Callable[[Families, str, float], None]]] = {
    "drops": _drops,
    "retries": _lost,
    "sources": _sources,
    "spools": _spools,
    "anomalies": _of_kind("floorwatch_anomalies", "What contradicted the floor"),
    "repairs": _of_kind("floorwatch_repairs", "What other witnesses put right"),
    "floor": _of_kind("floorwatch_floor", "What the floor's owner did"),
    "streams": _streams,
    "disk": _disk,
    "lag": _lag,
    "quarantine": _nothing,
}


def _history(families: Families, section: str, key: str, value: float) -> None:
    """`archive facts` is the part and its stream."""
    part, _, stream = section.partition(" ")
    name = f"floorwatch_{_safe(part)}_{_safe(key)}"
    families.gauge(name, "The history process's own count", ("stream",), (stream,), value)


def _door(families: Families, door: PushDoor) -> None:
    families.gauge("floorwatch_push_sockets", "Open sockets of pushers", (), (), door.open_sockets())
    for source in sorted(door.sources):
        for outcome, counts in (("accepted", door.accepted), ("duplicate", door.duplicates)):
            families.counter(
                "floorwatch_push_events", "Events pushed", ("source", "outcome"), (source, outcome), counts[source]
            )
    for (of, reason), count in sorted(door.refused.items()):
        families.counter("floorwatch_refused", "Input not used", ("source", "reason"), (of or "push", reason), count)
    families.counter(
        "floorwatch_chat_redacted", "Chat messages with something hidden", (), (), door.redacted_messages()
    )
    families.counter("floorwatch_push_samples_lost", "Refused lines that could not be kept", (), (), door.samples_lost)


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name.lower()).strip("_")


def names_of(families: Iterable[Metric]) -> Iterator[str]:
    """As they stand in the text: counters end in _total."""
    for family in families:
        yield f"{family.name}_total" if family.type == "counter" else family.name
