"""Who is to be scored, though no recogniser says so. In: the store, what the reader remembers. Out: `jobs:score`.

Three come: a chat that ended; a contact scored before the switch had told its end; one marked or described since it
was scored. Looked for in the store, so that a restart loses none. A score told twice is one. May not know: rules.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from asr.transcript import Transcript
from monitor.case_reader import CaseReader
from monitor.case_stored import CHAT, stored_transcript
from streams.bus import names
from streams.bus.patience import patiently
from streams.bus.publish import Publisher
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.warehouse.case_events import Due, ended_between, scored_at, told_between
from streams.warehouse.errors import StoreError
from streams.warehouse.front import AsyncWarehouse

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 20.0
SETTLE_MS: Final = 10_000
"""A chat's last message is stored so long after its end, at the latest."""
BACK_MS: Final = 60 * 60_000
"""How far the first look after a start goes back; what has its score already is passed by."""
MOST_SENT: Final = 20_000
"""Contacts remembered as sent, until their score is stored. Full: the oldest may be scored twice, into one score."""


class CaseAgain:
    """Mutable: how far it has looked, what it sent, counters. One per process that scores."""

    def __init__(self, redis: Any, store: AsyncWarehouse, reader: CaseReader, *, clock: Callable[[], Millis]) -> None:
        self._publisher = Publisher(redis, even_full=True)
        self._store = store
        self._reader = reader
        self._clock = clock
        self._looked_until = Millis(clock() - BACK_MS)
        self._sent: OrderedDict[Due, None] = OrderedDict()
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """For ever. A store that is away is asked again at the next look, from where the last one ended."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except StoreError as error:
                self.counts["store_away"] += 1
                log.warning("not_looked_for_cases", reason=type(error).__name__)

    async def look(self) -> None:
        """One look. Raises StoreError, and begins where it did the next time."""
        until = Millis(self._clock() - SETTLE_MS)
        since = Millis(self._looked_until - SETTLE_MS)  # what was stored late lies a little before
        chats = await self._store.run(ended_between, channel=CHAT, since=since, until=until)
        told = await self._store.run(told_between, since=since, until=until)
        await self._send(await self._unscored(chats), "chats")
        await self._send(await self._outdated(told), "told_since")
        await self._completed()
        # A full page may have more behind it: the next look begins at its end.
        ends = [page[-1].at for page in (chats, told) if len(page) == _PAGE]
        self._looked_until = Millis(min([until, *ends]))

    async def _unscored(self, chats: Sequence[Due]) -> list[Due]:
        when = await self._scored(chats)
        return [one for one in chats if when.get(one.contact, 0) < one.at]

    async def _outdated(self, told: Sequence[Due]) -> list[Due]:
        """One without a score gets its first when its transcript comes."""
        when = await self._scored(told)
        return [one for one in told if 0 < when.get(one.contact, 0) < one.at]

    async def _scored(self, due: Sequence[Due]) -> dict[str, Millis]:
        if not due:
            return {}
        since, until = Millis(min(one.at for one in due) - _SCORES_BACK_MS), Millis(max(one.at for one in due) + 1)
        contacts = [one.contact for one in due]
        return await self._store.run(scored_at, contacts, since=since, until=until)

    async def _send(self, due: Sequence[Due], why: str) -> None:
        for one in due:
            if one in self._sent:
                continue
            transcript = await self._store.run(stored_transcript, site=one.site, contact=one.contact)
            if transcript is None:
                self.counts[f"{why}_without_words"] += 1
            else:
                await self._publish(transcript, why)
            self._sent[one] = None
            if len(self._sent) > MOST_SENT:
                self._sent.popitem(last=False)

    async def _completed(self) -> None:
        """Of those scored too early: whose end is stored by now."""
        self._reader.forget_stale()
        for key, transcript in list(self._reader.incomplete.items())[:_PAGE]:
            if (await self._reader.known(transcript)).complete:
                self._forget(key)
                await self._publish(transcript, "ended_since")

    def _forget(self, key: tuple[SiteId, ContactId]) -> None:
        self._reader.incomplete.pop(key, None)

    async def _publish(self, transcript: Transcript, why: str) -> None:
        publish = partial(self._publisher.publish, names.JOBS_SCORE, [msgspec.msgpack.encode(transcript)])
        await patiently(publish, "asking for a score", self.counts)
        self.counts[why] += 1


_PAGE: Final = 200
"""As many as one question of the store gives."""
_SCORES_BACK_MS: Final = 48 * 3_600_000
"""A score stands under its contact's own moment."""
