"""A spool in one event loop, without any bus: what is safe when, what goes out, what is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from streams.bus.stood import Stood
from streams.collect.spool import Appended, Spool, SpoolRefused
from streams.collect.spool_disk import SpoolLimits
from streams.vocabulary.ids import Millis

T = TypeVar("T")
LIMITS = SpoolLimits(segment_bytes=1_000, cursor_every_s=0.0, sync_every_s=0.0)


def run(folder: Path, body: Callable[[Spool], Awaitable[T]], *, limits: SpoolLimits = LIMITS) -> T:
    async def bounded() -> T:
        now = iter(range(1_000, 10_000_000))
        spool = await Spool.open(folder, clock=lambda: Millis(next(now)), limits=limits, wait_s=0)
        task = asyncio.create_task(spool.run())
        try:
            async with asyncio.timeout(10):
                return await body(spool)
        finally:
            task.cancel()
            await asyncio.wait({task})
            await spool.close()

    return asyncio.run(bounded())


def blobs(first: int, count: int) -> list[bytes]:
    return [f"event {number}".encode() for number in range(first, first + count)]


async def taken(spool: Spool, *, confirm: bool = True) -> list[bytes]:
    """Everything there is to send."""
    found: list[bytes] = []
    while batch := await spool.take(7, wait_s=0.05):
        found += batch.blobs
        spool.confirmed(batch.end, Stood("server", "1-1"))
        if not confirm:
            break
    return found


def test_an_append_returns_when_it_is_on_disk(tmp_path: Path) -> None:
    """And only then it can be taken."""

    async def body(spool: Spool) -> tuple[Appended, list[bytes]]:
        safe = await spool.append(blobs(0, 20))
        return safe, await taken(spool)

    assert run(tmp_path, body) == (Appended.DURABLE, blobs(0, 20))


def test_a_hurried_append_does_not_wait_but_goes_out_all_the_same(tmp_path: Path) -> None:
    """For a collector that must keep on reading."""

    async def body(spool: Spool) -> tuple[Appended, list[bytes]]:
        safe = await spool.append(blobs(0, 20), hurry=True)
        found: list[bytes] = []
        async with asyncio.timeout(10):  # "soon" is when the disk's thread gets its turn
            while len(found) < 20:
                found += await taken(spool)
        return safe, found

    assert run(tmp_path, body) == (Appended.SOON, blobs(0, 20))


def test_what_was_not_confirmed_is_taken_again(tmp_path: Path) -> None:
    """By the same process, and by the next one."""

    async def begun(spool: Spool) -> list[bytes]:
        await spool.append(blobs(0, 5))
        first = await spool.take(3, wait_s=0.05)
        again = await spool.take(3, wait_s=0.05)
        assert first is not None
        assert again is not None
        assert first.blobs == again.blobs
        spool.confirmed(2, Stood("server", "1-1"))
        return first.blobs

    assert run(tmp_path, begun) == blobs(0, 3)
    assert run(tmp_path, taken) == blobs(2, 3)


def test_an_old_stretch_goes_out_again_before_anything_new(tmp_path: Path) -> None:
    """Since a moment, as after a failover; where the bus stood stays what it was until all of it is out."""

    async def body(spool: Spool) -> tuple[int, list[bytes], str]:
        await spool.append(blobs(0, 10))
        await taken(spool)
        stood = spool.stood.entry
        again = await spool.again_since(Millis(0))
        await spool.append(blobs(10, 5))
        batch = await spool.take(3, wait_s=0.05)
        assert batch is not None
        spool.confirmed(batch.end, Stood("other", "9-9"))
        assert spool.stood.entry == stood
        return again, batch.blobs + await taken(spool), spool.stood.server

    assert run(tmp_path, body) == (10, blobs(0, 15), "server")


def test_a_long_backlog_is_read_back_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory keeps only a part of what the bus does not take; order and content are those of the disk."""
    monkeypatch.setattr("streams.collect.spool.READ_AHEAD_BYTES", 500)

    async def body(spool: Spool) -> tuple[int, list[bytes]]:
        for first in range(0, 1_000, 10):
            await spool.append(blobs(first, 10))
        return sum(len(chunk.blobs) for chunk in spool._chunks), await taken(spool)

    in_memory, sent = run(tmp_path, body)
    assert in_memory < 200
    assert sent == blobs(0, 1_000)


def test_at_its_limit_it_refuses_and_takes_again_by_itself(tmp_path: Path) -> None:
    """Disk and memory are full: nothing is half taken; once the bus has something, there is room."""
    limits = SpoolLimits(
        bytes_max=3_000, segment_bytes=500, memory_bytes=2_000, retry_s=0.01, cursor_every_s=0.0, keep_ms=0
    )

    async def body(spool: Spool) -> tuple[str, float, bool, int, list[bytes]]:
        told = 0
        try:
            while True:
                await spool.append(blobs(told, 10))
                told += 10
        except SpoolRefused as refused:
            reason, full = str(refused.reason), spool.full_percent
        room = spool.has_room
        sent = await taken(spool)
        while not spool.has_room:  # noqa: ASYNC110 - the disk sends no event
            await asyncio.sleep(0.01)
        await spool.append(blobs(told, 10))
        return reason, full, room, told + 10, sent + await taken(spool)

    reason, full, room, told, sent = run(tmp_path, body, limits=limits)
    assert (reason, room) == ("size_limit", False)
    assert full > 85
    assert sent == blobs(0, told)


def test_the_age_of_what_waits_is_known(tmp_path: Path) -> None:
    """For the page, and for the alert on a bus that is away."""

    async def body(spool: Spool) -> tuple[int, int, int]:
        none = spool.oldest_unsent_ms(Millis(5_000))
        await spool.append(blobs(0, 3))
        return none, spool.unsent, spool.oldest_unsent_ms(Millis(61_000))

    none, unsent, age = run(tmp_path, body)
    assert (none, unsent) == (0, 3)
    assert 59_000 < age <= 60_000
