"""Answers of `callcenter_config … list` and `show channels as json`. In: the answer's text. Out: typed rows.

The lists encode nothing: a caller's name may hold `|` and line breaks. Rows are read from both ends, so such a name
stays a name; a row that does not fit is left out and counted in `Listed.unreadable`.
May not know: events, connections. Source: mod_callcenter.c, cc_queue list; traces in tests/golden/freeswitch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import msgspec

Row = TypeVar("Row")


class ListError(ValueError):
    """The answer is no list: the command was refused, or its module is not loaded. The text is the switch's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Row]):
    rows: tuple[Row, ...]
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAgent:
    """Times are epoch seconds, 0: never."""

    name: str
    channel: str
    """uuid of the agent's leg while on a contact"""
    contact: str
    status: str
    state: str
    wrap_up_s: int
    reject_delay_s: int
    busy_delay_s: int
    no_answer_delay_s: int
    last_bridge_end: int
    last_status_change: int
    ready_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTier:
    queue: str
    agent: str
    state: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedQueue:
    """The switch's own counts since it loaded the queue; its `abandoned` is every way out unserved."""

    name: str
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMember:
    """One caller's row in one queue. Times are epoch seconds, 0: did not happen."""

    queue: str
    member: str
    session: str
    number: str
    name: str
    joined: int
    rejoined: int
    bridged: int
    agent: str
    """`ring-all` while several are offered"""
    state: str


class ListedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `show channels`; other columns pass by."""

    uuid: str
    created_epoch: str = "0"
    callstate: str = ""
    call_uuid: str = ""

    @property
    def created(self) -> int:
        return _number(self.created_epoch) or 0


class _Channels(msgspec.Struct, frozen=True):
    rows: list[ListedChannel] = []


# How many columns stand before and behind the one that may hold anything.
_AGENT: Final = (4, 16)
_MEMBER: Final = (5, 11)
_TORN_LINES: Final = 64
"""Lines that one name may take; a caller who sends more spoils his own row only."""
MEMBER_STATES: Final = frozenset(("Waiting", "Trying", "Answered", "Abandoned", "Unknown"))


def parse_agents(answer: str) -> Listed[ListedAgent]:
    """The dial string (`contact`) may hold `|` (several telephones in turn)."""
    return _listed(answer, "name|", _agent, _AGENT)


def parse_tiers(answer: str) -> Listed[ListedTier]:
    return _listed(answer, "queue|", _tier, (1, 3))


def parse_queues(answer: str) -> Listed[ListedQueue]:
    """Music and recording template may hold `|`: only the name before and the counters behind them are read."""
    return _listed(answer, "name|", _queue, (1, 5))


def parse_members(answer: str) -> Listed[ListedMember]:
    return _listed(answer, "queue|", _member, _MEMBER)


def parse_channels(answer: str) -> Listed[ListedChannel]:
    """Raises ListError where it is no JSON, or not this one."""
    try:
        return Listed(rows=tuple(msgspec.json.decode(answer.encode("utf-8", "replace"), type=_Channels).rows))
    except msgspec.DecodeError as error:
        raise ListError(f"show channels as json: {error}: {answer[:80]!r}") from error


def _listed(answer: str, head: str, read: Callable[[list[str]], Row | None], ends: tuple[int, int]) -> Listed[Row]:
    """Rows after the heading; what is no row yet goes on in the next line. An empty list is only `+OK`."""
    body, ok, _ = answer.rstrip("\n").rpartition("+OK")
    if not ok or (body and not body.startswith(head)):
        raise ListError(answer[:80].strip() or "an empty answer")
    rows: list[Row] = []
    unreadable = 0
    torn: list[str] = []
    for line in body.split("\n")[1:-1]:
        row = read(columns) if (columns := _columns("\n".join([*torn, line]), ends)) else None
        if row is not None:
            rows.append(row)
            torn = []
        elif len(torn) < _TORN_LINES and (torn or line.count("|") >= ends[0]):
            torn.append(line)  # a name with a line break goes on in the next one
        else:
            unreadable += 1
            torn = []
    return Listed(rows=tuple(rows), unreadable=unreadable + bool(torn))


def _columns(text: str, ends: tuple[int, int]) -> list[str] | None:
    """Cut from both ends; the column between them keeps every `|` it holds."""
    before, behind = ends
    parts = text.split("|")
    if len(parts) <= before + behind:
        return None
    last = len(parts) - behind
    return [*parts[:before], "|".join(parts[before:last]), *parts[last:]]


def _agent(columns: list[str]) -> ListedAgent | None:
    name, _, channel, _, contact, status, state, *rest = columns
    numbers = _numbers(rest)
    if numbers is None or not name:
        return None
    _, wrap_up, reject, busy, no_answer, _, ended, _, changed, *_, ready, _ = numbers
    return ListedAgent(
        name=name,
        channel=channel,
        contact=contact,
        status=status,
        state=state,
        wrap_up_s=wrap_up,
        reject_delay_s=reject,
        busy_delay_s=busy,
        no_answer_delay_s=no_answer,
        last_bridge_end=ended,
        last_status_change=changed,
        ready_time=ready,
    )


def _tier(columns: list[str]) -> ListedTier | None:
    queue, agent, state, *rest = columns
    numbers = _numbers(rest)
    return None if numbers is None else ListedTier(queue=queue, agent=agent, state=state, level=numbers[0])


def _queue(columns: list[str]) -> ListedQueue | None:
    name, _, answered, abandoned, *_ = columns
    numbers = _numbers([answered, abandoned])
    return None if numbers is None else ListedQueue(name=name, answered=numbers[0], abandoned=numbers[1])


def _member(columns: list[str]) -> ListedMember | None:
    queue, _, member, session, number, name, *rest = columns
    *_, agent, _, state, _ = rest
    numbers = _numbers(rest[:5])
    if numbers is None or not member or state not in MEMBER_STATES:
        return None
    _, joined, rejoined, bridged, _ = numbers
    return ListedMember(
        queue=queue,
        member=member,
        session=session,
        number=number,
        name=name,
        joined=joined,
        rejoined=rejoined,
        bridged=bridged,
        agent=agent,
        state=state,
    )


def _numbers(texts: list[str]) -> list[int] | None:
    numbers = [_number(text) for text in texts]
    return None if None in numbers else [one for one in numbers if one is not None]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
