"""The live process put together: collectors, floor, web. In: a Config, a task group. Out: running tasks.

Everything is handed what it uses; nobody gets the Config but the wiring. May not know: stores, the recogniser.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from alerts.rules import ServiceLevelRule
from asr.peaks import peaks_of_file
from dashboards.columns import Goal, Goals
from monitor import clock, places
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts, QueueLabel
from monitor.app import create_app
from monitor.config import AsteriskSource, Config
from monitor.history_client import HistoryClient
from monitor.hub import Hub
from monitor.live import FloorOwner
from monitor.past_client import PastClient
from monitor.watch import StatusWatch
from seat_map.generate import generate
from streams.bus import names
from streams.bus.consume import Follower
from streams.bus.patience import asked, patiently
from streams.bus.publish import Publisher
from streams.collect.ami_client import AmiAddress, AmiClient
from streams.floor.fold import Floor
from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import QueueSettings, SwitchSettings, parse_queues_conf
from streams.vocabulary.codec import decode_fact, encode
from streams.vocabulary.events import Event
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import QueueName, SiteId

log = structlog.get_logger(__name__)

ALERTS_KEPT: Final = 2_000


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
    return SwitchSettings(queues=queues, shared_lastcall=from_switch.shared_lastcall)


def seqs_key(site: SiteId) -> str:
    """Highest number each source has told: a clock set back must not make new events look like old ones."""
    return f"collect:{{{site}}}:seqs"


async def start_collectors(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, *, counts: Counter[str]
) -> dict[str, AmiClient]:
    """`counts`: where waiting for the bus is counted, for /ops."""
    publisher = Publisher(redis)
    stream = names.events(config.site.id)

    async def publish(events: Sequence[Event]) -> None:
        """Waits out a bus that is away: the switch then cuts us off, which is a gap with a name."""
        blobs = [encode(event) for event in events]
        await patiently(lambda: publisher.publish(stream, blobs), "telling events", counts)
        if events:
            last = events[-1]
            told = partial(redis.hset, seqs_key(config.site.id), last.source, last.seq)
            await patiently(lambda: asked(told, "noting the last number"), "noting the last number", counts)

    clients: dict[str, AmiClient] = {}
    for source in config.sources:
        told = await redis.hget(seqs_key(config.site.id), source.id)
        translator = AsteriskTranslator(
            site=config.site.id,
            source=source.id,
            settings=switch_settings(config, source),
            after_seq=int(told or 0),
        )
        address = AmiAddress(
            host=source.host,
            port=source.port,
            username=source.username,
            secret=source.secret.reveal(),
            tls=source.tls,
        )
        clients[source.id] = AmiClient(address, translator, publish=publish, clock=clock.now)
        tasks.create_task(clients[source.id].run())
    return clients


def _utc_offset_ms(config: Config) -> int:
    offset = datetime.fromtimestamp(clock.now() / 1000, UTC).astimezone(ZoneInfo(config.site.timezone)).utcoffset()
    return int(offset.total_seconds() * 1000) if offset else 0


async def start_floor(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, *, with_web: bool, with_collect: bool
) -> None:
    targets: dict[QueueName, int] = {}
    for source in config.sources:
        targets |= switch_settings(config, source).targets_ms()
    offset_ms = _utc_offset_ms(config)
    floor = Floor(config.site.id, targets_ms=targets, utc_offset_ms=offset_ms)
    owner = FloorOwner(
        redis,
        floor,
        clock=clock.now,
        changed=lambda agent: None,
        recordings=config.recordings.folder if config.recordings else None,
        agent_channel=config.recordings.agent_channel if config.recordings else None,
    )
    await owner.restore(utc_offset_ms=offset_ms, targets_ms=targets)
    clients = await start_collectors(tasks, config, redis, counts=owner.counts) if with_collect else {}
    if with_web:
        await _start_web(tasks, config, redis, owner, clients)
    tasks.create_task(_own(owner))


async def _own(owner: FloorOwner) -> None:
    try:
        await owner.run()
    finally:
        await asyncio.shield(owner.save())


async def _start_web(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, owner: FloorOwner, clients: Mapping[str, AmiClient]
) -> None:
    board = AlertBoard()
    publisher = Publisher(redis)
    goals = goals_of(config)
    hub = Hub(
        floor=owner.floor,
        plan=generate(config.site.seats, name=config.site.name),
        goals=goals,
        alerts=board,
        clock=clock.now,
    )
    owner.changed = hub.changed
    history = HistoryClient(places.history_socket(config))
    past = PastClient(places.history_socket(config))
    watch = StatusWatch(owner=owner, clients=clients, history=history, redis=redis, site=config.site.id)

    async def acknowledge(fact: AlertFact) -> None:
        """An acknowledgement: the alert engine owns the versions, so it alone writes what this becomes."""
        await publisher.publish(names.alerts(fact.site), [encode(fact)], cap=ALERTS_KEPT)

    app = create_app(
        Parts(
            floor=owner.floor,
            hub=hub,
            history=history,
            past=past,
            alerts=board,
            recordings=places.recordings_folder(config),
            site=config.site.name,
            clock=clock.now,
            status=watch.status,
            peaks=peaks_of_file,
            goals=goals,
            timezone=ZoneInfo(config.site.timezone),
            labels={name: QueueLabel(zh=one.label_zh, en=one.label_en) for name, one in config.queues.items()},
            publish_alert=acknowledge,
            origins=frozenset({config.web.public_url}) if config.web.public_url else frozenset(),
        )
    )
    tasks.create_task(hub.run())
    tasks.create_task(watch.run())
    tasks.create_task(_follow_alerts(redis, config, board))
    tasks.create_task(_serve_web(config, app, (history, past), owner))


def goals_of(config: Config) -> Goals:
    """Each tile's goal is the percentage its queue's service-level alert watches, over the tile's own half hour."""
    by_queue: dict[QueueName, Goal] = {}
    default = Goal()
    for rule in config.alerts.rules:
        if not isinstance(rule, ServiceLevelRule):
            continue
        goal = Goal(formula=rule.formula, percent=float(rule.fire_below))
        if not rule.queues:
            default = goal
        for queue in rule.queues:
            by_queue.setdefault(queue, goal)
    return Goals(default=default, by_queue=by_queue)


async def _follow_alerts(redis: Any, config: Config, board: AlertBoard) -> None:
    follower = Follower(redis, stream=names.alerts(config.site.id))
    position = "0-0"
    while True:
        for entry in await follower.read_from(position, 500, 1_000):
            position = entry.id
            fact = decode_fact(entry.blob)
            if isinstance(fact, AlertFact):
                board.update(fact)


async def _serve_web(
    config: Config, app: web.Application, clients: tuple[HistoryClient, PastClient], owner: FloorOwner
) -> None:
    """The page opens once the floor has caught up: a first picture of the past would look like now."""
    await owner.caught_up.wait()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, auto_decompress=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.web.host, config.web.port).start()
        log.info("web_open", host=config.web.host, port=config.web.port)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
        for client in clients:
            await client.close()
