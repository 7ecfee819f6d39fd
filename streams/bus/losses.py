"""Entries cut from a stream before a group was done with them. In: a consumer's group. Out: how many, counted.

The server tells of nothing: a group simply goes on behind the hole (and Valkey mends its own sums). But it counts what
was ever added, and we count what was ever acknowledged: where the group stands at the stream's end, the difference is
what it still has in hand and what was lost. May not know: who cut.
"""

import asyncio
from collections import Counter
from typing import Any, Final

import structlog

from streams.bus.consume import Consumer
from streams.bus.errors import BusFull, BusUnavailable, bounded

log = structlog.get_logger(__name__)

EVERY_S: Final = 2.0

LOOK: Final = """#!lua flags=allow-oom
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local function field(list, name)
  for i = 1, #list, 2 do
    if list[i] == name then return list[i + 1] end
  end
end
local stream = redis.call('XINFO', 'STREAM', KEYS[1])
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  if field(group, 'name') == ARGV[1] then
    if field(group, 'last-delivered-id') ~= field(stream, 'last-generated-id') then return {} end
    local due = field(stream, 'entries-added') - field(group, 'pending')
    local done = tonumber(redis.call('GET', KEYS[2]) or '-1')
    if done < 0 or done > due then
      redis.call('SET', KEYS[2], due)
      done = due
    end
    return {due - done}
  end
end
return {}
"""
"""A sum that is missing (an older version's group) or too high (the stream was made anew) begins with today."""


async def cut_away(consumer: Consumer) -> int | None:
    """How many entries the group never was done with; None while it is not at the stream's end.

    Raises BusUnavailable.
    """
    async with bounded(5.0, f"comparing counts of {consumer.stream}"):
        answer: Any = await consumer.redis.eval(LOOK, 2, consumer.stream, consumer.sum_key, consumer.group)
    return int(answer[0]) if answer else None


async def watch_losses(consumer: Consumer, counts: Counter[str], *, every_s: float = EVERY_S) -> None:
    """For ever; `counts[stream]` is the sum since the group began. Never normal: an alert belongs here."""
    while True:
        try:
            missing = await cut_away(consumer)
        except (BusUnavailable, BusFull):
            missing = None
        if missing is not None and missing > counts[consumer.stream]:
            log.error("entries_lost", stream=consumer.stream, group=consumer.group, missing=missing)
            counts[consumer.stream] = missing
        await asyncio.sleep(every_s)
