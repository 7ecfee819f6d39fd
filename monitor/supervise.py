"""One parent over a service's processes. In: a configuration file. Out: its processes, kept alive; their logs in files.

A process that ends is started again after a growing pause; the kernel ends them all if the parent is killed. May not
know: what the roles do.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from monitor import places
from monitor.config import Config
from monitor.roles import HISTORY, LIVE
from streams.bus.embedded import LAUNCH, embedded_bus

log = structlog.get_logger(__name__)

STOP_S: Final = 25.0
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0
NOT_STARTED: Final = 127
"""As a shell says of a command that it cannot start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process to keep alive. `log_to`: where its standard output and error are appended."""

    name: str
    arguments: tuple[str, ...]
    log_to: Path


@dataclass(slots=True)
class Kept:
    """Mutable; owned by `keep`. `starts` counts every start, the first included."""

    program: Program
    starts: int = 0
    process: asyncio.subprocess.Process | None = None
    exit_codes: list[int] = field(default_factory=list)


def programs(config: Config, file: Path) -> list[Program]:
    """The processes of one whole service on this machine."""
    serve = (sys.executable, "-m", "monitor.cli", "serve", "-c", str(file), "--roles")
    found = [
        Program(name="history", arguments=(*serve, ",".join(HISTORY)), log_to=places.log_file(config, "history")),
        Program(name="live", arguments=(*serve, ",".join(LIVE)), log_to=places.log_file(config, "live")),
    ]
    if config.recordings is not None:
        found += [
            Program(
                name=f"transcribe-{index}",
                arguments=(*serve, "transcribe", "--index", str(index)),
                log_to=places.log_file(config, f"transcribe-{index}"),
            )
            for index in range(config.recogniser.processes)
        ]
    return found


def launched(arguments: Sequence[str], *, parent: int) -> tuple[str, ...]:
    """The command that runs `arguments` until `parent` dies, however it dies, out of reach of its terminal's Ctrl-C."""
    return (sys.executable, "-I", "-S", "-c", LAUNCH, str(parent), *arguments)


@asynccontextmanager
async def bus_of(config: Config) -> AsyncIterator[None]:
    """The embedded bus, if no other is configured."""
    if config.store.redis_url is not None:
        yield
        return
    async with embedded_bus(places.made(places.bus_folder(config))):
        yield


@asynccontextmanager
async def keeping(wanted: Sequence[Program]) -> AsyncIterator[list[Kept]]:
    """All programs run inside; on leaving they are asked to end, and killed if they will not."""
    kept = [Kept(program) for program in wanted]
    tasks = [asyncio.create_task(_keep(one), name=one.program.name) for one in kept]
    try:
        yield kept
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep(kept: Kept) -> None:
    pause_s = 0.5
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        code = await _run_once(kept)
        kept.exit_codes.append(code)
        log.error("process_ended", process=kept.program.name, code=code)
        pause_s = 0.5 if loop.time() - began > STEADY_S else min(pause_s * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(pause_s)


async def _run_once(kept: Kept) -> int:
    """Its exit code, or NOT_STARTED."""
    kept.starts += 1
    try:
        process = await _started(kept.program)
    except OSError as error:  # no room for its log, no memory for it: later there may be
        log.error("process_not_started", process=kept.program.name, detail=str(error))
        return NOT_STARTED
    kept.process = process
    log.info("process_started", process=kept.program.name, pid=process.pid)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise


async def _started(program: Program) -> asyncio.subprocess.Process:
    with program.log_to.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *launched(program.arguments, parent=os.getpid()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def until_stopped(*, seconds: float | None = None) -> None:
    """Until SIGINT or SIGTERM, or for so long."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def supervise(config: Config, file: Path) -> None:
    """The whole service until a signal comes."""
    async with bus_of(config), keeping(programs(config, file)):
        await until_stopped()
