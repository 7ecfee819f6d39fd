"""What is wrong with a scheme's text. In: text, the words a model writes. Out: `Looked`: scheme, faults, warnings.

May not know: HTTP, versions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from asr.faults import ModelFault
from asr.vocabulary import LONGEST_KEYWORD, Judged, Writable
from monitor.vocabulary_desk import VocabularyDesk
from scoring.lexical import ALTERNATIVE
from scoring.match import ELLIPSIS
from scoring.operators.registry import OPERATORS
from scoring.parse import Known, read_scheme
from scoring.rules import Scheme
from streams.toml_lines import Fault
from streams.vocabulary.ids import QueueName, SiteId

MOST_FAULTS: Final = 500
MOST_WORDS_KEPT: Final = 20_000
AT_ONCE: Final = 25
"""Words judged for one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """`scheme` None: it has faults."""

    scheme: Scheme | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


def look(text: str, *, file: str, name: str = "", known: Known | None = None) -> Looked:
    """Blocks: call it in a thread. `name`: what the scheme must be called; `known`: what the centre has."""
    reading = read_scheme(text, file=file, known=known)
    looked = Looked(scheme=reading.scheme, faults=reading.faults, warnings=reading.warnings)
    if name and looked.scheme is not None and looked.scheme.name != name:
        line = next((n for n, row in enumerate(text.split("\n"), 1) if row.lstrip().startswith("name")), 1)
        fault = Fault(file, line, f"scheme.name: {looked.scheme.name!r} is another scheme", f"write {name!r}")
        return Looked(scheme=None, faults=(fault,), warnings=looked.warnings)
    return looked


class WordWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A phrase that the recogniser cannot write, and what it may write instead."""

    phrase: str
    line: int
    unknown: tuple[str, ...]
    near: tuple[str, ...]


class WordDesk:
    """Judges a scheme's phrases a few at a time and keeps the answers: a large model's take up to 100 ms each, and a
    text is checked at every pause of its author. Mutable; one owner, the event loop."""

    def __init__(self, vocabulary: VocabularyDesk | None) -> None:
        self._vocabulary = vocabulary
        self._kept: dict[tuple[SiteId, str], Judged] = {}
        self.fault = ""
        """Why no word can be judged."""

    async def judge(self, scheme: Scheme, text: str, *, site: SiteId) -> tuple[list[WordWarning], int]:
        """What is known of its phrases by now, and how many are left: ask again."""
        if self._vocabulary is None:
            return [], 0
        pieces = pieces_of(scheme)
        left = [piece for piece in pieces if (site, piece) not in self._kept]
        if left and not self.fault:
            await self._ask(left[:AT_ONCE], site)
        missing = 0 if self.fault else len(left[AT_ONCE:])
        judged = (self._kept[site, piece] for piece in pieces if (site, piece) in self._kept)
        return [_warning(one, text) for one in judged if one.writable is Writable.CANNOT], missing

    async def _ask(self, pieces: Sequence[str], site: SiteId) -> None:
        assert self._vocabulary is not None
        try:
            answer = await self._vocabulary.judge(pieces, queue=QueueName(""), site=site, most=3)
        except ModelFault as error:
            self.fault = str(error)
            return
        if len(self._kept) > MOST_WORDS_KEPT:
            self._kept.clear()
        self._kept.update({(site, one.keyword): one for one in answer.keywords})


def pieces_of(scheme: Scheme) -> list[str]:
    """What its operators listen for, without the gaps between; what is too long to be judged is left out."""
    found: dict[str, None] = {}
    for phrase in _phrases(scheme):
        for piece in phrase.replace(ALTERNATIVE, ELLIPSIS).split(ELLIPSIS):
            if 0 < len(piece.strip()) <= LONGEST_KEYWORD:
                found[piece.strip()] = None
    return list(found)


def _phrases(scheme: Scheme) -> Iterable[str]:
    for rule in {item.rule.id: item.rule for item in scheme.items}.values():
        for condition in rule.conditions:
            for check in condition.checks:
                yield from OPERATORS[check.operator].phrases(check.asked)


def _warning(judged: Judged, text: str) -> WordWarning:
    near = tuple(one.text for one in judged.near)
    return WordWarning(phrase=judged.keyword, line=line_of(judged.keyword, text), unknown=judged.unknown, near=near)


def line_of(phrase: str, text: str) -> int:
    """Where an operator is given it: titles and remarks often say the same before."""
    rows = [row for row in enumerate(text.split("\n"), 1) if phrase in row[1]]
    given = (line for line, row in rows if not _TITLE.match(row))
    return next(given, rows[0][0] if rows else 1)


_TITLE: Final = re.compile(r"\s*(?:#|(?:zh|en|name|id|formula)\s*=)")
