"""A source whose clock runs ahead, on a real bus: nothing it says is lost, and nobody else's time moves."""

import asyncio
from pathlib import Path

import pytest

from streams.bus import names
from streams.bus.connection import client
from streams.collect.feed import AHEAD_MS
from streams.vocabulary import events as ev
from streams.vocabulary.codec import decode_event
from streams.vocabulary.ids import Millis
from tests.integration.spool_room import SITE, SOURCE, drained, running_feed
from tests.servers import DebianRedis

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def test_what_says_to_happen_later_than_now_happens_now(tmp_path: Path) -> None:
    """An hour ahead, it ended everybody's pauses, and the site's other sources were late until then."""
    (tmp_path / "redis").mkdir()
    server = DebianRedis(tmp_path / "redis").start()
    try:

        async def told() -> list[ev.Event]:
            async with running_feed(server.url, tmp_path / "spool") as feed, asyncio.timeout(20):
                now = 1_795_262_400_000  # where that feed's clock begins
                ahead = [
                    ev.SourceHeard(at=Millis(now + ms), site=SITE, source=SOURCE, seq=seq)
                    for seq, ms in enumerate((0, AHEAD_MS, 3_599_000), start=1)
                ]
                await feed.accept(ahead)
                await drained(feed)
                assert feed.status(Millis(now))["clock_ahead"] == 1
            redis = client(server.url)
            rows = await redis.xrange(names.events(SITE))
            await redis.aclose()
            return [decode_event(fields[b"b"]) for _, fields in rows]

        at = {event.seq: event.at for event in asyncio.run(told())}
    finally:
        server.stop()
    assert list(at) == [1, 2, 3]
    assert at[2] - at[1] == AHEAD_MS
    assert 0 <= at[3] - at[1] <= 100
