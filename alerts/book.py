"""What is remembered of who was told what: sets by group and receiver, no cool-downs. In: bytes. Out: values, bytes.

Its time runs only while the engine looks, at most MAX_STEP_MS a look: a clock that steps, or a night without an engine,
makes nothing due. Kept in one Redis hash, a field for each part, so that a look writes what changed. May not know:
routes, Redis.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace as changed

from alerts.evaluate import MAX_STEP_MS
from alerts.notification import Notification
from alerts.routing import Receiver
from streams.vocabulary.codec import UNREADABLE
from streams.vocabulary.ids import Millis

NEVER: Final = -1
_NO_TIME: Final = Millis(0)
TIME_KEPT_EVERY_MS: Final = 30_000
"""What a crash takes from the book's time at most."""


class Known(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One alert that fired. `fired_ms`, `known_ms` (when somebody was first told): the book's time.

    `notification`: the last words about it. `withheld`: the reason of the last decision not to tell, and by whom.
    """

    notification: Notification
    channels: tuple[str, ...]
    fired_ms: int
    known_ms: int = NEVER
    acknowledged: bool = False
    resolved: bool = False
    withheld: str = ""


class Said(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """When "firing" was last said of one alert, and under which incident where many were opened as one."""

    at_ms: int
    incident: str = ""


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One group and one receiver: what it was told fires, and what it still has to hear.

    `held`: fired while nothing might be told; `missed`: fired and resolved meanwhile; `digest`: why. `changed_ms`:
    since when there is something to tell.
    """

    route: str
    group: str
    step: int = 0
    """of an escalation; 0: of none"""
    channel: str
    person: str = ""
    mobile: str = ""
    firing: dict[str, Said] = {}
    held: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    digest: str = ""
    at_ms: int = NEVER
    changed_ms: int = NEVER
    sent: int = 0

    @property
    def receiver(self) -> Receiver:
        return Receiver(self.channel, self.person, self.mobile)

    @property
    def alerts(self) -> Collection[str]:
        return {*self.firing, *self.held, *self.missed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`ran_ms`: its own time; `spent`: when each receiver was told of each rule within the last hour."""

    ran_ms: int = 0
    seen_at: Millis = _NO_TIME
    kept_ms: int = 0
    """its time when that was last written"""
    alerts: Mapping[str, Known] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    spent: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def at(self, now: Millis) -> "Book":
        """As time passes: a step of the clock, either way, is at most a look's time."""
        passed_ms = min(max(0, now - self.seen_at), MAX_STEP_MS) if self.seen_at else 0
        return replace(self, ran_ms=self.ran_ms + passed_ms, seen_at=now)


class _Time(Struct, frozen=True, array_like=True):
    ran_ms: int
    seen_at: Millis


_TIME = "time"
_encode = msgspec.msgpack.Encoder().encode
_decode_time = msgspec.msgpack.Decoder(_Time).decode
_decode_known = msgspec.msgpack.Decoder(Known).decode
_decode_told = msgspec.msgpack.Decoder(Told).decode
_decode_spent = msgspec.msgpack.Decoder(tuple[int, ...]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What has to be written so that the stored book is the new one."""

    put: Mapping[str, bytes] = field(default_factory=dict)
    remove: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.put and not self.remove


def opened(fields: Mapping[bytes, bytes]) -> tuple[Book, tuple[bytes, ...]]:
    """The book as it was stored, and fields that cannot be read; fields' names are those of `pages`."""
    parts: dict[str, dict[str, Any]] = {"a": {}, "t": {}, "s": {}}
    decoders = {"a": _decode_known, "t": _decode_told, "s": _decode_spent}
    time = _Time(0, Millis(0))
    unreadable = []
    for field_name, blob in fields.items():
        try:
            name = field_name.decode()
            kind, _, key = name.partition("/")
            if name == _TIME:
                time = _decode_time(blob)
            elif kind in decoders:
                parts[kind][key] = decoders[kind](blob)
            else:
                unreadable.append(field_name)
        except UNREADABLE:
            unreadable.append(field_name)
    alerts: dict[str, Known] = parts["a"]
    told = {key: _about(one, alerts) for key, one in parts["t"].items()}
    ran_ms = max([time.ran_ms, *_times(alerts.values(), told.values(), parts["s"].values())])
    book = Book(
        ran_ms=ran_ms, seen_at=time.seen_at, kept_ms=time.ran_ms, alerts=alerts, told=told, spent=parts["s"]
    )  # fmt: skip
    return book, tuple(unreadable)


def _about(told: Told, alerts: Mapping[str, Known]) -> Told:
    """Without alerts of which nothing is known: what was to be said of them is lost."""
    if all(alert in alerts for alert in told.alerts):
        return told
    return changed(
        told,
        firing={alert: said for alert, said in told.firing.items() if alert in alerts},
        held=tuple(alert for alert in told.held if alert in alerts),
        missed=tuple(alert for alert in told.missed if alert in alerts),
    )


def _times(alerts: Iterable[Known], told: Iterable[Told], spent: Iterable[tuple[int, ...]]) -> Iterator[int]:
    """All that were before now: a book whose time was lost would wait, as long as it ran, to say anything."""
    for known in alerts:
        yield from (known.fired_ms, known.known_ms)
    for one in told:
        yield from (one.at_ms, one.changed_ms, *(said.at_ms for said in one.firing.values()))
    for times in spent:
        yield from times


def pages(before: Book, after: Book) -> tuple[Book, Pages]:
    """The new book, which knows when its time was written, and what to write; nothing if nothing worth it changed."""
    put: dict[str, bytes] = {}
    remove: list[str] = []
    for kind, old, new in (
        ("a", before.alerts, after.alerts),
        ("t", before.told, after.told),
        ("s", before.spent, after.spent),
    ):
        put |= {f"{kind}/{key}": _encode(value) for key, value in new.items() if _differ(old.get(key), value)}
        remove += [f"{kind}/{key}" for key in old if key not in new]
    lasting = bool(after.alerts) and after.ran_ms - after.kept_ms >= TIME_KEPT_EVERY_MS
    if not (put or remove or lasting):
        return after, Pages()
    put[_TIME] = _encode(_Time(after.ran_ms, after.seen_at))
    return replace(after, kept_ms=after.ran_ms), Pages(put=put, remove=tuple(remove))


def _differ(old: object, new: object) -> bool:
    """Most parts are the very same: a storm's thousand are not compared field by field at every look."""
    return old is not new and old != new
