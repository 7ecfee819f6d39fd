"""What a scheme says, as values. In: nothing. Out: Scheme, Item, Rule, Condition and its operators.

An item asks a rule; a rule is a formula over conditions; a condition is an operator with a role and a range. Only
scoring/parse.py builds these from text. May not know: TOML, transcripts.
"""

from dataclasses import dataclass
from enum import StrEnum

from asr.redact_kinds import KINDS
from scoring.formula import Formula


class Role(StrEnum):
    AGENT = "agent"
    CUSTOMER = "customer"
    ANY = "any"


class ItemKind(StrEnum):
    """What a hit does."""

    EARN = "earn"
    """Gives its points; a miss gives none."""
    DEDUCT = "deduct"
    """Takes its points, once per contact; a miss takes none."""
    FATAL = "fatal"
    """Takes all points (一票否决)."""
    TAG = "tag"
    """Moves no points; marks the contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which part of the contact is looked at; None: no limit. At most one of the four is set."""

    first_ms: int | None = None
    last_ms: int | None = None
    first_utterances: int | None = None
    """Counted among the utterances of the condition's role."""
    last_utterances: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """Hit: one of `any` (if given), each of `all`, and nothing of `none` is said. `…` in a phrase skips a few words."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Hit: before each `then`, some `first` was said. Not applicable where `then` is never said."""

    first: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNotice:
    """Hit: before each silence of `gap_ms` and more, the role's last turn holds a `notice`. Else not applicable."""

    gap_ms: int
    notice: tuple[str, ...]


Operator = Keyword | Ordered | HoldNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    id: str
    operator: Operator
    role: Role = Role.ANY
    range: Range = Range()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    version: int
    formula: Formula
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    id: str
    zh: str
    en: str
    kind: ItemKind
    points: float
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    name: str
    version: int
    zh: str
    en: str
    pass_percent: int
    """Of the points that could be earned."""
    least_confidence: float
    """A word heard with less is in doubt."""
    items: tuple[Item, ...]
    hide: frozenset[str] = KINDS
    """Which kinds of numbers and names (asr.redact_kinds) are hidden before a transcript is stored."""
