"""What must not be stored. In: utterances as heard. Out: the same with ● for each sensitive character, and the spans.

Numbers are found in digits and in spoken Chinese, over word and utterance boundaries of one channel. A recogniser
loses and adds digits, so a long run is hidden whatever its exact length; checksums only name its kind. Words keep
their times. May not know: where the text goes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from msgspec.structs import replace

from asr.text import join
from asr.transcript import Span, Utterance

MASK = "●"

DIGITS: Mapping[str, str] = MappingProxyType(
    dict(zip("零〇幺一二两三四五六七八九", "0011223456789", strict=True))
    | dict(zip("０１２３４５６７８９", "0123456789", strict=True))
    | {digit: digit for digit in "0123456789"}
)
FILLERS = frozenset("嗯啊呃哦额是对那个然后-－、，, ")
MOST_FILLERS = 2
LONG_RUN = 7
"""Digits in a run that make it sensitive by itself: local telephone numbers begin here."""
SHORT_RUN = 3
"""Digits that are sensitive after a context word: four asked for, one lost by the recogniser."""
BREAK_MS = 6_000
"""A number may be dictated in pieces; a longer pause ends it."""
CONTEXT_MS = 15_000
CONTEXT = ("身份证", "密码", "验证码", "授权码", "卡号", "尾号", "手机号", "电话号", "号码", "后四位", "后六位")
EXEMPT = ("工号",)
"""An agent's staff number is no secret: said directly before the digits."""
_EXEMPT_WITHIN = 4
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class _Place:
    """One character: which utterance, word and character of the word."""

    utterance: int
    word: int
    offset: int
    character: str


@dataclass(slots=True)
class _Run:
    places: list[_Place] = field(default_factory=list)
    before: str = ""
    """The channel's text directly before the run."""

    @property
    def digits(self) -> str:
        return "".join(DIGITS.get(place.character, "X") for place in self.places)


def redact(utterances: Sequence[Utterance]) -> tuple[tuple[Utterance, ...], tuple[Span, ...]]:
    """Utterances must be in order of start, as `asr.utterances` gives them."""
    hidden: dict[tuple[int, int], set[int]] = {}
    spans: list[Span] = []
    for channel in sorted({utterance.channel for utterance in utterances}):
        for run in _runs(utterances, channel):
            kind = _kind(run, utterances)
            if kind is None:
                continue
            for place in run.places:
                hidden.setdefault((place.utterance, place.word), set()).add(place.offset)
            spans.extend(_spans(run, utterances, channel, kind))
    spans.sort(key=lambda span: (span.start_ms, span.channel))
    return tuple(_masked(index, utterance, hidden) for index, utterance in enumerate(utterances)), tuple(spans)


def _runs(utterances: Sequence[Utterance], channel: int) -> Iterator[_Run]:
    run, text, fillers, last_end = _Run(), "", 0, 0
    for index, utterance in enumerate(utterances):
        if utterance.channel != channel:
            continue
        if run.places and utterance.start_ms - last_end > BREAK_MS:
            yield run
            run, fillers = _Run(), 0
        last_end = utterance.end_ms
        for number, word in enumerate(utterance.words):
            for offset, character in enumerate(word.text):
                if character in DIGITS or (character in "Xx叉" and len(run.places) == 17):
                    run.before = run.before if run.places else text
                    run.places.append(_Place(index, number, offset, character))
                    fillers = 0
                elif run.places:
                    fillers += 1
                    if character not in FILLERS or fillers > MOST_FILLERS:
                        yield run
                        run, fillers = _Run(), 0
                text = (text + character)[-40:]
    if run.places:
        yield run


def _kind(run: _Run, utterances: Sequence[Utterance]) -> str | None:
    """Why the run is sensitive; None when it is not."""
    digits = run.digits
    if is_id_card(digits):
        return "id_card"
    if len(digits) >= 13 and passes_luhn(digits):
        return "bank_card"
    if len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789":
        return "mobile"
    if len(digits) >= LONG_RUN:
        return "number"
    if len(digits) < SHORT_RUN or any(word in run.before[-_EXEMPT_WITHIN:] for word in EXEMPT):
        return None
    return "code" if _in_context(run, utterances) else None


def _in_context(run: _Run, utterances: Sequence[Utterance]) -> bool:
    """A context word shortly before, by either side: the question is the other channel's."""
    here = utterances[run.places[0].utterance]
    earlier = (
        utterance.text
        for utterance in utterances[: run.places[0].utterance]
        if here.start_ms - utterance.end_ms <= CONTEXT_MS
    )
    said = "".join(earlier) + join(word.text for word in here.words[: run.places[0].word])
    return any(word in said for word in CONTEXT)


def _spans(run: _Run, utterances: Sequence[Utterance], channel: int, kind: str) -> Iterator[Span]:
    """One span per utterance the run touches: the pause between two is not the number."""
    for index in sorted({place.utterance for place in run.places}):
        touched = [utterances[index].words[place.word] for place in run.places if place.utterance == index]
        yield Span(
            channel=channel,
            start_ms=min(word.start_ms for word in touched),
            end_ms=max(word.end_ms for word in touched),
            kind=kind,
        )


def _masked(index: int, utterance: Utterance, hidden: Mapping[tuple[int, int], set[int]]) -> Utterance:
    if not any((index, number) in hidden for number in range(len(utterance.words))):
        return utterance
    words = tuple(
        replace(
            word,
            text="".join(
                MASK if offset in hidden.get((index, number), ()) else character
                for offset, character in enumerate(word.text)
            ),
        )
        for number, word in enumerate(utterance.words)
    )
    return replace(utterance, words=words, text=join(word.text for word in words))


def is_id_card(digits: str) -> bool:
    """GB 11643: 18 characters, a true date of birth, check character (ISO 7064 MOD 11-2)."""
    if len(digits) != 18 or not digits[:17].isdecimal() or digits[0] == "0":
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    if not digits.isdecimal():
        return False
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
