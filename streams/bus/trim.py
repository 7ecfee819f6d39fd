"""Forgetting what everybody has read. In: a stream, its groups, the floor's snapshot position. Out: `Trimmed`.

Trims by MINID only, never below the slowest reader: MAXLEN under a slow group loses entries silently (measured).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

from streams.bus.consume import id_order
from streams.bus.counts import BusCounts
from streams.bus.errors import bounded


class TrimReason(StrEnum):
    """Why so much was trimmed and not more."""

    TO_SLOWEST = "to_slowest"
    NO_STREAM = "no_stream"
    MISSING_GROUP = "missing_group"
    NO_READERS = "no_readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    removed: int
    reason: TrimReason
    kept_from: str = ""
    slowest: str = ""
    """The group (or `floor`) that kept more from being trimmed."""


async def trim(
    redis: Redis,
    stream: str,
    *,
    groups: Collection[str],
    floor_id: str | None = None,
    exact: bool = False,
    timeout_s: float = 5.0,
    counts: BusCounts | None = None,
) -> Trimmed:
    """Delete entries that every group has acknowledged and the floor's snapshot contains.

    `groups` are those that must exist: one that has not started yet still needs everything. Groups found besides
    them count as well. `exact=False` lets the server keep up to one node (about 100 entries) more, which is cheap.
    """
    async with bounded(timeout_s, f"trimming {stream}"):
        if not await redis.exists(stream):
            return Trimmed(removed=0, reason=TrimReason.NO_STREAM)
        found: list[dict[str, Any]] = await redis.xinfo_groups(stream)
        there = {group["name"].decode() for group in found}
        if missing := sorted(set(groups) - there):
            return Trimmed(removed=0, reason=TrimReason.MISSING_GROUP, slowest=missing[0])
        positions = {group["name"].decode(): await _needs_from(redis, stream, group) for group in found}
        if floor_id is not None:
            positions["floor"] = floor_id
        if not positions:
            return Trimmed(removed=0, reason=TrimReason.NO_READERS)
        slowest, kept_from = min(positions.items(), key=lambda item: id_order(item[1]))
        removed = int(await redis.xtrim(stream, minid=kept_from, approximate=not exact))
    if counts is not None:
        counts.trimmed += removed
    return Trimmed(removed=removed, reason=TrimReason.TO_SLOWEST, kept_from=kept_from, slowest=slowest)


async def _needs_from(redis: Redis, stream: str, group: dict[str, Any]) -> str:
    """The oldest id a group may still ask for. Both bounds only move forward, so reading them first is safe."""
    if group["pending"]:
        summary: Any = await redis.xpending(stream, group["name"])
        if summary["min"] is not None:
            oldest = summary["min"].decode()
            last = group["last-delivered-id"].decode()
            return str(min(oldest, last, key=id_order))
    return str(group["last-delivered-id"].decode())
