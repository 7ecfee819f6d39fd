"""What a scheme says, as values. In: nothing. Out: Scheme, Dimension, Item, Rule, Condition, Where, Check.

An item asks a rule; a rule is a formula over conditions; a condition is a formula over checks in one range; a check is
an operator with its settings. Only scoring/parse*.py build these from text. May not know: TOML, transcripts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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
    ADD = "add"
    """Gives points beyond those that could be earned."""
    DEDUCT = "deduct"
    """Takes its points; a miss takes none."""
    FATAL = "fatal"
    """Takes all points (一票否决)."""
    TAG = "tag"
    """Moves no points; marks the contact."""


class Per(StrEnum):
    """How often an item's points count."""

    CONTACT = "contact"
    HIT = "hit"
    """For each hit of the rule's deciding condition, up to the item's `most`."""


class Side(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    AROUND = "around"
    CURRENT = "current"
    """The utterance of the hit itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A range around hits of another condition of the same rule. Without limits it reaches to the contact's end."""

    condition: str
    side: Side
    hit: int = 1
    """The n-th hit; -1 the last; 0 every hit, each with a range of its own, of which all must hold."""
    within_utterances: int | None = None
    """Counted among the utterances of `Where.role`."""
    within_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which part of the contact is looked at; None: no limit. At most one of the four, or an anchor."""

    role: Role = Role.ANY
    first_ms: int | None = None
    last_ms: int | None = None
    first_utterances: int | None = None
    """Counted among the utterances of the role."""
    last_utterances: int | None = None
    anchor: Anchor | None = None
    every: bool = False
    """Each utterance in the range must satisfy the checks by itself, not the range as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`asked` is the settings type of the operator's Spec (scoring/operators/)."""

    id: str
    operator: str
    asked: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    id: str
    checks: tuple[Check, ...]
    formula: Formula
    """Over the checks' ids."""
    where: Where = Where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    version: int
    formula: Formula
    conditions: tuple[Condition, ...]
    """In the order they are decided in: an anchor's condition before those that stand on it."""
    when: Formula | None = None
    """Over the ids of `facts`: whether the rule applies to this contact at all; None: to each."""
    facts: Mapping[str, "FactTest"] = field(default_factory=dict)
    """What `when` compares, by the names its formula has for it."""


class Comparison(StrEnum):
    IS = "=="
    IS_NOT = "!="
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    IN = "in"
    """The fact is one of the values; of a fact with many words, one of them is."""
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTest:
    fact: str
    comparison: Comparison
    values: tuple[str | float | bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A group of items with limits of its own; None: no limit."""

    id: str
    zh: str
    en: str
    floor: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    id: str
    zh: str
    en: str
    kind: ItemKind
    points: float
    rule: Rule
    per: Per = Per.CONTACT
    most: float | None = None
    """What `per = hit` may give or take at most."""
    dimension: str = ""


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
    dimensions: tuple[Dimension, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A phrase and what else stands for it, wherever a keyword names it."""
    applies: Formula | None = None
    """Over the ids of `facts`: which contacts it is meant for; None: every one."""
    facts: Mapping[str, "FactTest"] = field(default_factory=dict)
    hide: frozenset[str] = KINDS
    """Which kinds of numbers and names (asr.redact_kinds) are hidden before a transcript is stored."""
