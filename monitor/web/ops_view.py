"""What ops must see. In: the service's status, the floor, history. Out: sections of lines, with level and mend.

May not know: HTTP, HTML.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.api.contacts import DAY_MS
from monitor.api.history import HistoryUnavailable, asked
from monitor.api.parts import Parts
from monitor.web import ops_intake
from monitor.web.dead_view import dead_sections, refused_samples
from streams.vocabulary.ids import Millis
from streams.warehouse.queries import RecordingCount, TableCount


class Level(StrEnum):
    FINE = "fine"
    LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class OpsLine:
    """`name` is a word of the catalogue, `of` what it is told of (a source, a stream), as it is."""

    name: str
    value: str
    level: Level = Level.FINE
    mend: str = ""
    of: str = ""
    kind: str = "reason"
    """The catalogue's kind of `name`"""
    why: str = ""
    """a second key of the catalogues"""


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    lines: tuple[OpsLine, ...]
    of: str = ""


COUNTED_FAULTS = frozenset({"drops", "quarantine", "anomalies", "retries"})
"""Sections whose every number above zero is worth a look."""
SPOOL_ALWAYS = frozenset({"spooled", "sent", "unsent", "oldest_unsent_s", "full_percent", "bytes"})
SPOOL_FAULTS = frozenset({"torn", "quarantined", "missing", "unspooled", "refused", "cuts", "clock_ahead", "trouble"})
PUSHED = "(pushed) "
FAULT_NAMES = frozenset({"last_fault", "store_faults", "store_retries", "bus_retries", "not_decodable", "dead"}) | {
    "rules_last_good",
    "rules_damaged",
}


async def ops_view(parts: Parts, sites: Sequence[Parts]) -> dict[str, object]:
    """`parts`: the first of `sites`."""
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
        "gaps": sorted((gap for one in sites for gap in one.floor.gaps), key=lambda gap: gap.began, reverse=True)[:50],
        "silent": sorted({agent.source for one in sites for agent in one.floor.agents.values() if agent.lost_since}),
        "certainty": tuple(line for one in sites for line in doubt_lines(one, several=len(sites) > 1)),
        "sections": list(sections(parts.status())),
        "walls": [(wall_lines(one), one.site if len(sites) > 1 else "") for one in sites],
        "push": push_lines(parts),
        "samples": refused_samples(parts),
        **await dead_sections(parts),
    }


def sections(status: Mapping[str, object]) -> Iterator[Section]:
    for name, values in status.items():
        word, of = _section_name(name)
        if word == "spools" and isinstance(values, Mapping):
            yield from _spools(values)
        elif isinstance(values, Mapping):
            yield Section(word, tuple(_line(word, str(key), value) for key, value in values.items()), of)
        else:
            yield Section(word, (_line(word, name, values),), of)


def _spools(values: Mapping[str, object]) -> Iterator[Section]:
    """One for each spool; what did not happen is not worth a line."""
    by_spool: dict[str, list[OpsLine]] = {}
    for key, value in values.items():
        of, _, told = key.partition(" ")
        if told.startswith(PUSHED):
            of, told = f"{of} {PUSHED.strip()}", told.removeprefix(PUSHED)
        lines = by_spool.setdefault(of, [])
        where, _, name = told.rpartition(" ")  # `disk no_space`, `tail lost: renamed`: a fault and where
        if told in SPOOL_ALWAYS or value:
            level = Level.LOOK if value and (where or name in SPOOL_FAULTS) else Level.FINE
            lines.append(OpsLine(name, shown(value), level, of=where.rstrip(":")))
    for of, lines in by_spool.items():
        yield Section("spools", tuple(lines), of)


def _section_name(name: str) -> tuple[str, str]:
    """`history archive facts` is the archive, of the stream `facts`."""
    word, _, of = name.removeprefix("history ").partition(" ")
    return (word, of) if name.startswith("history ") or word in ops_intake.SECTIONS else (name, "")


def _line_name(section: str, name: str) -> tuple[str, str]:
    """What is counted, and of whom: `switch lost: closed`, `switch bytes`, `dead letters of facts`."""
    if section == "lag":
        reader, _, stream = name.partition(" ")
        return f"lag_{reader}", stream
    if section in ("streams", "trimmed"):
        return "stream_" + name.partition("{")[0].strip(":").replace(":", "_"), name
    if name.startswith(DEAD_LETTERS):
        return "dead_letters", name.removeprefix(DEAD_LETTERS)
    of, colon, word = name.partition(": ")
    if colon:
        return word, of.removesuffix(" lost")
    of, _, word = name.rpartition(" ")
    return (word, of) if section in ("sources", "alerts") else (name, "")


DEAD_LETTERS = "dead letters of "


def _line(section: str, key: str, value: object) -> OpsLine:
    if section in ops_intake.SECTIONS:
        told = ops_intake.counted(key, value)
        return OpsLine(told.name, shown(value), Level.LOOK if told.look else Level.FINE, why=told.why)
    name, of = _line_name(section, key)
    text = str(value) if name.endswith("_at") and value else shown(value)  # a moment, no amount: the page writes it
    if section == "stores":
        return OpsLine(name, text, Level.FINE if value in ("ok", True) else Level.BROKEN, of=of)
    if (section == "ready" and value is not True) or (name == "connected" and not value):
        return OpsLine(name, text, Level.BROKEN, of=of)
    if name in FAULT_NAMES or section in COUNTED_FAULTS:
        return OpsLine(name, text, Level.LOOK if value else Level.FINE, of=of)
    return OpsLine(name, text, of=of)


def shown(value: object) -> str:
    """A value as text; `yes` and `no` are words of the catalogue, large numbers are grouped."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def push_lines(parts: Parts) -> tuple[OpsLine, ...]:
    """What came in at the door, by source, and why some of it did not."""
    door = parts.push
    if door is None:
        return ()
    lines = [OpsLine("sockets", shown(door.open_sockets()))]
    for source in sorted(door.sources):
        lines.append(OpsLine("accepted", shown(door.accepted[source]), of=source))
        lines.append(OpsLine("duplicates", shown(door.duplicates[source]), of=source))
    refused = sorted(door.refused.items())
    lines += [OpsLine(str(reason), shown(count), Level.LOOK, of=of) for (of, reason), count in refused]
    if door.samples_lost:
        lines.append(OpsLine("samples_lost", shown(door.samples_lost), Level.LOOK))
    return tuple(lines)


def doubt_lines(parts: Parts, *, several: bool) -> tuple[OpsLine, ...]:
    """Seats whose label is shown but in doubt, by why."""
    of = parts.site if several else ""
    doubts = parts.hub.picture.columns.doubts()
    return tuple(OpsLine(doubt, shown(count), Level.LOOK, of=of, kind="doubt") for doubt, count in doubts.items())


def wall_lines(parts: Parts) -> tuple[OpsLine, ...]:
    hub = parts.hub
    lines = [OpsLine("viewers", shown(len(hub.viewers)))]
    lines += [OpsLine(str(count), shown(value)) for count, value in sorted(hub.counts.items())]
    if hub.picture.not_seated:
        missing = len(hub.picture.not_seated)
        lines.append(OpsLine("not_seated", str(missing), Level.BROKEN, "split the site into several plans"))
    return tuple(lines)
