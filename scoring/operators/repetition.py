"""Does somebody repeat himself? In: a scope, how like and how near. Out: an Answer.

Each speaker's utterances are compared with his own before them. May not know: what a repetition means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from asr.transcript import Utterance
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.lexical import folded, spellings
from scoring.likeness import likeness
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.doubt import whole
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import looked

_SIGNS: Final = re.compile(r"[^\w●]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    similarity: float = 80.0
    within_utterances: int = 5
    """Of the same speaker."""
    characters: int = 4
    times: int = 1
    """How often it has been repeated: 1 is said twice."""
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Repeated:
    said: Utterance
    before: tuple[Utterance, ...]
    """What it repeats, the latest last."""

    @property
    def confidence(self) -> float:
        return min(one.confidence for one in (self.said, *self.before))


def judge(scope: Scope, asked: Repetition) -> Answer:
    each = list(_repetitions(scope, asked))
    if not each:
        if (unsure := scope.absence()) is not None:
            return doubtful(Outcome.MISS, unsure[0], unsure[1])
        return sure(Outcome.MISS, Reason("not_repeated", looked(scope)))
    evidence = tuple(
        whole(said) for said in sorted({one.said.number: one.said for one in each}.values(), key=lambda one: one.number)
    )
    best = max(each, key=lambda one: one.confidence)
    told: Params = {
        "at_s": seconds(best.said.start_ms),
        "before_s": seconds(best.before[-1].start_ms),
        "text": best.said.text,
    }
    if best.confidence < scope.least_confidence:
        weak = Reason("repeated_in_doubt", {**told, "confidence": round(best.confidence, 2)})
        return doubtful(Outcome.HIT, weak, evidence)
    return sure(Outcome.HIT, Reason("repeated", {**told, "count": len(best.before)}), evidence)


def _repetitions(scope: Scope, asked: Repetition) -> Iterator[_Repeated]:
    recent: dict[int, list[tuple[Utterance, str]]] = {}
    for said in scope.utterances:
        text = _told(said.text)
        before = recent.setdefault(said.channel, [])
        if len(text) >= asked.characters and not _is_excepted(text, asked.excepted):
            alike = [one for one, other in before if other and likeness(text, other, least=asked.similarity) > 0]
            if len(alike) >= asked.times:
                # The surest of what it repeats, and no more than asked: a mumbled third does not weaken two clear ones.
                surest = sorted(alike, key=lambda one: -one.confidence)[: asked.times]
                yield _Repeated(said, tuple(sorted(surest, key=lambda one: one.number)))
            before.append((said, text))
        else:
            before.append((said, ""))
        del before[: -asked.within_utterances]


def _told(text: str) -> str:
    return _SIGNS.sub("", folded(text))


def _is_excepted(text: str, excepted: tuple[str, ...]) -> bool:
    """Whether it is made of nothing else."""
    return bool(excepted) and _only(excepted).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _only(excepted: tuple[str, ...]) -> re.Pattern[str]:
    parts = {_told(one) for phrase in excepted for one in spellings(phrase)} - {""}
    if not parts:
        return re.compile(r"(?!)")
    # Possessive: an utterance is taken from the left by its longest phrases, never tried anew.
    return re.compile("(?:" + "|".join(map(re.escape, sorted(parts, key=lambda one: (-len(one), one)))) + ")++")


SPEC = Spec(
    name="repetition",
    asked=Repetition,
    fields=(
        Field(
            key="similarity",
            kind=FieldKind.NUMBER,
            default=80.0,
            low=50,
            high=100,
            zh="多相似（百分）才算重复",
            en="how like, in percent, counts as a repetition",
        ),
        Field(
            key="previous",
            name="within_utterances",
            kind=FieldKind.INTEGER,
            default=5,
            low=1,
            high=50,
            zh="与本人之前的几句话比较",
            en="compared with so many of the speaker's utterances before",
        ),
        Field(
            key="characters",
            kind=FieldKind.INTEGER,
            default=4,
            low=1,
            high=100,
            zh="少于几个字的话不算",
            en="shorter utterances do not count",
        ),
        Field(
            key="times",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=20,
            zh="第几次重复算命中（1：说了两遍）",
            en="which repetition is a hit (1: it was said twice)",
        ),
        Field(
            key="except",
            name="excepted",
            kind=FieldKind.PHRASES,
            default=(),
            zh="只由这些词组成的话不算，如：嗯、好的",
            en="utterances made of nothing else do not count, such as: mm, all right",
        ),
    ),
    judge=judge,
    zh="同一方把前面说过的话又说了一遍",
    en="a speaker says again what he said shortly before",
)
