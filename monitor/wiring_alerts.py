"""Alerts' shared parts put together, for the web and for alerters. In: a Config, the bus. Out: shelf, desks, tellers.

May not know: pages, engines.
"""

from functools import partial
from typing import Any

import msgspec

from alerts.defaults import DEFAULT_RULES
from alerts.parse import parse_rules
from alerts.store import RedisAlertStore
from monitor import clock
from monitor.alert_desk import AlertDesk
from monitor.alert_notes import NoteBoard, NoteTeller, audit_of
from monitor.alert_rules_desk import FILE, AlertRulesDesk
from monitor.alert_rules_open import fixed_rules
from monitor.alert_rules_shelf import RulesShelf
from monitor.alert_rules_store import RulesStore, RulesVersion
from monitor.alert_silences import SilenceStore
from monitor.config import Config
from streams.bus.publish import Publisher
from streams.vocabulary.ids import SiteId


def rules_shelf(config: Config, redis: Any) -> RulesShelf:
    """Look once before it is used; then let it run. Queues are not judged here: which there are, the floor knows."""
    read = partial(parse_rules, file=FILE, channels=config.alerts.channel_names)
    return RulesShelf(
        fixed_rules(config, packaged=DEFAULT_RULES), config.alerts.rules, read=read, store=RulesStore(redis)
    )


def alert_rules_desk(config: Config, redis: Any) -> AlertRulesDesk:
    """Its shelf is to be run."""
    tell = partial(tell_rules, note_teller(redis), config.site.id)
    names = config.alerts.channel_names
    return AlertRulesDesk(rules_shelf(config, redis), RulesStore(redis), channels=names, tell=tell)


def note_teller(redis: Any) -> NoteTeller:
    return NoteTeller(Publisher(redis, even_full=True))


def alert_desk(config: Config, redis: Any, site: SiteId, rules: AlertRulesDesk) -> AlertDesk:
    """Its notes are to be followed: monitor.alert_notes.follow_notes."""
    return AlertDesk(
        site=site,
        notes=NoteBoard(),
        teller=note_teller(redis),
        silences=SilenceStore(redis, site=site, clock=clock.now),
        store=RedisAlertStore(redis, site=site),
        rules=rules,
        rotas=tuple(config.alerts.routing.rotas.values()),
        clock=clock.now,
    )


async def tell_rules(teller: NoteTeller, site: SiteId, about: RulesVersion) -> None:
    """Raises BusError."""
    detail = msgspec.to_builtins(about)
    action, name = f"alert_rules_{about.origin}", f"alert rules {about.version}"
    await teller.tell_all([], audit_of(site, action=action, about=name, author=about.by, at=about.at, detail=detail))
