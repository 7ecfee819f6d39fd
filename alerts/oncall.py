"""Who is on call. In: a Rota, now. Out: the person, until when, and who comes next.

Turns change at a local time of day, so a day of 23 or 25 hours changes nothing; overrides come before turns. May not
know: channels, what a person is told.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from streams.vocabulary.ids import Millis

_LOOK_AHEAD = 64
"""Turns searched for the end of a duty; longer ones are told to end there."""


class Turn(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def days(self) -> int:
        return 7 if self is Turn.WEEKLY else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`mobile` "": of no use to SMS and to robots that call people by number."""

    name: str
    channels: tuple[str, ...]
    mobile: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """[start, until): this person, whoever's turn it is. The last one written wins."""

    person: str
    start: Millis
    until: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """`persons` take turns in this order; the first one's first turn begins on `starts` at `at`."""

    name: str
    persons: tuple[Person, ...]
    turn: Turn
    starts: date
    at: time
    zone: ZoneInfo
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """`next`: who follows at `until`; the same person if nobody else is in the rota."""

    rota: str
    person: Person
    until: Millis
    next: str


def on_duty(rota: Rota, now: Millis) -> Duty:
    person = _person_at(rota, now)
    until, following = _end_of(rota, person, now)
    return Duty(rota=rota.name, person=person, until=until, next=following.name)


def _person_at(rota: Rota, now: Millis) -> Person:
    for override in reversed(rota.overrides):
        if override.start <= now < override.until:
            return next(person for person in rota.persons if person.name == override.person)
    return rota.persons[_turn_at(rota, now) % len(rota.persons)]


def _turn_at(rota: Rota, now: Millis) -> int:
    """0: the first; below 0 before the rota began, going round backwards."""
    today = datetime.fromtimestamp(now / 1000, rota.zone).date()
    # by moments, not by the clock: in autumn an hour comes twice, and nobody's turn with it
    day = today if now >= _at(rota, today) else today - timedelta(days=1)
    return (day - rota.starts).days // rota.turn.days


def _end_of(rota: Rota, person: Person, now: Millis) -> tuple[Millis, Person]:
    at = now
    for _ in range(_LOOK_AHEAD):
        edges = [_begin(rota, _turn_at(rota, at) + 1)]
        edges += [edge for one in rota.overrides for edge in (one.start, one.until) if edge > at]
        at = min(edges)
        following = _person_at(rota, at)
        if following != person:
            return at, following
    return at, person


def _begin(rota: Rota, turn: int) -> Millis:
    return _at(rota, rota.starts + timedelta(days=turn * rota.turn.days))


def _at(rota: Rota, day: date) -> Millis:
    return Millis(round(datetime.combine(day, rota.at, rota.zone).timestamp() * 1000))
