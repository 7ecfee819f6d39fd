"""What is decided but not yet said. In: changes. Out: entries that outlive a crash, each under a key of its own.

Written in the same transaction as the watches, removed once the bus or the channel has taken them: at least once, and
the same ids again. May not know: Redis, HTTP.
"""

import msgspec
from msgspec import Struct

from alerts.notification import Change, Notification, fact_of, notification_of
from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import SiteId


class TellStore(Struct, frozen=True, kw_only=True, tag="store"):
    fact: AlertFact

    @property
    def key(self) -> str:
        return f"fact/{self.fact.alert}/{self.fact.ver}"

    @property
    def order(self) -> tuple[int, int]:
        return self.fact.raised_at, self.fact.ver


class TellChannel(Struct, frozen=True, kw_only=True, tag="channel"):
    channel: str
    notification: Notification

    @property
    def key(self) -> str:
        return f"{self.notification.id}@{self.channel}"

    @property
    def order(self) -> tuple[int, int]:
        return self.notification.at, 0 if self.notification.resolved_at == 0 else 1


Entry = TellStore | TellChannel

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Entry).decode


def entries_of(change: Change, *, site: SiteId) -> list[Entry]:
    """What has to be said because of one change; `resolved` goes to exactly those who were told `firing`."""
    if not change.worth_telling:
        return []
    entries: list[Entry] = [TellStore(fact=fact_of(change, site=site))]
    notification = notification_of(change, site=site)
    if notification is not None:
        entries += [TellChannel(channel=channel, notification=notification) for channel in change.watch.told]
    return entries
