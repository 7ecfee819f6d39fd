"""A client for the bus. In: a URL (`unix://`, `redis://`, `rediss://`). Out: a connected redis.asyncio client.

Refuses a server that would silently throw events away. May not know: what the entries mean.
"""

from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streams.bus.errors import BusRefused, BusUnavailable, bounded

OLDEST_SERVER: Final = (7, 0)
"""XAUTOCLAIM names deleted entries, and XINFO STREAM the highest deleted one, from 7.0 on."""


def client(url: str, *, connect_timeout_s: float = 5.0) -> Redis:
    """A client that has not connected yet.

    `socket_timeout=None`: waits are bounded around whole exchanges (errors.bounded). One immediate retry, because a
    pooled connection to a restarted server fails once; an XADD sent twice is harmless, entries carry their own ids.
    """
    redis = Redis.from_url(
        url,
        socket_timeout=None,
        socket_connect_timeout=connect_timeout_s,
        retry=Retry(NoBackoff(), 1),
        protocol=2,
        decode_responses=False,
    )
    for command in ("XREAD", "XREADGROUP"):
        # the library makes a dict and a tuple of each entry, which consume.py takes apart again: half of reading's cost
        redis.set_response_callback(command, _as_it_came)
    return redis


def _as_it_came(response: Any, **options: Any) -> Any:
    return response


async def connect(url: str, *, timeout_s: float = 5.0) -> Redis:
    """A client whose server has answered and passed inspection. Raises BusUnavailable, BusRefused."""
    redis = client(url, connect_timeout_s=timeout_s)
    try:
        await inspect_server(redis, timeout_s=timeout_s)
    except BaseException:
        await redis.aclose()
        raise
    return redis


async def inspect_server(redis: Redis, *, timeout_s: float = 5.0) -> None:
    async with bounded(timeout_s, "asking what the server is"):
        info: dict[str, Any] = await redis.info()
    if info.get("loading"):
        # INFO is answered while an append-only file is being read; nothing else is.
        raise BusUnavailable("the bus is still loading its data", mend="wait until it has")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise BusRefused(
            f"Redis may evict events: maxmemory-policy is {policy}",
            mend="set `maxmemory-policy noeviction` in redis.conf, or CONFIG SET maxmemory-policy noeviction",
        )
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_SERVER:
        raise BusRefused(f"Redis {version} is too old", mend="use Redis 7.0 or newer, or any Valkey")
