"""How a set of news becomes messages. In: what is new, repeated, over; how a channel takes several. Out: Sendings.

Most channels put many into one message; one that opens incidents gets one for each alert, and one for all of them in a
storm, which closes with the last. May not know: when anything is due.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from msgspec.structs import replace as reworded

from alerts.book import Known, Said
from alerts.digest import DigestReason
from alerts.notification import Notification
from alerts.routing import Receiver

STORM: Final = 10
"""More incidents than this at once become one."""
CARRIED: Final = 100
"""Alerts a message carries; of more it carries the number (its text names ten of them)."""
_RANK: Final = {"critical": 0, "warning": 1, "info": 2}


class Manner(StrEnum):
    """How a channel takes several alerts."""

    TOGETHER = "together"
    INCIDENTS = "incidents"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one receiver has to hear about one group; alerts by their ids, of `firing` before this was said."""

    key: str
    group: str
    receiver: Receiver
    new: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    firing: Mapping[str, Said]
    sent: int
    ran_ms: int
    digest: DigestReason | None = None
    step: int = 0
    """of an escalation, 0: of none"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message to one receiver. `more`: alerts it stands for and does not carry; `still`: of its group, how many
    were told before and fire on. `incident` "": each alert is its own."""

    key: str
    group: str
    receiver: Receiver
    notifications: tuple[Notification, ...]
    more: int = 0
    still: int = 0
    digest: DigestReason | None = None
    incident: str = ""
    step: int = 0
    alerts: tuple[str, ...] = ()
    """all it stands for"""


def sendings_of(
    news: News, words: Mapping[str, Notification], manner: Manner
) -> tuple[tuple[Sending, ...], Mapping[str, Said]]:
    """The messages, and what the receiver has been told fires once they are said. `words`: of every alert in `news`."""
    storm = manner is Manner.INCIDENTS and len(news.new) > STORM
    incident = news.key if storm else ""
    firing = {alert: said for alert, said in news.firing.items() if alert not in news.ended}
    firing |= {alert: Said(news.ran_ms, firing[alert].incident) for alert in news.repeated}
    firing |= {alert: Said(news.ran_ms, incident) for alert in news.new}
    match manner:
        case Manner.TOGETHER:
            still = len(firing) - len(news.new) - len(news.repeated)
            every = [*_worded(news, words), *_worded_ends(news, words)]
            return (replace(_sending(news, every, news.key), still=still),), firing
        case Manner.EACH:
            every = [*_worded(news, words), *_worded_ends(news, words)]
            return tuple(_sending(news, [one], f"{news.key}/{one.id}") for one in every), firing
        case Manner.INCIDENTS:
            return tuple(_incidents(news, words, firing)), firing


def merged(sendings: Iterable[Sending]) -> tuple[Sending, ...]:
    """Digests of one receiver become one message; all are cut to what a message carries."""
    kept: dict[str, Sending] = {}
    for one in sendings:
        first = kept.get(f"digest {one.receiver.key}") if one.digest and not one.incident else None
        if first is None:
            kept[f"digest {one.receiver.key}" if one.digest and not one.incident else one.key] = one
            continue
        kept[f"digest {one.receiver.key}"] = replace(
            first,
            notifications=first.notifications + one.notifications,
            still=first.still + one.still,
            alerts=first.alerts + one.alerts,
        )
    return tuple(_carried(one) for one in kept.values())


def _carried(one: Sending) -> Sending:
    over = len(one.notifications) - CARRIED
    return one if over <= 0 else replace(one, notifications=one.notifications[:CARRIED], more=one.more + over)


def _incidents(news: News, words: Mapping[str, Notification], after: Mapping[str, Said]) -> Iterator[Sending]:
    """What was missed was never opened there, so there is nothing to close."""
    by_incident: dict[str, list[Notification]] = {}
    for word in _worded(news, words):
        by_incident.setdefault(after[word.alert].incident or f"alert {word.alert}", []).append(word)
    open_still = {said.incident for said in after.values()}
    for alert in news.ended:
        incident = news.firing[alert].incident
        if not incident or incident not in open_still:
            by_incident.setdefault(incident or f"alert {alert}", []).append(_named(news, words[alert]))
    for number, (incident, told) in enumerate(by_incident.items()):
        own = incident.startswith("alert ")
        yield replace(_sending(news, told, f"{news.key}/{number}"), incident="" if own else incident)


def _sending(news: News, notifications: Sequence[Notification], key: str) -> Sending:
    return Sending(
        key=key,
        group=news.group,
        receiver=news.receiver,
        notifications=tuple(notifications),
        digest=news.digest,
        step=news.step,
        alerts=tuple(one.alert for one in notifications),
    )


def _worded(news: News, words: Mapping[str, Notification]) -> list[Notification]:
    """The gravest and oldest first within what is new, then within what is repeated."""
    new = sorted((_named(news, words[alert]) for alert in news.new), key=_gravity)
    again = (
        reworded(one, id=f"{one.id}/{news.sent + 1}")
        for one in sorted((_named(news, words[alert]) for alert in news.repeated), key=_gravity)
    )
    return [*new, *again]


def _worded_ends(news: News, words: Mapping[str, Notification]) -> list[Notification]:
    return [_named(news, words[alert]) for alert in (*news.ended, *news.missed)]


def _named(news: News, one: Notification) -> Notification:
    """A receiver that drops ids it has seen must not drop what is said to another person, or once more higher up."""
    also = (f"/step-{news.step}" if news.step else "") + (f"/{news.receiver.person}" if news.receiver.person else "")
    return reworded(one, id=one.id + also) if also else one


def _gravity(one: Notification) -> tuple[int, int, str]:
    return _RANK.get(one.severity, len(_RANK)), one.raised_at, one.alert


def words_of(
    alerts: Mapping[str, Known], live: Mapping[str, Notification], wanted: Iterable[str]
) -> Mapping[str, Notification]:
    """The freshest words of each: those of this look where it still fires, the last ones of what is over."""
    return {
        alert: alerts[alert].notification if alerts[alert].resolved else live.get(alert, alerts[alert].notification)
        for alert in wanted
    }
