"""What can go wrong with the bus, each with its mend. In: nothing. Out: exception types.

A caller that meets `BusUnavailable` or `BusFull` keeps what it has and tries again; `BusRefused` needs a person.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis import exceptions as redis_errors


class BusError(Exception):
    def __init__(self, fault: str, *, mend: str) -> None:
        super().__init__(f"{fault}; {mend}")
        self.fault = fault
        self.mend = mend


class BusUnavailable(BusError):
    """Nobody answers, or not in time. What was sent may or may not have arrived: send it again."""


class FencedOff(BusUnavailable):
    """The lease under which this was to be written belongs to another one now: nothing was written. Who works under it
    ends, and begins anew from what is stored if it ever gets the lease again."""


class BusFull(BusError):
    """The server takes no more entries until consumers have caught up (memory) or there is room again (disk)."""


class BusRefused(BusError):
    """The server is not one we may trust with events (eviction, too old), or its folder is in use."""


@asynccontextmanager
async def bounded(timeout_s: float, doing: str) -> AsyncIterator[None]:
    """One deadline around a whole exchange: a per-read timeout in the client costs a third of its speed (measured)."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except redis_errors.OutOfMemoryError as error:
        raise BusFull(
            f"the bus is full while {doing}: {error}", mend="raise maxmemory or let the archive catch up"
        ) from error
    except redis_errors.ResponseError as error:
        if "MISCONF" not in str(error):  # a script's error tells it in mid-text
            raise
        raise BusFull(f"the bus cannot write to its disk while {doing}: {error}", mend="free disk space") from error
    except (redis_errors.ConnectionError, redis_errors.TimeoutError, OSError) as error:
        # TimeoutError of asyncio.timeout is an OSError too.
        raise BusUnavailable(
            f"the bus does not answer while {doing}: {error or type(error).__name__}",
            mend="check that the Redis of redis.url runs and is reachable",
        ) from error
