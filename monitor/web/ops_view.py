"""What ops must see. In: the service's status, the floor, history. Out: sections of lines, with level and mend.

May not know: HTTP, HTML.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.api.contacts import DAY_MS
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import Parts
from streams.vocabulary.ids import Millis
from streams.warehouse.queries import RecordingCount, TableCount


class Level(StrEnum):
    FINE = "fine"
    LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class OpsLine:
    name: str
    value: str
    level: Level = Level.FINE
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    lines: tuple[OpsLine, ...]


COUNTED_FAULTS = frozenset({"drops", "quarantine", "anomalies", "retries"})
"""Sections whose every number above zero is worth a look."""


async def ops_view(parts: Parts) -> dict[str, object]:
    now = parts.clock()
    unavailable = ""
    ledger: list[RecordingCount] = []
    tables: list[TableCount] = []
    try:
        since = Millis(now - DAY_MS)
        ledger = await asked(parts.history, RecordingCount, "recordings_ledger", since=since, until=Millis(now + 1))
        tables = await asked(parts.history, TableCount, "table_counts")
    except HistoryUnavailable as error:
        unavailable = error.reason
    return {
        "unavailable": unavailable,
        "ledger": ledger,
        "tables": tables,
        "gaps": sorted(parts.floor.gaps, key=lambda gap: gap.began, reverse=True)[:50],
        "silent": sorted({agent.source for agent in parts.floor.agents.values() if agent.lost_since is not None}),
        "sections": list(sections(parts.status())),
        "wall": wall_lines(parts),
    }


def sections(status: Mapping[str, object]) -> Iterator[Section]:
    for name, values in status.items():
        if isinstance(values, Mapping):
            yield Section(name, tuple(_line(name, str(key), value) for key, value in values.items()))
        else:
            yield Section(name, (_line(name, name, values),))


def _line(section: str, name: str, value: object) -> OpsLine:
    text = "–" if value is None else str(value)
    if section == "stores":
        return OpsLine(name, text, Level.FINE if value in ("ok", True) else Level.BROKEN)
    if section in COUNTED_FAULTS and isinstance(value, int) and value > 0:
        return OpsLine(name, text, Level.LOOK)
    return OpsLine(name, text)


def wall_lines(parts: Parts) -> tuple[OpsLine, ...]:
    hub = parts.hub
    lines = [OpsLine("viewers", str(len(hub.viewers)))]
    lines += [OpsLine(str(count), str(value)) for count, value in sorted(hub.counts.items())]
    if hub.picture.not_seated:
        missing = len(hub.picture.not_seated)
        lines.append(OpsLine("not_seated", str(missing), Level.BROKEN, "split the site into several plans"))
    return tuple(lines)
