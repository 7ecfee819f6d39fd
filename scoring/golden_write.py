"""A contact as a golden dialogue: what scoring/golden_read.py reads back. In: a Case, what it must say. Out: TOML.

What the format has no words for (loudness, several ends) is left out; whoever adds it asks the dialogue once and says
what came out otherwise. May not know: files, judging.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from typing import Final

from asr.text import join
from asr.transcript import Span, Transcript, Utterance, Word
from scoring.case import Case, Fact, Happening, Kind
from scoring.facts import BUSINESS
from scoring.golden_talk import CHAT, SOUNDS
from scoring.rules import Scheme

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_OURS: Final = re.compile(r"[\[\]{}\x00-\x1f\x7f]")
"""What means something in a line."""
_QUOTES: Final = re.compile(r"'{3,}")
_WHO: Final = {"agent": "A", "customer": "C"}
_LEAST_MS: Final = 10
"""Utterances of one channel never overlap in a dialogue: one that does is moved, and takes so long at least."""
_NAMED: Final = {Kind.QUEUED: "queued", Kind.OFFERED: "offered", Kind.ANSWERED: "answered"}
_LASTING: Final = {Kind.HOLD: "hold", Kind.CONSULTATION: "consultation", Kind.CONFERENCE: "conference"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a person gives a dialogue: by item an outcome, as `scoring.golden_read` has it."""

    id: str
    about: str
    expect: Mapping[str, str]


def dialogue(case: Case, scheme: Scheme, kept: Kept) -> str:
    """With the facts that the scheme asks for, and no others: they are about a person."""
    transcript = case.transcript
    written = transcript.model == CHAT
    apart = {one.role for one in transcript.utterances} <= set(_WHO)
    rows = [*_header(case, scheme, kept, written=written, apart=apart), "lines = '''"]
    rows += _lines(case, least=scheme.least_confidence, written=written, apart=apart)
    rows += ["'''", "[dialogue.expect]", *(f"{_key(item)} = {_text(told)}" for item, told in kept.expect.items())]
    return "\n".join(rows) + "\n"


def asked_facts(scheme: Scheme) -> frozenset[str]:
    tests = [*scheme.facts.values(), *(test for item in scheme.items for test in item.rule.facts.values())]
    return frozenset(test.fact for test in tests)


def _header(case: Case, scheme: Scheme, kept: Kept, *, written: bool, apart: bool) -> Iterator[str]:
    yield "[[dialogue]]"
    yield f"id = {_text(kept.id)}"
    if kept.about:
        yield f"about = {_text(kept.about)}"
    asked = asked_facts(scheme)
    facts = {name: fact for name, fact in case.facts.items() if name in asked}
    plain = [f"{name} = {_value(fact)}" for name, fact in facts.items() if not name.startswith(BUSINESS)]
    business = [
        f"{_key(name.removeprefix(BUSINESS))} = {_value(fact)}"
        for name, fact in facts.items()
        if name.startswith(BUSINESS)
    ]
    plain += [f"business = {{ {', '.join(business)} }}"] if business else []
    if plain:
        yield f"facts = {{ {', '.join(plain)} }}"
    if case.happenings is None:
        yield "events = false"
    if not apart:
        yield "roles = false"
    if written:
        yield "written = true"


def _lines(case: Case, *, least: float, written: bool, apart: bool) -> list[str]:
    """In order of time; what happens and what is said, each with its second."""
    transcript = case.transcript
    rows = list(_said(transcript, least=least, written=written, apart=apart))
    rows += [told for one in case.happenings or () if (told := _happens(one, case)) is not None]
    rows += [(one.start_ms, _unread(one, transcript)) for one in transcript.unread]
    rows += [
        (one.start_ms, f"* sound@{_seconds(one.start_ms)} {one.kind} {_length(one)}")
        for one in transcript.non_speech
        if one.kind in SOUNDS
    ]
    rows.append(_over(case))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _said(transcript: Transcript, *, least: float, written: bool, apart: bool) -> Iterator[tuple[int, str]]:
    ends: dict[str, int] = {}
    for one in sorted(transcript.utterances, key=lambda one: (one.start_ms, one.number)):
        who = _WHO.get(one.role, "A") if apart else "A"
        text = _clean(one.text) if written or not one.words else _spoken(one, transcript.redacted, least)
        if not any(sign.isalnum() or sign == "●" for sign in text):
            continue
        start = max(one.start_ms, ends.get(who, 0))
        end = max(one.end_ms, start + _LEAST_MS)
        ends[who] = start if written else end
        yield start, f"{who}@{_seconds(start)}{'' if written else f'-{_seconds(end)}'}: {text}"


def _spoken(said: Utterance, redacted: Iterable[Span], least: float) -> str:
    """Words heard with less than `least`, and hidden ones, say so."""
    spans = [one for one in redacted if one.channel == said.channel]

    def note(word: Word) -> str:
        middle = (word.start_ms + word.end_ms) // 2
        if "●" in word.text and (kinds := [one.kind for one in spans if one.start_ms <= middle < one.end_ms]):
            return kinds[0]
        return f"{word.confidence:.2f}" if word.confidence < least else ""

    pieces: list[str] = []
    for noted, words in groupby(said.words, key=note):
        text = _clean(join(word.text for word in words))
        pieces.append(f"{{{text} {noted}}}" if noted and text else text)
    return join(pieces)


def _happens(one: Happening, case: Case) -> tuple[int, str] | None:
    at = _seconds(one.start_ms)
    length = "" if one.end_ms is None else f" {_seconds(one.end_ms - one.start_ms)}"
    match one.kind:
        case Kind.HOLD | Kind.CONSULTATION | Kind.CONFERENCE:
            until = case.transcript.duration_ms if one.end_ms is None else one.end_ms
            told = f"{_LASTING[one.kind]}@{at} {_seconds(max(0, until - one.start_ms))}"
        case Kind.QUEUED | Kind.OFFERED | Kind.ANSWERED:
            told = f"{_NAMED[one.kind]}@{at}"
        case Kind.AGENT_STATE:
            told = f"state@{at} {_word(one.reason)}{length}"
        case Kind.TRANSFER:
            told = f"transfer@{at} {one.reason or 'blind'} {_word(one.target)}".rstrip()
        case Kind.SURVEY:
            told = f"survey@{at} {one.value or 0:g} {_word(one.reason)}".rstrip()
        case Kind.ENDED:
            return None
    return one.start_ms, f"* {told}"


def _over(case: Case) -> tuple[int, str]:
    """The last end; of a recording of which nobody knows more, its own."""
    ends = [one for one in case.happenings or () if one.kind is Kind.ENDED]
    last = max(ends, key=lambda one: one.start_ms, default=None)
    at = case.transcript.duration_ms if last is None else last.start_ms
    who = "unknown" if last is None or last.reason not in ("agent", "customer", "transfer") else last.reason
    return at, f"* hang_up@{_seconds(at)} {who}"


def _unread(one: Span, transcript: Transcript) -> str:
    roles = {said.channel: said.role for said in transcript.utterances}
    return f"* unread@{_seconds(one.start_ms)} {_WHO.get(roles.get(one.channel, ''), 'A')} {_length(one)}"


def _length(one: Span) -> str:
    return _seconds(one.end_ms - one.start_ms)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    return _QUOTES.sub("''", _OURS.sub(" ", text)).strip()


def _word(text: str) -> str:
    """Of several words one: a line is parted at its spaces."""
    return re.sub(r"\s+", "_", _clean(text))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A JSON string is one of TOML, but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(fact: Fact) -> str:
    match fact:
        case bool():
            return "true" if fact else "false"
        case str():
            return _text(fact)
        case float() | int():
            return repr(float(fact)) if isfinite(fact) else "0"
        case _:
            return f"[{', '.join(map(_text, fact))}]"
