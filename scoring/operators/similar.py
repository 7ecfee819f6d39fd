"""Is it said in nearly these words? In: a scope, phrases. Out: an Answer.

For sentences with a word more, less or other; what only sounds alike is `sounds_like`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.lexical import folded, written
from scoring.likeness import least_held, stretches
from scoring.match import ELLIPSIS, Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import BORDER, LONGEST_PHRASE, Joined, looked, otherwise

_SHORTEST = 4
"""Fewer characters are like too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    phrases: tuple[str, ...]
    score: float = 80.0


def judge(scope: Scope, asked: Similar) -> Answer:
    each = _found(scope, asked)
    if not each:
        return _absent(scope, asked)
    evidence = tuple(one for one, _, _ in each)
    surely = [one for one in each if one[0].confidence >= scope.least_confidence]
    if not surely:
        return doubtful(Outcome.HIT, found(max(evidence, key=lambda one: one.confidence), in_doubt=True), evidence)
    best, phrase, score = max(surely, key=lambda one: one[2])
    told: Params = {"at_s": seconds(best.start_ms), "text": best.text, "phrase": phrase, "score": round(score)}
    return sure(Outcome.HIT, Reason("similar", told), evidence)


def _found(scope: Scope, asked: Similar) -> list[tuple[Evidence, str, float]]:
    """Each with its phrase and score, in order of time."""
    characters = scope.once("similar", lambda: [frozenset(one.text) for one in scope.readings()])
    everywhere = scope.once("similar.all", lambda: frozenset().union(*characters))
    perhaps = [one for one in map(_spared, asked.phrases, repeat(asked.score)) if _may_hold(everywhere, one)]
    if not perhaps:
        return []
    each = zip(scope.readings(), characters, strict=True)
    held = tuple(one for one, those in each if any(_may_hold(those, phrase) for phrase in perhaps))
    if not held:
        return []
    said = Joined(held)
    found_there = [
        (evidence, phrase, one.score)
        for phrase in asked.phrases
        for one in stretches(said.text, written(phrase), score=asked.score)
        if (evidence := said.evidence(one.start, one.end)) is not None
    ]
    return sorted(found_there, key=lambda one: (one[0].start_ms, one[0].end_ms))


@lru_cache(maxsize=4_096)
def _spared(phrase: str, score: float) -> tuple[str, int]:
    """The phrase as written, and how many of its characters may be missing."""
    text = written(phrase)
    return text, len(text) - least_held(text, score=score)


def _may_hold(characters: frozenset[str], phrase: tuple[str, int]) -> bool:
    """Whether enough of the phrase is there, in whatever order: most texts have not, and need no comparing."""
    left = phrase[1]
    for one in phrase[0]:
        if one not in characters:
            left -= 1
            if left < 0:
                return False
    return True


def _absent(scope: Scope, asked: Similar) -> Answer:
    perhaps = otherwise(
        scope,
        lambda text: any(
            stretches(BORDER + folded(text) + BORDER, written(phrase), score=asked.score) for phrase in asked.phrases
        ),
    )
    if perhaps is not None:
        return perhaps
    if (unsure := scope.absence()) is not None:
        return doubtful(Outcome.MISS, unsure[0], unsure[1])
    return sure(
        Outcome.MISS, Reason("not_similar", {**looked(scope), "text": asked.phrases[0], "wanted": round(asked.score)})
    )


def _faults(asked: Similar) -> Iterable[tuple[str, str, str]]:
    for phrase in asked.phrases:
        if ELLIPSIS in written(phrase):
            yield "phrases", f"{phrase!r} leaves something out", "write it whole: likeness allows for what differs"
        elif len(written(phrase)) < _SHORTEST:
            yield (
                "phrases",
                f"{phrase!r} is too short to be like something",
                f"write {_SHORTEST} characters, or use keyword",
            )
        elif len(written(phrase)) > LONGEST_PHRASE:
            yield (
                "phrases",
                f"{phrase[:20]!r}… is too long",
                f"write at most {LONGEST_PHRASE} characters, or two phrases",
            )


SPEC = Spec(
    name="similar",
    asked=Similar,
    fields=(
        Field(
            key="phrases",
            kind=FieldKind.PHRASES,
            most=50,
            exact=False,
            zh="相似于其中一句",
            en="it is like one of these",
        ),
        Field(
            key="score",
            kind=FieldKind.NUMBER,
            default=80.0,
            low=50,
            high=100,
            zh="至少相似多少（百分）：按顺序出现的字所占比例",
            en="how like, in percent: the share of its characters that are said in their order",
        ),
    ),
    judge=judge,
    zh="范围内有话与其中一句相似，多几个字、少几个字、换几个字都算",
    en="something said in the range is like one of these sentences: a few characters more, less or other",
    faults=_faults,
)
