"""What another rule or scheme would have said of contacts that are over. In: answers before and after. Out: `Changes`.

Pure. A digest over all answers shows that two ways of asking agree. May not know: stores.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from asr.transcript import Transcript
from scoring.case import Case
from scoring.formula import Outcome
from scoring.index import Compiled, hear, touched_rules, verdicts
from scoring.judge import Verdict
from scoring.operators.registry import OPERATORS
from scoring.operators.spec import Needs
from streams.vocabulary.ids import ContactId, SiteId

MOST_EXAMPLES: Final = 20
"""Kept of each change, to listen to."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one contact's rules say, by item."""

    site: SiteId
    contact: ContactId
    outcomes: tuple[Outcome, ...]
    leanings: tuple[Outcome, ...]


@dataclass(slots=True)
class Changes:
    """Mutable while it is filled. By item: how often each pair (before, after) came; examples of those that differ."""

    contacts: int = 0
    pairs: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    examples: dict[str, list[tuple[SiteId, ContactId, str, str]]] = field(default_factory=dict)


def answered(transcript: Transcript, each: Sequence[Verdict]) -> Answered:
    return Answered(
        transcript.site,
        transcript.contact,
        tuple(one.outcome for one in each),
        tuple(one.leaning for one in each),
    )


def changes(
    pairs: Iterable[tuple[Mapping[str, Outcome], Mapping[str, Outcome]]],
    names: Iterable[tuple[SiteId, ContactId]],
) -> Changes:
    """`pairs`: of each contact the outcomes by item, before and after; an item that one side lacks is `-` there."""
    found = Changes()
    for (before, after), (site, contact) in zip(pairs, names, strict=True):
        found.contacts += 1
        for item in sorted(before.keys() | after.keys()):
            was, now = before.get(item, "-"), after.get(item, "-")
            found.pairs.setdefault(item, Counter())[was, now] += 1
            examples = found.examples.setdefault(item, [])
            if was != now and len(examples) < MOST_EXAMPLES:
                examples.append((site, contact, was, now))
    return found


def needs_words(compiled: Compiled) -> bool:
    """Whether some rule rests on more than texts; else words are read only where a rule finds something."""
    return any(shape is None for shape in compiled.shapes)


def needs_events(compiled: Compiled) -> bool:
    checks = (check for rule in compiled.rules for one in rule.conditions for check in one.checks)
    return any(Needs.EVENTS in OPERATORS[check.operator].needs for check in checks)


def untouched(case: Case, compiled: Compiled) -> tuple[Verdict, ...] | None:
    """The verdicts where texts alone decide them: no rule finds anything. None: its words must be read."""
    hearing = hear(case, compiled)
    return None if touched_rules(hearing, compiled) else verdicts(hearing, compiled)


def digest(each: Iterable[Answered]) -> str:
    """Equal for equal answers, in whatever order the contacts come."""
    total = 0
    for one in each:
        text = "\0".join((one.site, one.contact, *one.outcomes, *one.leanings))
        total ^= int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")
    return f"{total:032x}"


def outcomes(each: Iterable[Answered]) -> Iterator[Counter[str]]:
    """By item, how often each outcome came."""
    found: list[Counter[str]] = []
    for one in each:
        while len(found) < len(one.outcomes):
            found.append(Counter())
        for counter, outcome in zip(found, one.outcomes, strict=False):
            counter[outcome.value] += 1
    return iter(found)
