"""A bus at its memory limit under the whole chain: floor, archive, trim. It must come out by itself, nothing lost."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from monitor.history import ARCHIVE, Trimmer
from monitor.live import FloorOwner, lease_name
from streams.bus import names
from streams.bus.connection import client
from streams.bus.consume import Consumer
from streams.bus.dirty import DirtyNames
from streams.bus.lease import Lease
from streams.floor.fold import Floor
from streams.vocabulary.codec import decode_event, decode_fact
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import Millis
from tests.integration.spool_room import SITE, running_feed
from tests.integration.test_floor_takeover import abandons
from tests.servers import MakeRedis

pytestmark = pytest.mark.servers


def test_a_full_bus_empties_itself_when_its_readers_come_back(make_redis: MakeRedis, tmp_path: Path) -> None:
    """F8: the archive was away until XADD was refused. Facts may still be told, so the floor goes on and is trimmed."""
    server = make_redis("--maxmemory", "4mb", "--maxmemory-policy", "noeviction", "--stream-node-max-entries", "10")
    seqs: set[int] = set()
    contacts: set[str] = set()

    async def archive(redis: Any) -> None:
        """Takes what comes; a real one puts it into a store before it acknowledges."""
        dirty = DirtyNames(redis)
        for stream in (names.events(SITE), names.FACTS):
            reader = Consumer(redis, stream=stream, group=ARCHIVE, name="one")
            while entries := await reader.read(500, 1):
                if stream == names.FACTS:
                    facts = [decode_fact(entry.blob) for entry in entries]
                    contacts.update(one.contact for one in facts if isinstance(one, ContactLeg) and one.ended_at)
                else:
                    seqs.update(decode_event(entry.blob).seq for entry in entries)
                await dirty.mark([entries[0].id])
                await reader.ack([entry.id for entry in entries])

    async def body() -> int:
        redis = client(server.url)
        for stream, group in (
            (names.events(SITE), ARCHIVE),
            (names.FACTS, ARCHIVE),
            (names.JOBS_ASR, "transcribe"),
            (names.JOBS_SCORE, "score"),
        ):
            await Consumer(redis, stream=stream, group=group, name="one").ensure_group()
        began = time.monotonic()
        owner = FloorOwner(
            redis,
            Floor(SITE, utc_offset_ms=0),
            clock=lambda: Millis(1_795_262_400_000 + 10_000_000 + int((time.monotonic() - began) * 1000)),
            changed=lambda agent: None,
            recordings=None,
            agent_channel=None,
            lease=Lease(redis, lease_name(SITE), holder="one"),
            snapshot_every_ms=200,
        )
        await owner.restore(utc_offset_ms=0)
        living = asyncio.create_task(owner.run())
        trimmer = Trimmer(redis, [SITE], every_s=0.1)
        async with running_feed(server.url, tmp_path / "spool") as feed:
            told = 0
            while feed.sender.counts.waits["full"] < 3:
                await feed.accept(abandons(told + 1, 100))
                told += 100
                await asyncio.sleep(0.01)
            trimming = asyncio.create_task(trimmer.run())
            while len(seqs) < told * 2 or len(contacts) < told:
                await archive(redis)
                await asyncio.sleep(0.05)
            assert feed.spool.unsent == 0
        for task in (living, trimming):
            task.cancel()
        await asyncio.wait({living, trimming})
        await redis.aclose()
        return told

    async def bounded() -> int:
        async with asyncio.timeout(40):
            return await body()

    told = asyncio.run(bounded())
    assert len(contacts) == told
    assert len(seqs) == told * 2
