"""What is remembered of who was told what: sets by group and receiver, no cool-downs. In: bytes. Out: values, bytes.

Its time runs only while the engine looks, at most MAX_STEP_MS a look: a clock that steps, or a night without an engine,
makes nothing due. Kept in one Redis hash, a field for each part, so that a look writes what changed. May not know:
routes, Redis.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
from msgspec import Struct

from alerts.evaluate import MAX_STEP_MS
from alerts.notification import Notification
from alerts.routing import Receiver
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


def opened(fields: Mapping[str, bytes]) -> Book:
    """The book as it was stored; the fields' names are those of `pages`."""
    parts: dict[str, dict[str, Any]] = {"a": {}, "t": {}, "s": {}}
    decoders = {"a": _decode_known, "t": _decode_told, "s": _decode_spent}
    time = _Time(0, Millis(0))
    for name, blob in fields.items():
        if name == _TIME:
            time = _decode_time(blob)
        else:
            kind, _, key = name.partition("/")
            parts[kind][key] = decoders[kind](blob)
    return Book(
        ran_ms=time.ran_ms,
        seen_at=time.seen_at,
        kept_ms=time.ran_ms,
        alerts=parts["a"],
        told=parts["t"],
        spent=parts["s"],
    )


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
