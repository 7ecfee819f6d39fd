"""Routing from TOML: [[route]], [[inhibit]], [[quiet]], [[rota]], [[escalation]]. In: the section's Table, what may be
named. Out: a Routing; every fault at once, in the table's list.

Children of a route inherit what they do not write. May not know: the file system, senders.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from alerts.digest import DAYS, Quiet
from alerts.inhibition import Inhibition
from alerts.labels import WORDS, Match
from alerts.routing import DEFAULT, Route, Routing
from alerts.routing_people import Names, read_escalations, read_rotas, time_of_day, unique, zone_of
from alerts.rules import Severity
from streams.toml_table import Table, suggest

_DAY_S: Final = 86_400
_SEVERITIES: Final = [severity.value for severity in Severity]
_MOST_DEEP: Final = 8
_CATCHES_ALL: Final = Match()


def read_routing(section: Table, *, channels: Collection[str], zone: ZoneInfo) -> Routing:
    """`channels`: names of channels and webhooks; `zone`: of times of day that name none of their own."""
    quiet = unique([_quiet(entry, zone) for entry in section.tables("quiet")], section, "quiet")
    rotas = unique(read_rotas(section, channels, zone), section, "rota")
    escalations = unique(read_escalations(section, Names(channels=channels, rotas=rotas)), section, "escalation")
    known = _Known(names=Names(channels=channels, rotas=rotas), quiet=quiet, escalations=escalations)
    routes = _routes(section, known, replace(DEFAULT, name="route"), depth=1)
    _tell_same_names(section, routes)
    return Routing(
        routes=routes,
        inhibitions=tuple(_inhibition(entry) for entry in section.tables("inhibit")),
        rotas=rotas,
        escalations=escalations,
        quiet=quiet,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    names: Names
    quiet: Collection[str]
    escalations: Collection[str]


def _routes(section: Table, known: _Known, parent: Route, *, depth: int) -> tuple[Route, ...]:
    found: list[Route] = []
    for number, entry in enumerate(section.tables("route"), 1):
        if depth > _MOST_DEEP:
            entry.fault(None, f"stands {depth} routes deep", f"write at most {_MOST_DEEP} routes within each other")
            break
        if found and found[-1].match == _CATCHES_ALL and not found[-1].goes_on:
            mend = "give the one above a match, or continue = true, or move it to the end"
            entry.fault(None, f"is never asked: {found[-1].name!r} above it takes every alert", mend)
        found.append(_route(entry, known, parent, f"{parent.name}-{number}", depth))
    return tuple(found)


def _route(entry: Table, known: _Known, parent: Route, name: str, depth: int) -> Route:
    whom = _whom(entry, known, parent)
    route = Route(
        name=_name(entry, name),
        match=_match(entry, "match"),
        channels=whom[0],
        rotas=whom[1],
        group_by=_group_by(entry, parent),
        group_wait_ms=_seconds(entry, "group_wait_s", parent.group_wait_ms, low=0, high=3_600),
        group_interval_ms=_seconds(entry, "group_interval_s", parent.group_interval_ms, low=0, high=_DAY_S),
        repeat_ms=_seconds(entry, "repeat_s", parent.repeat_ms, low=60, high=30 * _DAY_S),
        max_per_hour=entry.integer("max_per_hour", low=0, high=1_000, default=parent.max_per_hour),
        quiet=_named(entry, "quiet", known.quiet, parent.quiet),
        escalation=_escalation(entry, known.escalations, parent),
        goes_on=entry.flag("continue", default=False),
    )
    if route.repeat_ms < route.group_interval_ms:
        mend = f"write at least {route.group_interval_ms // 1000}"
        entry.fault("repeat_s", "is shorter than group_interval_s, before which nothing is told", mend)
    children = _routes(entry, known, route, depth=depth + 1)
    entry.close()
    return replace(route, children=children)


def _whom(entry: Table, known: _Known, parent: Route) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Who writes one of the two means just that; neither: the parent's, in the end the channels of each rule."""
    if not entry.has("channels") and not entry.has("rotas"):
        return parent.channels, parent.rotas
    return known.names.channels_in(entry), known.names.rotas_in(entry)


def _group_by(entry: Table, parent: Route) -> tuple[str, ...]:
    words = entry.texts("group_by", default=parent.group_by)
    for word in words:
        if word not in WORDS:
            entry.fault("group_by", f"unknown word {word!r}", suggest(word, WORDS))
    return tuple(dict.fromkeys(word for word in words if word in WORDS))


def _match(entry: Table, key: str) -> Match:
    table = entry.table(key)
    if table is None:
        return Match()
    words = {word: tuple(dict.fromkeys(table.words(word))) for word in WORDS}
    for severity in words["severity"]:
        if severity not in _SEVERITIES and "*" not in severity:
            table.fault("severity", f"unknown severity {severity!r}", suggest(severity, _SEVERITIES))
    table.close()
    return Match(**words)


def _inhibition(entry: Table) -> Inhibition:
    source, target = _match(entry, "source"), _match(entry, "target")
    for key, match in (("source", source), ("target", target)):
        if match == _CATCHES_ALL:
            entry.fault(key if entry.has(key) else None, f"{key} fits every alert", f'write {key} = {{ rule = "…" }}')
    equal = entry.texts("equal", default=("scope",))
    for word in equal:
        if word not in WORDS:
            entry.fault("equal", f"unknown word {word!r}", suggest(word, WORDS))
    entry.close()
    return Inhibition(source=source, target=target, equal=tuple(word for word in equal if word in WORDS))


def _quiet(entry: Table, zone: ZoneInfo) -> Quiet:
    days = entry.texts("days", default=DAYS)
    for day in days:
        if day not in DAYS:
            entry.fault("days", f"unknown day {day!r}", f"write days from {', '.join(DAYS)}")
    start, until = time_of_day(entry, "from", time(22)), time_of_day(entry, "until", time(7))
    if start == until:
        entry.fault("until", "is the very time at which it begins", "write the time at which it ends")
    quiet = Quiet(name=_name(entry, ""), start=start, until=until, days=tuple(days), zone=zone_of(entry, zone))
    entry.close()
    return quiet


def _escalation(entry: Table, known: Collection[str], parent: Route) -> str:
    name = entry.text("escalation", default=parent.escalation)
    if name and name not in known and name != parent.escalation:
        entry.fault("escalation", f"unknown escalation {name!r}", suggest(name, known))
        return ""
    return name


def _named(entry: Table, key: str, known: Collection[str], default: tuple[str, ...]) -> tuple[str, ...]:
    names = entry.texts(key, default=default)
    for name in names:
        if name not in known:
            entry.fault(key, f"unknown {key} {name!r}", suggest(name, known))
    return tuple(name for name in dict.fromkeys(names) if name in known)


def _seconds(entry: Table, key: str, default_ms: int, *, low: int, high: int) -> int:
    return 1000 * entry.integer(key, low=low, high=high, default=default_ms // 1000)


def _name(entry: Table, default: str) -> str:
    """Part of what is remembered of who was told, so it holds nothing that parts words there."""
    name = entry.text("name", default=default or None)
    if name and not all(char.isalnum() or char in "-_." for char in name):
        entry.fault("name", f"{name!r} has characters a name cannot carry", "use letters, digits, - _ . only")
    return name


def _tell_same_names(section: Table, routes: Sequence[Route]) -> None:
    seen: dict[str, None] = {}
    for route in _all(routes):
        if route.name in seen or route.name == DEFAULT.name:
            taken = "the way of what no route takes" if route.name == DEFAULT.name else "two routes"
            section.fault("route", f"{route.name!r} names {taken}", "give each route its own name, or none")
        seen[route.name] = None


def _all(routes: Sequence[Route]) -> Sequence[Route]:
    return [one for route in routes for one in (route, *_all(route.children))]
