"""The channels as the page sees them. In: a Config, the bus. Out: which there are, last attempts, a test's answer.

No address and no secret is ever shown. A test goes out from this process, so its limits are its own. May not know:
requests, services.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from alerts.senders.channel import Attempt
from alerts.store import RedisAlertStore
from monitor.channels import Lines
from monitor.config import Config
from streams.vocabulary.ids import SiteId


class ShownChannel(msgspec.Struct, frozen=True, kw_only=True):
    """`last`: the site's newest attempt, also a test's; None: none among those kept."""

    name: str
    kind: str
    last: Attempt | None


class ChannelTest(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: one attempt, or two where a test opens something and closes it again."""

    attempts: Sequence[Attempt]


class ChannelDesk:
    """Owns this process's lines."""

    def __init__(self, config: Config, redis: Any) -> None:
        self._lines = Lines(config)
        self._redis = redis

    async def shown(self, site: SiteId) -> list[ShownChannel]:
        last: dict[str, Attempt] = {}
        for attempt in await RedisAlertStore(self._redis, site=site).attempts():
            last.setdefault(attempt.channel, attempt)
        lines = self._lines.all()
        return [ShownChannel(name=one.channel.name, kind=one.kind, last=last.get(one.channel.name)) for one in lines]

    async def test(self, name: str, *, site: SiteId, by: str) -> ChannelTest | None:
        """None: there is no such channel. What came back is kept among the site's attempts."""
        line = self._lines.get(name)
        if line is None:
            return None
        attempts = await self._lines.test(line, by=by, site=site)
        store = RedisAlertStore(self._redis, site=site)
        for attempt in attempts:
            await store.tried(attempt)
        return ChannelTest(attempts=attempts)
