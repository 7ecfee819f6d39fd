"""One moment of a whole site: every rule on every scope it watches. In: rules, a Moment, watches, now. Out: changes.

Pure, so that a back-test is the same fold over stored numbers. May not know: clock, store, senders.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from alerts.evaluate import Notice, Reading, State, Verdict, Watch, step
from alerts.measure import measure, measure_burn, measure_silence
from alerts.metric import SPARSE, ScopeKind
from alerts.moment import Moment
from alerts.notification import Change
from alerts.rules import BurnRule, Rule, ServiceLevelRule, SourceSilentRule, ThresholdRule, Traffic
from alerts.schedule import SuppressedReason
from alerts.scopes import readings, scope_kind, split, wanted
from alerts.view import View
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.ids import Millis, QueueName, SiteId

WatchKey = tuple[str, str]
"""(rule, scope)"""

FORGET_AFTER_MS: Final[Mapping[str, int]] = {ScopeKind.AGENT: 600_000, ScopeKind.CONTACT: 4 * 3_600_000}
"""How long an ended watch of a scope that comes and goes is kept; a contact's, so that its event is told once."""
_HOUR = 60
_NONE: Final[Mapping[str, Watch]] = {}


def queue_scope(queue: QueueName) -> str:
    return f"{ScopeKind.QUEUE}:{queue}"


def site_scope(site: SiteId) -> str:
    return f"{ScopeKind.SITE}:{site}"


def consider(rules: Iterable[Rule], moment: Moment, watches: Mapping[WatchKey, Watch], *, now: Millis) -> list[Change]:
    """Every rule once on every scope; of agents and contacts only those in breach or in progress."""
    view = View(moment, now)
    known: dict[str, dict[str, Watch]] = {}
    for (name, scope), watch in watches.items():
        known.setdefault(name, {})[scope] = watch
    changes = []
    for rule in rules:
        of_rule = known.get(rule.name, _NONE)
        for scope, reading in _watched(rule, view, of_rule):
            before = of_rule.get(scope) or Watch(rule=rule.name, scope=scope)
            if reading.left_out:
                changes.append(Change(before=before, watch=before, notice=Notice.TOO_MANY, reading=reading, rule=rule))
                continue
            watch, notice = step(rule.timing, reading, before, now=now)
            if notice is Notice.FIRED:
                watch = replace(watch, told=tuple(sorted(rule.channels)))
            changes.append(Change(before=before, watch=watch, notice=notice, reading=reading, rule=rule))
    return changes


def retire(rules: Iterable[Rule], watches: Mapping[WatchKey, Watch], *, site: SiteId, now: Millis) -> list[Change]:
    """The last word about watches no rule asks for any more; their alerts in progress resolve, and say why."""
    asked = {rule.name: rule for rule in rules}
    return [_retired(watch, now) for watch in watches.values() if not _asked_for(asked.get(watch.rule), watch, site)]


def spent(watches: Mapping[WatchKey, Watch], *, now: Millis) -> list[WatchKey]:
    """Ended watches of agents and contacts that nothing is to be remembered of any more."""
    return [
        key
        for key, watch in watches.items()
        if watch.state is State.INACTIVE
        and (kept_ms := FORGET_AFTER_MS.get(split(watch.scope)[0])) is not None
        and now - watch.since >= kept_ms
    ]


def _watched(rule: Rule, view: View, known: Mapping[str, Watch]) -> Iterator[tuple[str, Reading]]:
    """A rule that does not watch now says so of each scope it would, but begins no agent's or contact's alert."""
    found = _read(rule, view, known)
    hush = rule.schedule.watching(view.now, view.moment.zone) if rule.schedule is not None else None
    if hush is None:
        return found
    suppressed = Reading(verdict=Verdict.SUPPRESSED, why=hush)
    if isinstance(rule, ThresholdRule) and scope_kind(rule) in SPARSE:
        return ((scope, suppressed) for scope, watch in known.items() if watch.resting is not State.INACTIVE)
    return ((scope, suppressed) for scope, _ in found)


def _read(rule: Rule, view: View, known: Mapping[str, Watch]) -> Iterator[tuple[str, Reading]]:
    match rule:
        case ServiceLevelRule():
            for queue in _queues(rule, view, known):
                numbers = view.queues.get(queue)
                scope = queue_scope(queue)
                yield scope, _out_of_traffic(rule.traffic, numbers, known.get(scope)) or measure(rule, numbers)
        case BurnRule():
            for queue in _queues(rule, view, known):
                numbers = view.queues.get(queue)
                scope = queue_scope(queue)
                yield scope, _out_of_traffic(rule.traffic, numbers, known.get(scope)) or measure_burn(rule, numbers)
        case ThresholdRule():
            if rule.traffic is None:
                yield from readings(rule, view, known)
                return
            for scope, reading in readings(rule, view, known):
                yield scope, _out_of_traffic(rule.traffic, _queue_of(scope, view), known.get(scope)) or reading
        case SourceSilentRule():
            yield site_scope(view.moment.site), measure_silence(view.moment.batch)


def _queues(rule: ServiceLevelRule | BurnRule, view: View, known: Mapping[str, Watch]) -> Iterable[QueueName]:
    return rule.queues or sorted(view.queues.keys() | {QueueName(split(scope)[1]) for scope in known})


def _queue_of(scope: str, view: View) -> QueueNumbers | None:
    kind, name = split(scope)
    return view.queues.get(QueueName(name.rpartition("/")[0] if kind == ScopeKind.TIER else name))


def _out_of_traffic(traffic: Traffic | None, numbers: QueueNumbers | None, watch: Watch | None) -> Reading | None:
    """None: as much traffic as the rule is made for, or not known how much. What fires already is watched to its end:
    at closing time traffic goes for good, and an alert must not wait for it until the morning."""
    if traffic is None or numbers is None or not numbers.certain or _HOUR not in numbers.windows:
        return None
    if watch is not None and watch.resting in (State.FIRING, State.RECOVERING):
        return None
    offered = numbers.windows[_HOUR].offered
    if offered < traffic.least:
        return Reading(verdict=Verdict.SUPPRESSED, why=SuppressedReason.LITTLE_TRAFFIC)
    if traffic.below is not None and offered >= traffic.below:
        return Reading(verdict=Verdict.SUPPRESSED, why=SuppressedReason.ENOUGH_TRAFFIC)
    return None


def _asked_for(rule: Rule | None, watch: Watch, site: SiteId) -> bool:
    kind, name = split(watch.scope)
    match rule:
        case ServiceLevelRule() | BurnRule():
            return kind == ScopeKind.QUEUE and (not rule.queues or QueueName(name) in rule.queues)
        case SourceSilentRule():
            return watch.scope == site_scope(site)
        case ThresholdRule():
            asked = scope_kind(rule)
            return kind == asked and wanted(rule.among, asked, name)
        case None:
            return False


def _retired(watch: Watch, now: Millis) -> Change:
    at = Millis(max(now, watch.seen_at))
    in_progress = watch.resting is not State.INACTIVE
    after = replace(
        watch,
        state=State.INACTIVE,
        before=State.INACTIVE,
        since=at,
        seen_at=at,
        value=None,
        why="",
        version=watch.version + (1 if in_progress else 0),
    )
    reading = Reading(verdict=Verdict.UNCERTAIN)
    return Change(before=watch, watch=after, notice=Notice.RULE_REMOVED, reading=reading, rule=None)
