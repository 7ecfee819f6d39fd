"""Decides what an alert does next. In: a rule, numbers of a moment, its Watch, now. Out: the next Watch and the reason.

Two steps: `measure*` turns numbers into a Reading (the only part that knows the rule's kind), `step` moves the state
machine. Pure: no clock, no I/O. Not knowing never fires and never resolves; it only stops the rule's own timers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from alerts.rules import ServiceLevelRule, SourceSilentRule, Timing
from streams.floor.numbers import FORMULAS, QueueNumbers
from streams.vocabulary.ids import Millis

MAX_STEP_MS = 15_000
"""The most one evaluation adds to a timer: a leap of the clock or a long sleep of ours proves nothing of the floor."""


class State(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    NO_DATA = "no_data"


class Notice(StrEnum):
    """Why the state is what it now is."""

    FINE = "fine"
    BELOW_SAMPLE = "below_sample"
    FIRST_BREACH = "first_breach"
    HELD = "held"
    CLEARED_BEFORE_HOLD = "cleared_before_hold"
    FIRED = "fired"
    STILL_FIRING = "still_firing"
    RECOVERING = "recovering"
    RELAPSED = "relapsed"
    RESOLVED = "resolved"
    UNCERTAIN = "uncertain"
    RULE_REMOVED = "rule_removed"
    ACKNOWLEDGED = "acknowledged"


class Verdict(StrEnum):
    """What numbers say of a rule at one moment."""

    BREACH = "breach"
    BETWEEN = "between"
    """better than the fire threshold, worse than the clear threshold"""
    CLEAR = "clear"
    TOO_FEW = "too_few"
    """below the minimum sample, and somebody waits too long to call that quiet"""
    QUIET = "quiet"
    """below the minimum sample, and nobody waits beyond the target"""
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`value` in the rule's own unit (percent; queues without data), None: no answer; it rests on `part` of `whole`."""

    verdict: Verdict
    value: float | None = None
    part: int = 0
    whole: int = 0
    queues: tuple[str, ...] = ()
    """the queues that rest on a lost source (source_silent only)"""


class Watch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All that is remembered of one rule on one scope; survives restarts as bytes.

    `raised_at`: first breach of the alert in progress, 0 when inactive. `version` grows with each change of
    that alert worth telling. `before`: the state that NO_DATA interrupted. `told`: channels that were told it fires.
    """

    rule: str
    scope: str
    state: State = State.INACTIVE
    before: State = State.INACTIVE
    since: Millis = Millis(0)
    raised_at: Millis = Millis(0)
    version: int = 0
    held_ms: int = 0
    clear_ms: int = 0
    seen_at: Millis = Millis(0)
    value: float | None = None
    told: tuple[str, ...] = ()
    acknowledged_at: Millis = Millis(0)
    acknowledged_by: str = ""

    @property
    def resting(self) -> State:
        """The state apart from not knowing."""
        return self.before if self.state is State.NO_DATA else self.state

    @property
    def alert(self) -> str:
        """The alert's id: the same for the same breach however often it is computed."""
        return f"{self.rule}/{self.scope}/{self.raised_at}"


def evaluate(
    rule: ServiceLevelRule, numbers: QueueNumbers | None, watch: Watch, *, now: Millis
) -> tuple[Watch, Notice]:
    """`numbers` None: the queue told nothing."""
    return step(rule.timing, measure(rule, numbers), watch, now=now)


def evaluate_silence(
    rule: SourceSilentRule, batch: Sequence[QueueNumbers] | None, watch: Watch, *, now: Millis
) -> tuple[Watch, Notice]:
    """`batch`: every queue of the site; None: nothing came at all."""
    return step(rule.timing, measure_silence(batch), watch, now=now)


def measure(rule: ServiceLevelRule, numbers: QueueNumbers | None) -> Reading:
    counters = numbers.windows.get(rule.window_minutes) if numbers is not None else None
    if numbers is None or counters is None or not numbers.certain:
        return Reading(verdict=Verdict.UNCERTAIN)
    ratio = FORMULAS[rule.formula].of(counters)
    percent = ratio.percent if ratio.whole > 0 else None
    if percent is None or ratio.whole < rule.min_sample:
        # nobody came through the window, but somebody may be waiting in it: that is no recovery
        verdict = Verdict.QUIET if numbers.longest_wait_ms <= numbers.target_ms else Verdict.TOO_FEW
    elif percent < rule.fire_below:
        verdict = Verdict.BREACH
    else:
        verdict = Verdict.CLEAR if percent >= rule.clear_above else Verdict.BETWEEN
    return Reading(verdict=verdict, value=percent, part=ratio.part, whole=ratio.whole)


def measure_silence(batch: Sequence[QueueNumbers] | None) -> Reading:
    """Never UNCERTAIN: not knowing is exactly what it measures."""
    if batch is None:
        return Reading(verdict=Verdict.BREACH)
    blind = tuple(sorted(numbers.queue for numbers in batch if not numbers.certain))
    verdict = Verdict.BREACH if blind else Verdict.CLEAR
    return Reading(verdict=verdict, value=float(len(blind)), part=len(blind), whole=len(batch), queues=blind)


def step(timing: Timing, reading: Reading, watch: Watch, *, now: Millis) -> tuple[Watch, Notice]:
    """The state machine. A `now` before the last one counts as no time passed."""
    at = Millis(max(now, watch.seen_at))
    passed_ms = min(at - watch.seen_at, MAX_STEP_MS) if watch.seen_at else 0
    if reading.verdict is Verdict.UNCERTAIN:
        return _lose_sight(watch, at)
    if watch.state is State.NO_DATA:
        passed_ms = 0  # the time in the dark is nobody's proof
        watch = replace(_told(watch), state=watch.before, before=State.INACTIVE, since=at)
    watch = replace(watch, seen_at=at, value=reading.value)
    match watch.state:
        case State.INACTIVE:
            return _while_inactive(timing, reading.verdict, watch, at)
        case State.PENDING:
            return _while_pending(timing, reading.verdict, watch, at, passed_ms)
        case _:
            return _while_firing(timing, reading.verdict, watch, at, passed_ms)


class Acknowledged(StrEnum):
    """What became of a person's "I have seen it"."""

    DONE = "done"
    ALREADY = "already_acknowledged"
    NOT_IN_PROGRESS = "not_in_progress"
    """unknown here, or over"""


def acknowledge(watch: Watch, *, by: str, at: Millis) -> tuple[Watch, Acknowledged]:
    """The first one counts; it changes what is told, not when the alert ends."""
    if watch.resting is State.INACTIVE:
        return watch, Acknowledged.NOT_IN_PROGRESS
    if watch.acknowledged_at:
        return watch, Acknowledged.ALREADY
    return replace(_told(watch), acknowledged_at=at, acknowledged_by=by), Acknowledged.DONE


def _lose_sight(watch: Watch, at: Millis) -> tuple[Watch, Notice]:
    if watch.state is State.NO_DATA:
        return replace(watch, seen_at=at), Notice.UNCERTAIN
    blind = replace(_told(watch), state=State.NO_DATA, before=watch.state, since=at, seen_at=at, value=None)
    return blind, Notice.UNCERTAIN


def _told(watch: Watch) -> Watch:
    """One more thing to tell about the alert in progress, if there is one."""
    return watch if watch.resting is State.INACTIVE else replace(watch, version=watch.version + 1)


def _while_inactive(timing: Timing, verdict: Verdict, watch: Watch, at: Millis) -> tuple[Watch, Notice]:
    if verdict is not Verdict.BREACH:
        return watch, Notice.BELOW_SAMPLE if verdict in (Verdict.TOO_FEW, Verdict.QUIET) else Notice.FINE
    raised_at = Millis(max(at, watch.raised_at + 1))  # a clock that stands still must not merge two alerts into one id
    raised = Watch(
        rule=watch.rule, scope=watch.scope, raised_at=raised_at, since=at, version=1, seen_at=at, value=watch.value
    )
    if timing.hold_ms <= 0:
        return replace(raised, state=State.FIRING), Notice.FIRED
    return replace(raised, state=State.PENDING), Notice.FIRST_BREACH


def _while_pending(timing: Timing, verdict: Verdict, watch: Watch, at: Millis, passed_ms: int) -> tuple[Watch, Notice]:
    if verdict is not Verdict.BREACH:
        return _ended(watch, at), Notice.CLEARED_BEFORE_HOLD
    held_ms = watch.held_ms + passed_ms
    if held_ms < timing.hold_ms:
        return replace(watch, held_ms=held_ms), Notice.HELD
    fired = replace(_told(watch), state=State.FIRING, since=at, held_ms=held_ms)
    return fired, Notice.FIRED


def _while_firing(timing: Timing, verdict: Verdict, watch: Watch, at: Millis, passed_ms: int) -> tuple[Watch, Notice]:
    """FIRING or RECOVERING."""
    recovering = watch.state is State.RECOVERING
    if verdict not in (Verdict.CLEAR, Verdict.QUIET):
        if recovering:
            return replace(_told(watch), state=State.FIRING, since=at, clear_ms=0), Notice.RELAPSED
        return watch, Notice.STILL_FIRING
    clear_ms = watch.clear_ms + passed_ms if recovering else 0
    if clear_ms >= timing.keep_firing_ms:
        return _ended(watch, at), Notice.RESOLVED
    if recovering:
        return replace(watch, clear_ms=clear_ms), Notice.RECOVERING
    return replace(_told(watch), state=State.RECOVERING, since=at, clear_ms=clear_ms), Notice.RECOVERING


def _ended(watch: Watch, at: Millis) -> Watch:
    """Inactive again; raised_at, version and told stay until the next breach, for the last word about this alert."""
    return replace(_told(watch), state=State.INACTIVE, since=at, held_ms=0, clear_ms=0)
