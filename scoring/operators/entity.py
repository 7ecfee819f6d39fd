"""Is a number, an amount, a date told? In: a scope, kinds. Out: an Answer.

What was hidden before storing (●) is known by its span's kind; where a scheme hides it not, by the digits' check.
May not know: what was hidden.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from asr.numbers import figures
from asr.redact_kinds import KINDS, NUMBER, kind_of_digits
from asr.transcript import Span, Utterance, Word
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.match import Evidence, Reading
from scoring.messages import Params, Reason, seconds
from scoring.messages_words import ENTITIES
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import enough, looked, most_sure, settled_ms, sure_ones, too_few

AMOUNT, DATE = "amount", "date"
_MASK: Final = "●"
_N: Final = r"[\d零〇一二两三四五六七八九十百千万亿点.,]"
_UNIT: Final = r"元|角|万块|美元|美金|港币|人民币|块钱|毛钱|分钱|\s?(?:yuan|dollars?|rmb|cny|usd)\b"
_BEGIN: Final = rf"(?<!{_N})"
"""No search begins inside a number: it would take the square of its length."""
_AMOUNT: Final = re.compile(
    rf"[¥$]\s?\d[\d.,]{{,20}}|{_BEGIN}{_N}{{1,20}}(?:多|来|几)?(?:{_UNIT})"
    rf"|{_BEGIN}(?:[\d二两三四五六七八九十百千万]|{_N}{{2,20}})块(?![儿去来吧地])(?:[\d零一二三四五六七八九]毛?)?"
    rf"|一块[一二三四五六七八九]"
)
_DATE: Final = re.compile(
    r"(?:[\d零〇一二三四五六七八九]{2,4}年)?[\d一二三四五六七八九十]{1,3}月(?:份|[\d一二三四五六七八九十]{1,3}[日号])"
    r"|[\d零〇一二三四五六七八九]{2,4}年[\d一二三四五六七八九十]{1,3}月|(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}"
    r"|[二两三四五六七八九十]{1,3}号(?=[上下早晚中]|之前|以前|到期|$)"
)
_NUMERAL: Final = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿]")
_RUN: Final = re.compile(r"\d[\d.,]*\d|\d")
KNOWN: Final = (*sorted(KINDS), AMOUNT, DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    kinds: tuple[str, ...]
    times: int = 1


def judge(scope: Scope, asked: Entity) -> Answer:
    evidence = sorted(_found(scope, frozenset(asked.kinds)), key=lambda one: (one.start_ms, one.end_ms))
    kinds: Params = {"entity": ",".join(asked.kinds)}
    told = enough(scope, evidence, asked.times)
    if told is None:
        return _absent(scope, asked, evidence, kinds)
    final = settled_ms(scope)
    surely = sure_ones(scope, evidence)
    if told.outcome is Outcome.HIT and sum(one.start_ms < final for one in surely) < asked.times:
        return doubtful(Outcome.HIT, Reason("not_over"), tuple(evidence))  # a figure said so far may go on
    if not surely:
        best = most_sure(evidence)
        return doubtful(
            Outcome.HIT,
            Reason("entity_in_doubt", {**kinds, "at_s": seconds(best.start_ms), "text": best.text}),
            told.evidence,
        )
    if told.outcome is Outcome.HIT and asked.times == 1:
        best = most_sure(surely)
        return sure(
            Outcome.HIT, Reason("entity", {**kinds, "at_s": seconds(best.start_ms), "text": best.text}), told.evidence
        )
    return told


def _absent(scope: Scope, asked: Entity, evidence: list[Evidence], kinds: Params) -> Answer:
    unnamed = next(_unnamed(scope), None)
    if unnamed is not None and not KINDS.isdisjoint(asked.kinds):
        return doubtful(Outcome.MISS, Reason("hidden_unnamed", {"at_s": seconds(unnamed.start_ms)}), (unnamed,))
    few = too_few(scope, evidence, asked.times)
    if few.reason.key == "looked":
        return sure(Outcome.MISS, Reason("no_entity", {**looked(scope), **kinds}))
    return few


def _found(scope: Scope, kinds: frozenset[str]) -> Iterator[Evidence]:
    for said in scope.utterances:
        for span in _spans(scope, said):
            if span.kind in kinds:
                yield _hidden(said, span)
    for reading in scope.readings():
        if not _NUMERAL.search(reading.text):
            continue
        for kind, pattern in ((AMOUNT, _AMOUNT), (DATE, _DATE)):
            if kind in kinds:
                yield from (reading.evidence(*match.span()) for match in pattern.finditer(reading.text))
        if not kinds.isdisjoint(KINDS):
            yield from (reading.evidence(start, end) for start, end in _digits(reading, kinds))


def _digits(reading: Reading, kinds: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Runs in digits, spoken or written, by what a check makes of them; each is a number."""
    runs = [(one.start, one.end, one.figures) for one in figures(reading.text)]
    runs += [(match.start(), match.end(), match.group()) for match in _RUN.finditer(reading.text)]
    for start, end, told in runs:
        if NUMBER in kinds or kind_of_digits(re.sub(r"\D", "", told)) in kinds:
            yield start, end


def _spans(scope: Scope, said: Utterance) -> Iterator[Span]:
    return (
        span
        for span in scope.transcript.redacted
        if span.channel == said.channel and span.start_ms < said.end_ms and said.start_ms < span.end_ms
    )


def _hidden(said: Utterance, span: Span) -> Evidence:
    words = [one for one in said.words if one.start_ms < span.end_ms and span.start_ms < one.end_ms]
    return Evidence(
        utterance=said.number,
        role=said.role,
        start_ms=max(span.start_ms, said.start_ms),
        end_ms=min(span.end_ms, said.end_ms),
        text="".join(one.text for one in words) or _MASK,
        confidence=min((one.confidence for one in words), default=said.confidence),
    )


def _unnamed(scope: Scope) -> Iterator[Evidence]:
    """A masked word of which no span says what it was: a transcript from elsewhere."""
    for said in scope.utterances:
        if _MASK in said.text and not any(_spans(scope, said)):
            words = said.words or (
                Word(text=said.text, start_ms=said.start_ms, end_ms=said.end_ms, confidence=said.confidence),
            )
            masked = next((one for one in words if _MASK in one.text), words[0])
            yield Evidence(
                utterance=said.number,
                role=said.role,
                start_ms=masked.start_ms,
                end_ms=masked.end_ms,
                text=masked.text,
                confidence=masked.confidence,
            )


def _faults(asked: Entity) -> Iterable[tuple[str, str, str]]:
    for kind in asked.kinds:
        if kind not in KNOWN:
            yield "kinds", f"{kind!r} is no kind of entity", f"write one of: {', '.join(KNOWN)}"


SPEC = Spec(
    name="entity",
    asked=Entity,
    fields=(
        Field(
            key="kinds",
            kind=FieldKind.TEXTS,
            most=len(KNOWN),
            choices=KNOWN,
            zh="哪些信息：" + "、".join(f"{kind} {ENTITIES[kind][0]}" for kind in KNOWN),
            en="which: " + ", ".join(KNOWN),
        ),
        Field(
            key="times",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=100,
            zh="至少提到几次",
            en="told so many times at least",
        ),
    ),
    judge=judge,
    zh="范围内提到这些信息之一（已隐去的号码也算）",
    en="one of these is told in the range, hidden numbers included",
    faults=_faults,
)
