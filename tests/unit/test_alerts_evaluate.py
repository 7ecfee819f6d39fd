"""The alert state machine, step by step: each row is one second of a floor and the reason the rule must give."""

import pytest

from alerts.evaluate import Notice, State, Watch, step
from alerts.measure import measure, measure_silence
from alerts.rules import Label, ServiceLevelRule, Severity, SourceSilentRule, Timing
from streams.floor.numbers import Counters, QueueNumbers
from streams.vocabulary.ids import Millis, QueueName, SiteId

RULE = ServiceLevelRule(
    name="sl",
    label=Label(zh="服务水平", en="Service level"),
    severity=Severity.WARNING,
    channels=("ops",),
    timing=Timing(hold_ms=10_000, keep_firing_ms=5_000),
    queues=(),
    formula="answered_abandoned",
    window_minutes=15,
    fire_below=80,
    clear_above=90,
    min_sample=10,
)
SILENT = SourceSilentRule(
    name="source_silent",
    label=Label(zh="数据源中断", en="Source silent"),
    severity=Severity.CRITICAL,
    channels=("ops",),
    timing=Timing(hold_ms=10_000, keep_firing_ms=5_000),
)
START = 1_795_291_200_000


def numbers(in_target: int, whole: int = 100, *, certain: bool = True, longest_wait_ms: int = 0) -> QueueNumbers:
    window = Counters(answered=whole, answered_in_target=in_target)
    return QueueNumbers(
        at=Millis(START),
        site=SiteId("s"),
        queue=QueueName("sales"),
        target_ms=20_000,
        certain=certain,
        waiting=0,
        longest_wait_ms=longest_wait_ms,
        talking=0,
        agents={},
        today=Counters(),
        windows={15: window},
        line=[],
    )


BAD, BETWEEN, GOOD = numbers(79), numbers(85), numbers(90)
FEW = numbers(0, 9)
FEW_BUT_WAITING = numbers(0, 9, longest_wait_ms=20_001)
LOST = numbers(79, certain=False)


def evaluate(rule: ServiceLevelRule, seen: QueueNumbers | None, watch: Watch, *, now: Millis) -> tuple[Watch, Notice]:
    return step(rule.timing, measure(rule, seen), watch, now=now)


def walk(*steps: tuple[int, QueueNumbers | None]) -> tuple[Watch, list[Notice]]:
    watch = Watch(rule="sl", scope="queue:sales")
    notices = []
    for second, seen in steps:
        watch, notice = evaluate(RULE, seen, watch, now=Millis(START + 1000 * second))
        notices.append(notice)
    return watch, notices


def test_a_breach_must_be_held_before_it_fires() -> None:
    """10 s of hold: not at 9 s, but at 10 s."""
    watch, notices = walk((0, BAD), (9, BAD), (10, BAD), (11, BAD))
    assert notices == [Notice.FIRST_BREACH, Notice.HELD, Notice.FIRED, Notice.STILL_FIRING]
    assert watch.raised_at == START


def test_a_breach_that_ends_in_time_never_fires() -> None:
    watch, notices = walk((0, BAD), (9, BETWEEN), (10, BAD), (19, BAD))
    assert notices == [Notice.FIRST_BREACH, Notice.CLEARED_BEFORE_HOLD, Notice.FIRST_BREACH, Notice.HELD]
    assert watch.state is State.PENDING


def test_between_the_thresholds_a_firing_alert_stays_firing() -> None:
    """Fire below 80, clear from 90: at 85 nothing changes, however long."""
    _, notices = walk((0, BAD), (10, BAD), (20, BETWEEN), (90, BETWEEN))
    assert notices[2:] == [Notice.STILL_FIRING, Notice.STILL_FIRING]


def test_recovery_must_last_before_it_resolves() -> None:
    watch, notices = walk((0, BAD), (10, BAD), (20, GOOD), (24, GOOD), (25, GOOD))
    assert notices[2:] == [Notice.RECOVERING, Notice.RECOVERING, Notice.RESOLVED]
    assert watch.state is State.INACTIVE


def test_a_relapse_while_recovering_fires_on_without_a_second_notice() -> None:
    _, notices = walk((0, BAD), (10, BAD), (20, GOOD), (24, BETWEEN), (26, GOOD), (30, GOOD), (31, GOOD))
    assert notices[2:] == [
        Notice.RECOVERING,
        Notice.RELAPSED,
        Notice.RECOVERING,
        Notice.RECOVERING,
        Notice.RESOLVED,
    ]


def test_too_few_contacts_never_fire() -> None:
    """0 of 9 is under 80 %, but nine contacts prove nothing."""
    _, notices = walk((0, FEW), (60, FEW))
    assert notices == [Notice.BELOW_SAMPLE, Notice.BELOW_SAMPLE]


def test_an_empty_window_is_no_answer() -> None:
    _, notices = walk((0, numbers(0, 0)))
    assert notices == [Notice.BELOW_SAMPLE]


def test_a_quiet_queue_resolves() -> None:
    """After closing time nobody calls and nobody waits: the alert ends."""
    _, notices = walk((0, BAD), (10, BAD), (20, FEW), (25, FEW))
    assert notices[2:] == [Notice.RECOVERING, Notice.RESOLVED]


def test_a_queue_in_which_nobody_is_answered_does_not_resolve_as_quiet() -> None:
    """No contact left the queue, but one waits beyond the target."""
    _, notices = walk((0, BAD), (10, BAD), (20, FEW_BUT_WAITING), (60, FEW_BUT_WAITING))
    assert notices[2:] == [Notice.STILL_FIRING, Notice.STILL_FIRING]


@pytest.mark.parametrize("dark", [LOST, None], ids=["uncertain", "missing"])
def test_a_firing_alert_neither_resolves_nor_repeats_in_the_dark(dark: QueueNumbers | None) -> None:
    watch, notices = walk((0, BAD), (10, BAD), (20, dark), (900, dark), (901, BAD))
    assert notices[2:] == [Notice.UNCERTAIN, Notice.UNCERTAIN, Notice.STILL_FIRING]
    assert watch.state is State.FIRING


def test_a_pending_alert_does_not_ripen_in_the_dark() -> None:
    """4 s seen + 60 s unseen + 5 s seen is 9 s of breach; the tenth fires."""
    _, notices = walk((0, BAD), (4, BAD), (5, LOST), (65, BAD), (70, BAD), (71, BAD))
    assert notices == [
        Notice.FIRST_BREACH,
        Notice.HELD,
        Notice.UNCERTAIN,
        Notice.HELD,
        Notice.HELD,
        Notice.FIRED,
    ]


def test_a_recovering_alert_does_not_resolve_on_time_spent_in_the_dark() -> None:
    _, notices = walk((0, BAD), (10, BAD), (20, GOOD), (21, LOST), (99, GOOD), (102, GOOD), (104, GOOD))
    assert notices[2:] == [
        Notice.RECOVERING,
        Notice.UNCERTAIN,
        Notice.RECOVERING,
        Notice.RECOVERING,
        Notice.RESOLVED,
    ]


def test_a_leap_of_the_clock_is_not_a_hold() -> None:
    """An hour forward counts as 15 s at most, so a hold of a minute is not over."""
    rule = ServiceLevelRule(**{**_fields(RULE), "timing": Timing(hold_ms=60_000, keep_firing_ms=0)})
    watch, _ = evaluate(rule, BAD, Watch(rule="sl", scope="queue:sales"), now=Millis(START))
    watch, notice = evaluate(rule, BAD, watch, now=Millis(START + 3_600_000))
    assert (notice, watch.held_ms) == (Notice.HELD, 15_000)


def test_a_clock_set_back_stops_the_timer_but_loses_nothing() -> None:
    _, notices = walk((0, BAD), (5, BAD), (-3600, BAD), (5, BAD), (10, BAD))
    assert notices == [Notice.FIRST_BREACH, Notice.HELD, Notice.HELD, Notice.HELD, Notice.FIRED]


def test_after_a_clock_set_back_for_good_time_passes_on_from_there() -> None:
    """Else nothing would fire or resolve for that hour: 5 s before the leap and 5 s behind it are the hold."""
    _, notices = walk((0, BAD), (5, BAD), (-3600, BAD), (-3595, BAD), (-3590, GOOD), (-3585, GOOD))
    assert notices[2:] == [Notice.HELD, Notice.FIRED, Notice.RECOVERING, Notice.RESOLVED]


def test_without_a_hold_the_first_breach_fires() -> None:
    rule = ServiceLevelRule(**{**_fields(RULE), "timing": Timing(hold_ms=0, keep_firing_ms=0)})
    watch, notice = evaluate(rule, BAD, Watch(rule="sl", scope="queue:sales"), now=Millis(START))
    assert (watch.state, notice) == (State.FIRING, Notice.FIRED)


def test_two_alerts_in_one_millisecond_have_two_ids() -> None:
    rule = ServiceLevelRule(**{**_fields(RULE), "timing": Timing(hold_ms=0, keep_firing_ms=0)})
    first, _ = evaluate(rule, BAD, Watch(rule="sl", scope="queue:sales"), now=Millis(START))
    ended, _ = evaluate(rule, GOOD, first, now=Millis(START))
    second, _ = evaluate(rule, BAD, ended, now=Millis(START))
    assert first.alert != second.alert


@pytest.mark.parametrize(
    ("batch", "notice"),
    [
        ([GOOD], Notice.FINE),
        ([GOOD, LOST], Notice.FIRST_BREACH),
        ([], Notice.FINE),  # the floor speaks and knows no queue yet
        (None, Notice.FIRST_BREACH),  # nothing comes at all
    ],
)
def test_silence_is_seen_in_one_queue_or_in_none_at_all(batch: list[QueueNumbers] | None, notice: Notice) -> None:
    _, told = step(
        SILENT.timing, measure_silence(batch), Watch(rule="source_silent", scope="site:s"), now=Millis(START)
    )
    assert told is notice


def _fields(rule: ServiceLevelRule) -> dict[str, object]:
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}
