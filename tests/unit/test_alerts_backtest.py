"""A back-test says of stored days what the engine said on those days; what it cannot know it names."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from alerts.backtest import Backtest, UnansweredReason, answerable, windows_of
from alerts.defaults import DEFAULT_RULES
from alerts.engine import AlertEngine
from alerts.evaluate import Notice
from alerts.notification import fact_of
from alerts.parse import parse_rules
from alerts.replay import Replay
from alerts.rules import Rule, Timing, Traffic
from streams.floor.numbers import WINDOW_MINUTES
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis
from tests.alerts_floor import CrashingStore, Feed, Fuse, HandClock, Memory, until
from tests.past_day import SITE, T0
from tests.unit.test_alerts_replay import RULES, SEEDS, ZONE, every_second, level, new_floor, story, who_is_there

LIVED_S = 23 * 60
LIVED = tuple(rule for rule in RULES if rule.name in ("sl", "burn", "longest_here", "silent"))


def rules(text: str) -> tuple[Rule, ...]:
    return parse_rules(text, file="rules", channels=())


def _seen(engine: AlertEngine, running: "asyncio.Task[None]", at: Millis) -> bool:
    return engine.looked_at >= at or running.done()


async def engine_told(seconds: int) -> list[AlertFact]:
    """A real engine, its clock set by hand: one batch of numbers each second, told as the live floor tells them."""
    feed, clock, facts = Feed(), HandClock(), list[AlertFact]()

    async def emit(told: Sequence[AlertFact]) -> None:
        facts.extend(told)

    clock.at = T0
    engine = AlertEngine(
        site=SITE, rules=LIVED, numbers=feed.numbers, store=CrashingStore(Memory(), Fuse()), emit=emit, deliveries={},
        clock=clock.now, zone=ZONE,
    )  # fmt: skip
    running = asyncio.create_task(engine.run())
    try:
        for moment in every_second(SEEDS[0])[:seconds]:
            clock.at = int(moment.at)
            feed.put(*(moment.batch or ()))
            await until(partial(_seen, engine, running, moment.at), seconds=60)
            assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return facts


def test_a_back_test_is_what_the_engine_did_live() -> None:
    """Every version of every alert, one by one, with reason, value and moment: events pushed live at the same cadence
    into AlertEngine against the same events replayed. A source is lost and found on the way."""
    lived = asyncio.run(engine_told(LIVED_S))
    told: list[AlertFact] = []
    replay = Replay(
        new_floor(),
        LIVED,
        zone=ZONE,
        since=T0,
        people=who_is_there,
        heard=lambda change: told.append(fact_of(change, site=SITE)),
    )
    for event in story(SEEDS[0]):
        if event.at < T0 + 1000 * LIVED_S:
            replay.tell(event)
    replay.until(Millis(T0 + 1000 * LIVED_S))
    assert len(lived) > 50
    assert {fact.state for fact in lived} >= {"pending", "firing", "resolved"}
    assert told == lived


def metric(name: str, metric: str, **more: object) -> str:
    extra = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'[[rule]]\nkind = "threshold"\nname = "{name}"\nmetric = "{metric}"\nfire = 10\nhold_s = 10\n{extra}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (metric("disk", "disk_free_percent"), UnansweredReason.GAUGES),
        (metric("backlog", "recogniser_backlog"), UnansweredReason.GAUGES),
        (metric("scores", "score"), UnansweredReason.SCORES),
        (metric("phrase", "phrase_hit"), UnansweredReason.PHRASES),
        (metric("plan", "staffed_against_plan"), UnansweredReason.PLAN),
        (metric("team", "team_ready"), UnansweredReason.TEAMS),
        (metric("of_team", "contact_length", teams='["T1"]'), UnansweredReason.TEAMS),
    ],
)
def test_what_is_not_stored_is_named_and_does_not_count_as_never(text: str, reason: UnansweredReason) -> None:
    """Left out with its reason; the rule beside it is asked."""
    asked, left = answerable((*rules(text), level("sl")))
    assert [one.reason for one in left] == [reason]
    assert "sl" in {rule.name for rule in asked}
    assert left[0].rule not in {rule.name for rule in asked}


def test_what_a_folded_floor_knows_is_answered() -> None:
    """Queues, tiers, the site, agents' states, contacts' lengths, lost sources."""
    names = ("waiting", "tier_service_level", "site_waiting", "contact_length", "sources_lost", "ready")
    texts = [metric(name, name) for name in names]
    texts.append(metric("pause", "state_time", state='"not_ready"'))
    assert answerable(rules("\n".join(texts)))[1] == ()


def test_only_windows_that_rules_look_at_are_counted() -> None:
    """The rules Floorwatch comes with look at these; one with traffic counts the hour."""
    assert windows_of([level("sl", window_minutes=15)]) == (15,)
    assert windows_of([level("sl", window_minutes=15, traffic=Traffic(least=100))]) == (15, 60)
    assert set(windows_of(rules(DEFAULT_RULES))) <= set(WINDOW_MINUTES)


def test_a_firing_tells_when_what_and_how_it_ended() -> None:
    """Beyond the limit firings are only counted, their ends do not disturb those that are kept."""
    few, every = Backtest(level("sl"), most_firings=2), Backtest(level("sl"))
    for moment in every_second(SEEDS[0]):
        few.see(moment)
        every.see(moment)
    assert few.firings == every.firings[:2]
    assert (few.tally.fired, few.tally.left_off) == (len(every.firings), len(every.firings) - 2)
    first = next(one for one in every.firings if one.resolved_at is not None)
    assert first.raised_at + 7_000 == first.fired_at
    assert first.resolved_at is not None
    assert first.resolved_at >= first.fired_at + 12_000
    assert first.ended is Notice.RESOLVED
    assert first.value is not None
    assert first.value < 85


def test_timers_end_with_the_same_look_however_rarely_they_are_looked_at() -> None:
    """`due` is never later than a look may add, nor than the timer's end."""
    backtest = Backtest(level("sl", timing=Timing(hold_ms=40_000, keep_firing_ms=0)))
    for moment in every_second(SEEDS[0]):
        backtest.see(moment)
        if backtest.due is not None:
            assert moment.at < backtest.due <= moment.at + 15_000
