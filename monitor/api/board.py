"""The alerts that stand now. In: AlertFacts in any order, acknowledgements. Out: the newest fact of each alert.

The engine numbers an alert's facts (`ver`); an acknowledgement keeps the number it amends, so the engine's next fact
still counts, and is never taken away by it. Mutable; owned by the web process. Bounded: past `kept` the oldest resolved
alerts leave (they are in history). May not know: rules, sockets, stores.
"""

from enum import StrEnum

from msgspec.structs import replace

from streams.vocabulary.facts import AlertFact
from streams.vocabulary.ids import Millis

RANK = {"critical": 0, "warning": 1, "info": 2}


class Taken(StrEnum):
    """What became of a fact offered to the board."""

    NEW = "new"
    CHANGED = "changed"
    OLDER = "older"


class NotAcknowledged(StrEnum):
    UNKNOWN = "unknown_alert"
    RESOLVED = "already_resolved"
    ALREADY = "already_acknowledged"


class AlertBoard:
    def __init__(self, *, kept: int = 500) -> None:
        self.kept = kept
        self.revision = 0
        self._alerts: dict[str, AlertFact] = {}

    def update(self, fact: AlertFact) -> Taken:
        known = self._alerts.get(fact.alert)
        if known is not None and fact.ver < known.ver:
            return Taken.OLDER
        if known is not None and known.acknowledged_at and not fact.acknowledged_at:
            fact = replace(fact, acknowledged_at=known.acknowledged_at, acknowledged_by=known.acknowledged_by)
        if fact == known:
            return Taken.OLDER
        self._alerts[fact.alert] = fact
        self.revision += 1
        self._forget()
        return Taken.NEW if known is None else Taken.CHANGED

    def get(self, alert: str) -> AlertFact | None:
        return self._alerts.get(alert)

    def firing(self) -> list[AlertFact]:
        """What needs somebody: not acknowledged first, then by severity, then the oldest."""
        alerts = [fact for fact in self._alerts.values() if fact.state == "firing"]
        return sorted(alerts, key=lambda fact: (fact.acknowledged_at > 0, RANK.get(fact.severity, 1), fact.raised_at))

    def latest(self) -> list[AlertFact]:
        """Every alert on the board, the newest first."""
        return sorted(self._alerts.values(), key=lambda fact: fact.raised_at, reverse=True)

    def acknowledge(self, alert: str, *, by: str, at: Millis) -> AlertFact | NotAcknowledged:
        """As `acknowledged`, and it stands so here."""
        fact = self.acknowledged(alert, by=by, at=at)
        if not isinstance(fact, NotAcknowledged):
            self.update(fact)
        return fact

    def acknowledged(self, alert: str, *, by: str, at: Millis) -> AlertFact | NotAcknowledged:
        """The fact to publish, or why there is none. Nothing stands so before the engine was told."""
        known = self._alerts.get(alert)
        if known is None:
            return NotAcknowledged.UNKNOWN
        if known.state == "resolved":
            return NotAcknowledged.RESOLVED
        if known.acknowledged_at:
            return NotAcknowledged.ALREADY
        return replace(known, acknowledged_at=at, acknowledged_by=by)

    def _forget(self) -> None:
        if len(self._alerts) <= self.kept:
            return
        resolved = [fact for fact in self._alerts.values() if fact.state == "resolved"]
        for fact in sorted(resolved, key=lambda fact: fact.raised_at)[: len(self._alerts) - self.kept]:
            del self._alerts[fact.alert]
