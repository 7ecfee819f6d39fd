"""Which parts run in this process, wired together. In: a Config and role names. Out: nothing; runs until cancelled.

The only place where rooms meet. Everything is handed what it uses; nobody gets the Config but this file.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import structlog
from aiohttp import web

from alerts.delivery import Delivery
from alerts.engine import AlertEngine
from alerts.rules import ServiceLevelRule
from alerts.senders.webhook import Webhook
from alerts.store import RedisAlertStore
from asr.peaks import peaks_of_file
from asr.worker import run_worker
from dashboards.columns import Goal, Goals
from monitor import clock, places
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts, QueueLabel
from monitor.app import create_app
from monitor.config import AsteriskSource, Config
from monitor.history import ARCHIVE, QuestionDesk, Scorer, Trimmer, serve_desk
from monitor.history_client import HistoryClient
from monitor.hub import Hub
from monitor.live import FloorOwner
from monitor.transcription import BusPort
from monitor.watch import StatusWatch
from scoring.library import load_scheme
from seat_map.generate import generate
from streams.bus import names
from streams.bus.connection import connect
from streams.bus.consume import Consumer, Follower
from streams.bus.errors import BusError
from streams.bus.publish import Publisher
from streams.collect.ami_client import AmiAddress, AmiClient
from streams.floor.fold import Floor
from streams.floor.numbers import QueueNumbers
from streams.translate.asterisk import AsteriskTranslator
from streams.translate.asterisk_words import QueueSettings, SwitchSettings, parse_queues_conf
from streams.vocabulary.codec import decode_fact, encode
from streams.vocabulary.events import Event
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import QueueName
from streams.warehouse.front import AsyncWarehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.writer import EVENTS, FACTS, Writer

log = structlog.get_logger(__name__)

LIVE: Final = ("collect", "floor", "web")
HISTORY: Final = ("archive", "score", "alert")
TRANSCRIBE: Final = ("transcribe",)
ROLES: Final = (*LIVE, *HISTORY, *TRANSCRIBE)
ALERTS_KEPT: Final = 2_000


class UnknownRole(ValueError):
    """The text names the role and the ones there are."""


def checked_roles(named: Sequence[str]) -> tuple[str, ...]:
    unknown = [role for role in named if role not in ROLES]
    if unknown:
        raise UnknownRole(f"unknown role {', '.join(unknown)}: choose from {', '.join(ROLES)}")
    # the web shows the floor that lives in the same process, so one brings the other
    wanted = set(named) | ({"floor"} if "web" in named else set())
    return tuple(role for role in ROLES if role in wanted)


async def run_roles(config: Config, roles: Sequence[str], *, index: int = 0) -> None:
    """All of `roles` in this process until cancelled; one that fails ends them all, with its error."""
    redis = await connect(places.bus_url(config))
    try:
        async with asyncio.TaskGroup() as tasks:
            if set(roles) & {"floor", "web"}:
                await _start_floor(tasks, config, redis, with_web="web" in roles, with_collect="collect" in roles)
            elif "collect" in roles:
                _start_collectors(tasks, config, redis)
            if set(roles) & set(HISTORY):
                await _start_history(tasks, config, redis, roles)
            if "transcribe" in roles:
                tasks.create_task(_transcribe(config, redis, index))
    finally:
        await redis.aclose()


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


def _start_collectors(tasks: asyncio.TaskGroup, config: Config, redis: Any) -> dict[str, AmiClient]:
    publisher = Publisher(redis)
    stream = names.events(config.site.id)

    async def publish(events: Sequence[Event]) -> None:
        await publisher.publish(stream, [encode(event) for event in events])

    clients: dict[str, AmiClient] = {}
    for source in config.sources:
        translator = AsteriskTranslator(site=config.site.id, source=source.id, settings=switch_settings(config, source))
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


async def _start_floor(
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
    clients = _start_collectors(tasks, config, redis) if with_collect else {}
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
    watch = StatusWatch(owner=owner, clients=clients, history=history, redis=redis, site=config.site.id)

    async def publish_alert(fact: AlertFact) -> None:
        """An acknowledgement: the alert engine owns the versions, so it alone writes what this becomes."""
        await publisher.publish(names.alerts(fact.site), [encode(fact)], cap=ALERTS_KEPT)

    app = create_app(
        Parts(
            floor=owner.floor,
            hub=hub,
            history=history,
            alerts=board,
            recordings=places.recordings_folder(config),
            site=config.site.name,
            clock=clock.now,
            status=watch.status,
            peaks=peaks_of_file,
            goals=goals,
            timezone=ZoneInfo(config.site.timezone),
            labels={name: QueueLabel(zh=one.label_zh, en=one.label_en) for name, one in config.queues.items()},
            publish_alert=publish_alert,
            origins=frozenset({config.web.public_url}) if config.web.public_url else frozenset(),
        )
    )
    tasks.create_task(hub.run())
    tasks.create_task(watch.run())
    tasks.create_task(_follow_alerts(redis, config, board))
    tasks.create_task(_serve_web(config, app, history, owner))


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


async def _serve_web(config: Config, app: web.Application, history: HistoryClient, owner: FloorOwner) -> None:
    """The page opens once the floor has caught up: a first picture of the past would look like now."""
    await owner.caught_up.wait()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.web.host, config.web.port).start()
        log.info("web_open", host=config.web.host, port=config.web.port)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
        await history.close()


async def _publish_alert(publisher: Publisher, fact: AlertFact) -> None:
    blob = encode(fact)
    await publisher.publish(names.FACTS, [blob])
    await publisher.publish(names.alerts(fact.site), [blob], cap=ALERTS_KEPT)


async def _start_history(tasks: asyncio.TaskGroup, config: Config, redis: Any, roles: Sequence[str]) -> None:
    counted: dict[str, Callable[[], Mapping[str, Any]]] = {}
    publisher = Publisher(redis)
    if "archive" in roles:
        await _start_archive(tasks, config, redis, counted)
    if "score" in roles:
        scorer = Scorer(redis, load_scheme(config.scheme), name="score-0", clock=clock.now)
        counted["score"] = lambda: dict(scorer.counts)
        tasks.create_task(scorer.run())
    if "alert" in roles:
        _start_alerts(tasks, config, redis, publisher, counted)


class _Writing(NamedTuple):
    stream: str
    kind: Any


async def _start_archive(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, counted: dict[str, Callable[[], Mapping[str, Any]]]
) -> None:
    url = places.warehouse_url(config)
    writing = AsyncWarehouse(partial(open_warehouse, url), name="writer")
    asking = AsyncWarehouse(partial(open_warehouse, url), name="questions")
    await writing.run(migrate, now=clock.now())
    stop = asyncio.Event()
    for one in (_Writing(names.events(config.site.id), EVENTS), _Writing(names.FACTS, FACTS)):
        consumer = Consumer(redis, stream=one.stream, group=ARCHIVE, name="archive-0", max_deliveries=20)
        writer: Any = Writer(consumer, writing, kind=one.kind, bus_errors=(BusError,))
        counted[f"archive {one.stream}"] = partial(msgspec.to_builtins, writer.counts)
        tasks.create_task(_write(writer, stop))
    trimmer = Trimmer(redis, config.site.id)
    tasks.create_task(trimmer.run())
    counted["trimmed"] = lambda: dict(trimmer.counts)
    desk = QuestionDesk(asking, lambda: {name: dict(counts()) for name, counts in counted.items()})
    tasks.create_task(serve_desk(desk, places.history_socket(config)))


async def _write(writer: Any, stop: asyncio.Event) -> None:
    """A stop lets the running batch reach the store before the process ends."""
    task = asyncio.create_task(writer.run(stop))
    try:
        await asyncio.shield(task)
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=10)


def _start_alerts(
    tasks: asyncio.TaskGroup,
    config: Config,
    redis: Any,
    publisher: Publisher,
    counted: dict[str, Callable[[], Mapping[str, Any]]],
) -> None:
    store = RedisAlertStore(redis, site=config.site.id)
    deliveries = {
        one.name: Delivery(Webhook(one, page_url=config.web.public_url), store=store, clock=clock.now)
        for one in config.alerts.webhooks
    }

    async def numbers() -> AsyncIterator[list[QueueNumbers]]:
        follower = Follower(redis, stream=names.metrics(config.site.id))
        decode = msgspec.msgpack.Decoder(list[QueueNumbers]).decode
        position = "$"
        while True:
            for entry in await follower.read_from(position, 1_000, 1_000):
                position = entry.id
                yield decode(entry.blob)

    async def emit(fact: AlertFact) -> None:
        await _publish_alert(publisher, fact)

    engine = AlertEngine(
        site=config.site.id,
        rules=config.alerts.rules,
        numbers=numbers,
        store=store,
        emit=emit,
        deliveries=deliveries,
        clock=clock.now,
    )
    counted["alerts"] = lambda: {
        f"{name} {outcome}": n for name, one in deliveries.items() for outcome, n in one.attempted.items()
    }
    tasks.create_task(engine.run())
    tasks.create_task(_hear_acknowledgements(redis, config, engine))


async def _hear_acknowledgements(redis: Any, config: Config, engine: AlertEngine) -> None:
    """What a person acknowledged on a page; the engine's own facts come by here too and change nothing."""
    follower = Follower(redis, stream=names.alerts(config.site.id))
    position = "0-0"
    heard: dict[str, int] = {}
    while True:
        for entry in await follower.read_from(position, 500, 1_000):
            position = entry.id
            fact = decode_fact(entry.blob)
            if isinstance(fact, AlertFact) and fact.acknowledged_at and heard.get(fact.alert) != fact.acknowledged_at:
                heard[fact.alert] = fact.acknowledged_at
                await engine.acknowledge(fact.alert, by=fact.acknowledged_by, at=fact.acknowledged_at)
        for old in list(heard)[:-ALERTS_KEPT]:
            del heard[old]


async def _transcribe(config: Config, redis: Any, index: int) -> None:
    port = BusPort(redis, name=f"transcribe-{index}")
    await port.open()
    await run_worker(port, model_dir=config.recogniser.model)
