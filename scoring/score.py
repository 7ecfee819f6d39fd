"""A contact under a scheme. In: Case, Scheme, the moment. Out: ScoreResult: points as an interval, evidence.

Pure: the same contact and scheme give the same score. A doubt widens the interval instead of guessing; only items that
could change the outcome are for a person. May not know: TOML, stores, screens.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

from scoring.case import Case
from scoring.formula import Outcome
from scoring.hearing import Hearing
from scoring.index import Compiled, compile_scheme, hear, verdicts
from scoring.judge import Verdict
from scoring.listen import Listen, listen
from scoring.rules import Item, ItemKind, Per, Scheme
from scoring.settle import Limit, Sum, Sums, Way, matter, passes, reach, total_of
from streams.vocabulary.ids import Millis

_WHOLE = 1_000
"""Points are added up in thousandths: 0.1 and 0.2 are 0.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    low: float
    best: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    item: Item
    verdict: Verdict
    points: Points
    """What the item gives; negative where it takes. A dimension's limits are not in it."""
    points_max: float
    """What it could give here: 0 for what only takes, and where it does not apply."""
    matters: bool = False
    """In doubt, and settling it could change the points, what can be earned, or a fatal fault."""
    listen: tuple[Listen, ...] = ()
    """What to hear to settle it; empty where it does not matter, or where no recording tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    scheme: Scheme
    items: tuple[ItemResult, ...]
    points: Points
    points_max: float
    passed: bool
    """By the best value; `doubt_decides` says whether doubt could turn it."""
    doubt_decides: bool
    fatal: bool
    """A fatal item surely hit. A doubtful one only lowers `points.low`."""
    scored_at: Millis


def score(case: Case, scheme: Scheme, *, scored_at: Millis, compiled: Compiled | None = None) -> ScoreResult:
    """`compiled`: of this scheme, where somebody looks on while its rules are asked."""
    compiled = compiled or compile_scheme(scheme)
    hearing = hear(case, compiled)
    each = verdicts(hearing, compiled)
    by_rule = {item.rule.id: verdict for item, verdict in zip(scheme.items, each, strict=True)}
    return scored(hearing, scheme, by_rule, scored_at=scored_at)


def scored(hearing: Hearing, scheme: Scheme, by_rule: Mapping[str, Verdict], *, scored_at: Millis) -> ScoreResult:
    """`by_rule`: of every rule of the scheme, by its id."""
    places = {"": 0} | {one.id: at for at, one in enumerate(scheme.dimensions, start=1)}
    limits = [Limit(), *(Limit(floor=_whole(one.floor), ceiling=_whole(one.ceiling)) for one in scheme.dimensions)]
    certain: list[Item] = []
    open_items: dict[str, list[Item]] = {}
    for item in scheme.items:
        if _is_open(by_rule[item.rule.id]):
            open_items.setdefault(item.rule.id, []).append(item)
        else:
            certain.append(item)
    known = _known(certain, by_rule, places)
    rules = [(known,), *(_ways(items, by_rule[name], places) for name, items in open_items.items())]
    ends = reach(rules, limits, scheme.pass_percent)
    guesses = [_sums(items, _leaning(by_rule[name]), places) for name, items in open_items.items()]
    guess = total_of([known.sums, *guesses], limits)
    best = min(max(guess.gain, ends.low), ends.high)
    fatal = any(all(way.fatal for way in ways) for ways in rules)
    names = ["", *open_items]
    for_person = {names[at] for at in matter(rules, limits)}
    return ScoreResult(
        scheme=scheme,
        items=tuple([_item(hearing, item, by_rule[item.rule.id], for_person) for item in scheme.items]),
        points=Points(low=ends.low / _WHOLE, best=best / _WHOLE, high=ends.high / _WHOLE),
        points_max=guess.most / _WHOLE,
        passed=not fatal and passes(Sum(best, guess.most), scheme.pass_percent),
        doubt_decides=ends.could_pass and ends.could_fail,
        fatal=fatal,
        scored_at=scored_at,
    )


def _is_open(verdict: Verdict) -> bool:
    """Whether it may turn out in more than one way."""
    return verdict.outcome is Outcome.CANNOT_TELL or verdict.hits_sure < verdict.hits


def _known(items: Sequence[Item], verdicts: Mapping[str, Verdict], places: Mapping[str, int]) -> Way:
    """Of all rules that nothing is in doubt of, together: most rules of most contacts, so it is added up at once."""
    gains, mosts = [0] * len(places), [0] * len(places)
    fatal = False
    for item in items:
        turn = _leaning(verdicts[item.rule.id])
        at = places[item.dimension]
        mosts[at] += _most(item, turn[0])
        if turn[0] is Outcome.HIT:
            gains[at] += _gain(item, turn)
            fatal = fatal or item.kind is ItemKind.FATAL
    return Way(tuple(map(Sum, gains, mosts)), fatal)


def _whole(points: float | None) -> int | None:
    return None if points is None else round(points * _WHOLE)


Turn = tuple[Outcome, int]
"""How a rule turns out, and how many hits count."""


def _turns(verdict: Verdict) -> tuple[Turn, ...]:
    """What the truth may be: of a hit, also how often; of a doubt, each outcome that its guess does not rule out."""
    if verdict.outcome is Outcome.HIT:
        return tuple((Outcome.HIT, count) for count in range(verdict.hits_sure, verdict.hits + 1))
    if verdict.outcome is not Outcome.CANNOT_TELL:
        return ((verdict.outcome, 0),)
    hit = tuple((Outcome.HIT, count) for count in range(1, max(1, verdict.hits) + 1))
    if verdict.leaning is Outcome.NOT_APPLICABLE:
        return ((Outcome.NOT_APPLICABLE, 0), (Outcome.MISS, 0), *hit)
    return ((Outcome.MISS, 0), *hit)


def _leaning(verdict: Verdict) -> Turn:
    return verdict.leaning, verdict.hits


def _ways(items: Sequence[Item], verdict: Verdict, places: Mapping[str, int]) -> tuple[Way, ...]:
    each = (
        Way(_sums(items, turn, places), any(item.kind is ItemKind.FATAL for item in items) and turn[0] is Outcome.HIT)
        for turn in _turns(verdict)
    )
    return tuple(dict.fromkeys(each))


def _sums(items: Sequence[Item], turn: Turn, places: Mapping[str, int]) -> Sums:
    sums = [Sum()] * len(places)
    for item in items:
        at = places[item.dimension]
        sums[at] = Sum(sums[at].gain + _gain(item, turn), sums[at].most + _most(item, turn[0]))
    return tuple(sums)


def _most(item: Item, outcome: Outcome) -> int:
    """What it could earn."""
    if item.kind is not ItemKind.EARN or outcome is Outcome.NOT_APPLICABLE:
        return 0
    return round((item.points if item.per is Per.CONTACT or item.most is None else item.most) * _WHOLE)


def _gain(item: Item, turn: Turn) -> int:
    outcome, hits = turn
    if outcome is not Outcome.HIT:
        return 0
    points = item.points if item.per is Per.CONTACT else item.points * max(1, hits)
    if item.most is not None:
        points = min(points, item.most)
    match item.kind:
        case ItemKind.EARN | ItemKind.ADD:
            return round(points * _WHOLE)
        case ItemKind.DEDUCT:
            return -round(points * _WHOLE)
        case ItemKind.FATAL | ItemKind.TAG:
            return 0
    assert_never(item.kind)


def _item(hearing: Hearing, item: Item, verdict: Verdict, for_person: Container[str]) -> ItemResult:
    best, most = _gain(item, _leaning(verdict)), _most(item, verdict.leaning)
    if not _is_open(verdict):
        return ItemResult(item=item, verdict=verdict, points=_sure(best), points_max=most / _WHOLE)
    gains = [_gain(item, turn) for turn in _turns(verdict)]
    asked = item.rule.id in for_person and item.kind is not ItemKind.TAG
    return ItemResult(
        item=item,
        verdict=verdict,
        points=Points(low=min(gains) / _WHOLE, best=best / _WHOLE, high=max(gains) / _WHOLE),
        points_max=most / _WHOLE,
        matters=asked,
        listen=listen(hearing, verdict) if asked else (),
    )


@lru_cache(maxsize=4_096)
def _sure(points: int) -> Points:
    return Points(low=points / _WHOLE, best=points / _WHOLE, high=points / _WHOLE)
