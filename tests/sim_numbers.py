"""A simulated day as the floor tells it. In: `Day`. Out: its events; its `QueueNumbers` at each look, from columns.

The columns exist for speed: 360 days cost seconds instead of hours. tests/unit/test_sim_numbers.py holds them equal,
field by field, to what the product's own floor says of the same events.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streams.floor.numbers import WINDOW_MINUTES, Counters, QueueNumbers
from streams.floor.view import LINE_MINUTES
from streams.vocabulary.events import (
    AgentJoinedQueue,
    AgentLeftQueue,
    ContactAbandoned,
    ContactAnswered,
    ContactEnded,
    ContactQueued,
    Event,
    QueueConfigured,
    SourceConnected,
)
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName, SiteId, SourceId
from streams.vocabulary.states import EndedBy
from tests.sim_centre import Day

Ints = npt.NDArray[np.int64]
SITE, SOURCE, QUEUE = SiteId("sim"), SourceId("switch"), QueueName("sales")
OPENS = Millis(1_795_305_600_000)
"""2026-11-22 00:00 UTC, 08:00 in Shanghai"""
MINUTE_MS = 60_000
SHORT_ABANDON_MS = 5_000
LOOK_MS = 15_000
"""The longest step a rule's timers believe, so the coarsest honest cadence (alerts.evaluate.MAX_STEP_MS)."""


# --- as events -------------------------------------------------------------------------------------------------------


def events(day: Day) -> Iterator[Event]:
    """In order of time; of the same millisecond: who comes to work, ends of talks, answers, customers."""
    told = [(one.at, 0 if one.on else 3, number, one.on) for number, one in enumerate(day.shifts)]
    for number, call in enumerate(day.calls):
        told.append((call.came, 1, number, False))
        told.append((call.left, 4, number, False))
        if call.agent >= 0:
            told.append((call.done, 2, number, False))
    yield SourceConnected(at=OPENS, site=SITE, source=SOURCE, seq=1)
    yield QueueConfigured(at=OPENS, site=SITE, source=SOURCE, seq=2, queue=QUEUE, target_ms=day.centre.target_ms)
    for seq, (at, what, number, _) in enumerate(sorted(told), start=3):
        yield _event(day, Millis(OPENS + at), what, number, seq)


def _event(day: Day, at: Millis, what: int, number: int, seq: int) -> Event:
    if what in (0, 3):
        kind = AgentJoinedQueue if what == 0 else AgentLeftQueue
        agent = AgentId(f"{8001 + day.shifts[number].agent}")
        return kind(at=at, site=SITE, source=SOURCE, seq=seq, agent=agent, queue=QUEUE)
    contact, call = ContactId(f"c{number}"), day.calls[number]
    if what == 1:
        return ContactQueued(at=at, site=SITE, source=SOURCE, seq=seq, contact=contact, leg=1, queue=QUEUE)
    if call.agent < 0:
        return ContactAbandoned(at=at, site=SITE, source=SOURCE, seq=seq, contact=contact, leg=1, queue=QUEUE)
    agent = AgentId(f"{8001 + call.agent}")
    if what == 4:
        return ContactAnswered(
            at=at, site=SITE, source=SOURCE, seq=seq, contact=contact, leg=1, queue=QUEUE, agent=agent
        )
    return ContactEnded(
        at=at,
        site=SITE,
        source=SOURCE,
        seq=seq,
        contact=contact,
        leg=1,
        queue=QUEUE,
        agent=agent,
        ended_by=EndedBy.CUSTOMER,
        talk_ms=None,
    )


# --- as numbers ------------------------------------------------------------------------------------------------------

SUMMED = (
    "offered",
    "answered",
    "answered_in_target",
    "accepted_in_target",
    "abandoned",
    "abandoned_in_target",
    "short_abandoned",
    "ended",
    "wait_ms",
    "abandoned_wait_ms",
    "talk_ms",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A day at its looks. `since[w]`: (looks, SUMMED) within the trailing window; 0: since the opening."""

    at: Ints
    since: dict[int, Ints]
    longest_answered: dict[int, Ints]
    """longest wait of an answered contact, by window"""
    lines: list[list[tuple[Millis, int, int]]]
    """by minute"""
    waiting: Ints
    longest_wait_ms: Ints
    talking: Ints
    staffed: Ints


def table(
    day: Day, *, every_ms: int = LOOK_MS, unseen: tuple[int, int] = (0, 0), windows: Sequence[int] = WINDOW_MINUTES
) -> Table:
    """`unseen`: what happened from the first to before the second moment was told by nobody, so it is in no counter."""
    looks = np.arange(every_ms, day.lasts_ms, every_ms)
    moments, values = _counted(day, unseen)
    so_far = np.vstack([np.zeros((1, len(SUMMED)), np.int64), np.cumsum(values, axis=0)])
    now = so_far[np.searchsorted(moments, looks, side="right")]
    minute = looks // MINUTE_MS
    answered = _answered(day, unseen)
    since, longest = {0: now}, {0: _longest(*answered, looks, np.zeros_like(looks))}
    for length in windows:
        began = (minute - length + 1) * MINUTE_MS
        since[length] = now - so_far[np.searchsorted(moments, began, side="left")]
        longest[length] = _longest(*answered, looks, began)
    came, left, done = (
        np.array(one, np.int64) for one in zip(*((c.came, c.left, c.done) for c in day.calls), strict=True)
    )
    talked = done >= 0
    gone = np.sort(left)
    on = np.sort([one.at for one in day.shifts if one.on])
    off = np.sort([one.at for one in day.shifts if not one.on])
    return Table(
        at=looks,
        since=since,
        longest_answered=longest,
        lines=_lines(so_far, moments, day.lasts_ms // MINUTE_MS),
        waiting=_until(came, looks) - _until(gone, looks),
        longest_wait_ms=_longest_wait(came, left, looks),
        talking=_until(np.sort(left[talked]), looks) - _until(np.sort(done[talked]), looks),
        staffed=_until(on, looks) - _until(off, looks),
    )


def looks(day: Day, found: Table) -> Iterator[QueueNumbers]:
    since = {length: rows.tolist() for length, rows in found.since.items()}
    longest = {length: rows.tolist() for length, rows in found.longest_answered.items()}
    columns = zip(
        *(one.tolist() for one in (found.at, found.waiting, found.longest_wait_ms, found.talking, found.staffed)),
        strict=True,
    )
    for number, (at, waiting, longest_wait_ms, talking, staffed) in enumerate(columns):
        counted = {
            length: Counters(**dict(zip(SUMMED, rows[number], strict=True)), wait_max_ms=longest[length][number])
            for length, rows in since.items()
        }
        states = {"ready": staffed - talking, "on_contact": talking}
        yield QueueNumbers(
            at=Millis(OPENS + at),
            site=SITE,
            queue=QUEUE,
            target_ms=day.centre.target_ms,
            certain=True,
            waiting=waiting,
            longest_wait_ms=longest_wait_ms,
            talking=talking,
            agents={state: many for state, many in states.items() if many},
            today=counted.pop(0),
            windows=counted,
            line=found.lines[at // MINUTE_MS],
        )


def _counted(day: Day, unseen: tuple[int, int]) -> tuple[Ints, Ints]:
    """Moments in order, and what each adds to SUMMED."""
    place = {name: number for number, name in enumerate(SUMMED)}
    moments: list[int] = []
    rows: list[tuple[int, ...]] = []

    def add(at: int, **what: int) -> None:
        if unseen[0] <= at < unseen[1]:
            return
        row = [0] * len(SUMMED)
        for name, many in what.items():
            row[place[name]] = many
        moments.append(at)
        rows.append(tuple(row))

    for call in day.calls:
        wait_ms = call.left - call.came
        soon = int(wait_ms <= day.centre.target_ms)
        add(call.came, offered=1)
        if call.agent < 0:
            short = int(wait_ms < SHORT_ABANDON_MS)
            add(call.left, abandoned=1, abandoned_in_target=soon, short_abandoned=short, abandoned_wait_ms=wait_ms)
        else:
            add(call.left, answered=1, answered_in_target=soon, accepted_in_target=soon, wait_ms=wait_ms)
            add(call.done, ended=1, talk_ms=call.done - call.left)
    order = np.argsort(np.array(moments), kind="stable")
    return np.array(moments, np.int64)[order], np.array(rows, np.int64)[order]


def _answered(day: Day, unseen: tuple[int, int]) -> tuple[Ints, Ints]:
    """(when, after what wait), in order of when."""
    found = sorted((one.left, one.left - one.came) for one in day.calls if one.agent >= 0)
    seen = [one for one in found if not unseen[0] <= one[0] < unseen[1]]
    return np.array([one[0] for one in seen], np.int64), np.array([one[1] for one in seen], np.int64)


def _longest(moments: Ints, waits: Ints, until: Ints, since: Ints) -> Ints:
    """Of those within [since, until]; by doubling stretches, as a sparse table does."""
    first, behind = np.searchsorted(moments, since, side="left"), np.searchsorted(moments, until, side="right")
    levels = [np.append(waits, 0)]
    while 2 ** len(levels) <= len(waits):
        step = 2 ** (len(levels) - 1)
        levels.append(np.maximum(levels[-1], np.append(levels[-1][step:], np.zeros(step, np.int64))))
    stack = np.vstack(levels)
    many = behind - first
    level = np.where(many > 0, np.log2(np.maximum(many, 1)).astype(np.int64), 0)
    best = np.maximum(stack[level, np.minimum(first, len(waits))], stack[level, np.maximum(behind - 2**level, 0)])
    return np.where(many > 0, best, 0)


def _lines(so_far: Ints, moments: Ints, minutes: int) -> list[list[tuple[Millis, int, int]]]:
    borders = np.arange(-LINE_MINUTES, minutes + 1) * MINUTE_MS
    counted = np.diff(so_far[np.searchsorted(moments, borders, side="left")], axis=0)
    part = counted[:, SUMMED.index("answered_in_target")].tolist()
    whole = (counted[:, SUMMED.index("answered")] + counted[:, SUMMED.index("abandoned")]).tolist()
    every = list(zip(((OPENS + borders[:-1]).tolist()), part, whole, strict=True))
    return [every[minute : minute + LINE_MINUTES] for minute in range(minutes)]


def _until(moments: Ints, at: Ints) -> Ints:
    return np.searchsorted(moments, at, side="right")


def _longest_wait(came: Ints, left: Ints, looks: Ints) -> Ints:
    """`came` in order: who came first of those still there is never before who was it a look ago."""
    found, first = [], 0
    for at in looks.tolist():
        while first < len(came) and left[first] <= at:
            first += 1
        found.append(max(0, at - int(came[first])) if first < len(came) and came[first] <= at else 0)
    return np.array(found, np.int64)
