"""The door for pushed events put together. In: a Config, each source's Feed, the bus. Out: a PushDoor, a DeadDesk.

May not know: HTTP, how a feed keeps events.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from monitor import clock
from monitor.api.dead_desk import DeadDesk, keeper
from monitor.api.push_connect import ConnectJudge, connect_lines
from monitor.api.push_door import PushDoor
from monitor.api.push_words import Accept, DoorSource, NotDurable
from monitor.config import Config, ConnectSource, PushSource
from streams.bus import names
from streams.bus.dead import DeadLetters
from streams.collect.feed import Feed
from streams.collect.spool import Appended, SpoolRefused
from streams.translate.amazon_connect import ConnectTranslator
from streams.translate.bounds import HIGHEST_SEQ
from streams.translate.push import Judged, judge
from streams.vocabulary.events import Event, SourceConnected
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Order

LOOK_S: Final = 0.05


def into(feed: Feed, *first: Event) -> Accept:
    """Durable on return: on disk, or where the disk takes nothing, on the bus. The door bounds the wait.

    `first` goes before the first events there are, until it is kept.
    """
    owed = list(first)

    async def accept(events: Sequence[Event]) -> None:
        try:
            safe = await feed.accept([*owed, *events])
        except SpoolRefused as error:
            raise NotDurable(str(error)) from error
        owed.clear()
        while safe is not Appended.DURABLE and feed.spool.unsent:  # noqa: ASYNC110 - the sender tells nobody
            await asyncio.sleep(LOOK_S)

    return accept


def told_order(site: SiteId, source: SourceId, order: Order, now: Millis) -> SourceConnected:
    """Its number is none that the pusher gives; said again after a restart, it is known already."""
    seq = HIGHEST_SEQ if order is Order.TIMED else 0
    return SourceConnected(at=now, site=site, source=source, seq=seq, order=order)


def door_sources(config: Config, feeds: Mapping[SourceId, Feed]) -> list[DoorSource]:
    """Every configured source that has a token and may be pushed."""
    found: list[DoorSource] = []
    for source in config.sources:
        if isinstance(source, PushSource):
            order = told_order(source.site, source.id, source.order, clock.now())
            found.append(_vocabulary(source, into(feeds[source.id], order)))
        elif isinstance(source, ConnectSource) and source.token is not None:
            found.append(_connect(source, source.token.reveal(), into(feeds[source.id])))
    return found


def _vocabulary(source: PushSource, accept: Accept) -> DoorSource:
    own = frozenset({source.id})

    def judged(body: bytes, now: Millis) -> Judged:
        return judge(body, site=source.site, sources=own, now=now)

    return DoorSource(id=source.id, site=source.site, token=source.token.reveal(), judge=judged, accept=accept)


def _connect(source: ConnectSource, token: str, accept: Accept) -> DoorSource:
    judged = ConnectJudge(ConnectTranslator(site=source.site, source=source.id), now=clock.now())
    return DoorSource(
        id=source.id,
        site=source.site,
        token=token,
        judge=judged.judge,
        accept=accept,
        unpack=connect_lines,
        undone=judged.undone,
        own_ids=False,
        threaded=False,
    )


async def open_door(config: Config, feeds: Mapping[SourceId, Feed], redis: Any) -> tuple[PushDoor, DeadDesk]:
    """`feeds`: one for each PushSource and each ConnectSource with a token, running already."""
    letters = DeadLetters(redis)
    door = PushDoor(door_sources(config, feeds), clock=clock.now, keep=keeper(letters))
    events = [names.events(site.id) for site in config.sites]
    return door, DeadDesk(letters, streams=(*events, names.FACTS, names.JOBS_ASR, names.JOBS_SCORE), door=door)
