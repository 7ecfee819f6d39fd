"""Which alerts keep quiet because another one says it better. In: firing alerts, inhibitions. Out: who is inhibited by
whom.

Two are built in: a silent source inhibits all that rests on its queues, a critical alert the warnings of its own scope.
May not know: time, channels.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.labels import Labels, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While an alert of `source` fires, those of `target` with the same words under `equal` are not told."""

    source: Match
    target: Match
    equal: tuple[str, ...] = ("scope",)


TWIN = Inhibition(source=Match(severity=("critical",)), target=Match(severity=("warning",)), equal=("scope",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One Inhibition and the alerts that are its source now, by their words under `equal`."""

    inhibition: Inhibition
    sources: Mapping[tuple[str, ...], Sequence[str]] = field(default_factory=dict)

    def by(self, labels: Labels) -> str:
        """The alert that inhibits; an alert never inhibits itself, nor one that is a source as well."""
        if not self.inhibition.target.fits(labels) or self.inhibition.source.fits(labels):
            return ""
        found = self.sources.get(_words(labels, self.inhibition.equal), ())
        return next((alert for alert in found if alert != labels.alert), "")


def inhibited(firing: Sequence[Labels], inhibitions: Iterable[Inhibition]) -> Mapping[str, str]:
    """alert -> the alert that inhibits it."""
    rules = [_gathered(one, firing) for one in (*inhibitions, TWIN)]
    blind = [labels for labels in firing if labels.blind is not None]
    found = {}
    for labels in firing:
        by = _blinded(labels, blind) or next((by for rule in rules if (by := rule.by(labels))), "")
        if by:
            found[labels.alert] = by
    return found


def _gathered(inhibition: Inhibition, firing: Sequence[Labels]) -> Rule:
    sources: dict[tuple[str, ...], list[str]] = {}
    for labels in firing:
        if inhibition.source.fits(labels):
            sources.setdefault(_words(labels, inhibition.equal), []).append(labels.alert)
    return Rule(inhibition=inhibition, sources=sources)


def _blinded(labels: Labels, blind: Sequence[Labels]) -> str:
    """A site whose every queue is unknown blinds all but the system's own alerts; else queues blind what rests on them.

    What rests on several queues is blind when all of them are: one seen queue may still prove it.
    """
    if labels.blind is not None or labels.kind == "system":
        return ""
    for source in blind:
        if source.site != labels.site or source.blind is None:
            continue
        if source.all_blind or (labels.rests_on and labels.rests_on <= source.blind):
            return source.alert
    return ""


def _words(labels: Labels, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(labels.word(name) for name in names)
