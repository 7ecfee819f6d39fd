"""Rotas and escalations from TOML: who is on call, who is called next. In: Tables. Out: Rota, Escalation; faults in the
table's list.

May not know: routes, the file system.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.escalation import Escalation, Step
from alerts.oncall import Override, Person, Rota, Turn
from streams.toml_table import Table, suggest
from streams.vocabulary.ids import Millis

_DAY_S: Final = 86_400
_FIRST_DAY: Final = date(2026, 1, 5)
"""A Monday, for rotas that say no day of their own."""


class Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Whom a route or a step may name."""

    channels: Collection[str]
    rotas: Collection[str] = ()

    def channels_in(self, entry: Table) -> tuple[str, ...]:
        return _known(entry, "channels", "channel", self.channels)

    def rotas_in(self, entry: Table) -> tuple[str, ...]:
        return _known(entry, "rotas", "rota", self.rotas)


def unique(found: Sequence[N], section: Table, key: str) -> dict[str, N]:
    """By name; a name given twice is a fault."""
    for name in sorted({one.name for one in found}):
        if name and sum(one.name == name for one in found) > 1:
            section.fault(key, f"{name!r} is written twice", "give each its own name; routes use it")
    return {one.name: one for one in found}


def read_rotas(section: Table, channels: Collection[str], zone: ZoneInfo) -> list[Rota]:
    return [rota for entry in section.tables("rota") if (rota := _rota(entry, channels, zone)) is not None]


def _rota(entry: Table, channels: Collection[str], zone: ZoneInfo) -> Rota | None:
    persons = [_person(person, channels) for person in entry.tables("person")]
    name = entry.text("name")
    zone = zone_of(entry, zone)
    rota = Rota(
        name=name,
        persons=tuple(unique(persons, entry, "person").values()),
        turn=Turn(entry.choice("turn", list(Turn), default=Turn.WEEKLY)),
        starts=_day(entry, "starts"),
        at=time_of_day(entry, "at", time(9)),
        zone=zone,
        overrides=tuple(_override(one, [person.name for person in persons], zone) for one in entry.tables("override")),
    )
    if not persons:
        entry.fault(None, "nobody takes turns in it", "write [[alerts.rota.person]] with name and channels below it")
    entry.close()
    return rota if persons else None


def _person(entry: Table, channels: Collection[str]) -> Person:
    person = Person(
        name=entry.text("name"),
        channels=_known(entry, "channels", "channel", channels),
        mobile=entry.text("mobile", default=""),
    )
    if not entry.texts("channels", default=()):
        entry.fault(None, f"{person.name!r} can be told nothing", 'write channels = ["…"]')
    if person.mobile and not person.mobile.removeprefix("+").isdecimal():
        entry.fault("mobile", "is no number", 'write digits only: mobile = "13800000000"')
    entry.close()
    return person


def _override(entry: Table, persons: Sequence[str], zone: ZoneInfo) -> Override:
    name = entry.text("person")
    if name and name not in persons:
        entry.fault("person", f"{name!r} is not in this rota", suggest(name, persons))
    start, until = _moment(entry, "from", zone), _moment(entry, "until", zone)
    if start and until and until <= start:
        entry.fault("until", "is not after from", "write the time at which it ends")
    entry.close()
    return Override(person=name, start=start, until=until)


def read_escalations(section: Table, names: Names) -> list[Escalation]:
    return [_escalation(entry, names) for entry in section.tables("escalation")]


def _escalation(entry: Table, names: Names) -> Escalation:
    steps: list[Step] = []
    for one in entry.tables("step"):
        after_s = one.integer("after_s", low=1, high=7 * _DAY_S)
        step = Step(after_ms=1000 * after_s, channels=names.channels_in(one), rotas=names.rotas_in(one))
        if not (one.has("channels") or one.has("rotas")):
            one.fault(None, "tells nobody", 'write channels = ["…"] or rotas = ["…"]')
        if steps and step.after_ms <= steps[-1].after_ms:
            mend = f"write more than {steps[-1].after_ms // 1000}, or move it up"
            one.fault("after_s", "is not after the step above", mend)
        one.close()
        steps.append(step)
    if not steps:
        mend = "write [[alerts.escalation.step]] with after_s and channels below it"
        entry.fault(None, "has no step", mend)
    found = Escalation(name=entry.text("name"), steps=tuple(steps))
    entry.close()
    return found


def time_of_day(entry: Table, key: str, default: time) -> time:
    text = entry.text(key, default=default.strftime("%H:%M"))
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 a time of day; its zone stands beside it
    except ValueError:
        entry.fault(key, f"{text[:20]!r} is no time of day", f'write {key} = "{default:%H:%M}"')
        return default


def zone_of(entry: Table, default: ZoneInfo) -> ZoneInfo:
    name = entry.text("zone", default=str(default))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        entry.fault("zone", f"unknown time zone {name[:40]!r}", 'write zone = "Asia/Shanghai"')
        return default


def _day(entry: Table, key: str) -> date:
    text = entry.text(key, default=_FIRST_DAY.isoformat())
    try:
        return date.fromisoformat(text)
    except ValueError:
        entry.fault(key, f"{text[:20]!r} is no day", f'write {key} = "2026-11-23"')
        return _FIRST_DAY


def _moment(entry: Table, key: str, zone: ZoneInfo) -> Millis:
    text = entry.text(key)
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        if text:
            entry.fault(key, f"{text[:20]!r} is no time", f'write {key} = "2026-11-23 09:00"')
        return Millis(0)
    return Millis(round(local.timestamp() * 1000))


def _known(entry: Table, key: str, kind: str, known: Collection[str]) -> tuple[str, ...]:
    names = entry.texts(key, default=())
    for name in names:
        if name not in known:
            entry.fault(key, f"unknown {kind} {name!r}", suggest(name, known))
    return tuple(name for name in dict.fromkeys(names) if name in known)
