"""What routing knows of an alert, and how it is asked for. In: a Notification. Out: Labels; `Match` fits them or not.

May not know: time, routes, channels.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from alerts.notification import Notification
from alerts.rules import SOURCE_SILENT
from alerts.silence import fits

WORDS: Final = ("rule", "severity", "scope", "queue", "tier", "site")
"""What a route may match and group by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """`kind`: of the scope (queue, tier, agent, team, site, system, contact). `queue`, `tier` "": it is of none.

    `rests_on`: queues its numbers come from, empty if unknown. `blind`: of an alert that says a source is silent, the
    queues nothing is known of; None: it says no such thing. `all_blind`: nothing is known of any queue.
    """

    alert: str
    rule: str
    severity: str
    scope: str
    kind: str
    queue: str
    tier: str
    site: str
    names: tuple[str, ...]
    rests_on: frozenset[str]
    blind: frozenset[str] | None
    all_blind: bool

    def word(self, name: str) -> str:
        """Of one of WORDS."""
        return str(getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Globs by word; an empty tuple fits all. All words must fit, of each any glob."""

    rule: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    site: tuple[str, ...] = ()

    def fits(self, labels: Labels) -> bool:
        return (
            _any(self.rule, labels.rule)
            and _any(self.severity, labels.severity)
            and _any(self.scope, labels.scope)
            and _any(self.queue, labels.queue)
            and _any(self.tier, labels.tier)
            and _any(self.site, labels.site)
        )


def labels_of(notification: Notification, *, silent_rules: Iterable[str] = (SOURCE_SILENT,)) -> Labels:
    """`silent_rules`: names of rules that tell of silent sources."""
    kind, _, name = notification.scope.partition(":")
    queue, tier = ("", "")
    if kind == "queue":
        queue = name
    elif kind == "tier":
        queue, _, tier = name.rpartition("/")
    detail = notification.detail
    tells_silence = notification.rule in silent_rules
    rests_on = frozenset() if tells_silence else frozenset(detail.queues or ((queue,) if queue else ()))
    return Labels(
        alert=notification.alert,
        rule=notification.rule,
        severity=notification.severity,
        scope=notification.scope,
        kind=kind,
        queue=queue,
        tier=tier,
        site=notification.site,
        names=(detail.label_zh, detail.label_en),
        rests_on=rests_on,
        blind=frozenset(detail.queues) if tells_silence else None,
        all_blind=tells_silence and detail.part >= detail.whole,  # 0 of 0: nothing came at all
    )


def _any(globs: tuple[str, ...], word: str) -> bool:
    return not globs or any(fits(glob, word) for glob in globs)
