"""Is it said? In: a scope, phrases. Out: an Answer.

`any`, `all` and `none` of one check must all hold. A hit on weakly heard words, or a miss where something was not
heard, is cannot_tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.lexical import folded, named
from scoring.match import Evidence, places
from scoring.messages import Reason
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import (
    count_final,
    distinct,
    found_times,
    looked,
    most_sure,
    not_said,
    otherwise,
    sure_ones,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    at_least: int = 1
    """Different phrases of `any`."""
    times: int = 1
    """Occurrences of `any` and `all` together."""


Found = Mapping[tuple[str, ...], list[Evidence]]
"""By phrases of which one is enough."""
_NOTHING: Final[Found] = {}


def judge(scope: Scope, asked: Keyword) -> Answer:
    if asked.any and not (asked.all or asked.none) and asked.at_least == 1 and asked.times == 1:
        return _any(scope, asked)
    wanted = {group: scope.hits(group) for group in (*_singles(asked.all), *_alternatives(asked))}
    return _decide(scope, asked, wanted, scope.hits(asked.none) if asked.none else [])


def _any(scope: Scope, asked: Keyword) -> Answer:
    """The common question, answered as `_decide` would."""
    said = scope.hits(asked.any)
    if not said:
        return _absent(scope, asked, None, ())
    evidence = tuple(said) if len(said) == 1 else tuple(sorted(said, key=lambda one: (one.start_ms, one.end_ms)))
    best = most_sure(said)
    if best.confidence < scope.least_confidence:
        return doubtful(Outcome.HIT, found(most_sure(evidence), in_doubt=True), evidence)
    return sure(Outcome.HIT, found(best), evidence)


def _alternatives(asked: Keyword) -> tuple[tuple[str, ...], ...]:
    """Told apart only where it matters which of them was said."""
    if asked.at_least > 1:
        return _singles(asked.any)
    return (asked.any,) if asked.any else ()


def _singles(phrases: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((phrase,) for phrase in dict.fromkeys(phrases))


def _quiet(scope: Scope, asked: Keyword) -> Answer:
    return _decide(scope, asked, _NOTHING, [])


def _decide(scope: Scope, asked: Keyword, wanted: Found, banned: list[Evidence]) -> Answer:
    if surely_banned := sure_ones(scope, banned):
        return sure(Outcome.MISS, found(most_sure(surely_banned)), tuple(banned))
    evidence = tuple(
        sorted((one for each in wanted.values() for one in each), key=lambda one: (one.start_ms, one.end_ms))
    )
    if not evidence and (asked.any or asked.all):
        return _absent(scope, asked, None, ())
    lacking = _lacking(scope, asked, wanted)
    if lacking is not None:
        return _absent(scope, asked, lacking, evidence)
    if banned:
        return doubtful(Outcome.MISS, found(most_sure(banned), in_doubt=True), (*evidence, *banned))
    if asked.none and (unsure := scope.absence()) is not None:
        return doubtful(Outcome.HIT, unsure[0], (*evidence, *unsure[1]))
    surely = {group: sure_ones(scope, each) for group, each in wanted.items()}
    heard = [one for each in surely.values() for one in each]
    if _lacking(scope, asked, surely) is not None:
        weak = [one for one in evidence if one.confidence < scope.least_confidence]
        return doubtful(Outcome.HIT, found(most_sure(weak), in_doubt=True), evidence)
    if asked.times > 1 and count_final(scope, distinct(heard)) < asked.times:
        return doubtful(Outcome.HIT, Reason("not_over"), evidence)
    if not heard:
        return sure(Outcome.HIT, Reason("none_said", looked(scope)))
    return sure(Outcome.HIT, found_times(most_sure(heard), len(distinct(evidence)), asked.times), evidence)


def _lacking(scope: Scope, asked: Keyword, said: Found) -> Reason | None:
    """What is missing from what was said; None: nothing is."""
    if not (asked.any or asked.all):
        return None
    unsaid = next((group for group in _singles(asked.all) if not said[group]), None)
    if unsaid is not None:
        return Reason("part_said", {**looked(scope), "text": named(unsaid[0])})
    different = sum(1 for group in _alternatives(asked) if said[group])
    if asked.any and not different:
        return Reason("part_said", {**looked(scope), "text": named(asked.any[0])})
    if different < asked.at_least and asked.any:
        return Reason("too_few_phrases", {**looked(scope), "count": different, "wanted": asked.at_least})
    if asked.times > 1:
        count = len(distinct(one for each in said.values() for one in each))
        if count < asked.times:
            return Reason("too_few_times", {**looked(scope), "count": count, "wanted": asked.times})
    return None


def _absent(scope: Scope, asked: Keyword, lacking: Reason | None, evidence: tuple[Evidence, ...]) -> Answer:
    perhaps = otherwise(scope, lambda text: any(places(folded(text), phrase) for phrase in (*asked.all, *asked.any)))
    if perhaps is not None:
        return doubtful(Outcome.HIT, perhaps.reason, (*evidence, *perhaps.evidence))
    if lacking is None:
        return not_said(scope)
    if (unsure := scope.absence()) is not None:
        return doubtful(Outcome.MISS, unsure[0], (*evidence, *unsure[1]))
    return sure(Outcome.MISS, lacking, evidence)


def _faults(asked: Keyword) -> Iterable[tuple[str, str, str]]:
    if not (asked.any or asked.all or asked.none):
        yield "", "a keyword condition without phrases", 'give any = ["…"], all or none'
    if asked.at_least > max(1, len(set(asked.any))):
        yield (
            "at_least",
            f"asks for {asked.at_least} of {len(set(asked.any))} phrases",
            "list more in any, or ask for fewer",
        )
    if asked.times > 1 and not (asked.any or asked.all):
        yield "times", "counts phrases of any and all, and there are none", 'give any = ["…"]'


SPEC = Spec(
    name="keyword",
    asked=Keyword,
    fields=(
        Field(key="any", kind=FieldKind.PHRASES, default=(), zh="说到其中任意一个", en="one of these is said"),
        Field(key="all", kind=FieldKind.PHRASES, default=(), zh="每一个都说到", en="each of these is said"),
        Field(key="none", kind=FieldKind.PHRASES, default=(), zh="一个都不说", en="none of these is said"),
        Field(
            key="at_least",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=500,
            zh="any 里至少说到几种",
            en="so many different phrases of any are said",
        ),
        Field(
            key="times",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=1_000,
            zh="any 和 all 一共至少说到几次",
            en="phrases of any and all are said so many times in all",
        ),
    ),
    judge=judge,
    zh="范围内说到（或没有说到）这些词句",
    en="these phrases are said (or not said) in the range",
    phrases=lambda asked: (*asked.any, *asked.all, *asked.none),
    faults=_faults,
    quiet=_quiet,
    alike=lambda asked: bool(asked.any or asked.all),
)
