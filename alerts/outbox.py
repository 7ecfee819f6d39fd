"""What is decided but not yet said. In: changes, a plan. Out: entries that outlive a crash, by keys.

Written in the same transaction as the watches, removed once the bus or the channel has taken them: at least once, and
the same ids again. May not know: Redis, HTTP.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from alerts.group import Sending
from alerts.notification import Change, Notification, fact_of
from alerts.route import Plan
from alerts.senders.channel import NOTHING_AROUND, Around
from alerts.wanted import Withheld
from streams.vocabulary.facts import AlertFact, AlertNoteFact
from streams.vocabulary.ids import Millis, SiteId
from streams.vocabulary.states import NoteKind


class TellStore(Struct, frozen=True, kw_only=True, tag="store"):
    fact: AlertFact

    @property
    def key(self) -> str:
        return f"fact/{self.fact.alert}/{self.fact.ver}"

    @property
    def order(self) -> tuple[int, int, int]:
        return self.fact.raised_at, self.fact.ver, 0


class TellChannel(Struct, frozen=True, kw_only=True, tag="channel", omit_defaults=True):
    """One message to one channel, about `notification` and `also` and, unnamed, `unnamed`.

    `name`: the same message after a crash, another one for each message. `ran_ms`: the book's time when it was decided.
    """

    channel: str
    notification: Notification
    also: tuple[Notification, ...] = ()
    unnamed: tuple[str, ...] = ()
    name: str = ""
    person: str = ""
    ran_ms: int = 0
    around: Around = NOTHING_AROUND

    @property
    def key(self) -> str:
        return f"{self.name or self.notification.id}@{self.channel}"

    @property
    def order(self) -> tuple[int, int, int]:
        return self.ran_ms, self.notification.at, 0 if self.notification.resolved_at == 0 else 1

    @property
    def notifications(self) -> tuple[Notification, ...]:
        return (self.notification, *self.also)


class TellNote(Struct, frozen=True, kw_only=True, tag="note"):
    """Of what was decided; attempts are told as they are made."""

    fact: AlertNoteFact

    @property
    def key(self) -> str:
        return f"note/{self.fact.alert}/{self.fact.note}"

    @property
    def order(self) -> tuple[int, int, int]:
        return self.fact.noted_at, 0, 0


Entry = TellStore | TellChannel | TellNote

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Entry).decode


def facts_told(changes: Iterable[Change], *, site: SiteId) -> list[Entry]:
    return [TellStore(fact=fact_of(change, site=site)) for change in changes if change.worth_telling]


def messages_told(plan: Plan) -> list[Entry]:
    return [_message(one, plan.book.ran_ms) for one in plan.sendings]


def notes_told(plan: Plan, *, site: SiteId, at: Millis) -> list[Entry]:
    """What was decided: not to tell, to tell higher up."""
    withheld = [_withheld(one, site, at, plan.book.ran_ms) for one in plan.withheld]
    steps = [one for one in plan.sendings if one.step]
    return [*withheld, *(_escalated(one, alert, site, at) for one in steps for alert in one.alerts)]


def _message(one: Sending, ran_ms: int) -> TellChannel:
    first, *also = one.notifications
    carried = {notification.alert for notification in one.notifications}
    mobiles = (one.receiver.mobile,) if one.receiver.mobile else ()
    return TellChannel(
        channel=one.receiver.channel,
        notification=first,
        also=tuple(also),
        unnamed=tuple(alert for alert in one.alerts if alert not in carried),
        name=one.key,
        person=one.receiver.person,
        ran_ms=ran_ms,
        around=Around(
            more=one.more,
            still=one.still,
            digest=one.digest or "",
            incident=one.incident,
            mobiles=mobiles,
            step=one.step,
        ),
    )


def _withheld(one: Withheld, site: SiteId, at: Millis, ran_ms: int) -> TellNote:
    name = f"not/{one.reason}/{ran_ms}"
    return _note(site, at, one.alert, name, NoteKind.NOT_NOTIFIED, reason=one.reason, text=one.by)


def _escalated(one: Sending, alert: str, site: SiteId, at: Millis) -> TellNote:
    receiver = one.receiver
    name = f"step/{one.step}/{receiver.key}/{one.key.rpartition('#')[2]}"
    fact = _note(site, at, alert, name, NoteKind.ESCALATED, text=str(one.step)).fact
    return TellNote(fact=msgspec.structs.replace(fact, channel=receiver.channel, to=receiver.person))


def _note(
    site: SiteId, at: Millis, alert: str, name: str, kind: NoteKind, *, reason: str = "", text: str = ""
) -> TellNote:
    fact = AlertNoteFact(
        site=site, ver=at, noted_at=at, alert=alert, note=name, kind=kind, reason=reason, text=text
    )  # fmt: skip
    return TellNote(fact=fact)
