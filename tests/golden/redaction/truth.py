"""The golden set's figures. In: spans.tsv. Out: per kind how many spans were hidden, how many rightly.

A span is hidden when none of its digits is left. A hidden span is right when it lies on one of the same kind.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from asr.redact import DIGITS, redact
from asr.transcript import Span, Utterance, Word

SPANS = Path(__file__).with_name("spans.tsv")
_MARK = re.compile(r"<(\w+):([^<>]*)>")
_SECRET = frozenset(DIGITS) | frozenset("百千双")
_LATIN = re.compile(r"[A-Za-z]+")
_WORD_MS = 200


@dataclass(frozen=True, slots=True)
class Case:
    line: int
    utterances: tuple[Utterance, ...]
    truths: tuple[tuple[int, int, int, str], ...]
    """Utterance, first and last character (half-open), kind."""


@dataclass(slots=True)
class Figures:
    wanted: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        return self.hidden[kind] / self.wanted[kind]

    def precision(self, kind: str) -> float:
        return self.right[kind] / self.told[kind]


def golden(seed: int) -> Iterator[Case]:
    """`seed` decides how the text falls into words."""
    random = Random(seed)
    for number, line in enumerate(SPANS.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            yield case(number, line.split("\t")[1], random)


def case(line: int, dialogue: str, random: Random) -> Case:
    """`line`: where a fault is to be looked for."""
    utterances: list[Utterance] = []
    truths: list[tuple[int, int, int, str]] = []
    at = 0
    for index, turn in enumerate(dialogue.split(" / ")):
        who, marked = turn.split(": ", 1)
        text = ""
        for piece in re.split(r"(<\w+:[^<>]*>)", marked):
            found = _MARK.fullmatch(piece)
            if found:
                truths.append((index, len(text), len(text) + len(found[2]), found[1]))
            text += found[2] if found else piece
        words = tuple(_words(text, at, random))
        at = words[-1].end_ms
        utterances.append(_utterance(index, 0 if who == "A" else 1, words))
        at += 800
    return Case(line, tuple(utterances), tuple(truths))


def _words(text: str, at: int, random: Random) -> Iterator[Word]:
    while text:
        latin = _LATIN.search(text)  # a recogniser never cuts a word of letters
        size = random.choice((1, 1, 2, 2, 3, 4))
        if latin is not None and latin.start() < size:
            size = latin.start() or latin.end()
        yield Word(text=text[:size], start_ms=at, end_ms=at + _WORD_MS * len(text[:size]), confidence=1.0)
        at += _WORD_MS * len(text[:size])
        text = text[size:]


def _utterance(number: int, channel: int, words: tuple[Word, ...]) -> Utterance:
    return Utterance(
        channel=channel,
        role=("agent", "customer")[channel],
        number=number,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        text="".join(word.text for word in words),
        words=words,
        confidence=1.0,
    )


def measure(cases: Iterable[Case]) -> Figures:
    figures = Figures()
    for one in cases:
        _judge(one, figures)
    return figures


def _judge(one: Case, figures: Figures) -> None:
    clean, spans = redact(one.utterances)
    for index, start, end, kind in one.truths:
        masked = "".join(word.text for word in clean[index].words)
        figures.wanted[kind] += 1
        if _SECRET.isdisjoint(masked[start:end]):
            figures.hidden[kind] += 1
        else:
            figures.faults.append(f"{one.line}: left of {kind}: {masked}")
    for span in spans:
        figures.told[span.kind] += 1
        if any(kind == span.kind and _meets(one, index, start, end, span) for index, start, end, kind in one.truths):
            figures.right[span.kind] += 1
        else:
            heard = "".join(said.text for said in clean if said.channel == span.channel)
            figures.faults.append(f"{one.line}: hidden as {span.kind}: {heard}")


def _meets(one: Case, index: int, start: int, end: int, span: Span) -> bool:
    utterance = one.utterances[index]
    begin, finish = utterance.start_ms + start * _WORD_MS, utterance.start_ms + end * _WORD_MS
    return utterance.channel == span.channel and begin < span.end_ms and span.start_ms < finish


def left_alone(cases: Iterable[Case]) -> tuple[int, int]:
    """Of the dialogues without anything sensitive: how many stayed as they were, and how many there are."""
    plain = [one for one in cases if not one.truths]
    return sum(redact(one.utterances)[0] == one.utterances for one in plain), len(plain)
