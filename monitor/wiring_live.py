"""The live process put together: collectors, floor, web. In: a Config, a task group. Out: running tasks.

Everything is handed what it uses; nobody gets the Config but the wiring. May not know: stores, the recogniser.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from alerts.rules import BurnRule, ServiceLevelRule
from asr.peaks import peaks_of_file
from dashboards.columns import Goal, Goals
from monitor import clock, places
from monitor.alert_backtest_jobs import AlertBacktests
from monitor.alert_notes import follow_notes
from monitor.api.board import AlertBoard
from monitor.api.parts import Parts, QueueLabel
from monitor.api.rules import roster_of
from monitor.app import create_app
from monitor.attention_desk import AttentionDesk
from monitor.channel_desk import ChannelDesk
from monitor.config import Config
from monitor.disk import DiskWatch
from monitor.forecast import Forecaster
from monitor.forecast_earlier import EarlierDays
from monitor.history_client import HistoryClient
from monitor.hub import Hub
from monitor.hub_extras import Extras
from monitor.live import FloorOwner
from monitor.live_rules import LiveRules
from monitor.moments import MomentMaker, MomentTeller
from monitor.past_client import PastClient
from monitor.plan_open import open_desk
from monitor.roster_watch import skills_of
from monitor.rule_jobs import RuleJobs
from monitor.staffing import planned
from monitor.vocabulary_desk import VocabularyDesk
from monitor.watch import StatusWatch
from monitor.wiring_alerts import alert_desk, alert_rules_desk
from monitor.wiring_collect import Collectors, start_feeds
from monitor.wiring_collect import switch_settings as switch_settings
from monitor.wiring_floor import holder, own, restored_floors
from monitor.wiring_intake import intake_desk
from monitor.wiring_push import open_door
from monitor.wiring_rules import scheme_desk, tell_fact
from seat_map.plan import Plan
from streams.bus import names
from streams.bus.consume import Follower
from streams.bus.lease import Lease, strive
from streams.bus.patience import patiently
from streams.bus.publish import Publisher
from streams.floor.numbers import Counters
from streams.vocabulary.codec import UNREADABLE, decode_fact, encode
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis, QueueName, SiteId

log = structlog.get_logger(__name__)

ALERTS_KEPT: Final = 2_000


async def start_live(tasks: asyncio.TaskGroup, config: Config, redis: Any, roles: Sequence[str]) -> None:
    """Collectors, floors and web, as far as this process has these roles."""
    owners = await restored_floors(config, redis) if {"floor", "web"} & set(roles) else {}
    collectors = await start_feeds(tasks, config, redis, collected="collect" in roles, pushed="web" in roles)
    if "web" in roles:
        await _start_web(tasks, config, redis, owners, collectors)
    for site, owner in owners.items():
        tasks.create_task(own(owner), name=f"floor {site}")


async def _start_web(
    tasks: asyncio.TaskGroup, config: Config, redis: Any, owners: Mapping[SiteId, FloorOwner], collectors: Collectors
) -> None:
    publisher = Publisher(redis)
    history = HistoryClient(places.history_socket(config))
    past = PastClient(places.history_socket(config))
    vocabulary = VocabularyDesk(config.recogniser.models)
    push, dead = await open_door(config, collectors.doors, redis)
    disk = DiskWatch(config.store.data)
    intake = intake_desk(config, redis)
    schemes = scheme_desk(config, redis, vocabulary)
    tasks.create_task(schemes.shelf.run(), name="schemes")
    alert_rules = alert_rules_desk(config, redis)
    tasks.create_task(alert_rules.shelf.run(), name="alert rules")
    acts = {site.id: alert_desk(config, redis, site.id, alert_rules) for site in config.sites}
    watch = StatusWatch(
        owners=owners,
        collectors=collectors,
        history=history,
        redis=redis,
        disk=disk,
        clock=clock.now,
        more=lambda: {
            **(intake.status() if intake is not None else {}),
            "schemes": schemes.status(),
            "alert_rules": alert_rules.shelf.status(),
        },
        ledger=lambda site: None if intake is None else intake.ledger(site),
    )
    if intake is not None:
        tasks.create_task(intake.run(), name="ledger")

    channels = ChannelDesk(config, redis)
    boards = {site.id: AlertBoard() for site in config.sites}
    desks = {site.id: open_desk(config.store.data, site) for site in config.sites}
    forecasts = {site.id: _forecaster(config, owners[site.id], history) for site in config.sites}
    rules = {site.id: LiveRules(site.id, schemes.shelf.current) for site in config.sites}
    for site in config.sites:
        owners[site.id].heard = rules[site.id].take
        tasks.create_task(_tick(rules[site.id], owners[site.id].counts), name=f"rules {site.id}")

    async def acknowledge(fact: AlertFact) -> None:
        """An acknowledgement: the alert engine owns the versions, so it alone writes what this becomes."""
        await publisher.publish(names.alerts(fact.site), [encode(fact)], cap=ALERTS_KEPT)

    first, *branches = (
        Parts(
            floor=owners[site.id].floor,
            hub=_hub(config, desks[site.id].plan, owners[site.id], boards[site.id], forecasts[site.id], rules[site.id]),
            forecast=forecasts[site.id],
            history=history,
            past=past,
            vocabulary=vocabulary,
            push=push,
            dead=dead,
            intake=intake,
            alerts=boards[site.id],
            recordings=places.recordings_folder(config),
            site=site.name,
            clock=clock.now,
            status=watch.status,
            samples=watch.samples,
            peaks=peaks_of_file,
            goals=goals_of(config),
            timezone=ZoneInfo(site.timezone),
            labels={name: QueueLabel(zh=one.label_zh, en=one.label_en) for name, one in config.queues.items()},
            skills=skills_of(config),
            scopes={scope.name: scope for scope in config.scopes},
            groups=config.queue_groups,
            wall_pages=config.wall_pages,
            limits=config.limits.seats,
            publish_alert=acknowledge,
            origins=frozenset({config.web.public_url}) if config.web.public_url else frozenset(),
            plans=desks[site.id],
            schemes=schemes,
            rule_jobs=RuleJobs(redis),
            tell_fact=partial(tell_fact, Publisher(redis, even_full=True)),
            channels=channels,
            alert_desk=acts[site.id],
            backtests=AlertBacktests(redis),
            parent=site.parent,
            fed=any(source.site == site.id for source in config.sources),
        )
        for site in config.sites
    )
    for parts in (first, *branches):
        desk = desks[parts.id]
        desk.replan = parts.hub.replan
        tasks.create_task(desk.run(), name=f"plan {parts.id}")
        tasks.create_task(parts.hub.run(), name=f"hub {parts.id}")
        tasks.create_task(forecasts[parts.id].run(), name=f"forecast {parts.id}")
        counts = owners[parts.id].counts
        tasks.create_task(_follow_alerts(redis, parts.id, parts.alerts, counts))
        tasks.create_task(follow_notes(redis, parts.id, acts[parts.id].notes, counts), name=f"notes {parts.id}")
        rules[parts.id].roster = partial(roster_of, parts)
        tasks.create_task(_tell_moments(config, redis, owners[parts.id], parts, rules[parts.id], watch))
    tasks.create_task(watch.run())
    tasks.create_task(_serve_web(config, create_app(first, branches), (history, past), tuple(owners.values())))


def _forecaster(config: Config, owner: FloorOwner, history: HistoryClient) -> Forecaster:
    floor = owner.floor

    def minutes(queue: QueueName) -> Mapping[int, Counters]:
        found = floor.queues.get(queue)
        return {} if found is None else found.minutes

    def began() -> Millis:
        return floor.state.began

    earlier = EarlierDays(history, floor.site).around
    goals = goals_of(config)
    return Forecaster(floor=floor, minutes=minutes, goals=goals, clock=clock.now, began=began, earlier=earlier)


def _hub(
    config: Config, plan: Plan, owner: FloorOwner, alerts: AlertBoard, forecast: Forecaster, rules: LiveRules
) -> Hub:
    attention = partial(AttentionDesk, config.limits, hits=rules.hits)
    extras = Extras(groups=config.queue_groups, attention=attention, forecast=forecast, outlooks=forecast.outlooks)
    hub = Hub(floor=owner.floor, plan=plan, goals=goals_of(config), alerts=alerts, clock=clock.now, extras=extras)
    owner.changed = hub.changed
    return hub


async def _tick(rules: LiveRules, counts: Counter[str]) -> None:
    """Once a second; what they count stands beside the floor's own counts."""
    while True:
        rules.tick(clock.now())
        counts.update({f"rules_{name}": value - counts[f"rules_{name}"] for name, value in rules.counts.items()})
        await asyncio.sleep(1)


async def _tell_moments(
    config: Config, redis: Any, owner: FloorOwner, parts: Parts, rules: LiveRules, watch: StatusWatch
) -> None:
    site, hub = owner.floor.site, parts.hub
    lease = Lease(redis, f"moments:{{{site}}}", holder=holder())
    plans = {name: one.staff for name, one in config.queues.items() if one.staff}
    maker = MomentMaker(
        owner.floor,
        picture=lambda: hub.picture,
        hits=rules.hits,
        gauges=watch.gauges,
        planned=lambda now: planned(plans, now, parts.timezone),
    )
    teller = MomentTeller(redis, maker, site=site, clock=clock.now, lease=lease, counts=owner.counts)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(strive(lease), name=f"moments' lease {site}")
            tasks.create_task(teller.run(owner.caught_up), name=f"moments {site}")
    finally:
        await asyncio.shield(lease.release())


def goals_of(config: Config) -> Goals:
    """Each tile's goal is what its queue's alert about the service level watches, over the tile's own half hour.

    A threshold of its own goes before the target of a burn rate, and the first written before the next.
    """
    found: list[tuple[tuple[QueueName, ...], Goal]] = []
    for rule in sorted(config.alerts.rules, key=lambda one: not isinstance(one, ServiceLevelRule)):
        match rule:
            case ServiceLevelRule():
                found.append((rule.queues, Goal(formula=rule.formula, percent=rule.fire_below)))
            case BurnRule():
                own = {QueueName(queue): target for queue, target in rule.target_by.items()}
                found += [((queue,), Goal(formula=rule.formula, percent=target)) for queue, target in own.items()]
                found.append((rule.queues, Goal(formula=rule.formula, percent=rule.target)))
            case _:
                continue
    default = next((goal for queues, goal in found if not queues), Goal())
    by_queue = {queue: goal for queues, goal in reversed(found) for queue in queues}
    return Goals(default=default, by_queue=by_queue)


async def _follow_alerts(redis: Any, site: SiteId, board: AlertBoard, counts: Counter[str]) -> None:
    follower = Follower(redis, stream=names.alerts(site))
    position = "0-0"
    while True:
        read = partial(follower.read_from, position, 500, 1_000)
        for entry in await patiently(read, "following alerts", counts):
            position = entry.id
            try:
                fact = decode_fact(entry.blob)
            except UNREADABLE:
                counts["alerts_not_decodable"] += 1  # history keeps it as a dead letter
                continue
            if isinstance(fact, AlertFact):
                board.update(fact)


async def _serve_web(
    config: Config, app: web.Application, clients: tuple[HistoryClient, PastClient], owners: Sequence[FloorOwner]
) -> None:
    """The page opens once the floors have caught up: a first picture of the past would look like now.

    `clients` are closed however early it ends: forecasts ask history before any page does.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, auto_decompress=False)
    async with AsyncExitStack() as at_the_end:
        for client in clients:
            at_the_end.push_async_callback(client.close)
        at_the_end.push_async_callback(runner.cleanup)
        for owner in owners:
            await owner.caught_up.wait()
        await runner.setup()
        await web.TCPSite(runner, config.web.host, config.web.port).start()
        log.info("web_open", host=config.web.host, port=config.web.port)
        await asyncio.Event().wait()
