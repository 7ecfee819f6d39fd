"""How far readers are behind. In: a stream. Out: per group, the age of what it has not had yet, by the bus's own clock.

May not know: what an entry means.
"""

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.bus.consume import id_order


async def lags_ms(redis: Redis, stream: str, *, also: Mapping[str, str] | None = None) -> dict[str, int]:
    """From the last id each reader was given to the newest one; `also`: readers that keep their own position.

    0: it has had everything. The caller bounds the time.
    """
    try:
        info: Any = await redis.xinfo_stream(stream)
        groups: Any = await redis.xinfo_groups(stream)
    except ResponseError as error:
        if "no such key" not in str(error):
            raise
        return {}
    newest = _millis(info["last-generated-id"])
    found = {group["name"].decode(): newest - _millis(group["last-delivered-id"]) for group in groups}
    found |= {reader: newest - id_order(position)[0] for reader, position in (also or {}).items()}
    first = info["first-entry"]
    # a reader that has had nothing is behind by what there is, not by all of time
    longest = 0 if first is None else max(0, newest - _millis(first[0]))
    return {reader: min(max(0, behind), longest) for reader, behind in found.items()}


def _millis(entry_id: Any) -> int:
    return id_order(entry_id.decode() if isinstance(entry_id, bytes) else str(entry_id))[0]
