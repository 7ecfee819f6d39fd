"""Which parts run in this process. In: a Config and role names. Out: nothing; runs until cancelled.

The wiring itself stands in wiring_live.py and wiring_history.py. May not know: how any part works.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from asr.worker import run_worker
from monitor import places
from monitor.config import Config, Intake
from monitor.disk import DiskWatch
from monitor.hiding import hidden_for
from monitor.scheme_open import fixed_schemes
from monitor.scheme_shelf import SchemeShelf
from monitor.scheme_store import SchemeStore
from monitor.transcription import BusPort
from monitor.wiring_history import start_history
from monitor.wiring_intake import intake_of, tell_of_worker
from monitor.wiring_live import start_live
from streams.bus.connection import connect
from streams.bus.patience import lasting

LIVE: Final = ("collect", "floor", "web")
HISTORY: Final = ("archive", "score", "alert")
TRANSCRIBE: Final = ("transcribe",)
ROLES: Final = (*LIVE, *HISTORY, *TRANSCRIBE)


class UnknownRole(ValueError):
    """The text names the role and the ones there are."""


def checked_roles(named: Sequence[str]) -> tuple[str, ...]:
    unknown = [role for role in named if role not in ROLES]
    if unknown:
        raise UnknownRole(f"unknown role {', '.join(unknown)}: choose from {', '.join(ROLES)}")
    # the web shows the floor that lives in the same process, so one brings the other
    wanted = set(named) | ({"floor"} if "web" in named else set())
    return tuple(role for role in ROLES if role in wanted)


async def run_roles(config: Config, roles: Sequence[str], *, index: int = 0) -> None:
    """All of `roles` in this process until cancelled; one that fails ends them all, with its error."""
    redis = await connect(places.bus_url(config))
    try:
        async with asyncio.TaskGroup() as tasks:
            if set(roles) & set(LIVE):
                await start_live(tasks, config, redis, roles)
            if set(roles) & set(HISTORY):
                await start_history(tasks, config, redis, roles)
            if "transcribe" in roles:
                tasks.create_task(_transcribe(config, redis))
    finally:
        await redis.aclose()


async def _transcribe(config: Config, redis: Any) -> None:
    """Recordings can wait: while the disk is nearly full they are not even read, so that events find room."""
    disk = DiskWatch(places.made(config.store.data))
    name = places.member_of(config, "transcribe").name
    intake = config.recordings.intake if config.recordings else Intake()
    port = BusPort(
        redis,
        name=name,
        may_take=disk.has_room,
        intake=intake_of(config, redis),
        weights=intake.weights,
        lease_ms=intake.lease_ms,
    )

    shelf = SchemeShelf(fixed_schemes(config.scheme), SchemeStore(redis))

    async def work() -> None:
        await shelf.look()
        await port.open()
        async with asyncio.TaskGroup() as tasks:
            beside = tasks.create_task(port.run())
            reading = tasks.create_task(shelf.run(), name="schemes")
            telling = tasks.create_task(tell_of_worker(redis, name, port))
            await run_worker(
                port,
                model_dir=config.recogniser.model,
                model_of=lambda job: config.recogniser.models.of(queue=job.queue, site=job.site),
                hide_of=hidden_for(shelf),
            )
            beside.cancel()
            reading.cancel()
            telling.cancel()

    await lasting(work, "transcribing", port.counts)
