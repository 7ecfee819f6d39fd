"""What no believable event exceeds. In: an event from a stranger, the time. Out: why it is refused, or None.

The shapes are the codec's work; this is about sense: times that exist, numbers that fit, texts that end. A year 9999 in
one `at` would make a month of its own in the warehouse. May not know: how the event arrived.
"""

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from msgspec.structs import fields

from streams.vocabulary import events as ev
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId

EARLIEST: Final = Millis(1_262_304_000_000)
"""2010-01-01T00:00:00Z, as the store refuses what is older: what is accepted is kept."""
AHEAD_MS: Final = 3_600_000
"""How far a stranger's clock may run before ours."""
PLANNED_MS: Final = 7 * 86_400_000
"""How far ahead a pause or wrap-up may be told to end."""
LONGEST_MS: Final = 31 * 86_400_000
"""No wait, talk or hold is longer."""
HIGHEST_SEQ: Final = 2**63 - 1
"""Our own: under it, or under 0, the door tells how a source's events arrive. A stranger's lie between them."""
HIGHEST_COUNT: Final = 1_000_000
MOST_SKILLS: Final = 200
MOST_FIELDS: Final = 100
"""Of one contact_described: names with their values, and tags."""
ID_CHARACTERS: Final = 128
TEXT_CHARACTERS: Final = 256
LONG_TEXTS: Final[Mapping[str, int]] = {"text": 16_000, "path": 1_024}

_ID_TYPES: Final = (AgentId, ContactId, QueueName, SiteId, SourceId)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_CHARACTER: Final = re.compile(r"[\x00\ud800-\udfff]")


class Unbelievable(StrEnum):
    """Why an event of the right shape is refused all the same; each is counted."""

    TIME_ABSURD = "time_absurd"
    NUMBER_ABSURD = "number_absurd"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_UNREADABLE = "text_unreadable"
    ID_EMPTY = "id_empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What stands against one event. `detail` names the field, never its whole value."""

    reason: Unbelievable
    detail: str
    mend: str


def doubt_of(event: ev.Event, *, now: Millis) -> Doubt | None:
    """The first thing that cannot be believed, in order of the fields."""
    for name, check in _CHECKS[type(event)]:
        value = getattr(event, name)
        if value is not None and (doubt := check(name, value, now)) is not None:
            return doubt
    return None


_Check = Callable[[str, Any, Millis], Doubt | None]


def _moment(name: str, value: int, now: Millis) -> Doubt | None:
    planned = name == "until" or name.endswith("_until")
    if EARLIEST <= value <= now + (PLANNED_MS if planned else AHEAD_MS):
        return None
    ahead = "a week" if planned else "an hour"
    return Doubt(
        reason=Unbelievable.TIME_ABSURD,
        detail=f"{name} = {_short(value)} is not between the year 2010 and {ahead} from now",
        mend=f"write {name} as UTC epoch milliseconds, such as {now}",
    )


def _moment_or_never(name: str, value: int, now: Millis) -> Doubt | None:
    return None if value == 0 else _moment(name, value, now)


def _number(low: int, high: int, name: str, value: int, now: Millis) -> Doubt | None:
    if low <= value <= high:
        return None
    return Doubt(
        reason=Unbelievable.NUMBER_ABSURD,
        detail=f"{name} = {_short(value)} is not from {low} to {high}",
        mend=f"write a whole number from {low} to {high}",
    )


def _id(required: bool, name: str, value: str, now: Millis) -> Doubt | None:
    if required and not value:
        return Doubt(reason=Unbelievable.ID_EMPTY, detail=f"{name} is empty", mend=f"say which {name}")
    if _UNPRINTABLE.search(value):
        return Doubt(
            reason=Unbelievable.TEXT_UNREADABLE,
            detail=f"{name} has control characters",
            mend="send the id as it is printed",
        )
    return _text(ID_CHARACTERS, name, value, now)


def _text(most: int, name: str, value: str, now: Millis) -> Doubt | None:
    if len(value) > most:
        return Doubt(
            reason=Unbelievable.TEXT_TOO_LONG,
            detail=f"{name} has {len(value)} characters",
            mend=f"send at most {most}",
        )
    if _NO_CHARACTER.search(value):
        return Doubt(
            reason=Unbelievable.TEXT_UNREADABLE,
            detail=f"{name} has what is no character",
            mend="send UTF-8 text without NUL",
        )
    return None


def _skills(name: str, value: dict[str, int], now: Millis) -> Doubt | None:
    if len(value) > MOST_SKILLS:
        return _number(0, MOST_SKILLS, f"the number of {name}", len(value), now)
    for skill, level in value.items():
        if doubt := _id(True, f"a name in {name}", skill, now) or _number(0, HIGHEST_COUNT, name, level, now):
            return doubt
    return None


def _fields(name: str, value: dict[str, str], now: Millis) -> Doubt | None:
    if len(value) > MOST_FIELDS:
        return _number(0, MOST_FIELDS, f"the number of {name}", len(value), now)
    for key, text in value.items():
        if doubt := _id(True, f"a name in {name}", key, now) or _text(TEXT_CHARACTERS, f"{name}.{key}", text, now):
            return doubt
    return None


def _tags(name: str, value: tuple[str, ...], now: Millis) -> Doubt | None:
    if len(value) > MOST_FIELDS:
        return _number(0, MOST_FIELDS, f"the number of {name}", len(value), now)
    return next((doubt for tag in value if (doubt := _id(True, f"one of {name}", tag, now))), None)


def _amount(name: str, value: float, now: Millis) -> Doubt | None:
    if -HIGHEST_COUNT <= value <= HIGHEST_COUNT:
        return None
    return Doubt(
        reason=Unbelievable.NUMBER_ABSURD,
        detail=f"{name} is not from {-HIGHEST_COUNT} to {HIGHEST_COUNT}",
        mend="write the mark as a number, such as 5",
    )


_EVERY_QUEUE: Final = frozenset((ev.AgentDevice, ev.AgentSeen))
"""Here queue "" means the whole agent, though the field has no default."""


def _check_of(owner: type, name: str, hint: Any, *, required: bool) -> _Check | None:
    bare = next((one for one in get_args(hint) if one is not types.NoneType), hint) if _is_union(hint) else hint
    if bare is Millis:
        return _moment if required or hint is not bare else _moment_or_never
    if bare is int:
        return partial(_number, *_range(name))
    if bare in _ID_TYPES or name in ("party", "target"):
        return partial(_id, required and not (name == "queue" and owner in _EVERY_QUEUE))
    if bare is str:
        return partial(_text, LONG_TEXTS.get(name, TEXT_CHARACTERS))
    if bare is float:
        return _amount
    if get_origin(bare) is tuple:
        return _tags
    if get_origin(bare) is dict:
        return _fields if get_args(bare)[1] is str else _skills
    return None


def _range(name: str) -> tuple[int, int]:
    if name == "seq":
        return 1, HIGHEST_SEQ - 1
    if name.endswith("_ms"):
        return 0, LONGEST_MS
    return (1 if name in ("leg", "number") else 0), HIGHEST_COUNT


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType)


def _checks_of(kind: type) -> tuple[tuple[str, _Check], ...]:
    hints = get_type_hints(kind)
    found = (
        (field.name, _check_of(kind, field.name, hints[field.name], required=field.required)) for field in fields(kind)
    )
    return tuple((name, check) for name, check in found if check is not None)


_CHECKS: Final[Mapping[type, tuple[tuple[str, _Check], ...]]] = {kind: _checks_of(kind) for kind in get_args(ev.Event)}


def _short(value: int) -> str:
    # a number of thousands of digits takes long to print, and Python refuses to
    return str(value) if -(10**20) < value < 10**20 else "a number of more than 20 digits"
