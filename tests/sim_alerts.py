"""Simulated days under alert rules, through the product's own evaluation. In: rules, days. Out: what fired, and when.

Each look is what an engine's look is: one Moment to `alerts.board.consider`, whose watches the next look gets back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from zoneinfo import ZoneInfo

from msgspec import structs

from alerts.board import WatchKey, consider
from alerts.evaluate import Notice, State, Watch
from alerts.moment import Moment, SiteMoment
from alerts.notification import Change
from alerts.replay import Replay
from alerts.rules import Rule, Severity
from streams.floor.fold import Floor
from streams.vocabulary.ids import Millis
from tests.sim_centre import HALF_HOUR_MS, Day
from tests.sim_numbers import OPENS, QUEUE, SHORT_ABANDON_MS, SITE, events, looks, table

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """[since, until) of a day, ms."""

    since: int
    until: int

    def __contains__(self, at: int) -> bool:
        return self.since <= at < self.until


NEVER = Stretch(0, 0)


def changes(
    day: Day, rules: Sequence[Rule], *, planned: bool = False, dark: Stretch = NEVER, within: Stretch | None = None
) -> Iterator[tuple[int, Change]]:
    """(ms of the day, change) of every rule at every look. `planned`: the roster is told as the queue's plan.

    `dark`: the switch is lost; what happens then is told by nobody, and the numbers stand still, uncertain.
    """
    watches: dict[WatchKey, Watch] = {}
    last = None
    for numbers in looks(day, table(day, unseen=(dark.since, dark.until))):
        at = numbers.at - OPENS
        if within is not None and at not in within:
            continue
        told = numbers
        if at in dark:
            told = structs.replace(last or numbers, at=numbers.at, certain=False)
        else:
            last = numbers
        beside = _plan(day, at) if planned else None
        moment = Moment(at=told.at, site=SITE, zone=ZONE, batch=[told], site_moment=beside)
        for change in consider(rules, moment, watches, now=told.at):
            watches[change.watch.rule, change.watch.scope] = change.watch
            yield at, change


def _plan(day: Day, at: int) -> SiteMoment:
    plan = {QUEUE: day.roster[at // HALF_HOUR_MS]}
    return SiteMoment(at=Millis(OPENS + at), site=SITE, agents=[], gauges={}, hits=[], quality=[], planned=plan)


@dataclass(frozen=True, slots=True)
class Alert:
    """[at, until) from firing to its resolving, ms of the day; `until` is the day's end where it does not resolve."""

    at: int
    until: int
    rule: str
    severity: Severity
    scope: str

    @property
    def of_queue(self) -> bool:
        return self.scope == f"queue:{QUEUE}"


def alerts(day: Day, rules: Sequence[Rule], *, planned: bool = False) -> list[Alert]:
    began: dict[WatchKey, Alert] = {}
    ended: list[Alert] = []
    for at, change in changes(day, rules, planned=planned):
        if change.rule is None:
            continue
        key = (change.rule.name, change.watch.scope)
        if change.notice is Notice.FIRED:
            began[key] = Alert(at, day.lasts_ms, key[0], change.rule.severity, key[1])
        elif change.notice is Notice.RESOLVED and key in began:
            ended.append(replace(began.pop(key), until=at))
    return sorted([*ended, *began.values()], key=lambda one: one.at)


def pages_live(day: Day, rules: Sequence[Rule]) -> int:
    """As alerts live are asked: its events through the product's floor, every second at which anything can change."""
    told: list[Change] = []
    floor = Floor(SITE, short_abandon_ms=SHORT_ABANDON_MS)
    replay = Replay(floor, rules, zone=ZONE, since=OPENS, people=_nobody_told, heard=told.append)
    for event in takewhile(lambda one: one.at < OPENS + day.lasts_ms, events(day)):
        replay.tell(event)
    replay.until(Millis(OPENS + day.lasts_ms))
    fired = [one.rule for one in told if one.notice is Notice.FIRED]
    return sum(rule is not None and rule.severity is Severity.CRITICAL for rule in fired)


def _nobody_told(floor: Floor, at: Millis) -> SiteMoment:
    return SiteMoment(at=at, site=SITE, agents=[], gauges={}, hits=[], quality=[])


def detection_minutes(day: Day, told: Sequence[Alert]) -> float | None:
    """From the incident's beginning to the queue's first page within it; None: none came, or it had come before."""
    if day.incident is None:
        raise ValueError("a day without an incident has nothing to detect")
    lasts = Stretch(day.incident.at, day.incident.at + day.incident.lasts_ms)
    pages = [one.at for one in told if one.severity is Severity.CRITICAL and one.of_queue]
    return min(((at - lasts.since) / MINUTE_MS for at in pages if at in lasts), default=None)


def too_long(day: Day, limit_ms: int) -> list[Stretch]:
    """When somebody had waited for the limit or longer, from the contacts themselves."""
    found: list[Stretch] = []
    for call in day.calls:
        since, until = call.came + limit_ms, min(call.left, day.lasts_ms)
        if since >= until:
            continue
        if found and since <= found[-1].until:
            found[-1] = Stretch(found[-1].since, max(found[-1].until, until))
        else:
            found.append(Stretch(since, until))
    return found


def told_after_s(passed: Stretch, told: Sequence[Alert]) -> float | None:
    """How long nobody was told; 0: the alert was still firing from before. None: never during it."""
    return min(
        (max(0, one.at - passed.since) / 1000 for one in told if one.at < passed.until and one.until > passed.since),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class Darkness:
    """What became of the alerts in progress when the switch went dark."""

    in_progress: int
    resolved: int
    """while it was dark"""
    silence_told_s: float | None
    """after how long the lost source was told of"""


def darkness(day: Day, rules: Sequence[Rule], dark: Stretch) -> Darkness:
    """The hour before the dark gives alerts time to fire."""
    seen = Stretch(max(0, dark.since - 3_600_000), dark.until)
    firing: set[WatchKey] = set()
    resolved, silence = 0, None
    for at, change in changes(day, rules, dark=dark, within=seen):
        key = (change.watch.rule, change.watch.scope)
        if at in dark:
            resolved += change.notice is Notice.RESOLVED
            if change.notice is Notice.FIRED and change.watch.scope == f"site:{SITE}" and silence is None:
                silence = (at - dark.since) / 1000
        elif change.watch.resting in (State.FIRING, State.RECOVERING):
            firing.add(key)
        else:
            firing.discard(key)
    return Darkness(len(firing), resolved, silence)
