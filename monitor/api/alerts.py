"""Alerts over HTTP. In: requests. Out: the board as JSON; an acknowledgement, published and shown to every wall.

May not know: rules, senders.
"""

from dataclasses import dataclass
from typing import Protocol

import msgspec
from aiohttp import web

from monitor.api.board import NotAcknowledged
from monitor.api.parts import PARTS, SITES, Parts, parts_of
from monitor.api.scope import allowed
from monitor.api.wall_words import AlertDetail, alert_row, read_detail
from streams.vocabulary.ids import Millis, SiteId

STATUS = {NotAcknowledged.UNKNOWN: 404, NotAcknowledged.RESOLVED: 409, NotAcknowledged.ALREADY: 409}


async def current(request: web.Request) -> web.Response:
    parts = parts_of(request)
    sight = parts.hub.sight(allowed(request, parts))
    rows = [alert_row(alert) for alert in parts.alerts.latest() if sight.sees_alert(alert)]
    return web.Response(body=msgspec.json.encode({"alerts": rows}), content_type="application/json")


async def acknowledge(request: web.Request) -> web.Response:
    alert = request.match_info["alert"]
    parts = _who_has(alert, request)
    found = parts.alerts.get(alert)
    if found is not None and not parts.hub.sight(allowed(request, parts)).sees_alert(found):
        return web.json_response({"reason": NotAcknowledged.UNKNOWN}, status=STATUS[NotAcknowledged.UNKNOWN])
    answer = parts.alerts.acknowledge(alert, by=parts.actor(request), at=parts.clock())
    if isinstance(answer, NotAcknowledged):
        return web.json_response({"reason": answer}, status=STATUS[answer])
    await parts.publish_alert(answer)
    return web.Response(body=msgspec.json.encode(alert_row(answer)), content_type="application/json")


def _who_has(alert: str, request: web.Request) -> Parts:
    """An alert's id names its site's rule, scope and moment: whoever acknowledges need not name the site."""
    others = (parts for parts in request.app[SITES].values() if parts.alerts.get(alert) is not None)
    return next(others, request.app[PARTS])


class AlertLike(Protocol):
    """What AlertFact and the warehouse's AlertRow have in common."""

    @property
    def site(self) -> SiteId: ...
    @property
    def alert(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def threshold(self) -> float: ...
    @property
    def raised_at(self) -> Millis: ...
    @property
    def resolved_at(self) -> Millis: ...
    @property
    def acknowledged_at(self) -> Millis: ...
    @property
    def acknowledged_by(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert as the page shows it. `happened`: it fired; a breach that cleared before its hold time did not."""

    site: SiteId
    alert: str
    rule: str
    about: str
    """queue or site"""
    subject: str
    severity: str
    state: str
    reason: str
    value: float | None
    threshold: float
    raised_at: Millis
    resolved_at: Millis
    acknowledged_at: Millis
    acknowledged_by: str
    detail: AlertDetail

    @property
    def happened(self) -> bool:
        return self.state != "pending" and self.reason != NEVER_FIRED


NEVER_FIRED = "cleared_before_hold"


def shown_alert(alert: AlertLike) -> ShownAlert:
    return ShownAlert(
        site=alert.site,
        alert=alert.alert,
        rule=alert.rule,
        about=alert.scope.partition(":")[0],
        subject=alert.scope.partition(":")[2] or alert.scope,
        severity=alert.severity,
        state=alert.state,
        reason=alert.reason,
        value=alert.value,
        threshold=alert.threshold,
        raised_at=alert.raised_at,
        resolved_at=alert.resolved_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=alert.acknowledged_by,
        detail=read_detail(alert.detail),
    )
