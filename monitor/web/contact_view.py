"""One contact as its page needs it. In: the warehouse's `ContactDetail`. Out: timeline shares, turns, score items.

May not know: HTTP, HTML.
"""

from dataclasses import dataclass

import msgspec

from asr.numbers import normalised
from monitor.api.recordings import told_path
from monitor.web.talk_view import talk
from streams.warehouse.contacts import ContactDetail, LegRow, ScoreRow, UtteranceRow

LOW_CONFIDENCE = 0.6 * 255
"""Words the recogniser was less sure of are marked; they may be wrong."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a leg's bar, in per cent of the whole contact."""

    kind: str
    left: float
    width: float
    ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """Who told a moment of a leg, where it was not the wire."""

    moment: str
    witness: str


@dataclass(frozen=True, slots=True)
class LegView:
    leg: LegRow
    stretches: tuple[Stretch, ...]
    witnesses: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class WordView:
    text: str
    start_ms: int
    end_ms: int
    doubtful: bool


CHAT = "chat"
"""The channel of a text chat, and the `model` of its messages among the utterances."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat. `first`: nobody else wrote since the same side's last one."""

    number: int
    role: str
    at: int
    text: str
    first: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it was written. `first_reply_ms` None: the customer has had no answer."""

    messages: tuple[Message, ...]
    customer: int
    agent: int
    first_reply_ms: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    number: int
    role: str
    start_ms: int
    end_ms: int
    text: str
    words: tuple[WordView, ...]
    figures: str = ""
    """The text with numbers as figures; "" where that is the same."""


class Evidence(msgspec.Struct, frozen=True):
    start_ms: int = 0
    end_ms: int = 0
    text: str = ""
    role: str = ""
    confidence: float = 0.0
    event: str = ""
    """What happened, where nothing was said: silence, hold, transfer …; scores of before had only silences."""


class Span(msgspec.Struct, frozen=True):
    start_ms: int = 0
    end_ms: int = 0


class Reason(msgspec.Struct, frozen=True):
    key: str = ""
    zh: str = ""
    en: str = ""


class Dimension(msgspec.Struct, frozen=True):
    id: str = ""
    zh: str = ""
    en: str = ""


class Item(msgspec.Struct, frozen=True):
    """A line of the score card, as scoring writes it; words we do not know are left aside."""

    id: str
    outcome: str
    points: float
    points_max: float
    points_low: float = 0.0
    points_high: float = 0.0
    zh: str = ""
    en: str = ""
    kind: str = ""
    rule: str = ""
    reason: Reason = Reason()
    evidence: tuple[Evidence, ...] = ()
    hits: int = 0
    per: str = "contact"
    matters: bool | None = None
    """Its doubt could change the outcome; None: scored before this was asked."""
    listen: tuple[Span, ...] = ()
    """What to hear to settle it."""
    dimension: Dimension | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one dimension; None: those of none. `points`: their sum, without the dimension's own limits."""

    dimension: Dimension | None
    items: tuple[Item, ...]

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items if item.outcome != "not_applicable")

    @property
    def points_max(self) -> float:
        return sum(item.points_max for item in self.items if item.outcome != "not_applicable")


@dataclass(frozen=True, slots=True)
class Card:
    score: ScoreRow
    items: tuple[Item, ...]
    fault: str

    @property
    def groups(self) -> tuple[Group, ...]:
        """By dimension, in the scheme's order."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.dimension.id if item.dimension else "", []).append(item)
        return tuple(Group(items[0].dimension, tuple(items)) for items in found.values())

    @property
    def doubts(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.outcome == "cannot_tell")

    @property
    def decisive(self) -> tuple[Item, ...]:
        """Those that a person must settle by ear; what was scored before this was asked counts as such."""
        return tuple(item for item in self.doubts if item.matters is not False)


ON_ITS_WAY = frozenset({"expected", "queued", "decoding", "recognising"})


def recording_state(detail: ContactDetail) -> str:
    """Where the recording stands; "" when there is none. A leg may name one before the ledger knows of it."""
    if detail.recording is not None:
        return detail.recording.state
    return "expected" if told_path(detail) else ""


def pending(detail: ContactDetail) -> str:
    """What the page waits for, as a value that changes with each step; "" when nothing more is to come."""
    state = recording_state(detail)
    if state in ON_ITS_WAY:
        return state
    return "unscored" if state == "done" and detail.utterances and not detail.scores else ""


def contact_view(detail: ContactDetail) -> dict[str, object]:
    began = min((leg.entered_at for leg in detail.legs), default=0)
    ended = max((_ended(leg) for leg in detail.legs), default=0)
    return {
        "detail": detail,
        "legs": [leg_view(leg, began, max(ended - began, 1)) for leg in detail.legs],
        "began": began,
        "lasted_ms": ended - began,
        "turns": [turn(utterance) for utterance in detail.utterances if utterance.model != CHAT],
        "chat": chat(detail),
        "cards": [card(score) for score in detail.scores],
        "has_recording": bool(told_path(detail)),
        "recording_state": recording_state(detail),
        "pending": pending(detail),
        "talk": talk(detail),
    }


def _ended(leg: LegRow) -> int:
    return max(leg.ended_at, leg.answered_at, leg.entered_at + leg.wait_ms) + leg.wrap_up_ms


def leg_view(leg: LegRow, began: int, whole_ms: int) -> LegView:
    """Waiting, talk, hold (at the end of the talk: only its sum is kept) and wrap-up as parts of one bar."""
    # switches count hold inside the talk; the stored talk is without it
    lengths = (("wait", leg.wait_ms), ("talk", leg.talk_ms), ("hold", leg.hold_ms), ("wrap_up", leg.wrap_up_ms))
    stretches = []
    at = leg.entered_at - began
    for kind, length in lengths:
        if length > 0:
            stretches.append(Stretch(kind, 100 * at / whole_ms, 100 * length / whole_ms, length))
        at += length
    told = (word.partition("=") for word in leg.witnesses.split())
    return LegView(leg, tuple(stretches), tuple(Told(moment, who) for moment, _, who in told))


def chat(detail: ContactDetail) -> Chat | None:
    """None: a telephone contact."""
    written = [said for said in detail.utterances if said.model == CHAT]
    if not written and not any(leg.channel == CHAT for leg in detail.legs):
        return None
    written.sort(key=lambda said: (said.said_at, said.number))
    before = ["", *(said.role for said in written)]
    messages = tuple(
        Message(said.number, said.role, said.said_at, said.text, said.role != last)
        for said, last in zip(written, before, strict=False)
    )
    asked = next((one.at for one in messages if one.role == "customer"), None)
    replies = (one.at for one in messages if one.role == "agent" and asked is not None and one.at >= asked)
    reply = next(replies, None)
    return Chat(
        messages=messages,
        customer=sum(one.role == "customer" for one in messages),
        agent=sum(one.role == "agent" for one in messages),
        first_reply_ms=None if reply is None or asked is None else reply - asked,
    )


def turn(said: UtteranceRow) -> Turn:
    spans = zip(said.words, said.word_start_ms, said.word_end_ms, said.word_confidence, strict=False)
    words = tuple(WordView(text, start, end, sure < LOW_CONFIDENCE) for text, start, end, sure in spans)
    if not words:
        words = (WordView(said.text, said.start_ms, said.end_ms, said.confidence < LOW_CONFIDENCE / 255),)
    figures = normalised(said.text)
    return Turn(
        said.number, said.role, said.start_ms, said.end_ms, said.text, words, "" if figures == said.text else figures
    )


def faults(score: ScoreRow) -> tuple[Item, ...]:
    """What cost points or may have: steps missed, bad things said, and where the recogniser cannot tell."""
    bad = {"earn": ("miss", "cannot_tell"), "deduct": ("hit", "cannot_tell"), "fatal": ("hit", "cannot_tell")}
    return tuple(
        item
        for item in card(score).items
        if item.outcome in bad.get(item.kind, ()) and not (item.outcome == "cannot_tell" and item.matters is False)
    )


def card(score: ScoreRow) -> Card:
    """A score whose items cannot be read still shows its points, and says so."""
    try:
        return Card(score, msgspec.json.decode(score.items, type=tuple[Item, ...]), "")
    except msgspec.DecodeError as error:
        return Card(score, (), str(error))
