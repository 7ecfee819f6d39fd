"""Waiting for a bus that is away. In: one exchange with the bus. Out: its result, whenever the bus answers again.

For work that must neither be lost nor end its process: the exchange is repeated with growing pauses, each repetition
counted. Only for exchanges that may be repeated. May not know: what is exchanged.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

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
