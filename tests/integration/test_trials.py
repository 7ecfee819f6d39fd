"""Texts of strangers are asked in children of limited time and memory: real processes; none slows or ends the web."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest

from monitor.rules_test import GoldenRun
from monitor.rules_try import Tried
from monitor.trial_wire import Faulty, Overran, TrialLimits, TrialReason
from monitor.trials import Trials
from scoring.golden_read import read_golden
from scoring.golden_talk import talk
from scoring.library import golden_text, load_scheme, scheme_and_golden, scheme_text
from streams.vocabulary.ids import Millis
from tests.scheme_text import ENDLESS, LONG_TALK, SCHEME

pytestmark = pytest.mark.timeout(120)
AT = Millis(1)
CASE = talk("A: 您好，很高兴为您服务\nC: 我要投诉\nA: 再见", name="c-1", facts={}).case
LONG = read_golden(LONG_TALK, file="long").dialogues[0].case
SHORT = TrialLimits(cpu_s=1, wall_s=60)


@dataclass
class Room:
    trials: Trials

    def children(self) -> list[psutil.Process]:
        found = psutil.Process().children()
        return [one for one in found if _is_trial(one)]


def _is_trial(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "monitor.trial_child" in process.cmdline()
    return False


def within(body: Callable[[Room], Awaitable[None]], *, limits: TrialLimits = SHORT) -> None:
    async def run() -> None:
        room = Room(Trials(try_limits=limits, test_limits=limits))
        try:
            await body(room)
        finally:
            await room.trials.stop()
        assert not room.children()

    asyncio.run(run())


def test_a_text_that_takes_too_long_is_ended_and_the_rule_is_named() -> None:
    """By the kernel; the same warm child answers the next question."""

    async def body(room: Room) -> None:
        told = await room.trials.tried(ENDLESS, LONG, at=AT)
        assert isinstance(told, Overran)
        assert told.reason is TrialReason.TIME
        assert told.rule.startswith("like_")
        (child,) = room.children()
        after = await room.trials.tried(SCHEME, CASE, at=AT)
        assert isinstance(after, Tried)
        assert room.children() == [child]
        assert room.trials.counts == {"took_too_long": 1}

    within(body)


def test_one_that_waits_instead_of_working_is_ended_too() -> None:
    """The deadline is of time as well, for what takes no CPU."""

    async def body(room: Room) -> None:
        told = await room.trials.tested(ENDLESS, LONG_TALK)
        assert isinstance(told, Overran)
        assert told.reason is TrialReason.TIME

    within(body, limits=TrialLimits(cpu_s=100, wall_s=0.3))


def test_one_that_takes_too_much_memory_is_told_so() -> None:
    async def body(room: Room) -> None:
        told = await room.trials.tested(ENDLESS, LONG_TALK)
        assert isinstance(told, Overran)
        assert told.reason is TrialReason.MEMORY

    within(body, limits=TrialLimits(cpu_s=100, memory_mb=32))


def test_the_answers_are_those_of_the_same_process() -> None:
    """Of packs' own dialogues, and of a contact."""

    async def body(room: Room) -> None:
        name = "telecom-service.zh"
        golden = golden_text(scheme_and_golden(name)[1])
        told = await room.trials.tested(scheme_text(name), golden)
        assert isinstance(told, GoldenRun)
        assert (told.dialogues, told.passed, told.others) == (13, 13, [])
        tried = await room.trials.tried(scheme_text(name), CASE, at=AT)
        assert isinstance(tried, Tried)
        assert [one["id"] for one in tried.items] == [item.id for item in load_scheme(name).items]

    within(body, limits=TrialLimits())


def test_faults_are_told_in_both_languages() -> None:
    async def body(room: Room) -> None:
        told = await room.trials.tried(SCHEME.replace("points = 15", "points = -15"), CASE, at=AT)
        assert isinstance(told, Faulty)
        assert told.faults
        assert all(one.message_zh for one in told.faults)

    within(body)


def test_a_child_killed_from_outside_is_replaced_and_asked_again() -> None:
    async def body(room: Room) -> None:
        assert isinstance(await room.trials.tried(SCHEME, CASE, at=AT), Tried)
        (child,) = room.children()
        os.kill(child.pid, signal.SIGKILL)
        assert isinstance(await room.trials.tried(SCHEME, CASE, at=AT), Tried)
        assert len(room.children()) == 1

    within(body)


def test_two_endless_texts_hold_nobody_else_for_longer_than_their_limits() -> None:
    """Two children at most; who comes third waits until one is over."""

    async def body(room: Room) -> None:
        endless = [asyncio.create_task(room.trials.tried(ENDLESS, LONG, at=AT)) for _ in range(2)]
        third = await room.trials.tried(SCHEME, CASE, at=AT)
        assert isinstance(third, Tried)
        assert len(room.children()) <= 2
        assert all(isinstance(one, Overran) for one in await asyncio.gather(*endless))

    within(body)
