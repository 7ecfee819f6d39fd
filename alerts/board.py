"""One moment of a whole site: every rule on every scope it watches. In: rules, numbers, watches, now. Out: changes.

Pure, so that a back-test is the same fold over stored numbers. May not know: clock, store, senders.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from alerts.evaluate import Notice, Reading, State, Verdict, Watch, measure, measure_silence, step
from alerts.moment import Moment
from alerts.notification import Change
from alerts.rules import Rule, ServiceLevelRule, SourceSilentRule
from streams.floor.numbers import QueueNumbers
from streams.vocabulary.ids import Millis, QueueName, SiteId

WatchKey = tuple[str, str]
"""(rule, scope)"""

_QUEUE = "queue:"


def queue_scope(queue: QueueName) -> str:
    return _QUEUE + queue


def site_scope(site: SiteId) -> str:
    return f"site:{site}"


def consider(rules: Iterable[Rule], moment: Moment, watches: Mapping[WatchKey, Watch], *, now: Millis) -> list[Change]:
    """Every rule once on every scope."""
    by_queue = {numbers.queue: numbers for numbers in moment.batch or ()}
    changes = []
    for rule in rules:
        for scope, reading in _readings(rule, moment.batch, by_queue, watches, moment.site):
            before = watches.get((rule.name, scope), Watch(rule=rule.name, scope=scope))
            watch, notice = step(rule.timing, reading, before, now=now)
            told = tuple(sorted(rule.channels)) if notice is Notice.FIRED else watch.told
            after = replace(watch, told=told)
            changes.append(Change(before=before, watch=after, notice=notice, reading=reading, rule=rule))
    return changes


def retire(rules: Iterable[Rule], watches: Mapping[WatchKey, Watch], *, site: SiteId, now: Millis) -> list[Change]:
    """The last word about watches no rule asks for any more; their alerts in progress resolve, and say why."""
    wanted = {rule.name: rule for rule in rules}
    return [_retired(watch, now) for watch in watches.values() if not _asked_for(wanted.get(watch.rule), watch, site)]


def _readings(
    rule: Rule,
    batch: Sequence[QueueNumbers] | None,
    by_queue: Mapping[QueueName, QueueNumbers],
    watches: Mapping[WatchKey, Watch],
    site: SiteId,
) -> list[tuple[str, Reading]]:
    match rule:
        case ServiceLevelRule():
            known = {QueueName(scope.removeprefix(_QUEUE)) for name, scope in watches if name == rule.name}
            queues = rule.queues or sorted(by_queue.keys() | known)
            return [(queue_scope(queue), measure(rule, by_queue.get(queue))) for queue in queues]
        case SourceSilentRule():
            return [(site_scope(site), measure_silence(batch))]


def _asked_for(rule: Rule | None, watch: Watch, site: SiteId) -> bool:
    match rule:
        case ServiceLevelRule():
            queue = QueueName(watch.scope.removeprefix(_QUEUE))
            return watch.scope.startswith(_QUEUE) and (not rule.queues or queue in rule.queues)
        case SourceSilentRule():
            return watch.scope == site_scope(site)
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
        version=watch.version + (1 if in_progress else 0),
    )
    reading = Reading(verdict=Verdict.UNCERTAIN)
    return Change(before=watch, watch=after, notice=Notice.RULE_REMOVED, reading=reading, rule=None)
