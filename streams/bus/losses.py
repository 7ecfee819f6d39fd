"""Entries that were cut from a stream before a group was given them. In: a consumer's group. Out: how many, counted.

The server tells of nothing: a group simply goes on behind the hole. But it counts what was ever added and what it ever
handed out; where the group stands at the stream's end, the difference was lost. May not know: who cut.
"""

import asyncio
from collections import Counter
from typing import Any, Final

import structlog

from streams.bus.consume import Consumer
from streams.bus.errors import BusFull, BusUnavailable, bounded

log = structlog.get_logger(__name__)

EVERY_S: Final = 2.0

LOOK: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local function field(list, name)
  for i = 1, #list, 2 do
    if list[i] == name then return list[i + 1] end
  end
end
local stream = redis.call('XINFO', 'STREAM', KEYS[1])
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  if field(group, 'name') == ARGV[1] then
    local read = field(group, 'entries-read')
    if field(group, 'last-delivered-id') ~= field(stream, 'last-generated-id') or not read then return {} end
    return {field(stream, 'entries-added'), read}
  end
end
return {}
"""


async def undelivered(consumer: Consumer) -> int | None:
    """How many entries the group was never given; None while it is not at the stream's end. Raises BusUnavailable."""
    async with bounded(5.0, f"comparing counts of {consumer.stream}"):
        answer: Any = await consumer.redis.eval(LOOK, 1, consumer.stream, consumer.group)
    return None if not answer else max(0, int(answer[0]) - int(answer[1]))


async def watch_losses(consumer: Consumer, counts: Counter[str], *, every_s: float = EVERY_S) -> None:
    """For ever; `counts[stream]` is the sum since the group began. Never normal: an alert belongs here."""
    while True:
        try:
            missing = await undelivered(consumer)
        except (BusUnavailable, BusFull):
            missing = None
        if missing is not None and missing > counts[consumer.stream]:
            log.error("entries_lost", stream=consumer.stream, group=consumer.group, missing=missing)
            counts[consumer.stream] = missing
        await asyncio.sleep(every_s)
