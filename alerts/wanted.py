"""Which group and receiver wants to hear of which alerts now. In: alerts that fire, routing, silences. Out: slots, and
of each alert nobody may be told of why.

Says nothing of what was told before: that is route.py's. Pure. May not know: clocks, channels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.book import NEVER, Known
from alerts.escalation import due
from alerts.inhibition import inhibited
from alerts.labels import Labels
from alerts.routing import Receiver, Route, Routing, group_of, receivers_of, routes_of, told_by
from alerts.silence import Silence, silencing
from streams.vocabulary.ids import Millis


class WithheldReason(StrEnum):
    """Why somebody is not told of an alert that fires."""

    SILENCED = "silenced"
    INHIBITED = "inhibited"
    """another alert that fires says it better"""
    SEEN = "already_acknowledged"
    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"
    GROUPED = "grouped"
    """its group was told a moment ago; it goes with the next message"""
    SUPPRESSED = "suppressed"
    """its rule does not watch now"""
    NO_RECEIVER = "no_receiver"
    """no route and no rule names a channel: the page only"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Said once for each reason, not at every look. `by`: the silence's id, the alert that inhibits, the person."""

    alert: str
    reason: WithheldReason
    by: str = ""


@dataclass(slots=True, kw_only=True)
class Slot:
    """Who wants to hear of which alerts: one group, one receiver. `step`: of an escalation."""

    route: Route
    group: str
    receiver: Receiver
    step: int = 0
    alerts: dict[str, None] = field(default_factory=dict)


class Wanting:
    """One look's answer; owns `slots` by key, `reasons` by alert, and `untold`: those no route tells anybody of."""

    def __init__(
        self,
        routing: Routing,
        silences: Sequence[Silence],
        alerts: Mapping[str, Known],
        *,
        now: Millis,
        ran_ms: int,
        suppressed: Mapping[str, str],
    ) -> None:
        """`suppressed`: alerts whose rules do not watch now, each with why."""
        self._routing, self._alerts = routing, alerts
        self._silences = [one for one in silences if one.active(now)]
        self._now, self._ran, self._suppressed = now, ran_ms, suppressed
        self.slots: dict[str, Slot] = {}
        self.reasons: dict[str, Withheld] = {}
        self.untold: list[str] = []

    def ask(self, firing: Sequence[Labels]) -> None:
        held_by = inhibited(firing, self._routing.inhibitions)
        for labels in firing:
            if held := self._kept_quiet(labels, held_by):
                self.reasons[labels.alert] = held
            else:
                self._want(labels)

    def _kept_quiet(self, labels: Labels, held_by: Mapping[str, str]) -> Withheld | None:
        silence = silencing(
            self._silences,
            rule=labels.rule,
            scope=labels.scope,
            severity=labels.severity,
            labels=labels.names,
            now=self._now,
        )
        if silence is not None:
            return Withheld(alert=labels.alert, reason=WithheldReason.SILENCED, by=silence.id)
        if why := self._suppressed.get(labels.alert):
            return Withheld(alert=labels.alert, reason=WithheldReason.SUPPRESSED, by=why)
        if by := held_by.get(labels.alert):
            return Withheld(alert=labels.alert, reason=WithheldReason.INHIBITED, by=by)
        return None

    def _want(self, labels: Labels) -> None:
        known = self._alerts[labels.alert]
        routes = routes_of(self._routing, labels)
        told = {route.name: told_by(self._routing, route, known.channels, now=self._now) for route in routes}
        nobody = not any(told.values())
        known_ms = self._ran if nobody and known.known_ms == NEVER else known.known_ms
        for route in routes:
            group = group_of(route, labels)
            for receiver in told[route.name]:
                self._slot(route, group, receiver).alerts[labels.alert] = None
            if route.escalation and not known.acknowledged and known_ms != NEVER:
                self._escalate(route, group, labels.alert, self._ran - known_ms)
        if nobody:
            self.untold.append(labels.alert)
            self.reasons[labels.alert] = Withheld(alert=labels.alert, reason=WithheldReason.NO_RECEIVER)

    def _escalate(self, route: Route, group: str, alert: str, known_ms: int) -> None:
        for number, step in due(self._routing.escalations[route.escalation], known_ms=known_ms):
            for receiver in receivers_of(self._routing, step.channels, step.rotas, now=self._now):
                self._slot(route, f"{group}!{number}", receiver, step=number).alerts[alert] = None

    def _slot(self, route: Route, group: str, receiver: Receiver, *, step: int = 0) -> Slot:
        key = f"{group}@{receiver.key}"
        return self.slots.setdefault(key, Slot(route=route, group=group, receiver=receiver, step=step))
