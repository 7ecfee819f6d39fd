"""A dialogue as people write it, to a contact. In: lines. Out: `Talk`: a Case, its marked words; the faults.

`A: …` and `C: …` are said, `* hold 45` happens; docs/packs.md has all of it. Times follow from the text's length
where none is written. May not know: schemes, TOML.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from msgspec.structs import replace as with_fields

from asr.redact_kinds import KINDS
from asr.text import join
from asr.transcript import Span, Transcript, Utterance, Word
from scoring.case import Case, Fact, Happening, Kind
from streams.vocabulary.ids import ContactId, Millis, SiteId

MOST_LINES: Final = 500
_BETWEEN_MS: Final = 700
"""From one line to the next: enough to be an utterance of its own, too little to be a silence."""
_SIGN_MS, _LATIN_MS, _MASK_MS = 220, 350, 150
"""What a Chinese character, a Latin word, a hidden digit takes to say."""
_TAIL_MS: Final = 1_000
_LINE: Final = re.compile(r"([AC])\s*(?:@\s*(\d{1,5}(?:\.\d{1,3})?))?\s*[:：]\s*(.+)")
_PIECE: Final = re.compile(r"\[(?P<marked>[^\[\]]+)\]\((?P<items>[^()]+)\)|\{(?P<noted>[^{}]+)\}|(?P<plain>[^\[{]+)|.")
_NOTED: Final = re.compile(r"\{([^{}]+)\}|([^{}]+)")
_NOTE: Final = re.compile(r"(.+?)\s+(0(?:\.\d+)?|1(?:\.0)?|[a-z_]+)")
_WORDS: Final = re.compile(r"[A-Za-z0-9]+(?:['’.-][A-Za-z0-9]+)*|●+|[^\W_]")
_ROLES: Final = {"A": "agent", "C": "customer"}
_HAPPENS: Final = (
    "write pause, hold, music SECONDS; speed TIMES; unread A|C SECONDS; state STATE SECONDS;"
    " transfer blind|attended TARGET; survey MARK; hang_up agent|customer|unknown|transfer SECONDS"
)
_FILLERS: Final = ("某", "thing")
"""What stands for a changed word: no phrase of any scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Words that matter: without them each of `items` turns out otherwise, and no other item does."""

    text: str
    row: int
    channel: int
    start_ms: int
    end_ms: int
    items: Mapping[str, str]
    """What each becomes; "": anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    case: Case
    marks: tuple[Mark, ...] = ()
    faults: tuple[tuple[int, str, str], ...] = ()
    """Row (from 0), what is wrong, its mend."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    items: Mapping[str, str]
    note: str


def talk(text: str, *, name: str, facts: Mapping[str, Fact], events: bool = True, roles: bool = True) -> Talk:
    """`events` False: nobody knows the switch's events; `roles` False: a recording of one channel."""
    teller = _Teller(roles=roles)
    rows = text.split("\n")
    for row, line in enumerate(rows[:MOST_LINES]):
        teller.take(row, line.strip())
    if len(rows) > MOST_LINES:
        teller.fault(MOST_LINES, f"has {len(rows)} lines", f"write at most {MOST_LINES}")
    if not teller.said:
        teller.fault(0, "nobody says anything", "write a line: A: …")
    return Talk(case=teller.case(name, facts, events=events), marks=tuple(teller.marks), faults=tuple(teller.faults))


class _Teller:
    """Reads line by line. Owns its lists and how far the contact has gone."""

    def __init__(self, *, roles: bool) -> None:
        self._roles = roles
        self._now = 300
        self._ends = {0: 0, 1: 0}
        self._speed = 1.0
        self._over: Happening | None = None
        self.said: list[Utterance] = []
        self.marks: list[Mark] = []
        self.spans: dict[str, list[Span]] = {"unread": [], "redacted": [], "non_speech": []}
        self.happenings: list[Happening] = [Happening(kind=Kind.ANSWERED, start_ms=0)]
        self.faults: list[tuple[int, str, str]] = []

    def fault(self, row: int, message: str, mend: str) -> None:
        self.faults.append((row, message, mend))

    def take(self, row: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        if line.startswith("*"):
            self._happens(row, line[1:].split())
        elif found := _LINE.fullmatch(line):
            self._says(row, found[1], None if found[2] is None else round(float(found[2]) * 1000), found[3])
        else:
            self.fault(row, "is neither said nor does it happen", "begin with A: or C:, or with * and what happens")

    def _says(self, row: int, who: str, at_ms: int | None, text: str) -> None:
        channel = "AC".index(who) if self._roles else 0
        begin = at = self._now if at_ms is None else at_ms
        if at < self._ends[channel]:
            self.fault(row, f"begins before the line before of {who} ends", "write a later time")
            begin = at = self._ends[channel]
        words: list[Word] = []
        for piece in self._pieces(row, text):
            since, first = at, len(words)
            confidence = float(piece.note) if piece.note[:1].isdigit() else 1.0
            for word in _WORDS.findall(piece.text):
                length = _SIGN_MS if not word.isascii() and word[0] != "●" else _LATIN_MS
                length = round((_MASK_MS * len(word) if word[0] == "●" else length) / self._speed)
                words.append(Word(text=word, start_ms=at, end_ms=at + length, confidence=confidence))
                at += length
            if piece.note in KINDS:
                self.spans["redacted"].append(Span(channel=channel, start_ms=since, end_ms=at, kind=piece.note))
            if piece.items and len(words) > first:
                said = join(word.text for word in words[first:])
                self.marks.append(
                    Mark(text=said, row=row, channel=channel, start_ms=since, end_ms=at, items=piece.items)
                )
        if not words:
            self.fault(row, "has no words", "write what is said")
            return
        role = _ROLES[who] if self._roles else "unknown"
        self.said.append(_utterance(channel, role, begin, tuple(words)))
        self._ends[channel] = at
        self._now = max(self._now, at + _BETWEEN_MS)

    def _pieces(self, row: int, text: str) -> list[_Piece]:
        pieces: list[_Piece] = []
        for found in _PIECE.finditer(text):
            if found["marked"] is not None:
                items = dict(_named(one) for one in found["items"].split(","))
                for noted in _NOTED.finditer(found["marked"]):
                    pieces.append(self._piece(row, noted[1], noted[2], items))
            elif found["noted"] is not None or found["plain"] is not None:
                pieces.append(self._piece(row, found["noted"], found["plain"], {}))
            else:
                self.fault(row, f"{found[0]!r} is not closed", "write [words](item), {words 0.4} or {●●●● mobile}")
        return pieces

    def _piece(self, row: int, noted: str | None, plain: str | None, items: Mapping[str, str]) -> _Piece:
        if noted is None:
            return _Piece(plain or "", items, "")
        found = _NOTE.fullmatch(noted)
        if found is None or not (found[2][0].isdigit() or found[2] in KINDS):
            known = ", ".join(sorted(KINDS))
            self.fault(row, f"{{{noted[:40]}}} tells neither a confidence nor a kind", f"end it with 0.4, or: {known}")
            return _Piece(noted, items, "")
        return _Piece(found[1], items, found[2])

    def _happens(self, row: int, words: Sequence[str]) -> None:
        what, rest = (words[0] if words else ""), [one for one in words[1:] if not _is_number(one)]
        numbers = [float(one) for one in words[1:] if _is_number(one)]
        length = round(numbers[0] * 1000) if numbers else 0
        begin = self._now - _BETWEEN_MS + 200 if self.said else self._now
        end = begin + length
        match what, rest:
            case "speed", [] if numbers and numbers[0] > 0:
                self._speed = numbers[0]
            case "pause", []:
                self._now += length
            case "hold", []:
                self.happenings.append(Happening(kind=Kind.HOLD, start_ms=begin, end_ms=end))
                self._now = max(self._now, end + 200)
            case "music", []:
                self.spans["non_speech"].append(Span(channel=0, start_ms=begin, end_ms=end, kind="music"))
                self._now = max(self._now, end + 200)
            case "unread", ["A" | "C" as who]:
                channel = "AC".index(who) if self._roles else 0
                self.spans["unread"].append(Span(channel=channel, start_ms=begin, end_ms=end, kind="no_words"))
                self._now = max(self._now, end + _BETWEEN_MS)
            case "state", [state]:
                self.happenings.append(
                    Happening(kind=Kind.AGENT_STATE, start_ms=begin, end_ms=end or None, reason=state)
                )
            case "transfer", ["blind" | "attended" as how, *_]:
                target = words[2] if len(words) > 2 else ""
                self.happenings.append(Happening(kind=Kind.TRANSFER, start_ms=begin, reason=how, target=target))
            case "survey", [] if numbers:
                self.happenings.append(Happening(kind=Kind.SURVEY, start_ms=begin, value=numbers[0]))
            case "hang_up", ["agent" | "customer" | "unknown" | "transfer" as who]:
                at = self._now - _BETWEEN_MS + (length or _TAIL_MS)
                self._over = Happening(kind=Kind.ENDED, start_ms=at, reason=who)
            case _:
                self.fault(
                    row,
                    f"nobody knows what {' '.join(words)[:40]!r} is",
                    _HAPPENS,
                )

    def case(self, name: str, facts: Mapping[str, Fact], *, events: bool) -> Case:
        last = max((one.end_ms for one in self.said), default=0)
        over = self._over or Happening(
            kind=Kind.ENDED, start_ms=max(last, self._now - _BETWEEN_MS) + _TAIL_MS, reason="customer"
        )
        each = sorted(self.said, key=lambda one: (one.start_ms, one.channel))
        transcript = Transcript(
            site=SiteId("golden"),
            contact=ContactId(name),
            contact_at=Millis(0),
            model="golden",
            duration_ms=over.start_ms,
            channels=2 if self._roles else 1,
            utterances=tuple(with_fields(one, number=number) for number, one in enumerate(each)),
            unread=tuple(self.spans["unread"]),
            redacted=tuple(self.spans["redacted"]),
            non_speech=tuple(self.spans["non_speech"]),
        )
        happenings = tuple(sorted((*self.happenings, over), key=lambda one: one.start_ms)) if events else None
        return Case(transcript=transcript, happenings=happenings, facts=facts)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,5}(?:\.\d{1,3})?", text) is not None


def _named(item: str) -> tuple[str, str]:
    name, _, outcome = item.partition("=")
    return name.strip(), outcome.strip()


def _utterance(channel: int, role: str, start_ms: int, words: tuple[Word, ...]) -> Utterance:
    return Utterance(
        channel=channel,
        role=role,
        number=0,
        start_ms=start_ms,
        end_ms=words[-1].end_ms,
        text=join(word.text for word in words),
        words=words,
        confidence=sum(word.confidence for word in words) / len(words),
    )


def changed(case: Case, channel: int, start_ms: int, end_ms: int, *, fillers: tuple[str, str] = _FILLERS) -> Case:
    """The words of that stretch said otherwise: as long, at the same time, and of no meaning. `fillers`: for a
    character, and for a Latin word."""
    transcript = case.transcript
    said = tuple(
        _changed(one, start_ms, end_ms, fillers) if one.channel == channel else one for one in transcript.utterances
    )
    kept = tuple(
        one for one in transcript.redacted if one.channel != channel or one.end_ms <= start_ms or one.start_ms >= end_ms
    )
    return replace(case, transcript=with_fields(transcript, utterances=said, redacted=kept))


def _changed(said: Utterance, start_ms: int, end_ms: int, fillers: tuple[str, str]) -> Utterance:
    words = tuple(
        with_fields(one, text=fillers[1] if one.text.isascii() else fillers[0] * len(one.text))
        if one.start_ms < end_ms and start_ms < one.end_ms
        else one
        for one in said.words
    )
    return said if words == said.words else with_fields(said, words=words, text=join(word.text for word in words))
