"""Is something said that sounds like it? In: a scope, phrases. Out: an Answer.

For words that the recogniser writes with other characters of the same sound: 推丁 for 退订.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.lexical import folded
from scoring.match import ELLIPSIS, Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import BORDER, LONGEST_PHRASE, Joined, looked, otherwise
from scoring.pinyin import Place, alike, count_syllables, heard_in, may_follow, may_hold, syllables


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundsLike:
    phrases: tuple[str, ...]
    distance: int = 0
    """Syllables that may be other, missing or too many."""
    tones: bool = False


def judge(scope: Scope, asked: SoundsLike) -> Answer:
    each = _found(scope, asked)
    if not each:
        return _absent(scope, asked)
    evidence = tuple(one for one, _, _ in each)
    surely = [one for one in each if one[0].confidence >= scope.least_confidence]
    if not surely:
        return doubtful(Outcome.HIT, found(max(evidence, key=lambda one: one.confidence), in_doubt=True), evidence)
    best, phrase, edits = min(surely, key=lambda one: one[2])
    told: Params = {"at_s": seconds(best.start_ms), "text": best.text, "phrase": phrase, "edits": edits}
    return sure(Outcome.HIT, Reason("sounds_like" if edits else "sounds_the_same", told), evidence)


def _found(scope: Scope, asked: SoundsLike) -> list[tuple[Evidence, str, int]]:
    """Each with its phrase and edits, in order of time."""
    sounds = scope.once("sounds_like", lambda: [heard_in(one.text) for one in scope.readings()])
    everywhere = scope.once("sounds_like.all", lambda: frozenset().union(*sounds))
    perhaps = [one for one in asked.phrases if _may_hold(everywhere, one, asked)]
    if not perhaps:
        return []
    each_heard = zip(scope.readings(), sounds, strict=True)
    held = tuple(
        one
        for one, those in each_heard
        if any(_may_hold(those, phrase, asked) and _may_follow(one.text, phrase, asked) for phrase in perhaps)
    )
    if not held:
        return []
    said = Joined(held)
    each = [
        (evidence, phrase, place.edits)
        for phrase, place in _alike(said.text, asked)
        if (evidence := said.evidence(place.start, place.end)) is not None
    ]
    return sorted(each, key=lambda one: (one[0].start_ms, one[0].end_ms))


def _may_hold(heard: frozenset[str], phrase: str, asked: SoundsLike) -> bool:
    """Whether enough of its sounds are there, in whatever order: most texts have not, and need no comparing."""
    return may_hold(heard, phrase, distance=asked.distance, tones=asked.tones)


def _may_follow(text: str, phrase: str, asked: SoundsLike) -> bool:
    return asked.distance > 0 or may_follow(text, phrase, tones=asked.tones)


def _alike(text: str, asked: SoundsLike) -> Iterable[tuple[str, Place]]:
    return alike(syllables(text), asked.phrases, distance=asked.distance, tones=asked.tones)


def _absent(scope: Scope, asked: SoundsLike) -> Answer:
    perhaps = otherwise(scope, lambda text: any(True for _ in _alike(BORDER + folded(text) + BORDER, asked)))
    if perhaps is not None:
        return perhaps
    if (unsure := scope.absence()) is not None:
        return doubtful(Outcome.MISS, unsure[0], unsure[1])
    return sure(Outcome.MISS, Reason("nothing_sounds_like", {**looked(scope), "text": asked.phrases[0]}))


def _faults(asked: SoundsLike) -> Iterable[tuple[str, str, str]]:
    least = 2 * asked.distance + 1 if asked.distance else 2
    for phrase in asked.phrases:
        count = count_syllables(phrase)
        if ELLIPSIS in phrase or "..." in phrase:
            yield "phrases", f"{phrase!r} leaves something out", "write two conditions, one anchored at the other"
        elif count < least:
            mend = f"write {least} syllables" + (", or less distance" if asked.distance else ", or use keyword")
            yield "phrases", f"{phrase!r} is too short: too much sounds like it", mend
        elif count > LONGEST_PHRASE:
            yield "phrases", f"{phrase[:20]!r}… is too long", f"write at most {LONGEST_PHRASE} syllables"


SPEC = Spec(
    name="sounds_like",
    asked=SoundsLike,
    fields=(
        Field(
            key="phrases",
            kind=FieldKind.PHRASES,
            most=50,
            exact=False,
            zh="听起来像其中一个",
            en="it sounds like one of these",
        ),
        Field(
            key="distance",
            kind=FieldKind.INTEGER,
            default=0,
            low=0,
            high=3,
            zh="可以差几个音节；z/zh、c/ch、s/sh、n/l、r/l、f/h、in/ing、en/eng 不算差",
            en="syllables that may differ; z/zh c/ch s/sh n/l r/l f/h in/ing en/eng are the same",
        ),
        Field(key="tones", kind=FieldKind.FLAG, default=False, zh="声调也要相同", en="tones must agree, too"),
    ),
    judge=judge,
    zh="范围内有话与其中一个读音相同或相近（识别成同音字、繁体字也算，多音字任一读音都算）",
    en="something said in the range sounds like one of these in pinyin, whatever characters it was written with",
    faults=_faults,
)
