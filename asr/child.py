"""One child process spoken to in frames. In: a module name and arguments. Out: replies, or ChildGone.

Started by exec, never by fork alone; the environment is reduced, so no secret of the service reaches a decoder of
strangers' files. May not know: what the frames mean.
"""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from asr.wire import LENGTH, MAX_FRAME, Decode, Hear, Reply, decode_reply, frame

T = TypeVar("T")

_ROOT = str(Path(__file__).parent.parent)
_TAIL = 2_000
_REAP_S = 5.0
_END_S = 20.0
"""From a closed pipe to the end of its process: milliseconds, or seconds on a machine that has no time."""


class ChildGone(Exception):
    """The child ended or spoke nonsense; `detail` holds its last words.

    `killed`: by SIGKILL from outside, which no child does to itself: its input is not to blame.
    """

    def __init__(self, detail: str, *, killed: bool = False, code: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.killed = killed
        self.code = code


async def again_if_killed(work: Callable[[], Awaitable[T]]) -> T:
    """Once more after a kill from outside: the input is not to blame, and two faults would put it aside."""
    try:
        return await work()
    except ChildGone as gone:
        if not gone.killed:
            raise
    return await work()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "TZ") if name in os.environ}
    # One BLAS thread: the arrays are small, and idle pools of many-core machines cost memory per child.
    return {**kept, "PYTHONPATH": _ROOT, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


class Child:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._tail = b""
        self._drain = asyncio.create_task(self._drain_stderr())

    @classmethod
    async def start(cls, module: str, *arguments: str, speaks_to: bool) -> "Child":
        """`speaks_to`: whether the parent will send frames; otherwise the child's stdin is closed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            module,
            *arguments,
            stdin=PIPE if speaks_to else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=_environment(),
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def send(self, message: Hear | Decode) -> None:
        await self.send_frame(frame(message))

    async def receive(self) -> Reply:
        body = await self.receive_body()
        try:
            reply: Reply = decode_reply(body)
        except msgspec.DecodeError as error:
            raise ChildGone(f"it spoke nonsense: {error}") from error
        return reply

    async def send_frame(self, framed: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(framed)
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise await self._gone() from error

    async def receive_body(self) -> bytes:
        """Of the next frame, whatever it means."""
        assert self._process.stdout is not None
        try:
            (size,) = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))
            if size > MAX_FRAME:
                raise ChildGone(f"it announced a frame of {size} bytes")
            return await self._process.stdout.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise await self._gone() from error

    async def stop(self) -> None:
        """Kills it if it still runs and reaps it; safe to call twice."""
        with contextlib.suppress(ProcessLookupError):
            if self.running:
                self._process.kill()
        await self._process.wait()
        await asyncio.wait([self._drain], timeout=_REAP_S)
        # The transport of a killed child closes its pipes only when they were read out; do it now, not in __del__.
        self._process._transport.close()  # type: ignore[attr-defined]

    async def _drain_stderr(self) -> None:
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(4_096):
            self._tail = (self._tail + chunk)[-_TAIL:]

    async def _gone(self) -> ChildGone:
        """Its pipe closed, perhaps within a frame: most likely it has just ended, else it is of no more use."""
        by_us = False
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
                by_us = True
        code = await self._process.wait()
        await asyncio.wait([self._drain], timeout=_REAP_S)
        lines = self._tail.decode(errors="replace").strip().splitlines()
        detail = f"exit status {code}" + (f": {lines[-1][:300]}" if lines else "")
        return ChildGone(detail, killed=code == -signal.SIGKILL and not by_us, code=code)
