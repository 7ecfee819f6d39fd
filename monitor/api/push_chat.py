"""Chat messages and described contacts, redacted before they go anywhere. In: events as judged. Out: the same, with ●.

The rules are those of recordings (asr/redact.py); a chat writes digits in more ways than a recogniser does. A number
may come in pieces or after the question for it, so a contact's last messages are remembered a while, in memory only.
May not know: sockets, stores.
"""

import unicodedata
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from msgspec.structs import replace

from asr.redact import DIGITS, MASK, redact
from asr.transcript import Utterance, Word
from streams.vocabulary.events import ContactDescribed, ContactMessage, Event
from streams.vocabulary.ids import ContactId, Millis, SiteId
from streams.vocabulary.states import Role

REMEMBERED_MESSAGES: Final = 6
REMEMBERED_MS: Final = 600_000
REMEMBERED_CHARACTERS: Final = 200
REMEMBERED_CONTACTS: Final = 5_000
STEP_MS: Final = 1_000
"""People type slower than they speak: for the rules, each message follows the one before it after a second."""

_CHANNELS: Final = {Role.AGENT: 0, Role.CUSTOMER: 1, Role.SYSTEM: 2}
_NO_WIDTH: Final = frozenset(("Cf", "Mn", "Me"))
_SEPARATORS: Final = frozenset("PZC")
_MEANING: Final = frozenset("@._:/-")
"""Signs that addresses, dates and codes are told by."""
_TELLING: Final = frozenset(DIGITS) | frozenset("@码令特圈at")
"""Without any of these there is nothing to find."""


@dataclass(frozen=True, slots=True)
class Said:
    at: Millis
    number: int
    role: Role
    text: str


class ChatRedactor:
    """Mutable; one owner, who hands it every batch of a site's pushed events in order. Bounded; nothing is stored."""

    def __init__(self) -> None:
        self._before: OrderedDict[tuple[SiteId, ContactId], tuple[Said, ...]] = OrderedDict()
        self.hidden = 0
        """Messages in which something was hidden."""

    def redacted(self, events: Sequence[Event]) -> tuple[Event, ...]:
        chats: dict[tuple[SiteId, ContactId], list[ContactMessage]] = {}
        for event in events:
            if isinstance(event, ContactMessage):
                chats.setdefault((event.site, event.contact), []).append(event)
        clean: dict[str, Event] = {
            event.id: _described(event) for event in events if isinstance(event, ContactDescribed)
        }
        if not chats and not clean:
            return tuple(events)
        for chat, messages in chats.items():
            clean |= self._clean(chat, sorted(messages, key=lambda one: (one.at, one.number)))
        return tuple(clean.get(event.id, event) for event in events)

    def _clean(self, chat: tuple[SiteId, ContactId], messages: list[ContactMessage]) -> dict[str, ContactMessage]:
        first = messages[0].at
        told = {one.number for one in messages}
        remembered = self._before.pop(chat, ())
        before = [said for said in remembered if first - said.at <= REMEMBERED_MS and said.number not in told]
        new = [Said(one.at, one.number, one.role, one.text) for one in messages]
        texts = redacted_texts([*before, *new])[len(before) :]
        self.hidden += sum(text != one.text for text, one in zip(texts, messages, strict=True))
        kept = [replace_text(said, said.text[-REMEMBERED_CHARACTERS:]) for said in [*before, *new]]
        self._before[chat] = tuple(kept[-REMEMBERED_MESSAGES:])
        if len(self._before) > REMEMBERED_CONTACTS:
            self._before.popitem(last=False)
        return {one.id: replace(one, text=text) for one, text in zip(messages, texts, strict=True)}


def redacting(publish: Callable[[Sequence[Event]], Awaitable[None]]) -> Callable[[Sequence[Event]], Awaitable[None]]:
    """For a collector whose feed may hold chats: its `publish` behind a redactor of its own."""
    redactor = ChatRedactor()

    async def redacted(events: Sequence[Event]) -> None:
        await publish(redactor.redacted(events))

    return redacted


def _described(event: ContactDescribed) -> ContactDescribed:
    """Each value by itself: a form's fields are no conversation."""
    return replace(event, fields={name: _alone(event.at, text) for name, text in event.fields.items()})


def _alone(at: Millis, text: str) -> str:
    return redacted_texts([Said(at, 1, Role.CUSTOMER, text)])[0]


def replace_text(said: Said, text: str) -> Said:
    return Said(said.at, said.number, said.role, text)


def redacted_texts(conversation: Sequence[Said]) -> list[str]:
    """Each message's text with ● for what must not be stored; the conversation is in order."""
    plain = [_plain(said.text) for said in conversation]
    if not any(character in _TELLING for text, _ in plain for character in text):
        return [said.text for said in conversation]
    heard = [
        _utterance(number, said.role, text)
        for number, (said, (text, _)) in enumerate(zip(conversation, plain, strict=True))
    ]
    masked, _ = redact(heard)
    return [
        _put_back(said.text, places, "".join(word.text for word in text.words))
        for said, (_, places), text in zip(conversation, plain, masked, strict=True)
    ]


def hide(text: str) -> str:
    """One text by itself, whoever wrote it."""
    return redacted_texts([Said(Millis(0), 1, Role.CUSTOMER, text)])[0]


def _utterance(number: int, role: Role, text: str) -> Utterance:
    at = number * STEP_MS
    # numbers stand as words of their own: the rules look for "验证码" in the words before
    pieces = ["".join(run) for _, run in groupby(text, key=DIGITS.__contains__)]
    words = tuple(Word(text=piece, start_ms=at, end_ms=at, confidence=1.0) for piece in pieces)
    return Utterance(
        channel=_CHANNELS[role],
        role=role,
        number=number,
        start_ms=at,
        end_ms=at,
        text=text,
        words=words,
        confidence=1.0,
    )


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text as the rules read it, and where each of its characters stood: digits of any script as 0-9, signs
    without a meaning to the rules as spaces, characters without width left out."""
    read = [_plain_character(character) for character in text]
    return "".join(read), [place for place, character in enumerate(read) if character]


@lru_cache(maxsize=20_000)
def _plain_character(character: str) -> str:
    if character in DIGITS or character in _MEANING:
        return character
    category = unicodedata.category(character)
    if category in _NO_WIDTH:
        return ""
    value = unicodedata.numeric(character, -1.0)
    if 0 <= value <= 9 and value == int(value):
        return str(int(value))
    return " " if category[0] in _SEPARATORS else character


def _put_back(text: str, places: Iterable[int], masked: str) -> str:
    characters = list(text)
    for place, character in zip(places, masked, strict=True):
        if character == MASK:
            characters[place] = MASK
    return "".join(characters)
