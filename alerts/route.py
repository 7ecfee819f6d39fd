"""Decides who is told what now. In: alerts of a look, routing, silences, the book, now. Out: the next book, messages,
and of each alert that is kept from somebody why.

A set is told when it changed, its wait and its interval are over; what is still so is repeated; "resolved" goes to who
was told "firing". Pure. May not know: clocks, stores, channels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as changed

from alerts import group as groups
from alerts.book import NEVER, Book, Known, Said, Told
from alerts.digest import DigestReason, within_hour
from alerts.group import Manner, News, Sending
from alerts.labels import labels_of
from alerts.notification import Notification, Says
from alerts.routing import DEFAULT, Route, Routing, flat, quiet_now
from alerts.rules import SOURCE_SILENT
from alerts.silence import Silence
from alerts.wanted import Slot, Wanting, Withheld, WithheldReason
from streams.vocabulary.ids import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """One alert that fires, or that resolved at this look (`notification.says`).

    `channels`: of its rule. `adopted`: who was told by an engine that kept no book. `suppressed`: why its rule does not
    watch now, "" if it does.
    """

    notification: Notification
    channels: tuple[str, ...]
    acknowledged: bool = False
    adopted: tuple[str, ...] = ()
    suppressed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    book: Book
    sendings: tuple[Sending, ...]
    withheld: tuple[Withheld, ...]


def plan(
    lives: Sequence[Live],
    routing: Routing,
    silences: Sequence[Silence],
    book: Book,
    *,
    now: Millis,
    manners: Mapping[str, Manner] | None = None,
    silent_rules: Sequence[str] = (SOURCE_SILENT,),
    whole: bool = True,
) -> Plan:
    """`now`: of a person's clock. `manners`: by channel, EACH where none is given. `silent_rules`: rules that say a
    source is silent. `whole`: `lives` are all that fire; else the others are not known, and only ends are told."""
    work = _Planning(routing, book.at(now), now, manners or {})
    work.take(lives)
    if whole:
        work.want(silences, silent_rules)
    for key in sorted({*work.wanted, *work.told}) if whole else work.ended():
        work.settle(key)
    return work.done(whole=whole)


class _Planning:
    """One call of `plan`; owns the next book's parts while they are made."""

    def __init__(self, routing: Routing, book: Book, now: Millis, manners: Mapping[str, Manner]) -> None:
        self._routing, self._before, self._now, self._manners = routing, book, now, manners
        self._ran = book.ran_ms
        self._alerts = dict(book.alerts)
        self.told = dict(book.told)
        self._spent = {key: kept for key, times in book.spent.items() if (kept := within_hour(times, self._ran))}
        self.wanted: Mapping[str, Slot] = {}
        self._live: dict[str, Notification] = {}
        self._adopted: dict[str, tuple[str, ...]] = {}
        self._suppressed: dict[str, str] = {}
        self._reasons: dict[str, Withheld] = {}
        self._sendings: list[Sending] = []
        self._routes = {route.name: route for route in (*flat(routing.routes), DEFAULT)}
        self._has = {
            (told.receiver.key, alert): key for key, told in book.told.items() if not told.step for alert in told.firing
        }
        """who was told of what, apart from escalations"""

    def take(self, lives: Sequence[Live]) -> None:
        """What fires, what is over: into the book's alerts."""
        for live in lives:
            alert = live.notification.alert
            known = self._alerts.get(alert)
            if live.notification.says is Says.RESOLVED:
                if known is not None and not known.resolved:
                    self._alerts[alert] = changed(known, notification=live.notification, resolved=True)
                continue
            self._live[alert] = live.notification
            if live.suppressed:
                self._suppressed[alert] = live.suppressed
            if known is None:
                known = Known(notification=live.notification, channels=live.channels, fired_ms=self._ran)
                if live.adopted:
                    self._adopted[alert] = live.adopted
            if known.acknowledged != live.acknowledged or known.channels != live.channels:
                known = changed(known, acknowledged=live.acknowledged, channels=live.channels)
            self._alerts[alert] = known

    def want(self, silences: Sequence[Silence], silent_rules: Sequence[str]) -> None:
        """Which group and receiver wants which alerts now."""
        firing = [
            labels_of(self._live.get(alert, known.notification), silent_rules=silent_rules)
            for alert, known in self._alerts.items()
            if not known.resolved
        ]
        wanting = Wanting(
            self._routing, silences, self._alerts, now=self._now, ran_ms=self._ran, suppressed=self._suppressed
        )
        wanting.ask(firing)
        self.wanted, self._reasons = wanting.slots, wanting.reasons
        for alert in wanting.untold:
            self._known_now(alert)

    def ended(self) -> list[str]:
        return sorted(key for key, told in self.told.items() if any(map(self._is_over, told.alerts)))

    def settle(self, key: str) -> None:
        """One group and receiver: what there is to say, and whether now."""
        slot = self.wanted.get(key)
        told = self.told.get(key) or _nothing_told(slot)
        route = slot.route if slot is not None else self._routes.get(told.route, DEFAULT)
        told = self._settled(told)
        told = self._adopt(key, told, slot)
        news = self._news(key, told, slot, route)
        if not (news.new or news.ended or news.missed):
            told = changed(told, changed_ms=NEVER, digest="")
        elif told.changed_ms == NEVER:
            told = changed(told, changed_ms=self._ran)
        self.told[key] = self._decided(key, told, news, route)

    def _settled(self, told: Told) -> Told:
        """What was held back and is over was missed; whom an escalation tells twice hears of the end once."""
        over = [alert for alert in told.held if self._is_over(alert)]
        below = [
            alert
            for alert in (told.firing if told.step else ())
            if self._is_over(alert) and (told.receiver.key, alert) in self._has
        ]
        if not (over or below):
            return told
        return changed(
            told,
            held=tuple(alert for alert in told.held if alert not in over),
            missed=(*told.missed, *(alert for alert in over if (told.receiver.key, alert) not in self._has)),
            firing={alert: said for alert, said in told.firing.items() if alert not in below},
        )

    def _adopt(self, key: str, told: Told, slot: Slot | None) -> Told:
        """Told already: by an engine without a book, or under the name a group had before the routes were changed."""
        if slot is None or slot.step:
            return told
        found = {}
        for alert in slot.alerts:
            if alert in told.firing:
                continue
            before = self._has.get((slot.receiver.key, alert))
            if before is not None and before != key and alert not in self._alerts_wanted(before):
                source = self.told[before]
                found[alert] = source.firing[alert]
                rest = {other: said for other, said in source.firing.items() if other != alert}
                self.told[before] = changed(source, firing=rest)
                self._has[slot.receiver.key, alert] = key
            elif not slot.receiver.person and slot.receiver.channel in self._adopted.get(alert, ()):
                found[alert] = Said(self._ran)
                self._known_now(alert)
        return changed(told, firing=told.firing | found) if found else told

    def _alerts_wanted(self, key: str) -> Mapping[str, None]:
        slot = self.wanted.get(key)
        return {} if slot is None else slot.alerts

    def _news(self, key: str, told: Told, slot: Slot | None, route: Route) -> News:
        alerts = () if slot is None else tuple(slot.alerts)
        elsewhere = {} if told.step else self._has
        unseen = [alert for alert in alerts if not self._alerts[alert].acknowledged]
        receiver = told.receiver
        repeat_from = self._ran - route.repeat_ms
        return News(
            key=f"{key}#{self._ran}",
            group=told.group,
            receiver=receiver,
            new=tuple(one for one in unseen if one not in told.firing and (receiver.key, one) not in elsewhere),
            repeated=tuple(one for one in unseen if one in told.firing and told.firing[one].at_ms <= repeat_from),
            ended=tuple(alert for alert in told.firing if self._is_over(alert)),
            missed=told.missed,
            firing=told.firing,
            sent=told.sent,
            ran_ms=self._ran,
            digest=DigestReason(told.digest) if told.digest else None,
            step=told.step,
        )

    def _decided(self, key: str, told: Told, news: News, route: Route) -> Told:
        something = bool(news.new or news.ended or news.missed)
        if not something and not news.repeated:
            return told
        if quiet_now(self._routing, route, self._now):
            return self._hold(told, news, DigestReason.QUIET_HOURS)
        rested = told.at_ms == NEVER or self._ran >= told.at_ms + route.group_interval_ms
        waited = not something or news.step or told.digest or self._ran >= told.changed_ms + route.group_wait_ms
        if not rested:
            self._withhold(news.new, WithheldReason.GROUPED)
        if not (rested and waited):
            return told
        if self._capped(news, route):
            return self._hold(told, news, DigestReason.CAPPED)
        return self._send(key, told, news, route)

    def _hold(self, told: Told, news: News, reason: DigestReason) -> Told:
        self._withhold(news.new, WithheldReason(reason.value))
        if not (news.new or news.ended or news.missed):
            return told
        return changed(told, held=tuple(dict.fromkeys((*told.held, *news.new))), digest=reason.value)

    def _send(self, key: str, told: Told, news: News, route: Route) -> Told:
        manner = self._manners.get(news.receiver.channel, Manner.EACH)
        words = groups.words_of(self._alerts, self._live, (*news.new, *news.repeated, *news.ended, *news.missed))
        sendings, firing = groups.sendings_of(news, words, manner)
        self._sendings += sendings
        for alert in news.new:
            self._known_now(alert)
            if not news.step:
                self._has[news.receiver.key, alert] = key
        if route.max_per_hour and sendings:
            for spending in self._spending(news):
                self._spent[spending] = (*self._spent.get(spending, ()), self._ran)
        return changed(
            told,
            firing=dict(firing),
            held=(),
            missed=(),
            digest="",
            at_ms=self._ran,
            changed_ms=NEVER,
            sent=told.sent + 1,
        )

    def _capped(self, news: News, route: Route) -> bool:
        """An escalation is never held back by what was said before it."""
        if not route.max_per_hour or news.step:
            return False
        return any(len(self._spent.get(key, ())) >= route.max_per_hour for key in self._spending(news))

    def _spending(self, news: News) -> list[str]:
        every = (*news.new, *news.repeated, *news.ended, *news.missed)
        rules = sorted({self._alerts[alert].notification.rule for alert in every})
        return [f"{news.receiver.key} {rule}" for rule in rules]

    def _known_now(self, alert: str) -> None:
        known = self._alerts[alert]
        if known.known_ms == NEVER:
            self._alerts[alert] = changed(known, known_ms=self._ran)

    def _is_over(self, alert: str) -> bool:
        return self._alerts[alert].resolved

    def _withhold(self, alerts: Sequence[str], reason: WithheldReason) -> None:
        for alert in alerts:
            self._reasons.setdefault(alert, Withheld(alert=alert, reason=reason))

    def done(self, *, whole: bool) -> Plan:
        withheld = self._say_why() if whole else []
        told = {key: one for key, one in self.told.items() if not self._may_be_forgotten(one)}
        needed = {alert for one in told.values() for alert in one.alerts}
        alerts = {alert: one for alert, one in self._alerts.items() if not one.resolved or alert in needed}
        book = replace(self._before, alerts=alerts, told=told, spent=self._spent)
        return Plan(book=book, sendings=groups.merged(self._sendings), withheld=tuple(withheld))

    def _say_why(self) -> list[Withheld]:
        """Reasons that are not those of the last look."""
        for alert, known in self._alerts.items():
            if known.acknowledged and known.known_ms == NEVER and not known.resolved:
                self._withhold([alert], WithheldReason.SEEN)
        withheld = []
        for alert, known in list(self._alerts.items()):
            one = self._reasons.get(alert)
            words = "" if one is None else f"{one.reason} {one.by}"
            if words != known.withheld:
                self._alerts[alert] = changed(known, withheld=words)
                if one is not None:
                    withheld.append(one)
        return withheld

    def _may_be_forgotten(self, told: Told) -> bool:
        """Not before its interval is over: the next message of the group has to wait for that."""
        route = self._routes.get(told.route, DEFAULT)
        rested = told.at_ms == NEVER or self._ran >= told.at_ms + route.group_interval_ms
        return rested and told.changed_ms == NEVER and not told.alerts


def _nothing_told(slot: Slot | None) -> Told:
    """Only what is wanted can have no entry yet."""
    assert slot is not None
    receiver = slot.receiver
    return Told(
        route=slot.route.name,
        group=slot.group,
        step=slot.step,
        channel=receiver.channel,
        person=receiver.person,
        mobile=receiver.mobile,
    )
