"""Whatever a floor does and however often it is looked at, these hold."""

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.evaluate import MAX_STEP_MS, Notice, Reading, State, Verdict, Watch, step
from alerts.rules import Timing
from streams.vocabulary.ids import Millis

START = 1_795_291_200_000
VERDICTS = st.sampled_from(list(Verdict))
TIMINGS = st.builds(Timing, hold_ms=st.integers(0, 60_000), keep_firing_ms=st.integers(0, 60_000))
STEPS = st.lists(st.tuples(st.integers(-20_000, 40_000), VERDICTS), max_size=60)
"""(ms since the last look, negative when the clock is set back; what the numbers say)"""


def play(timing: Timing, steps: list[tuple[int, Verdict]]) -> list[tuple[int, Verdict, Watch, Notice]]:
    watch, at, played = Watch(rule="r", scope="queue:q"), START, []
    for passed, verdict in steps:
        at += passed
        watch, notice = step(timing, Reading(verdict=verdict), watch, now=Millis(at))
        played.append((at, verdict, watch, notice))
    return played


@given(TIMINGS, STEPS)
def test_never_fires_or_resolves_while_uncertain(timing: Timing, steps: list[tuple[int, Verdict]]) -> None:
    for _, verdict, watch, notice in play(timing, steps):
        if verdict is Verdict.UNCERTAIN:
            assert (watch.state, notice) == (State.NO_DATA, Notice.UNCERTAIN)


@given(TIMINGS, STEPS)
def test_fires_and_resolves_in_turn(timing: Timing, steps: list[tuple[int, Verdict]]) -> None:
    """At most one firing for one breach: between two there is a resolution."""
    told = [notice for *_, notice in play(timing, steps) if notice in (Notice.FIRED, Notice.RESOLVED)]
    assert all(notice is (Notice.FIRED, Notice.RESOLVED)[number % 2] for number, notice in enumerate(told))


@given(TIMINGS, STEPS)
def test_fires_only_on_a_breach_and_resolves_only_on_a_recovery(
    timing: Timing, steps: list[tuple[int, Verdict]]
) -> None:
    for _, verdict, _, notice in play(timing, steps):
        if notice is Notice.FIRED:
            assert verdict is Verdict.BREACH
        if notice is Notice.RESOLVED:
            assert verdict in (Verdict.CLEAR, Verdict.QUIET)


@given(TIMINGS, st.lists(st.integers(1, MAX_STEP_MS), min_size=1, max_size=60))
def test_the_hold_is_kept_at_any_cadence(timing: Timing, gaps: list[int]) -> None:
    """A lasting breach fires at the first look at or after its hold, never before."""
    played = play(timing, [(0, Verdict.BREACH), *((gap, Verdict.BREACH) for gap in gaps)])
    fired = [at for at, _, _, notice in played if notice is Notice.FIRED]
    ripe = [at for at, *_ in played if at - START >= timing.hold_ms]
    assert fired[:1] == ripe[:1]


@given(TIMINGS, STEPS)
@example(Timing(hold_ms=0, keep_firing_ms=1), [(-1, Verdict.BREACH), (0, Verdict.CLEAR), (1, Verdict.CLEAR)])
@example(Timing(hold_ms=1, keep_firing_ms=0), [(-1, Verdict.BREACH), (1, Verdict.BREACH)])
def test_time_going_backwards_is_no_time(timing: Timing, steps: list[tuple[int, Verdict]]) -> None:
    """The step back itself is none; from there time passes as ever, and nothing counts twice once it has caught up."""
    if not steps:
        return
    # the first look is the first moment there is: wherever it lies, it is no step back
    forward = [steps[0]]
    highest = at = START + steps[0][0]
    for passed, verdict in steps[1:]:
        at += passed
        forward.append((at - highest if at >= highest else max(0, passed), verdict))
        highest = max(at, highest)
    assert [notice for *_, notice in play(timing, steps)] == [notice for *_, notice in play(timing, forward)]


@given(TIMINGS, STEPS)
def test_what_is_told_of_one_alert_is_numbered_upwards(timing: Timing, steps: list[tuple[int, Verdict]]) -> None:
    """(raised_at, version) never falls, and rises whenever the state people see changes."""
    before = Watch(rule="r", scope="queue:q")
    for _, _, watch, _ in play(timing, steps):
        assert (watch.raised_at, watch.version) >= (before.raised_at, before.version)
        if watch.resting is not before.resting:
            assert (watch.raised_at, watch.version) > (before.raised_at, before.version)
        before = watch


@given(TIMINGS, STEPS, st.integers(0, 60))
def test_a_restart_between_two_looks_changes_nothing(
    timing: Timing, steps: list[tuple[int, Verdict]], cut: int
) -> None:
    """The watch as bytes and back is the same watch."""
    for _, _, watch, _ in play(timing, steps)[:cut]:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(watch), type=Watch) == watch
