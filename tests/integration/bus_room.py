"""A database of the shared bus for one test, emptied first. In: a URL, a body. Out: what the body returned."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from redis.asyncio import Redis

from streams.bus import names
from streams.bus.connection import client
from streams.vocabulary.codec import decode_fact
from streams.vocabulary.facts import Fact

T = TypeVar("T")
DATABASE = 9
"""No other test writes there; `facts` and `jobs:asr` are the same name for everybody."""


def in_own_room(url: str, body: Callable[[Redis], Awaitable[T]], *, within_s: float = 90) -> T:
    async def run() -> T:
        redis = client(room_url(url))
        try:
            await redis.flushdb()
            async with asyncio.timeout(within_s):
                return await body(redis)
        finally:
            await redis.aclose()

    return asyncio.run(run())


def room_url(url: str) -> str:
    return f"{url}?db={DATABASE}" if url.startswith("unix:") else f"{url.rsplit('/', 1)[0]}/{DATABASE}"


async def blobs(redis: Redis, stream: str) -> list[bytes]:
    return [fields[b"b"] for _, fields in await _rows(redis, stream)]


async def facts(redis: Redis) -> list[Fact]:
    return [decode_fact(blob) for blob in await blobs(redis, names.FACTS)]


async def dead_reasons(redis: Redis, stream: str) -> list[str]:
    return [fields[b"reason"].decode() for _, fields in await _rows(redis, names.dead(stream))]


async def pending(redis: Redis, stream: str, group: str) -> int:
    summary: Any = await redis.xpending(stream, group)
    return int(summary["pending"])


async def _rows(redis: Redis, stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    rows: Any = await redis.xrange(stream)
    return list(rows)


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """The caller's own deadline bounds this."""
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return
        await asyncio.sleep(0.02)


def packed(value: object) -> bytes:
    return msgspec.msgpack.encode(value)
