"""Whatever rules there are and whatever a floor tells, these hold of a look at it."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.board import WatchKey, consider
from alerts.bounds import Z_OF, wilson
from alerts.evaluate import MAX_STEP_MS, Notice, Reading, State, Verdict, Watch, step
from alerts.metrics import METRICS
from alerts.moment import Moment
from alerts.rules import Timing
from streams.floor.numbers import Counters
from streams.vocabulary.ids import Millis
from tests.alerts_moment import NOW, agent, beside, hit, kept, look, moment, queue, rule

RULES = tuple(
    rule(f'name = "{place}"\n{text}')
    for place, text in enumerate(
        (
            'kind = "burn"\nkeep_firing_s = 0\n',
            'kind = "service_level"\nhold_s = 10\nkeep_firing_s = 5\n',
            'kind = "threshold"\nmetric = "longest_wait"\nfire = 60\nhold_s = 5\ntraffic_below = 50\n',
            'kind = "threshold"\nmetric = "state_time"\nstate = "not_ready"\nfire = "5m"\n',
            'kind = "threshold"\nmetric = "phrase_hit"\n',
            'kind = "threshold"\nmetric = "disk_free_percent"\nfire = 10\nhold_s = 0\n',
            'kind = "threshold"\nhold_s = 0\nany = [{ metric = "waiting", fire = 5 }, { metric = "ready", fire = 1 }]',
            'kind = "source_silent"\nhold_s = 2\n',
        )
    )
)
COUNTERS = st.builds(
    lambda inside, outside, gone: Counters(
        offered=inside + outside + gone, answered=inside + outside, answered_in_target=inside, abandoned=gone
    ),
    *(st.integers(0, 60),) * 3,
)
QUEUES = st.builds(
    lambda window, certain, waiting, wait, agents: {
        "window": window,
        "certain": certain,
        "waiting": waiting,
        "longest_wait_ms": wait,
        "agents": agents,
    },
    COUNTERS,
    st.booleans(),
    st.integers(0, 9),
    st.integers(0, 120_000),
    st.dictionaries(st.sampled_from(["ready", "on_contact", "not_ready", "unknown"]), st.integers(0, 3)),
)
AGENTS = st.lists(
    st.tuples(st.sampled_from(["ready", "not_ready", "on_contact", "unknown"]), st.integers(0, 10)), max_size=4
)
TOLD = st.none() | st.tuples(
    AGENTS, st.dictionaries(st.just("disk_free_percent"), st.sampled_from([5.0, 50.0])), st.booleans()
)
STEPS = st.lists(st.tuples(st.integers(0, 20_000), st.none() | st.lists(QUEUES, max_size=2), TOLD), max_size=8)


def played(steps: list[tuple[int, object, object]]) -> list[Moment]:
    moments, at = [], NOW
    for passed_ms, queues, told in steps:
        at = Millis(at + passed_ms)
        seen = [queue(f"q{place}", at=at, **one) for place, one in enumerate(queues or ())]  # type: ignore[arg-type]
        site = None
        if told is not None:
            people, gauges, spoken = told  # type: ignore[misc]
            agents = [agent(str(place), state, minutes=age, at=at) for place, (state, age) in enumerate(people)]
            site = beside(at=at, agents=agents, gauges=gauges, hits=[hit("c1", at=at)] if spoken else [])
        moments.append(moment(*seen, told=site, at=at, dark=queues is None))
    return moments


def fold(watches: dict[WatchKey, Watch], seen: Moment, rules: tuple[object, ...] = RULES) -> dict[WatchKey, Watch]:
    changes = consider(rules, seen, watches, now=seen.at)  # type: ignore[arg-type]
    return watches | {(change.watch.rule, change.watch.scope): change.watch for change in changes}


@given(STEPS)
def test_looking_twice_at_one_moment_changes_nothing_more(steps: list[tuple[int, object, object]]) -> None:
    """A restart between a look and its write looks again."""
    watches: dict[WatchKey, Watch] = {}
    for seen in played(steps):
        watches = fold(watches, seen)
        again = consider(RULES, seen, watches, now=seen.at)
        assert [change.notice for change in again if change.worth_telling or change.worth_keeping] == []


EVERY_METRIC = tuple(
    rule(f'name = "{name}"\nkind = "threshold"\nmetric = "{name}"\nfire = 1\nhold_s = 0\nkeep_firing_s = 0\n{more}')
    for name in METRICS
    for more in ['state = "not_ready"\n' if name == "state_time" else ""]
)


@settings(max_examples=25)
@given(STEPS)
def test_every_metric_can_be_watched_over_any_story(steps: list[tuple[int, object, object]]) -> None:
    """And in any state of knowledge an alert that fires says why or how much."""
    watches: dict[WatchKey, Watch] = {}
    for seen in played(steps):
        for change in consider(EVERY_METRIC, seen, watches, now=seen.at):
            assert change.notice is not Notice.FIRED or change.reading.value is not None
            assert change.notice is not Notice.UNCERTAIN or change.watch.why
        watches = fold(watches, seen, EVERY_METRIC)


@given(STEPS, st.permutations(RULES))
def test_the_order_of_rules_is_no_matter(steps: list[tuple[int, object, object]], other: list[object]) -> None:
    one: dict[WatchKey, Watch] = {}
    two: dict[WatchKey, Watch] = {}
    for seen in played(steps):
        one, two = fold(one, seen), fold(two, seen, tuple(other))
    assert one == two


@given(STEPS)
def test_missing_data_never_ends_or_begins_an_alert(steps: list[tuple[int, object, object]]) -> None:
    """After any story everything goes dark: only the alert about the dark itself moves."""
    watches: dict[WatchKey, Watch] = {}
    at = NOW
    for seen in played(steps):
        watches, at = fold(watches, seen), seen.at
    going = {key for key, watch in watches.items() if watch.resting is not State.INACTIVE and key[0] != "7"}
    for passed in (31_000, 45_000, 3_600_000):
        watches = fold(watches, moment(at=at + passed, dark=True))
        assert {key for key, one in watches.items() if one.resting is not State.INACTIVE and key[0] != "7"} == going
        assert {watches[key].state for key in going} <= {State.NO_DATA, State.SUPPRESSED}


TIMINGS = st.builds(Timing, hold_ms=st.integers(0, 60_000), keep_firing_ms=st.integers(0, 60_000))
VERDICTS = st.lists(st.tuples(st.integers(0, 40_000), st.sampled_from(list(Verdict))), max_size=60)


@given(TIMINGS, VERDICTS)
def test_timers_add_only_time_that_was_seen(timing: Timing, steps: list[tuple[int, Verdict]]) -> None:
    """Both timers together never exceed what passed between two looks that saw numbers, 15 s at most each."""
    watch, at, seen_ms, saw = Watch(rule="r", scope="queue:q"), NOW, 0, False
    for passed, verdict in steps:
        at = Millis(at + passed)
        sees = verdict not in (Verdict.UNCERTAIN, Verdict.SUPPRESSED)
        seen_ms += min(passed, MAX_STEP_MS) if sees and saw else 0
        watch, _ = step(timing, Reading(verdict=verdict), watch, now=at)
        saw = sees
        assert watch.held_ms + watch.clear_ms <= seen_ms


@given(TIMINGS, VERDICTS, st.sampled_from([Verdict.UNCERTAIN, Verdict.SUPPRESSED]), st.integers(0, 10**9))
def test_what_interrupts_keeps_all_it_interrupted(
    timing: Timing, steps: list[tuple[int, Verdict]], verdict: Verdict, long_ms: int
) -> None:
    """However long: the state, its timers, its alert; and it says that it neither fires nor resolves."""
    watch, at = Watch(rule="r", scope="queue:q"), NOW
    for passed, one in steps:
        at = Millis(at + passed)
        watch, _ = step(timing, Reading(verdict=one), watch, now=at)
    after, notice = step(timing, Reading(verdict=verdict, why="because"), watch, now=Millis(at + long_ms))
    assert notice in (Notice.UNCERTAIN, Notice.SUPPRESSED)
    same = ("resting", "held_ms", "clear_ms", "raised_at", "told", "acknowledged_at")
    assert [getattr(after, name) for name in same] == [getattr(watch, name) for name in same]
    assert after.why == "because"


@given(st.integers(0, 5_000), st.integers(1, 5_000), st.sampled_from(sorted(Z_OF.values())))
def test_a_wilson_interval_holds_its_share_and_stays_in_bounds(part: int, whole: int, z: float) -> None:
    part = min(part, whole)
    low, high = wilson(part, whole, z)
    assert 0 <= low <= 100 * part / whole + 1e-9
    assert 100 * part / whole - 1e-9 <= high <= 100


@given(st.integers(1, 400), st.sampled_from(sorted(Z_OF.values())))
def test_a_wilson_interval_moves_with_its_share(whole: int, z: float) -> None:
    """More good ones never lower either end."""
    ends = [wilson(part, whole, z) for part in range(0, whole + 1, max(1, whole // 40))]
    assert all(one[0] <= other[0] and one[1] <= other[1] for one, other in pairwise(ends))


@given(st.integers(0, 60), st.integers(1, 60), st.integers(2, 20))
def test_a_wilson_interval_narrows_with_more_contacts_and_less_confidence(part: int, whole: int, times: int) -> None:
    part = min(part, whole)
    one, more = wilson(part, whole, Z_OF[95]), wilson(part * times, whole * times, Z_OF[95])
    surer = wilson(part, whole, Z_OF[99])
    assert one[0] <= more[0] + 1e-9
    assert more[1] <= one[1] + 1e-9
    assert surer[0] <= one[0] + 1e-9
    assert one[1] <= surer[1] + 1e-9


def test_nothing_counted_could_be_anything() -> None:
    assert wilson(0, 0, Z_OF[95]) == (0.0, 100.0)


def test_a_storm_is_one_look() -> None:
    """A thousand agents at once: a thousand alerts begun, each told once."""
    one = rule('metric = "state_time"\nstate = "not_ready"\nfire = "5m"\n')
    storm = moment(told=beside(agents=[agent(str(place), "not_ready", minutes=6) for place in range(1_000)]))
    first = look(one, storm)
    assert {change.notice for change in first.values()} == {Notice.FIRED}
    assert [change for change in look(one, storm, kept(first)).values() if change.worth_telling] == []
