"""One agent's day as a band. In: closed intervals, the running one, contacts, the day. Out: segments, totals, an axis.

Times of a segment are cut to the day; what no interval covers is a hole, not idleness. Shares are ratios and may have
no answer. May not know: HTML, stores, time zones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams.floor.numbers import Ratio
from streams.vocabulary.ids import ContactId, Millis, QueueName
from streams.vocabulary.states import AgentState, NotReadyReason

HOUR_MS = 3_600_000
TALKING = frozenset({AgentState.ON_CONTACT, AgentState.ON_HOLD})
HANDLING = TALKING | {AgentState.WRAP_UP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """`until` None: it still runs."""

    since: Millis
    until: Millis | None
    state: AgentState
    reason: str = ""
    queue: QueueName
    contact: ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of the band. `left`, `width`: shares of the axis; `look`: the seat's colour and word for it."""

    since: Millis
    until: Millis
    look: str
    reason: str
    queue: QueueName
    contact: ContactId
    open: bool
    left: float
    width: float

    @property
    def duration_ms(self) -> int:
        return self.until - self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How long in one state for one reason. `share` of the time that is known."""

    look: str
    reason: str
    duration_ms: int
    times: int
    share: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """`axis`: whole hours around everything there is. `known_ms`: signed in or out, but told."""

    axis: tuple[Millis, Millis]
    segments: tuple[Segment, ...]
    parts: tuple[Part, ...]
    signed_in_ms: int
    ready_ms: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    not_ready_ms: int
    unknown_ms: int
    occupancy: Ratio
    """handling / (handling + ready), both in ms"""

    def share(self, at: int) -> float:
        """Where on the axis, 0..1."""
        since, until = self.axis
        return (min(max(at, since), until) - since) / (until - since)


def agent_day(
    intervals: Iterable[Interval], *, since: Millis, until: Millis, now: Millis, others: Sequence[Millis] = ()
) -> AgentDay:
    """`others`: moments that must lie on the axis too (contacts)."""
    end = min(until, now)
    cut = [
        (one, max(one.since, since), min(one.until if one.until is not None else now, end))
        for one in sorted(intervals, key=lambda one: one.since)
    ]
    inside = [(one, begin, stop) for one, begin, stop in cut if stop > begin]
    axis = _axis(since, until, [*(b for _, b, _ in inside), *(s for _, _, s in inside), *others])
    length = axis[1] - axis[0]
    segments = tuple(
        Segment(
            since=Millis(begin),
            until=Millis(stop),
            look=look_of(one),
            reason=one.reason,
            queue=one.queue,
            contact=one.contact,
            open=one.until is None,
            left=(begin - axis[0]) / length,
            width=(stop - begin) / length,
        )
        for one, begin, stop in inside
    )
    return _summed(axis, segments)


def look_of(one: Interval) -> str:
    """The seat's word: an unreachable telephone is trouble."""
    if one.state is AgentState.NOT_READY and one.reason == NotReadyReason.UNREACHABLE:
        return "trouble"
    return str(one.state)


def _axis(since: Millis, until: Millis, moments: Sequence[int]) -> tuple[Millis, Millis]:
    """Whole hours of the day, counted from its beginning; an empty day shows all of it."""
    inside = [at for at in moments if since <= at <= until]
    if not inside:
        return since, until
    first = since + (min(inside) - since) // HOUR_MS * HOUR_MS
    last = min(until, since - (since - max(inside)) // HOUR_MS * HOUR_MS)
    return Millis(min(first, until - HOUR_MS)), Millis(max(last, first + HOUR_MS))


def _summed(axis: tuple[Millis, Millis], segments: tuple[Segment, ...]) -> AgentDay:
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in segments:
        reason = one.reason if one.look in (AgentState.NOT_READY, "trouble") else ""
        lasted, times = sums.get((one.look, reason), (0, 0))
        sums[one.look, reason] = (lasted + one.duration_ms, times + 1)
    whole = sum(lasted for lasted, _ in sums.values())

    def of(*looks: str) -> int:
        return sum(lasted for (look, _), (lasted, _) in sums.items() if look in looks)

    handling, ready = of(*HANDLING), of(AgentState.READY)
    return AgentDay(
        axis=axis,
        segments=segments,
        parts=tuple(
            Part(look=look, reason=reason, duration_ms=lasted, times=times, share=Ratio(lasted, whole))
            for (look, reason), (lasted, times) in sorted(sums.items(), key=lambda item: -item[1][0])
        ),
        signed_in_ms=whole - of(AgentState.SIGNED_OUT, AgentState.UNKNOWN),
        ready_ms=ready,
        talk_ms=of(AgentState.ON_CONTACT),
        hold_ms=of(AgentState.ON_HOLD),
        wrap_up_ms=of(AgentState.WRAP_UP),
        not_ready_ms=of(AgentState.NOT_READY, "trouble"),
        unknown_ms=of(AgentState.UNKNOWN),
        occupancy=Ratio(handling, handling + ready),
    )
