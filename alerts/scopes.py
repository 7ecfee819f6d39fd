"""Which scopes a threshold rule looks at, and what it reads of each. In: a rule, a View, its watches. Out: readings.

Of agents and contacts only those in breach or in progress are given: 5,000 fine ones cost one comparison each. May not
know: the state machine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.evaluate import Measured, Reading, State, Verdict, Watch
from alerts.measure import judge, together, too_few
from alerts.metric import SPARSE, Metric, RestsOn, ScopeKind, Trait
from alerts.metrics import METRICS
from alerts.metrics_people import quality_known
from alerts.rules import Condition, Mode, Selectors, ThresholdRule
from alerts.schedule import SuppressedReason
from alerts.view import UNKNOWN, Sample, View
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import AgentState

WIDE = frozenset({ScopeKind.SITE, ScopeKind.SYSTEM})
"""Scopes that there is one of: a condition on one joins any other."""
QUIET = Sample(None)
"""Known, and nothing to measure."""


def split(scope: str) -> tuple[str, str]:
    """(kind, name)"""
    kind, _, name = scope.partition(":")
    return kind, name


def scope_kind(rule: ThresholdRule) -> ScopeKind:
    """The narrowest of its conditions."""
    kinds = [METRICS[one.metric].scope for one in rule.conditions]
    narrow = [kind for kind in kinds if kind not in WIDE]
    return ScopeKind.TIER if ScopeKind.TIER in narrow else (narrow or kinds)[0]


@dataclass(frozen=True, slots=True)
class Part:
    """One condition with all its samples of this moment. `formula` and `about`: what is told of them."""

    condition: Condition
    metric: Metric
    samples: Mapping[str, Sample]
    formula: str
    about: str

    def of(self, scope: str, kind: ScopeKind, view: View, watch: Watch | None) -> tuple[Sample, str]:
        """The sample for a scope of the rule's kind, and why it is not known, if it is not."""
        if self.metric.scope in WIDE:
            name = view.moment.site if self.metric.scope is ScopeKind.SITE else self.metric.name
        elif kind is ScopeKind.TIER and self.metric.scope is ScopeKind.QUEUE:
            name = scope.rpartition("/")[0]
        else:
            name = scope
        found = self.samples.get(name)
        if found is not None:
            return found, "" if found.certain else SuppressedReason.SOURCE_LOST
        return _absent(self.metric, name, view, watch)

    def told(self, sample: Sample, scope: str) -> Measured:
        return Measured(
            metric=self.metric.name,
            unit=self.metric.unit,
            value=sample.value,
            threshold=self.condition.fire_of(scope),
            formula=self.formula,
            window_minutes=self.condition.asked.window_minutes,
            part=sample.part,
            whole=sample.whole,
            about=self.about,
        )


def _absent(metric: Metric, name: str, view: View, watch: Watch | None) -> tuple[Sample, str]:
    """Nothing to say, or nothing known?"""
    beside = metric.rests_on is not RestsOn.NUMBERS
    if beside and view.beside is None:
        return UNKNOWN, SuppressedReason.STALE if view.moment.site_moment else SuppressedReason.NOTHING_TOLD
    if metric.rests_on is RestsOn.QUALITY:
        return (QUIET, "") if quality_known(view) else (UNKNOWN, SuppressedReason.NOTHING_TOLD)
    if metric.scope is ScopeKind.TIER:
        queue = view.queues.get(QueueName(name.rpartition("/")[0]))
        return (QUIET, "") if queue is not None and queue.certain else (UNKNOWN, SuppressedReason.SOURCE_LOST)
    if metric.scope in SPARSE:
        who = name if metric.scope is ScopeKind.AGENT else watch.who if watch is not None else ""
        agent = view.agents.get(who)
        lost = agent is not None and agent.state == AgentState.UNKNOWN and not metric.has(Trait.EVENT)
        return (UNKNOWN, SuppressedReason.SOURCE_LOST) if lost else (QUIET, "")
    return UNKNOWN, SuppressedReason.NOTHING_TOLD


def readings(rule: ThresholdRule, view: View, known: Mapping[str, Watch]) -> Iterator[tuple[str, Reading]]:
    """(scope, reading) of all that is watched. `known`: the rule's watches by scope."""
    kind = scope_kind(rule)
    parts = tuple(_part(view, one) for one in rule.conditions)
    if kind in SPARSE:
        yield from _sparse(rule, kind, parts, view, known)
        return
    for name in _names(rule, kind, parts, view, known):
        scope = f"{kind}:{name}"
        yield scope, _reading(rule, parts, kind, name, view, known.get(scope))


def _part(view: View, condition: Condition) -> Part:
    metric, asked = METRICS[condition.metric], condition.asked
    return Part(
        condition=condition,
        metric=metric,
        samples=view.read(metric.name, asked, metric.read),
        formula=asked.formula or (metric.formula if metric.has(Trait.SHARE) else ""),
        about="/".join(part for part in (asked.state, asked.reason) if part),
    )


def _names(
    rule: ThresholdRule, kind: ScopeKind, parts: Sequence[Part], view: View, known: Mapping[str, Watch]
) -> Sequence[str]:
    if kind is ScopeKind.SITE:
        return [view.moment.site]
    if kind is ScopeKind.SYSTEM:
        return [parts[0].metric.name]
    named = rule.among.queues if kind is ScopeKind.QUEUE else rule.among.teams if kind is ScopeKind.TEAM else ()
    if named:
        return named
    own = [part for part in parts if part.metric.scope is kind]
    found = {name for part in (own if rule.mode is Mode.ANY else own[:1]) for name in part.samples}
    found |= {split(scope)[1] for scope in known}
    return sorted(name for name in found if wanted(rule.among, kind, name))


def wanted(among: Selectors, kind: ScopeKind, name: str) -> bool:
    """By its name alone; of an agent only whether it is named."""
    match kind:
        case ScopeKind.QUEUE:
            return not among.queues or name in among.queues
        case ScopeKind.TEAM:
            return not among.teams or name in among.teams
        case ScopeKind.TIER:
            queue, _, tier = name.rpartition("/")
            return (not among.queues or queue in among.queues) and (not among.tiers or tier in among.tiers)
        case ScopeKind.AGENT:
            return not among.agents or name in among.agents
        case _:
            return True


def _sparse(
    rule: ThresholdRule, kind: ScopeKind, parts: Sequence[Part], view: View, known: Mapping[str, Watch]
) -> Iterator[tuple[str, Reading]]:
    going = {split(scope)[1]: watch for scope, watch in known.items() if watch.resting is not State.INACTIVE}
    for name, watch in going.items():
        yield f"{kind}:{name}", _reading(rule, parts, kind, name, view, watch)
    room = max(0, rule.most_scopes - len(going))
    # of one plain condition every suspect is in breach: those there is no room for need no second look
    plain = len(parts) == 1 and not parts[0].metric.has(Trait.SAMPLED)
    suspects = _suspects(rule, kind, parts, view, known, going)
    left_out = suspects[room:] if plain else []
    for name in suspects[:room] if plain else suspects:
        scope = f"{kind}:{name}"
        reading = _reading(rule, parts, kind, name, view, known.get(scope))
        if reading.verdict is not Verdict.BREACH:
            continue
        if room:
            room -= 1
            yield scope, reading
        else:
            left_out.append(name)
    if left_out:
        yield f"{kind}:{left_out[0]}", Reading(verdict=Verdict.BREACH, left_out=len(left_out))


def _suspects(
    rule: ThresholdRule,
    kind: ScopeKind,
    parts: Sequence[Part],
    view: View,
    known: Mapping[str, Watch],
    going: Mapping[str, Watch],
) -> list[str]:
    """Names not in progress that are beyond a threshold, the worst first."""
    own = [part for part in parts if part.metric.scope is kind]
    found: dict[str, float] = {}
    for part in own if rule.mode is Mode.ANY else own[:1]:
        sign = 1.0 if part.metric.high_is_bad else -1.0
        once = part.metric.has(Trait.EVENT)
        for name, sample in part.samples.items():
            value = sample.value
            if value is None or sign * value < sign * part.condition.fire_of(name) or name in going:
                continue
            if once and _was_told(known.get(f"{kind}:{name}")):
                continue
            if _among(rule.among, name if kind is ScopeKind.AGENT else sample.who, view):
                found[name] = sign * value
    return sorted(found, key=lambda name: (-found[name], name))


def _was_told(watch: Watch | None) -> bool:
    """An event is told once, as long as it is remembered; one there was no room for was not."""
    return watch is not None and watch.raised_at > 0


def _among(among: Selectors, agent: str, view: View) -> bool:
    if among.agents and agent not in among.agents:
        return False
    if not among.teams and not among.queues:
        return True
    one = view.agents.get(agent)
    if one is None:
        return False
    return (not among.teams or one.team in among.teams) and (
        not among.queues or any(queue in among.queues for queue in one.queues)
    )


def _reading(
    rule: ThresholdRule, parts: Sequence[Part], kind: ScopeKind, name: str, view: View, watch: Watch | None
) -> Reading:
    few = _few(kind, name, view)
    # what a message would say is put together only where there may be one: a thousand queues are fine every second
    idle = watch is None or watch.resting is State.INACTIVE
    if len(parts) == 1:
        sample, why = parts[0].of(name, kind, view, watch)
        verdict = judge(parts[0].metric, parts[0].condition, sample, name, few=few)
        only = () if idle and verdict is not Verdict.BREACH else (parts[0].told(sample, name),)
        return _told(verdict, why, sample, sample, only, _rests_on(kind, name, sample, view) if only else ())
    found = [part.of(name, kind, view, watch) for part in parts]
    verdicts = [
        judge(part.metric, part.condition, sample, name, few=few)
        for part, (sample, _) in zip(parts, found, strict=True)
    ]
    verdict = together(rule.mode, verdicts)
    why = next((why for _, why in found if why), "")
    if idle and verdict is not Verdict.BREACH:
        return _told(verdict, why, found[0][0], found[0][0], ())
    first = verdicts.index(Verdict.BREACH) if rule.mode is Mode.ANY and verdict is Verdict.BREACH else 0
    order = [first, *(place for place in range(len(parts)) if place != first)]
    about = next((one for one, _ in found if one.who), found[first][0])
    measured = tuple(parts[at].told(found[at][0], name) for at in order)
    return _told(verdict, why, found[first][0], about, measured, _rests_on(kind, name, about, view))


def _rests_on(kind: ScopeKind, name: str, about: Sample, view: View) -> tuple[QueueName, ...]:
    """Queues of an agent, of a contact's agent, of a team: where all of them are unseen, that is said instead."""
    match kind:
        case ScopeKind.TEAM:
            return tuple(sorted({queue for one in view.agents.values() if one.team == name for queue in one.queues}))
        case ScopeKind.AGENT | ScopeKind.CONTACT:
            agent = view.agents.get(name if kind is ScopeKind.AGENT else about.who)
            return agent.queues if agent is not None else ()
        case _:
            return ()


def _told(
    verdict: Verdict,
    why: str,
    sample: Sample,
    about: Sample,
    measured: tuple[Measured, ...],
    queues: tuple[QueueName, ...] = (),
) -> Reading:
    if verdict is Verdict.UNCERTAIN:
        return Reading(verdict=verdict, why=why)
    return Reading(
        verdict=verdict,
        value=sample.value,
        part=sample.part,
        whole=sample.whole,
        threshold=measured[0].threshold if measured else None,
        queues=queues,
        measured=measured,
        who=about.who,
        label_zh=about.label_zh,
        label_en=about.label_en,
    )


def _few(kind: ScopeKind, name: str, view: View) -> Verdict:
    numbers = view.queues.get(QueueName(name)) if kind is ScopeKind.QUEUE else None
    return too_few(numbers) if numbers is not None else Verdict.QUIET
