"""Texts that nobody published, asked beside the web process. In: a text and a contact, or dialogues. Out: the answer.

Two warm children at most, started when first needed, replaced when one dies; who comes while both are busy waits. No
text can take more than its limits, nor slow a page. May not know: HTTP, how a rule is judged.
"""

import asyncio
from collections import Counter
from typing import Final, TypeVar

import msgspec
import structlog

from asr.child import Child, ChildGone, again_if_killed
from monitor.rules_test import GoldenRun, KeptDialogue
from monitor.rules_try import Tried
from monitor.trial_wire import (
    AskContact,
    AskDialogues,
    AskToKeep,
    Done,
    Faulty,
    Overran,
    Question,
    TrialLimits,
    TrialReason,
    decode_reply,
    framed,
)
from scoring.case import Case
from scoring.golden_write import Kept
from streams.vocabulary.ids import Millis

log = structlog.get_logger(__name__)
CHILDREN: Final = 2
BEYOND_S: Final = 60.0
"""Beyond a question's own time, to start a child and read its answer on a machine that has none."""
TRY: Final = TrialLimits()
TEST: Final = TrialLimits(cpu_s=30, wall_s=60.0)

T = TypeVar("T", Tried, GoldenRun, KeptDialogue)


class Trials:
    """Belongs to one event loop. Call `stop` when done."""

    def __init__(self, *, try_limits: TrialLimits = TRY, test_limits: TrialLimits = TEST) -> None:
        self._limits = try_limits, test_limits
        self._idle: list[Child] = []
        self._turns = asyncio.Semaphore(CHILDREN)
        self.counts: Counter[str] = Counter()

    async def tried(self, text: str, case: Case, *, at: Millis) -> Tried | Faulty | Overran:
        return await self._answer(AskContact(text=text, case=case, at=at, limits=self._limits[0]), Tried)

    async def tested(self, text: str, golden: str) -> GoldenRun | Faulty | Overran:
        return await self._answer(AskDialogues(text=text, golden=golden, limits=self._limits[1]), GoldenRun)

    async def kept(self, text: str, case: Case, golden: str, kept: Kept) -> KeptDialogue | Faulty | Overran:
        asked = AskToKeep(text=text, case=case, golden=golden, kept=kept, limits=self._limits[1])
        return await self._answer(asked, KeptDialogue)

    async def stop(self) -> None:
        idle, self._idle = self._idle, []
        for child in idle:
            await child.stop()

    async def _answer(self, asked: Question, kind: type[T]) -> T | Faulty | Overran:
        async with self._turns:
            try:
                async with asyncio.timeout(asked.limits.wall_s + BEYOND_S):
                    body = await again_if_killed(lambda: self._asked(framed(asked)))
            except ChildGone as gone:
                return self._no_answer(Overran(reason=TrialReason.DIED, detail=gone.detail))
            except TimeoutError:
                return self._no_answer(Overran(reason=TrialReason.TIME))
        reply = decode_reply(body)
        if isinstance(reply, Done):
            return msgspec.msgpack.decode(reply.body, type=kind)
        return self._no_answer(reply) if isinstance(reply, Overran) else reply

    def _no_answer(self, overran: Overran) -> Overran:
        self.counts[overran.reason] += 1
        log.warning("trial_without_answer", reason=overran.reason, rule=overran.rule, detail=overran.detail)
        return overran

    async def _asked(self, question: bytes) -> bytes:
        child = await self._child()
        whole = False
        try:
            await child.send_frame(question)
            body = await child.receive_body()
            whole = True
        finally:
            # One with an unread answer in its pipe would answer the next question with this one's.
            if whole:
                self._idle.append(child)
            else:
                await child.stop()
        return body

    async def _child(self) -> Child:
        while self._idle:
            child = self._idle.pop()
            if child.running:
                return child
            await child.stop()
        return await Child.start("monitor.trial_child", speaks_to=True)
