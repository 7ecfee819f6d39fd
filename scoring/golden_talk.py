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
_LINE: Final = re.compile(
    r"([AC])\s*(?:@\s*(\d{1,5}(?:\.\d{1,3})?)(?:\s*-\s*(\d{1,5}(?:\.\d{1,3})?))?)?\s*[:：]\s*(.+)"
)
_AT: Final = re.compile(r"([a-z_]+)@(-?\d{1,5}(?:\.\d{1,3})?)")
_PIECE: Final = re.compile(r"\[(?P<marked>[^\[\]]+)\]\((?P<items>[^()]+)\)|\{(?P<noted>[^{}]+)\}|(?P<plain>[^\[{]+)|.")
_NOTED: Final = re.compile(r"\{([^{}]+)\}|([^{}]+)")
_NOTE: Final = re.compile(r"(.+?)\s+(0(?:\.\d+)?|1(?:\.0)?|[a-z_]+)")
_WORDS: Final = re.compile(r"[A-Za-z0-9]+(?:['’.-][A-Za-z0-9]+)*|●+|[^\W_]")
CHAT: Final = "chat"
"""The model of a transcript that was written."""
SOUNDS: Final = frozenset({"ring_back", "dtmf", "fax", "tone", "music"})
_ROLES: Final = {"A": "agent", "C": "customer"}
_HAPPENS: Final = (
    "write pause, hold, music, consultation, conference SECONDS; speed TIMES; sound KIND SECONDS; unread A|C SECONDS;"
    " state STATE SECONDS; transfer blind|attended TARGET; survey MARK QUESTION; queued, offered, answered;"
    " hang_up agent|customer|unknown|transfer SECONDS"
)
_WITH_LENGTH: Final = {"hold": Kind.HOLD, "consultation": Kind.CONSULTATION, "conference": Kind.CONFERENCE}
_MOMENTS: Final = {"queued": Kind.QUEUED, "offered": Kind.OFFERED, "answered": Kind.ANSWERED}
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


def talk(
    text: str, *, name: str, facts: Mapping[str, Fact], events: bool = True, roles: bool = True, written: bool = False
) -> Talk:
    """`events` False: nobody knows the switch's events; `roles` False: a recording of one channel; `written`: a chat,
    whose words have no times."""
    teller = _Teller(roles=roles, written=written)
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

    def __init__(self, *, roles: bool, written: bool) -> None:
        self._roles = roles
        self._written = written
        self._now = 300
        self._ends = {0: 0, 1: 0}
        self._speed = 1.0
        self._over: Happening | None = None
        self.said: list[Utterance] = []
        self.marks: list[Mark] = []
        self.spans: dict[str, list[Span]] = {"unread": [], "redacted": [], "non_speech": []}
        self.happenings: list[Happening] = []
        self.faults: list[tuple[int, str, str]] = []

    def fault(self, row: int, message: str, mend: str) -> None:
        self.faults.append((row, message, mend))

    def take(self, row: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        if line.startswith("*"):
            self._happens(row, line[1:].split())
        elif found := _LINE.fullmatch(line):
            at_ms, until_ms = (None if one is None else round(float(one) * 1000) for one in (found[2], found[3]))
            self._says(row, found[1], at_ms, until_ms, found[4])
        else:
            self.fault(row, "is neither said nor does it happen", "begin with A: or C:, or with * and what happens")

    def _says(self, row: int, who: str, at_ms: int | None, until_ms: int | None, text: str) -> None:
        channel = "AC".index(who) if self._roles else 0
        begin = self._now if at_ms is None else at_ms
        if begin < self._ends[channel]:
            self.fault(row, f"begins before the line before of {who} ends", "write a later time")
            begin = self._ends[channel]
        pieces = self._pieces(row, text)
        words, at = self._timed(row, channel, begin, until_ms, pieces)
        if not words:
            self.fault(row, "has no words", "write what is said")
            return
        role = _ROLES[who] if self._roles else "unknown"
        if self._written:
            at = begin
            told = "".join(piece.text for piece in pieces).strip()
            self.said.append(_message(channel, role, begin, told))
        else:
            self.said.append(_utterance(channel, role, begin, tuple(words)))
        self._ends[channel] = at
        self._now = max(self._now, at + _BETWEEN_MS)

    def _timed(
        self, row: int, channel: int, begin: int, until_ms: int | None, pieces: Sequence[_Piece]
    ) -> tuple[list[Word], int]:
        """The words with their times, and when the last one ends. Keeps what is hidden among them, and what matters."""
        usual = sum(_length(word) for piece in pieces for word in _WORDS.findall(piece.text))
        pace = 1 / self._speed
        if until_ms is not None and usual:
            if until_ms <= begin:
                self.fault(row, "ends before it begins", "write a later time behind the -")
            pace = max(1, until_ms - begin) / usual
        words: list[Word] = []
        spent, at = 0, begin
        for piece in pieces:
            since, first = at, len(words)
            confidence = float(piece.note) if piece.note[:1].isdigit() else 1.0
            for word in _WORDS.findall(piece.text):
                spent += _length(word)
                start, at = at, begin + round(spent * pace)
                words.append(Word(text=word, start_ms=start, end_ms=at, confidence=confidence))
            if piece.note in KINDS:
                self.spans["redacted"].append(Span(channel=channel, start_ms=since, end_ms=at, kind=piece.note))
            if piece.items and self._written:
                self.fault(row, "words of a chat have no times", "take the mark out: write the words alone")
            elif piece.items and len(words) > first:
                said = join(word.text for word in words[first:])
                self.marks.append(
                    Mark(text=said, row=row, channel=channel, start_ms=since, end_ms=at, items=piece.items)
                )
        return words, at

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

    def _happens(self, row: int, told: Sequence[str]) -> None:
        words, at_ms = _moment(told)
        what, rest = (words[0] if words else ""), [one for one in words[1:] if not _is_number(one)]
        numbers = [float(one) for one in words[1:] if _is_number(one)]
        length = round(numbers[0] * 1000) if numbers else 0
        begin = self._now - _BETWEEN_MS + 200 if self.said else self._now
        begin = begin if at_ms is None else at_ms
        end = begin + length
        match what, rest:
            case "speed", [] if numbers and numbers[0] > 0:
                self._speed = numbers[0]
            case "pause", []:
                self._now += length
            case "hold" | "consultation" | "conference", []:
                self.happenings.append(Happening(kind=_WITH_LENGTH[what], start_ms=begin, end_ms=end))
                self._goes_on(end + 200, at_ms)
            case ("music", []) | ("sound", ["ring_back" | "dtmf" | "fax" | "tone" | "music"]):
                kind = rest[0] if rest else what
                self.spans["non_speech"].append(Span(channel=0, start_ms=begin, end_ms=end, kind=kind))
                self._goes_on(end + 200, at_ms)
            case "unread", ["A" | "C" as who]:
                channel = "AC".index(who) if self._roles else 0
                self.spans["unread"].append(Span(channel=channel, start_ms=begin, end_ms=end, kind="no_words"))
                self._goes_on(end + _BETWEEN_MS, at_ms)
            case "hang_up", ["agent" | "customer" | "unknown" | "transfer" as who]:
                at = self._now - _BETWEEN_MS + (length or _TAIL_MS) if at_ms is None else at_ms
                self._over = Happening(kind=Kind.ENDED, start_ms=at, reason=who)
            case _:
                happening = _happening(words, rest, numbers, begin, end)
                if happening is None:
                    self.fault(row, f"nobody knows what {' '.join(told)[:40]!r} is", _HAPPENS)
                else:
                    self.happenings.append(happening)

    def _goes_on(self, until_ms: int, at_ms: int | None) -> None:
        """What is told with its time moves nothing that is told without."""
        if at_ms is None:
            self._now = max(self._now, until_ms)

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
            model=CHAT if self._written else "golden",
            duration_ms=over.start_ms,
            channels=2 if self._roles else 1,
            utterances=tuple(with_fields(one, number=number) for number, one in enumerate(each)),
            unread=tuple(self.spans["unread"]),
            redacted=tuple(self.spans["redacted"]),
            non_speech=tuple(self.spans["non_speech"]),
        )
        if not any(one.kind is Kind.ANSWERED for one in self.happenings):
            self.happenings.append(Happening(kind=Kind.ANSWERED, start_ms=0))
        happenings = tuple(sorted((*self.happenings, over), key=lambda one: one.start_ms)) if events else None
        return Case(transcript=transcript, happenings=happenings, facts=facts)


def _happening(
    words: Sequence[str], rest: Sequence[str], numbers: Sequence[float], begin: int, end: int
) -> Happening | None:
    """None: it is none."""
    match words[0] if words else "", rest:
        case "state", [state]:
            return Happening(kind=Kind.AGENT_STATE, start_ms=begin, end_ms=end if end > begin else None, reason=state)
        case "transfer", ["blind" | "attended" as how, *_]:
            return Happening(kind=Kind.TRANSFER, start_ms=begin, reason=how, target=words[2] if len(words) > 2 else "")
        case "survey", [] | [_] if numbers:
            question = rest[0] if rest else ""
            return Happening(kind=Kind.SURVEY, start_ms=begin, value=numbers[0], reason=question)
        case "queued" | "offered" | "answered" as what, []:
            return Happening(kind=_MOMENTS[what], start_ms=begin)
        case _:
            return None


def _moment(words: Sequence[str]) -> tuple[Sequence[str], int | None]:
    """`hold@12.5` is a hold, at that second."""
    found = _AT.fullmatch(words[0]) if words else None
    return (words, None) if found is None else ([found[1], *words[1:]], round(float(found[2]) * 1000))


def _length(word: str) -> int:
    if word[0] == "●":
        return _MASK_MS * len(word)
    return _LATIN_MS if word.isascii() else _SIGN_MS


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,5}(?:\.\d{1,3})?", text) is not None


def _named(item: str) -> tuple[str, str]:
    name, _, outcome = item.partition("=")
    return name.strip(), outcome.strip()


def _message(channel: int, role: str, at_ms: int, text: str) -> Utterance:
    return Utterance(
        channel=channel, role=role, number=0, start_ms=at_ms, end_ms=at_ms, text=text, words=(), confidence=1.0
    )


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
