"""Decides what an alert does next. In: timing, a Reading, its Watch, now. Out: the next Watch and the reason.

alerts/measure.py turns numbers into a Reading (the only part that knows the rule's kind), `step` moves the state
machine. Pure: no clock, no I/O. Not knowing, and not watching, never fires and never resolves; it only stops the
rule's own timers.
"""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from alerts.rules import Timing
from streams.vocabulary.ids import Millis

MAX_STEP_MS = 15_000
"""The most one evaluation adds to a timer: a leap of the clock or a long sleep of ours proves nothing of the floor."""


class State(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    NO_DATA = "no_data"
    SUPPRESSED = "suppressed"


INTERRUPTED = frozenset({State.NO_DATA, State.SUPPRESSED})
"""States that keep another one for later; Watch.why says why."""


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
    SUPPRESSED = "suppressed"
    TOO_MANY = "too_many"
    """in breach, but the rule has as many alerts in progress as it may"""
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
    SUPPRESSED = "suppressed"
    """the rule does not watch now"""


class Measured(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One number that was looked at. `value` None: no answer; `threshold`: at which it is bad, in the same unit."""

    metric: str
    unit: str
    value: float | None = None
    threshold: float = 0.0
    formula: str = ""
    window_minutes: int = 0
    part: int = 0
    whole: int = 0
    about: str = ""
    """of state_time: the state, and behind a slash its reason"""


class Reading(Struct, frozen=True, kw_only=True, gc=False):
    """`value` in the unit of what was measured (source_silent: queues without data), None: no answer; it rests on
    `part` of `whole`. `threshold` None: the rule's own."""

    verdict: Verdict
    value: float | None = None
    part: int = 0
    whole: int = 0
    threshold: float | None = None
    queues: tuple[str, ...] = ()
    """source_silent: that rest on a lost source; of agents, contacts, teams: that the reading rests on"""
    measured: tuple[Measured, ...] = ()
    """everything looked at, the decisive one first"""
    why: str = ""
    """a SuppressedReason, where the verdict is UNCERTAIN or SUPPRESSED"""
    who: str = ""
    """whom it is about besides its scope: a contact's agent"""
    label_zh: str = ""
    label_en: str = ""
    """what it is about, where the rule's label does not say: the phrase"""
    left_out: int = 0
    """above 0: no alert of it begins, nor of so many others that are in breach: the rule has as many as it may"""


class Watch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """All that is remembered of one rule on one scope; survives restarts as bytes.

    `raised_at`: first breach of the alert in progress, 0 when inactive. `version` grows with each change of
    that alert worth telling. `before`: the state that NO_DATA or SUPPRESSED interrupted, `why` they did. `told`:
    channels that were told it fires.
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
    why: str = ""
    who: str = ""
    looked_at: Millis = Millis(0)
    """the last look, while a clock that was set back stands before `seen_at`; else 0"""

    @property
    def resting(self) -> State:
        """The state apart from not knowing and not watching."""
        return self.before if self.state in INTERRUPTED else self.state

    @property
    def alert(self) -> str:
        """The alert's id: the same for the same breach however often it is computed."""
        return f"{self.rule}/{self.scope}/{self.raised_at}"


def step(timing: Timing, reading: Reading, watch: Watch, *, now: Millis) -> tuple[Watch, Notice]:
    """The state machine. A `now` before the last one counts as no time passed; from there on time passes again."""
    at = Millis(max(now, watch.seen_at))
    passed_ms = _passed_ms(watch, now)
    looked_at = Millis(0) if now == at else now
    if watch.looked_at != looked_at:
        watch = replace(watch, looked_at=looked_at)
    if reading.verdict is Verdict.UNCERTAIN:
        return _interrupted(watch, State.NO_DATA, reading.why, at), Notice.UNCERTAIN
    if reading.verdict is Verdict.SUPPRESSED:
        return _interrupted(watch, State.SUPPRESSED, reading.why, at), Notice.SUPPRESSED
    if watch.state in INTERRUPTED:
        passed_ms = 0  # the time in the dark is nobody's proof
        watch = replace(_told(watch), state=watch.before, before=State.INACTIVE, since=at, why="")
    watch = replace(watch, seen_at=at, value=reading.value, who=reading.who or watch.who)
    match watch.state:
        case State.INACTIVE:
            return _while_inactive(timing, reading.verdict, watch, at)
        case State.PENDING:
            return _while_pending(timing, reading.verdict, watch, at, passed_ms)
        case _:
            return _while_firing(timing, reading.verdict, watch, at, passed_ms)


def _passed_ms(watch: Watch, now: Millis) -> int:
    """Since the last look. Behind a clock's leap back looks are compared with each other: no alert waits the hour until
    `seen_at` comes again."""
    last = watch.seen_at if now >= watch.seen_at else watch.looked_at
    return max(0, min(now - last, MAX_STEP_MS)) if last else 0


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


def _interrupted(watch: Watch, state: State, why: str, at: Millis) -> Watch:
    if watch.state is state and watch.why == why:
        return replace(watch, seen_at=at)
    before = watch.resting
    return replace(_told(watch), state=state, before=before, since=at, seen_at=at, value=None, why=why)


def _told(watch: Watch) -> Watch:
    """One more thing to tell about the alert in progress, if there is one."""
    return watch if watch.resting is State.INACTIVE else replace(watch, version=watch.version + 1)


def _while_inactive(timing: Timing, verdict: Verdict, watch: Watch, at: Millis) -> tuple[Watch, Notice]:
    if verdict is not Verdict.BREACH:
        return watch, Notice.BELOW_SAMPLE if verdict in (Verdict.TOO_FEW, Verdict.QUIET) else Notice.FINE
    raised_at = Millis(max(at, watch.raised_at + 1))  # a clock that stands still must not merge two alerts into one id
    raised = Watch(
        rule=watch.rule,
        scope=watch.scope,
        raised_at=raised_at,
        since=at,
        version=1,
        seen_at=at,
        value=watch.value,
        who=watch.who,
        looked_at=watch.looked_at,
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
