"""A replay passes over seconds in which nothing can change: what it tells is what every second would have told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from alerts.backtest import Backtest
from alerts.moment import AgentNow, Moment, SiteMoment
from alerts.notification import Change
from alerts.replay import Replay
from alerts.rules import (
    Asked,
    BurnRule,
    Condition,
    Label,
    Mode,
    Rule,
    ServiceLevelRule,
    Severity,
    SourceSilentRule,
    ThresholdRule,
    Timing,
    Traffic,
)
from alerts.schedule import Schedule
from streams.floor.fold import Floor
from streams.vocabulary.events import Event
from streams.vocabulary.ids import ContactId, Millis, QueueName
from tests.past_day import SITE, T0, PastDay

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = 60_000
MINUTES = 50
SEEDS = (3, 8)
UNTIL = Millis(T0 + MINUTES * MINUTE)
COMMON = {
    "label": Label(zh="规则", en="rule"),
    "severity": Severity.WARNING,
    "channels": ("duty",),
}
QUICK = Timing(hold_ms=7_000, keep_firing_ms=12_000)
EVEN_HOURS = Schedule(name="nine", weekdays=frozenset(range(7)), hours=((540, 570),))


def level(name: str, **changed: object) -> ServiceLevelRule:
    rule = ServiceLevelRule(
        name=name, timing=QUICK, queues=(), formula="answered_abandoned", window_minutes=5, fire_below=85,
        clear_above=88, min_sample=4, **COMMON,
    )  # fmt: skip
    return replace(rule, **changed)


def waits(name: str, metric: str, fire: float, clear: float, **changed: object) -> ThresholdRule:
    conditions = (Condition(metric=metric, fire=fire, clear=clear),)
    return replace(ThresholdRule(name=name, timing=QUICK, mode=Mode.ALL, conditions=conditions, **COMMON), **changed)


RULES: tuple[Rule, ...] = (
    level("sl"),
    level("sl_long_sample", min_sample=12, window_minutes=15, timing=Timing(hold_ms=0, keep_firing_ms=0)),
    level("sl_hours", schedule=EVEN_HOURS),
    level("sl_quiet", min_sample=2, traffic=Traffic(below=90)),
    BurnRule(
        name="burn", timing=QUICK, queues=(), formula="answered_abandoned", target=90, target_by={}, factor=1.2,
        long_minutes=20, short_minutes=5, min_sample=5, bound_below=0, z=0, day_below_target=True, **COMMON,
    ),
    waits("longest", "longest_wait", 9_500, 4_200),
    waits("longest_here", "longest_wait", 30_000, 10_000, conditions=(
        Condition(metric="longest_wait", fire=30_000, clear=10_000, fire_by={"q00": 12_345}),
        Condition(metric="waiting", fire=1, clear=1),
    )),
    waits("whole_site", "site_longest_wait", 14_000, 8_000, timing=Timing(hold_ms=1_500, keep_firing_ms=400)),
    waits("abandoned", "abandon_percent", 12, 8, conditions=(
        Condition(metric="abandon_percent", fire=12, clear=8, asked=Asked(window_minutes=15), min_sample=5),
    )),
    SourceSilentRule(name="silent", timing=QUICK, **COMMON),
)  # fmt: skip


@cache
def story(seed: int) -> tuple[Event, ...]:
    """Two queues, six agents; the source is away for 20 s in minute 21."""
    day = PastDay(agents=6, queues=2, minutes=MINUTES - 8, per_second=0.07, seed=seed, gap_at_minute=21)
    return tuple(day.events())


def new_floor() -> Floor:
    return Floor(SITE, targets_ms={QueueName("q00"): 10_000, QueueName("q01"): 20_000}, utc_offset_ms=8 * 3_600_000)


@cache
def every_second(seed: int) -> tuple[Moment, ...]:
    """What the live service would have asked its rules about: once a second, whatever happens."""
    floor, left, moments = new_floor(), list(story(seed)), []
    for now in range(T0, UNTIL, 1000):
        while left and left[0].at <= now:
            floor.apply(left.pop(0))
        floor.advance(Millis(now))
        batch, beside = floor.numbers(Millis(now)), who_is_there(floor, Millis(now))
        moments.append(Moment(at=Millis(now), site=SITE, zone=ZONE, batch=batch, site_moment=beside))
    return tuple(moments)


def live(seed: int, rules: Sequence[Rule]) -> list[Change]:
    asked = [Backtest(rule) for rule in rules]
    return [change for moment in every_second(seed) for one in asked for change in one.see(moment)]


def replayed(events: Iterable[Event], rules: Sequence[Rule]) -> tuple[list[Change], int]:
    told: list[Change] = []
    replay = Replay(new_floor(), rules, zone=ZONE, since=T0, heard=told.append, people=who_is_there)
    for event in events:
        replay.tell(event)
    replay.until(UNTIL)
    return told, replay.looks


def who_is_there(floor: Floor, now: Millis) -> SiteMoment:
    agents = []
    for one in floor.agents.values():
        visit = floor.visits.get(one.talks[-1]) if one.talks else None
        talk = (ContactId(""), Millis(0)) if visit is None else (visit.contact, visit.answered_at)
        agents.append(AgentNow(one.id, one.state, one.reason, one.since, "", (*one.memberships,), *talk))
    return SiteMoment(at=now, site=SITE, agents=agents, gauges={}, hits=[], quality=[])


def shown(changes: Sequence[Change]) -> list[tuple[object, ...]]:
    """Everything of a change but when its watch was last looked at."""
    return [
        (change.watch.seen_at, change.watch.alert, change.watch.state, change.watch.version, change.notice,
         change.reading, change.watch.held_ms, change.watch.clear_ms)
        for change in changes
    ]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_alone_changes_when_it_changed_live(rule: Rule, seed: int) -> None:
    """To the second, with the same value: alone, so that no other rule's timer makes its instants be looked at."""
    wanted = live(seed, [rule])
    told, looks = replayed(story(seed), [rule])
    assert shown(told) == shown(wanted)
    assert wanted, "a rule that never changes proves nothing"
    assert looks < MINUTES * 60


def test_all_rules_together() -> None:
    told, _ = replayed(story(SEEDS[0]), RULES)
    assert shown(told) == shown(live(SEEDS[0], RULES))


def test_a_calm_second_is_not_looked_at() -> None:
    """Nothing but the ends of minutes where nothing happens."""
    replay = Replay(new_floor(), [level("sl")], zone=ZONE, since=T0, people=who_is_there)
    replay.until(UNTIL)
    assert replay.looks == MINUTES


@pytest.mark.parametrize("metric", ["state_time", "contact_length"])
def test_rules_about_people_change_when_they_changed_live(metric: str) -> None:
    """Nobody tells that a pause or a talk still lasts: that it reaches its limit is seen at that second."""
    rule = waits("long", metric, 23_400, 23_400, timing=Timing(hold_ms=0, keep_firing_ms=0), conditions=(
        Condition(metric=metric, fire=23_400, clear=23_400, asked=Asked(state="ready")),
    ))  # fmt: skip
    wanted = shown(live(SEEDS[0], [rule]))
    told = shown(replayed(story(SEEDS[0]), [rule])[0])
    assert wanted
    assert told == wanted


def test_an_event_told_after_its_time_is_seen_at_the_next_second() -> None:
    """The floor takes it in as the live one did, and time does not go back."""
    events = list(story(SEEDS[0]))
    late = events.pop(200)
    events.insert(260, late)
    told, _ = replayed(events, RULES)
    assert [change.watch.seen_at for change in told] == sorted(change.watch.seen_at for change in told)
