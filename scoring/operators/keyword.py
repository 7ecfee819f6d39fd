"""Is it said? In: a scope, phrases. Out: an Answer.

`any`, `all` and `none` of one check must all hold. A hit on weakly heard words, or a miss where something was not
heard, is cannot_tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Params, Reason
from scoring.operators.answer import Answer, doubtful, sure, weigh
from scoring.operators.spec import Field, FieldKind, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


def judge(scope: Scope, asked: Keyword) -> Answer:
    params: Params = {"where": scope.where, "role": scope.role.value, "utterances": len(scope.utterances)}
    if banned := scope.hits(asked.none):
        return weigh(tuple(banned), scope.least_confidence, hit=Outcome.MISS)
    wanted = [(phrase,) for phrase in asked.all] + ([asked.any] if asked.any else [])
    each = [scope.hits(alternatives) for alternatives in wanted]
    evidence = tuple(sorted((one for group in each for one in group), key=lambda one: one.start_ms))
    unsure = scope.absence()
    if not wanted or not all(each):
        leaning = Outcome.MISS if wanted else Outcome.HIT
        if unsure is not None:
            return doubtful(leaning, unsure[0], unsure[1])
        return sure(leaning, Reason("looked" if wanted else "none_said", params))
    if asked.none and unsure is not None:
        return doubtful(Outcome.HIT, unsure[0], (*evidence, *unsure[1]))
    return weigh(evidence, scope.least_confidence)


def _faults(asked: Keyword) -> Iterable[tuple[str, str, str]]:
    if not (asked.any or asked.all or asked.none):
        yield "", "a keyword condition without phrases", 'give any = ["…"], all or none'


SPEC = Spec(
    name="keyword",
    asked=Keyword,
    fields=(
        Field(key="any", kind=FieldKind.PHRASES, default=(), zh="说到其中任意一个", en="one of these is said"),
        Field(key="all", kind=FieldKind.PHRASES, default=(), zh="每一个都说到", en="each of these is said"),
        Field(key="none", kind=FieldKind.PHRASES, default=(), zh="一个都不说", en="none of these is said"),
    ),
    judge=judge,
    zh="范围内说到（或没有说到）这些词句",
    en="these phrases are said (or not said) in the range",
    phrases=lambda asked: (*asked.any, *asked.all, *asked.none),
    faults=_faults,
)
