"""Collectors put together, one kind of source after another. In: a Config, the bus. Out: running collectors and feeds.

A further kind is one line in `BUILDERS`. May not know: what any source says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from monitor import clock, places
from monitor.api.push_chat import redacting
from monitor.config import (
    AsteriskSource,
    Config,
    ConnectSource,
    FreeSwitchSource,
    PushSource,
    Source,
    WebSocketSource,
)
from streams.bus import names
from streams.bus.guarded import GuardedPublisher
from streams.collect.ami_client import AmiAddress, AmiClient
from streams.collect.ami_log import AmiLog
from streams.collect.connect_folder import ConnectFolder
from streams.collect.cti_client import CtiAddress, CtiClient
from streams.collect.esl_client import EslAddress, EslClient
from streams.collect.feed import Client, Feed
from streams.collect.spool_disk import SpoolLimits
from streams.translate.amazon_connect import ConnectTranslator
from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import AGENT_PATTERN, QueueSettings, SwitchSettings, parse_queues_conf
from streams.translate.freeswitch import FreeswitchTranslator
from streams.translate.mapping import MappedTranslator
from streams.translate.mapping_parse import parse_mapping
from streams.vocabulary.ids import SourceId
from streams.vocabulary.states import Order


@dataclass(slots=True, kw_only=True)
class Collectors:
    """What runs in this process, by source. `doors`: feeds of what is pushed to the web; no client listens there."""

    feeds: dict[SourceId, Feed] = field(default_factory=dict)
    clients: dict[SourceId, Client] = field(default_factory=dict)
    doors: dict[SourceId, Feed] = field(default_factory=dict)

    def all_feeds(self) -> dict[str, Feed]:
        named = {str(source): feed for source, feed in self.feeds.items()}
        return named | {f"{source} (pushed)": feed for source, feed in self.doors.items()}


Build = Callable[[Config, Any, Feed], Awaitable[Client]]


def switch_settings(config: Config, source: AsteriskSource) -> SwitchSettings:
    """queues.conf, with what [queues.*] says over it."""
    text = source.queues_conf.read_text("utf-8", "replace") if source.queues_conf else ""
    from_switch = parse_queues_conf(text)
    queues = dict(from_switch.queues)
    for name, own in config.queues.items():
        found = queues.get(name, QueueSettings())
        queues[name] = QueueSettings(
            wrap_up_s=found.wrap_up_s if own.wrap_up_ms is None else own.wrap_up_ms // 1000,
            target_s=found.target_s if own.target_ms is None else own.target_ms // 1000,
        )
    return SwitchSettings(
        queues=queues,
        shared_lastcall=from_switch.shared_lastcall,
        agent_pattern=source.agent_pattern or AGENT_PATTERN,
    )


async def _asterisk(config: Config, source: AsteriskSource, feed: Feed) -> Client:
    translator = AsteriskTranslator(
        site=source.site, source=source.id, settings=switch_settings(config, source), after_seq=feed.after_seq
    )
    address = AmiAddress(
        host=source.host,
        port=source.port,
        username=source.username,
        secret=source.secret.reveal(),
        tls=source.tls,
        tls_ca=source.tls_ca,
    )
    witness = None
    if source.queue_log is not None:
        zone = next(site.timezone for site in config.sites if site.id == source.site)
        kept = places.made(places.spool_folder(config, source.id)) / "queue_log.position"
        witness = AmiLog(source.queue_log, translator, position=kept, zone=zone)
    await feed.recall(translator)
    return AmiClient(address, translator, publish=feed.publish, clock=clock.now, queue_log=witness)


async def _freeswitch(config: Config, source: FreeSwitchSource, feed: Feed) -> Client:
    translator = FreeswitchTranslator(site=source.site, source=source.id, after_seq=feed.after_seq)
    await feed.recall(translator)
    address = EslAddress(
        host=source.host,
        port=source.port,
        password=source.password.reveal(),
        username=source.username,
        tls=source.tls,
        tls_ca=source.tls_ca,
    )
    return EslClient(address, translator, publish=feed.publish, clock=clock.now)


async def _websocket(config: Config, source: WebSocketSource, feed: Feed) -> Client:
    """Raises MappingFaults."""
    mapping = parse_mapping(source.mapping.read_text("utf-8"), file=str(source.mapping))
    after_seq = feed.after_seq if mapping.order is Order.ARRIVAL else 0  # else a number is an event's own, no count
    translator = MappedTranslator(mapping, site=source.site, source=source.id, after_seq=after_seq)
    await feed.recall(translator)
    address = CtiAddress(
        url=source.url,
        token=source.token.reveal() if source.token else "",
        auth=mapping.auth,
        subscribe=source.subscribe,
    )
    # such a feed may hold chats: what must not be stored goes no further
    return CtiClient(address, translator, publish=redacting(feed.publish), clock=clock.now)


async def _connect_folder(config: Config, source: ConnectSource, feed: Feed) -> Client:
    if source.folder is None:
        raise ValueError(f"{source.id} has no folder")
    return ConnectFolder(
        source.folder,
        ConnectTranslator(site=source.site, source=source.id),
        publish=feed.publish_surely,
        clock=clock.now,
        positions=places.made(places.spool_folder(config, source.id)) / "positions",
    )


BUILDERS: Final[Mapping[type, Build]] = {
    AsteriskSource: _asterisk,
    FreeSwitchSource: _freeswitch,
    WebSocketSource: _websocket,
    ConnectSource: _connect_folder,
}
IN_A_GAP: Final = (AsteriskSource, FreeSwitchSource)
"""Kinds that told the world to nobody while no collector listened; the others keep it for us."""


def is_collected(source: Source) -> bool:
    """Whether somebody has to go and listen; else its events are pushed to the web."""
    return type(source) in BUILDERS and not (isinstance(source, ConnectSource) and source.folder is None)


def is_pushed(source: Source) -> bool:
    return isinstance(source, PushSource) or (isinstance(source, ConnectSource) and source.token is not None)


async def start_feeds(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, *, collected: bool, pushed: bool
) -> Collectors:
    """Feeds of what this process takes part in, each with its collector if it has one."""
    started = Collectors()
    for source in config.sources:
        if collected and is_collected(source):
            feed = started.feeds[source.id] = await open_feed(
                config, redis, source, places.spool_folder(config, source.id)
            )
            client = started.clients[source.id] = await BUILDERS[type(source)](config, source, feed)
            first = feed.resumed() if isinstance(source, IN_A_GAP) else []
            tasks.create_task(feed.run(), name=f"feed {source.id}")
            tasks.create_task(feed.collect(client, first=first), name=f"collect {source.id}")
        if pushed and is_pushed(source):
            feed = started.doors[source.id] = await open_feed(
                config, redis, source, places.push_folder(config, source.id)
            )
            tasks.create_task(feed.run(), name=f"feed {source.id} (pushed)")
    return started


async def open_feed(config: Config, redis: Any, source: Source, folder: Path) -> Feed:
    """Raises SpoolInUse, OSError."""
    return await Feed.open(
        places.made(folder),
        GuardedPublisher(redis, names.events(source.site)),
        site=source.site,
        source=source.id,
        clock=clock.now,
        limits=SpoolLimits(bytes_max=config.store.spool_bytes),
    )
