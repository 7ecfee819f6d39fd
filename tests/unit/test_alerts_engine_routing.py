"""The engine and who is told: one transaction for both, clocks that leap, rules that change, storms, and the notes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.escalation import Escalation, Step
from alerts.evaluate import State
from alerts.notification import Notification, Says
from alerts.routing import Route, Routing
from alerts.rules import Rule
from alerts.senders.channel import NOTHING_AROUND, Around, Outcome, Reply
from alerts.silence import Silence
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis
from tests.alerts_floor import (
    AT_ONCE,
    RULE,
    SILENT,
    SITE,
    SL_KEY,
    START,
    Crash,
    CrashingStore,
    Feed,
    Fuse,
    HandClock,
    Memory,
    numbers,
)

ALERT = f"sl/queue:sales/{START}"


class Robot:
    """A channel that puts many into one message, and says what it is told to."""

    def __init__(self, name: str = "duty", *replies: Outcome) -> None:
        self.name = name
        self.got: list[tuple[tuple[Notification, ...], Around]] = []
        self._replies = replies or (Outcome.DELIVERED,)

    @property
    def said(self) -> list[Says]:
        return [one.says for told, _ in self.got for one in told]

    async def send(self, notification: Notification, *, at: Millis) -> Reply:
        return await self.send_group((notification,), at=at)

    async def send_group(
        self, notifications: tuple[Notification, ...], *, at: Millis, around: Around = NOTHING_AROUND
    ) -> Reply:
        reply = self._replies[min(len(self.got), len(self._replies) - 1)]
        self.got.append((notifications, around))
        return Reply(outcome=reply, status=200)


class Life:
    """One engine over a memory; `look` moves both clocks and waits until all of it was done."""

    def __init__(
        self,
        *robots: Robot,
        memory: Memory | None = None,
        rules: Sequence[Rule] = (RULE,),
        routing: Routing = AT_ONCE,
        fuse: Fuse | None = None,
    ) -> None:
        self.memory, self.feed = memory or Memory(), Feed()
        self.clock, self.passing = HandClock(), HandClock()
        self.facts: list[AlertFact] = []
        self.notes: list[AlertNoteFact] = []
        self.tellings = 0
        store = CrashingStore(self.memory, fuse or Fuse())
        self.deliveries = {
            robot.name: Delivery(robot, store=store, clock=self.clock.now, groups=True, sleep=self._sleep)
            for robot in robots
        }
        self.engine = AlertEngine(
            site=SITE,
            rules=rules,
            numbers=self.feed.numbers,
            store=store,
            emit=self._emit,
            deliveries=self.deliveries,
            clock=self.clock.now,
            passing=self.passing.now,
            routing=routing,
            note=self._hear,
            tick_ms=5,
        )
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Life":
        self._task = asyncio.create_task(self.engine.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def look(self, second: int, in_target: int, *, step_s: int = 0, queues: Sequence[str] = ("sales",)) -> None:
        self.clock.at, self.passing.at = START + 1000 * (second + step_s), START + 1000 * second
        self.feed.put(*(numbers(second + step_s, in_target, queue=queue) for queue in queues))
        arrived = self.clock.now()
        await self.until(lambda: self.engine.looked_at == arrived)
        await self.until(lambda: not any(one.waiting for one in self.deliveries.values()))
        for _ in range(20):
            await asyncio.sleep(0)

    async def until(self, done: object) -> None:
        assert callable(done)
        assert self._task is not None
        async with asyncio.timeout(20):
            while not done():
                if self._task.done():
                    raise Crash
                await asyncio.sleep(0)

    async def _emit(self, facts: Sequence[AlertFact]) -> None:
        self.tellings += 1
        self.facts += facts

    async def _hear(self, notes: Sequence[AlertNoteFact]) -> None:
        self.tellings += 1
        self.notes += notes

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def test_with_the_default_timing_a_short_alert_is_told_nobody() -> None:
    """It fires at 10 s and is over at 14 s: the page saw it, no phone rang."""

    async def scenario() -> None:
        rule = replace(RULE, timing=replace(RULE.timing, keep_firing_ms=1_000))
        duty = Robot()
        async with Life(duty, rules=(rule,), routing=Routing()) as life:
            for second, share in ((0, 70), (10, 70), (12, 95), (14, 95), (30, 95), (90, 95)):
                await life.look(second, share)
            assert [fact.state for fact in life.facts][-1] == "resolved"
            assert duty.got == []
            assert life.memory.book == {} or set(life.memory.book) == {"time"}

    asyncio.run(scenario())


@pytest.mark.parametrize("calls", range(0, 60, 2))
def test_a_crash_anywhere_tells_each_set_once_with_the_default_timing(calls: int) -> None:
    """Firing, its wait, its end after the interval; killed at every second step."""

    async def scenario() -> None:
        steps = [(0, 70), (10, 70), (16, 70), (20, 95), (30, 95), (45, 95), (60, 95), (75, 95), (90, 95)]
        memory, duty = Memory(), Robot()
        done = 0
        try:
            async with Life(duty, memory=memory, routing=Routing(), fuse=Fuse(calls)) as life:
                for second, share in steps:
                    await life.look(second, share)
                    done += 1
        except Crash:
            pass
        async with Life(duty, memory=memory, routing=Routing()) as life:
            for second, share in [*steps[done:], (105, 95), (120, 95), (180, 95)]:
                await life.look(second, share)
        ids = [one.id for told, _ in duty.got for one in told]
        assert list(dict.fromkeys(ids)) == [f"{ALERT}/firing", f"{ALERT}/resolved"]
        assert len(ids) <= 3  # one of them again, with the same id
        assert memory.outbox == {}

    asyncio.run(scenario())


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_leaps_neither_fires_nor_resolves_nor_repeats(hours: int) -> None:
    """An hour forth and back again, or back and forth: while nothing is wrong, while it is pending, while it fires."""

    async def scenario() -> None:
        repeat = Routing(routes=(replace(AT_ONCE.routes[0], repeat_ms=600_000, escalation="up"),), escalations=LADDER)
        duty, lead = Robot("duty"), Robot("lead")
        slow = replace(RULE, timing=replace(RULE.timing, hold_ms=60_000, keep_firing_ms=60_000))
        async with Life(duty, lead, rules=(slow,), routing=repeat) as life:
            await life.look(0, 95)
            await life.look(1, 95, step_s=3600 * hours)
            await life.look(2, 70)
            await life.look(3, 70, step_s=3600 * hours)
            await life.look(4, 70)
            assert (life.engine.watches[SL_KEY].state, duty.got) == (State.PENDING, [])
            for second in range(10, 80, 10):
                await life.look(second, 70)
            assert duty.said == [Says.FIRING]
            await life.look(81, 95)
            await life.look(82, 95, step_s=3600 * hours)
            await life.look(83, 95)
            assert life.engine.watches[SL_KEY].state is State.RECOVERING
            assert (duty.said, lead.said) == ([Says.FIRING], [])

    asyncio.run(scenario())


LADDER = {"up": Escalation(name="up", steps=(Step(after_ms=300_000, channels=("lead",)),))}


def test_a_thousand_alerts_are_one_message_that_names_a_few() -> None:
    async def scenario() -> None:
        duty, queues = Robot(), [f"q{number}" for number in range(1_000)]
        async with Life(duty) as life:
            await life.look(0, 70, queues=queues)
            await life.look(10, 70, queues=queues)
            ((told, around),) = duty.got
            assert len(told) + around.more == 1_000
            assert len({note.alert for note in life.notes if note.kind == "notified"}) == 1_000
            assert len(life.facts) == 2_000
            assert life.tellings <= 20  # by the hundred: a look that fires them all waits for few answers of the bus

    asyncio.run(scenario())


def test_rules_that_are_swapped_keep_the_timers_of_those_that_stay() -> None:
    """One goes: its alert resolves for who was told. One stays: it is half way through its hold."""

    async def scenario() -> None:
        slow = replace(RULE, name="slow", timing=replace(RULE.timing, hold_ms=20_000))
        duty = Robot()
        async with Life(duty, rules=(RULE, slow)) as life:
            await life.look(0, 70)
            await life.look(10, 70)
            await life.engine.use([slow, SILENT])
            await life.look(15, 70)
            assert [(one.says, one.reason) for told, _ in duty.got for one in told] == [
                ("firing", "fired"),
                ("resolved", "rule_removed"),
            ]
            await life.look(20, 70)
            assert [(one.rule, one.says) for one in duty.got[-1][0]] == [("slow", "firing")]
            assert SL_KEY not in life.memory.watches

    asyncio.run(scenario())


def test_a_silenced_alert_is_told_nobody_and_its_way_says_why() -> None:
    async def scenario() -> None:
        duty = Robot()
        async with Life(duty) as life:
            life.engine.use_silences([silence("s1", rule="s*", scope="queue:*")])
            await life.look(0, 70)
            await life.look(10, 70)
            await life.look(12, 70)
            assert duty.got == []
            (note,) = [note for note in life.notes if note.kind == "not_notified"]
            assert (note.alert, note.reason, note.text) == (ALERT, "silenced", "s1")
            assert life.engine.withheld == {"silenced": 1}
            life.engine.use_silences([])
            await life.look(13, 70)
            assert duty.said == [Says.FIRING]

    asyncio.run(scenario())


def test_every_attempt_that_says_something_new_is_noted() -> None:
    """Two errors of one kind are one note; then it arrives."""

    async def scenario() -> None:
        duty = Robot("duty", Outcome.SERVER_ERROR, Outcome.SERVER_ERROR, Outcome.DELIVERED)
        async with Life(duty) as life:
            await life.look(0, 70)
            await life.look(10, 70)
            await life.until(lambda: len(duty.got) == 3)
            tried = [(note.alert, note.channel, note.outcome) for note in life.notes if note.kind == "notified"]
            assert tried == [(ALERT, "duty", "server_error"), (ALERT, "duty", "delivered")]

    asyncio.run(scenario())


def test_an_escalation_is_noted_and_an_acknowledgement_stops_it() -> None:
    async def scenario() -> None:
        steps = {"up": Escalation(name="up", steps=(Step(after_ms=30_000, channels=("lead",)), Step(after_ms=60_000)))}
        routing = Routing(routes=(replace(AT_ONCE.routes[0], channels=("duty",), escalation="up"),), escalations=steps)
        duty, lead = Robot("duty"), Robot("lead")
        async with Life(duty, lead, routing=routing) as life:
            for second in range(0, 50, 10):
                await life.look(second, 70)
            assert (duty.said, lead.said) == ([Says.FIRING], [Says.FIRING])
            assert [note.channel for note in life.notes if note.kind == "escalated"] == ["lead"]
            await life.engine.acknowledge(ALERT, by="li", at=Millis(START + 50_000))
            for second in range(60, 100, 10):
                await life.look(second, 95)
            assert (duty.said, lead.said) == ([Says.FIRING, Says.RESOLVED], [Says.FIRING, Says.RESOLVED])

    asyncio.run(scenario())


def test_who_was_told_by_an_engine_without_a_book_is_not_told_again() -> None:
    """The release that brought the book: what fires keeps firing, its end is told."""

    async def scenario() -> None:
        memory, before, after = Memory(), Robot(), Robot()
        async with Life(before, memory=memory) as life:
            await life.look(0, 70)
            await life.look(10, 70)
        memory.book.clear()
        async with Life(after, memory=memory) as life:
            for second, share in ((12, 70), (14, 70), (20, 95), (25, 95)):
                await life.look(second, share)
        assert (before.said, after.said) == ([Says.FIRING], [Says.RESOLVED])

    asyncio.run(scenario())


def test_routes_in_one_site_do_not_share_what_was_told() -> None:
    """Two routes, two channels: each hears its own, once."""

    async def scenario() -> None:
        first, second = (Route(name=name, group_wait_ms=0, channels=(name,), goes_on=True) for name in ("duty", "lead"))
        duty, lead = Robot("duty"), Robot("lead")
        async with Life(duty, lead, routing=Routing(routes=(first, second))) as life:
            await life.look(0, 70)
            await life.look(10, 70)
            assert (duty.said, lead.said) == ([Says.FIRING], [Says.FIRING])

    asyncio.run(scenario())


def silence(name: str, *, rule: str, scope: str) -> Silence:
    return Silence(
        id=name,
        site=SITE,
        rule=rule,
        scope=scope,
        why="works",
        by="ops",
        created_at=Millis(START),
        starts_at=Millis(START),
        until=Millis(START + 3_600_000),
    )
