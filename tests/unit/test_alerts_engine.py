"""The engine dies at every step it can die at, and nothing is lost, doubled or said in the wrong order."""

import asyncio
from collections.abc import Sequence

import pytest

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.routing import Routing
from alerts.rules import Rule
from alerts.senders.channel import Outcome
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis
from tests.alerts_floor import (
    AT_ONCE,
    RULE,
    SILENT,
    SILENT_KEY,
    SITE,
    SL_KEY,
    START,
    Crash,
    CrashingStore,
    Feed,
    Fuse,
    HandClock,
    Memory,
    RememberingChannel,
    numbers,
    until,
)

DIP = [numbers(0, 70), numbers(10, 70), numbers(20, 95), numbers(25, 95)]
"""Breach, held for 10 s, good again, good for 5 s: fires and resolves."""


class Run:
    """One life of the engine over what the last one left behind."""

    def __init__(
        self,
        memory: Memory,
        facts: list[AlertFact],
        *channels: RememberingChannel,
        rules: Sequence[Rule] = (RULE,),
        fuse: Fuse | None = None,
        capacity: int = 100,
        routing: Routing = AT_ONCE,
    ) -> None:
        self.feed, self.clock, self.facts = Feed(), HandClock(), facts
        self.notes: list[AlertNoteFact] = []
        self._fuse = fuse or Fuse()
        store = CrashingStore(memory, self._fuse)
        self.deliveries = {
            channel.name: Delivery(
                channel, store=store, clock=self.clock.now, sleep=self._sleep, chance=lambda: 0.0, capacity=capacity
            )
            for channel in channels
        }
        self.engine = AlertEngine(
            site=SITE,
            rules=rules,
            numbers=self.feed.numbers,
            store=store,
            emit=self._emit,
            deliveries=self.deliveries,
            clock=self.clock.now,
            tick_ms=5,
            routing=routing,
            note=self._hear,
        )

    async def live(self, steps: Sequence[QueueNumbers], *, seconds: float = 5.0) -> bool:
        """Feeds the steps one by one and waits until all is quiet; False if it crashed on the way."""
        task = asyncio.create_task(self.engine.run())
        try:
            async with asyncio.timeout(seconds):
                for step in steps:
                    self.clock.at = max(self.clock.at, step.at)
                    self.feed.put(step)
                    await self._until(lambda at=step.at: self._seen() >= at, task)
                await self._until(lambda: not any(one.waiting for one in self.deliveries.values()), task)
                for _ in range(20):  # whatever was taken from a queue comes to its end
                    await asyncio.sleep(0)
                return not task.done()
        except Crash:
            return False
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _seen(self) -> int:
        watch = self.engine.watches.get(SL_KEY)
        return 0 if watch is None else watch.seen_at

    async def _until(self, done: object, task: "asyncio.Task[None]") -> None:
        assert callable(done)
        while not done():
            if task.done():
                raise Crash
            await asyncio.sleep(0)

    async def _emit(self, facts: Sequence[AlertFact]) -> None:
        self._fuse.spend()
        self.facts += facts
        self._fuse.spend()

    async def _hear(self, notes: Sequence[AlertNoteFact]) -> None:
        self._fuse.spend()
        self.notes += notes

    async def _sleep(self, seconds: float) -> None:
        self.clock.at += round(1000 * seconds)
        await asyncio.sleep(0)


def test_a_dip_is_told_step_by_step() -> None:
    memory, facts, duty = Memory(), [], RememberingChannel("duty")
    assert asyncio.run(Run(memory, facts, duty).live(DIP))
    assert [(fact.state, fact.reason, fact.ver) for fact in facts] == [
        ("pending", "first_breach", 1),
        ("firing", "fired", 2),
        ("firing", "recovering", 3),
        ("resolved", "resolved", 4),
    ]
    assert {fact.alert for fact in facts} == {f"sl/queue:sales/{START}"}
    assert [got.id for got in duty.got] == [f"sl/queue:sales/{START}/firing", f"sl/queue:sales/{START}/resolved"]
    assert memory.outbox == {}


@pytest.mark.parametrize("calls", range(52))
def test_a_crash_anywhere_loses_nothing(calls: int) -> None:
    """Killed at its n-th step, then started again over what it left; the floor goes on meanwhile."""

    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty")
        survived = await Run(memory, facts, duty, fuse=Fuse(calls)).live(DIP)
        if not survived:
            seen = max((watch.seen_at for watch in memory.watches.values()), default=0)
            rest = [step for step in DIP if step.at > seen] or [DIP[-1]]
            assert await Run(memory, facts, duty).live(rest)
        assert memory.outbox == {}
        told = list(dict.fromkeys(got.id.rpartition("/")[2] for got in duty.got))
        assert told == ["firing", "resolved"]
        assert len(duty.got) <= 3  # at most one repeated
        last = max(facts, key=lambda fact: (fact.raised_at, fact.ver))
        assert last.state == "resolved"
        by_version = {(fact.alert, fact.ver): fact for fact in facts}
        assert all(by_version[fact.alert, fact.ver] == fact for fact in facts)  # a version never says two things

    asyncio.run(lives())


def test_a_restart_while_firing_does_not_fire_again() -> None:
    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty")
        assert await Run(memory, facts, duty).live(DIP[:2])
        assert await Run(memory, facts, duty).live([numbers(12, 70), numbers(20, 95), numbers(25, 95)])
        assert [got.says for got in duty.got] == ["firing", "resolved"]

    asyncio.run(lives())


def test_lost_data_keeps_the_alert_and_tells_of_the_silence() -> None:
    """The source is cut while the alert fires: nothing resolves, source_silent fires."""

    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty")
        steps = [numbers(0, 70), numbers(10, 70), *(numbers(second, 95, certain=False) for second in (11, 21, 40))]
        assert await Run(memory, facts, duty, rules=(RULE, SILENT)).live(steps)
        assert [got.id.partition("/")[0] for got in duty.got] == ["sl", "source_silent"]
        assert not [fact for fact in facts if fact.state == "resolved"]
        assert [fact.reason for fact in facts if fact.rule == "sl"][-1] == "uncertain"

    asyncio.run(lives())


def test_numbers_that_stop_coming_are_silence_too() -> None:
    """The floor's process died: after 10 s the last batch is looked at as uncertain."""

    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty")
        run = Run(memory, facts, duty, rules=(RULE, SILENT))
        task = asyncio.create_task(run.engine.run())
        run.feed.put(numbers(0, 95))
        await until(lambda: SILENT_KEY in run.engine.watches)
        for _ in range(40):
            run.clock.at += 1_000
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert duty.got[0].rule == "source_silent"
        assert duty.got[0].at - START <= 35_000

    asyncio.run(lives())


def test_a_failing_channel_is_tried_again_and_a_healthy_one_gets_no_copy() -> None:
    async def lives() -> None:
        memory, facts = Memory(), []
        duty = RememberingChannel("duty", Outcome.SERVER_ERROR, Outcome.TIMED_OUT, Outcome.DELIVERED)
        mail = RememberingChannel("mail")
        rule = RULE.__class__(
            **{name: getattr(RULE, name) for name in RULE.__dataclass_fields__} | {"channels": ("duty", "mail")}
        )
        assert await Run(memory, facts, duty, mail, rules=(rule,)).live(DIP[:2])
        assert [got.says for got in mail.got] == ["firing"]
        assert len({got.id for got in duty.got}) == 1
        assert [attempt.reply.outcome for attempt in memory.attempts if attempt.channel == "duty"] == [
            Outcome.SERVER_ERROR,
            Outcome.TIMED_OUT,
            Outcome.DELIVERED,
        ]
        assert memory.outbox == {}

    asyncio.run(lives())


def test_a_channel_that_says_gone_is_left_alone() -> None:
    """410 for the firing message: the resolved one is not even tried, and both lie among the dead letters."""

    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty", Outcome.GONE)
        run = Run(memory, facts, duty)
        assert await run.live(DIP)
        assert len(duty.got) == 1
        assert [letter.attempt.number for letter in memory.dead] == [1, 0]
        assert run.deliveries["duty"].buried == {Outcome.GONE: 2}

    asyncio.run(lives())


def test_a_message_for_a_channel_that_is_no_more_is_buried_with_the_reason() -> None:
    async def lives() -> None:
        memory, facts = Memory(), []
        assert await Run(memory, facts).live(DIP[:2])
        assert [letter.attempt.reply.outcome for letter in memory.dead] == [Outcome.UNKNOWN_CHANNEL]
        assert memory.outbox == {}

    asyncio.run(lives())


def test_a_full_queue_buries_what_does_not_fit() -> None:
    """Never silently, and the engine goes on."""

    async def lives() -> None:
        memory, facts = Memory(), []

        class StuckChannel(RememberingChannel):
            async def send(self, notification, *, at):  # type: ignore[no-untyped-def]
                await asyncio.Event().wait()

        run = Run(memory, facts, StuckChannel("duty"), capacity=1)
        task = asyncio.create_task(run.engine.run())
        run.feed.put(*(numbers(0, 70, queue=name) for name in ("a", "b", "c", "d")))
        await until(lambda: ("sl", "queue:d") in run.engine.watches)
        run.feed.put(*(numbers(10, 70, queue=name) for name in ("a", "b", "c", "d")))
        await until(lambda: len(memory.dead) >= 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert {letter.attempt.reply.outcome for letter in memory.dead} == {Outcome.QUEUE_FULL}
        assert run.deliveries["duty"].buried == {Outcome.QUEUE_FULL: 3}

    asyncio.run(lives())


def test_an_acknowledgement_stays_with_the_alert_to_its_end() -> None:
    """Every later version carries who and when; a second one changes nothing; the next alert starts without."""

    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty")
        assert await Run(memory, facts, duty).live(DIP[:2])
        run = Run(memory, facts, duty)
        task = asyncio.create_task(run.engine.run())
        await until(lambda: SL_KEY in run.engine.watches)
        alert = f"sl/queue:sales/{START}"
        assert await run.engine.acknowledge(alert, by="班长", at=Millis(START + 11_000)) == "done"
        assert await run.engine.acknowledge(alert, by="other", at=Millis(START + 12_000)) == "already_acknowledged"
        assert await run.engine.acknowledge("sl/queue:x/1", by="other", at=Millis(0)) == "not_in_progress"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await Run(memory, facts, duty).live([*DIP[2:], numbers(60, 70)])
        assert [(fact.reason, fact.ver, fact.acknowledged_by) for fact in facts] == [
            ("first_breach", 1, ""),
            ("fired", 2, ""),
            ("acknowledged", 3, "班长"),
            ("recovering", 4, "班长"),
            ("resolved", 5, "班长"),
            ("first_breach", 1, ""),
        ]
        assert [got.says for got in duty.got] == ["firing", "resolved"]

    asyncio.run(lives())


def test_an_alert_of_a_removed_rule_is_resolved_for_those_who_were_told() -> None:
    async def lives() -> None:
        memory, facts, duty = Memory(), [], RememberingChannel("duty")
        assert await Run(memory, facts, duty).live(DIP[:2])
        run = Run(memory, facts, duty, rules=())
        task = asyncio.create_task(run.engine.run())
        await until(lambda: len(duty.got) == 2 and not memory.outbox)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (duty.got[1].says, duty.got[1].reason) == ("resolved", "rule_removed")
        assert memory.watches == {}

    asyncio.run(lives())
