"""Waiting for a bus that is away. In: one exchange with the bus. Out: its result, whenever the bus answers again.

For work that must neither be lost nor end its process: the exchange is repeated with growing pauses, each repetition
counted. Only for exchanges that may be repeated. May not know: what is exchanged.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog

from streams.bus.errors import BusFull, BusUnavailable, bounded

log = structlog.get_logger(__name__)

T = TypeVar("T")
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
TIMEOUT_S: Final = 5.0


async def patiently(exchange: Callable[[], Awaitable[T]], doing: str, counts: Counter[str]) -> T:
    """Raises what the exchange raises, but BusUnavailable and BusFull: those are waited out, counted `bus_retries`."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await exchange()
        except (BusUnavailable, BusFull) as error:
            counts["bus_retries"] += 1
            if pause_s == FIRST_PAUSE_S:
                log.warning("bus_away", doing=doing, fault=error.fault)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


async def asked(call: Callable[[], Awaitable[T]], doing: str) -> T:
    """One plain command in bounded time; raises BusError in place of the client's own errors."""
    async with bounded(TIMEOUT_S, doing):
        return await call()


async def lasting(work: Callable[[], Coroutine[Any, Any, None]], doing: str, counts: Counter[str]) -> None:
    """Work that begins anew from what it has stored: a bus that is away ends it, and its return begins it again.

    Raises what else `work` raises. Counted `restarts`.
    """
    pause_s = FIRST_PAUSE_S
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await work()
        except (BusUnavailable, BusFull) as error:
            fault = error.fault
        except BaseExceptionGroup as group:
            away, other = group.split((BusUnavailable, BusFull))
            if other is not None or away is None:
                raise
            fault = str(away.exceptions[0])
        else:
            return
        counts["restarts"] += 1
        log.warning("bus_away", doing=doing, fault=fault)
        if loop.time() - began > LONGEST_PAUSE_S * 2:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
