"""Does a regular expression match? In: a scope, a pattern. Out: an Answer.

Readings hold folded text: lower case, half width, no punctuation unless it was typed. An exception counts where it
touches the same utterance. May not know: RE2, which scoring/patterns.py alone imports.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.lexical import folded
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import enough, otherwise, too_few
from scoring.patterns import compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    pattern: str
    excepted: str = ""
    times: int = 1


def judge(scope: Scope, asked: Pattern) -> Answer:
    matches = scope.matches(asked.pattern)
    if not matches:
        return _quiet(scope, asked)
    if asked.excepted:
        kept, doubted = _without(scope, matches, scope.matches(asked.excepted))
        if matches and not kept and not doubted:
            return _excepted(scope, matches)
    else:
        kept, doubted = matches, []
    told = enough(scope, kept, asked.times)
    if told is None and doubted and enough(scope, [*kept, *doubted], asked.times):
        return doubtful(Outcome.MISS, Reason("excepted_in_doubt", _at(doubted[0])), (*kept, *doubted))
    if told is None:
        return too_few(scope, kept, asked.times)
    return told


def _quiet(scope: Scope, asked: Pattern) -> Answer:
    finds = compiled(asked.pattern)
    perhaps = otherwise(scope, lambda text: finds.search(folded(text)) is not None)
    return perhaps or too_few(scope, [], asked.times)


def _without(
    scope: Scope, matches: list[Evidence], exceptions: list[Evidence]
) -> tuple[list[Evidence], list[Evidence]]:
    """The matches that no exception touches, and those that only a weakly heard one does."""
    surely: set[int] = set()
    perhaps: set[int] = set()
    for one in exceptions:
        (surely if one.confidence >= scope.least_confidence else perhaps).update(_touched(scope, one))
    left = [(one, _touched(scope, one)) for one in matches]
    left = [(one, touched) for one, touched in left if not touched & surely]
    return [one for one, touched in left if not touched & perhaps], [one for one, touched in left if touched & perhaps]


def _touched(scope: Scope, one: Evidence) -> frozenset[int]:
    return frozenset(
        said.number
        for said in scope.utterances
        if said.number == one.utterance
        or (said.role == one.role and said.start_ms < one.end_ms and one.start_ms < said.end_ms)
    )


def _excepted(scope: Scope, matches: list[Evidence]) -> Answer:
    unsure = scope.absence()
    if unsure is not None:
        return doubtful(Outcome.MISS, unsure[0], (*matches, *unsure[1]))
    return sure(Outcome.MISS, Reason("excepted", _at(matches[0])), tuple(matches))


def _at(one: Evidence) -> Params:
    return {"at_s": seconds(one.start_ms), "text": one.text}


def _patterns(asked: Pattern) -> Iterable[str]:
    return (asked.pattern, asked.excepted) if asked.excepted else (asked.pattern,)


SPEC = Spec(
    name="pattern",
    asked=Pattern,
    fields=(
        Field(key="pattern", kind=FieldKind.PATTERN, zh="正则表达式（RE2）", en="regular expression (RE2)"),
        Field(
            key="except",
            name="excepted",
            kind=FieldKind.PATTERN,
            default="",
            zh="同一句里匹配到它的不算",
            en="does not count where this matches in the same utterance",
        ),
        Field(
            key="times",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=1_000,
            zh="至少匹配几次",
            en="so many matches at least",
        ),
    ),
    judge=judge,
    zh="范围内有话匹配这个正则表达式，例外不算",
    en="something said in the range matches the regular expression, and is no exception",
    patterns=_patterns,
    quiet=_quiet,
    alike=lambda asked: "looked",
)
