"""Golden dialogues from TOML. In: text, the scheme they are for. Out: `Golden`: dialogues; every fault with its mend.

The format is described in docs/packs.md. Never raises on what a person wrote. May not know: files, judging.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scoring.case import Case, Fact
from scoring.facts import BUSINESS, FACTS
from scoring.formula import Outcome
from scoring.golden_talk import Mark, talk
from scoring.rules import Scheme
from streams.toml_lines import Fault, TomlText, read_toml
from streams.toml_table import Table, suggest

MOST_DIALOGUES: Final = 1_000
MOST_CHARACTERS: Final = 1_000_000
_OUTCOMES: Final = (
    *(one.value for one in Outcome),
    "cannot_tell/hit",
    "cannot_tell/miss",
    "cannot_tell/not_applicable",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Of an item. Empty and None: whatever it is."""

    outcome: Outcome
    leaning: Outcome | None = None
    """Behind a cannot_tell."""
    reason: str = ""
    text: str = ""
    """Stands in one of its evidences."""
    hits: int | None = None

    def __str__(self) -> str:
        leaning = f"/{self.leaning.value}" if self.leaning is not None else ""
        return f"{self.outcome.value}{leaning}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    id: str
    about: str
    line: int
    case: Case
    marks: tuple[Mark, ...]
    """Their rows are lines of the file."""
    expect: Mapping[str, Expected]
    """By item. Of one that is not named only this is asked: it does not lean to a hit that takes points or marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """With faults, dialogues are those that could be read."""

    dialogues: tuple[Dialogue, ...]
    faults: tuple[Fault, ...] = field(default=())


def read_golden(text: str, *, file: str, scheme: Scheme | None = None) -> Golden:
    """With `scheme` the items that are named must be its own."""
    if len(text) > MOST_CHARACTERS:
        told = Fault(file, 1, f"has {len(text)} characters", f"write at most {MOST_CHARACTERS}, in several files")
        return Golden(dialogues=(), faults=(told,))
    try:
        toml = read_toml(text, file=file)
    except (ValueError, RecursionError) as error:
        told = Fault(file, 1, f"cannot be read: {type(error).__name__}", "dialogues need no such depth or numbers")
        return Golden(dialogues=(), faults=(told,))
    root = Table(toml, file=file, faults=list(toml.faults))
    tables = root.tables("dialogue")
    if not tables and not root.faults:
        root.fault(None, "has no dialogue", "write [[dialogue]] with id = \"…\" and lines = '''…'''")
    if len(tables) > MOST_DIALOGUES:
        root.fault("dialogue", f"there are {len(tables)}", f"write at most {MOST_DIALOGUES}")
    known = None if scheme is None else [item.id for item in scheme.items]
    dialogues: dict[str, Dialogue] = {}
    for table in tables[:MOST_DIALOGUES]:
        one = _dialogue(table, _raw(toml, table), known)
        if one.id in dialogues:
            table.fault("id", f"{one.id!r} is the name of two dialogues", "give each a name of its own")
        dialogues[one.id] = one
    root.close()
    return Golden(dialogues=tuple(dialogues.values()), faults=tuple(sorted(root.faults)))


def _raw(toml: TomlText, table: Table) -> Mapping[str, Any]:
    """Its values as TOML has them: facts and expectations are of several types."""
    found: Any = toml.values
    for step in table.path:
        found = found[step]
    return found  # type: ignore[no-any-return]


def _dialogue(table: Table, raw: Mapping[str, Any], known: list[str] | None) -> Dialogue:
    name = table.text("id")
    about = table.text("about", default="")
    lines = table.text("lines")
    events = table.flag("events", default=True)
    roles = table.flag("roles", default=True)
    written = table.flag("written", default=False)
    told = talk(lines, name=name, facts=_facts(table, raw), events=events, roles=roles, written=written)
    first = table.told("", "", "lines").line + ("\n" in lines)  # what is said begins below the opening quotes
    for row, message, mend in told.faults if lines else ():
        table.faults.append(Fault(table.file, first + row, message, mend))
    expect = _expected(table, raw.get("expect"), known)
    for mark in told.marks:
        _check_mark(table, mark, first, known)
    table.close()
    return Dialogue(
        id=name,
        about=about,
        line=table.line,
        case=told.case,
        marks=tuple(_on_line(mark, first) for mark in told.marks),
        expect=expect,
    )


def _on_line(mark: Mark, first: int) -> Mark:
    return Mark(
        text=mark.text,
        row=first + mark.row,
        channel=mark.channel,
        start_ms=mark.start_ms,
        end_ms=mark.end_ms,
        items=mark.items,
    )


def _check_mark(table: Table, mark: Mark, first: int, known: list[str] | None) -> None:
    for item, outcome in mark.items.items():
        if known is not None and item not in known:
            told = Fault(table.file, first + mark.row, f"the scheme has no item {item!r}", suggest(item, known))
            table.faults.append(told)
        if outcome and outcome not in _OUTCOMES:
            told = Fault(table.file, first + mark.row, f"{outcome!r} is no outcome", suggest(outcome, _OUTCOMES))
            table.faults.append(told)


def _expected(table: Table, raw: Any, known: list[str] | None) -> Mapping[str, Expected]:
    asked = table.table("expect")
    if asked is None:
        table.fault(None, "expect is missing", 'write expect = { greeting = "hit" }')
        return {}
    found: dict[str, Expected] = {}
    for item in asked.names():
        if known is not None and item not in known:
            asked.fault(item, "the scheme has no such item", suggest(item, known))
        found[item] = _one(asked, item, table=isinstance(raw[item], dict))
    asked.close()
    return found


def _one(asked: Table, item: str, *, table: bool) -> Expected:
    """`"hit"`, or a table that tells more."""
    of = asked.table(item) if table else None
    if of is not None:
        outcome, leaning = _parted(of.choice("outcome", _OUTCOMES))
        hits = of.integer("hits", low=0, high=10_000, default=0) if of.has("hits") else None
        reason, text = of.text("reason", default=""), of.text("text", default="")
        of.close()
        return Expected(outcome=outcome, leaning=leaning, reason=reason, text=text, hits=hits)
    outcome, leaning = _parted(asked.choice(item, _OUTCOMES))
    return Expected(outcome=outcome, leaning=leaning)


def _parted(told: str) -> tuple[Outcome, Outcome | None]:
    outcome, _, leaning = told.partition("/")
    return Outcome(outcome), Outcome(leaning) if leaning else None


def _facts(table: Table, raw: Mapping[str, Any]) -> Mapping[str, Fact]:
    of = table.table("facts")
    if of is None:
        return {}
    flat = {name: value for name, value in raw["facts"].items() if name != "business"}
    business = raw["facts"].get("business", {})
    flat |= {f"{BUSINESS}{name}": value for name, value in business.items()} if isinstance(business, dict) else {}
    found: dict[str, Fact] = {}
    for name, value in flat.items():
        of.has(name.partition(".")[0])
        if name not in FACTS and not name.startswith(BUSINESS):
            of.fault(
                name.partition(".")[0], "no such fact is known of a contact", suggest(name, [*FACTS, f"{BUSINESS}NAME"])
            )
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            found[name] = tuple(value)
        elif isinstance(value, str | bool):
            found[name] = value
        elif isinstance(value, int | float):
            found[name] = float(value)
        else:
            of.fault(name.partition(".")[0], "is no fact", "write a text, a number, true or false, or a list of texts")
    return found
