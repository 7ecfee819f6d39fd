"""A scheme's text to values. In: TOML. Out: Reading: a Scheme, or every fault with its line and its mend; warnings.

The language is described in docs/rules.md. Nothing but SchemeFaults is raised, whatever the text, and reading ends
within a second. May not know: files (scoring/library.py does), transcripts.
"""

from collections.abc import Mapping

from asr.redact_kinds import KINDS
from scoring.lexical import ALTERNATIVE
from scoring.parse_item import read_dimensions, read_items, read_name
from scoring.parse_known import (
    MOST_CHARACTERS,
    MOST_FAULTS,
    MOST_FOR_ONE,
    MOST_SIGNS,
    MOST_SYNONYMS,
    Known,
    Notes,
    Reading,
    SchemeFaults,
)
from scoring.parse_rule import HIGHEST_VERSION, read_applies, read_rules
from scoring.rules import Dimension, Item, Scheme
from streams.toml_lines import Fault, read_toml
from streams.toml_table import Table

__all__ = ["Known", "Reading", "SchemeFaults", "parse_scheme", "read_scheme"]


def parse_scheme(text: str, *, file: str, known: Known | None = None) -> Scheme:
    """`file` is what faults are told of. Raises SchemeFaults."""
    reading = read_scheme(text, file=file, known=known)
    if reading.scheme is None:
        raise SchemeFaults(reading.faults)
    return reading.scheme


def read_scheme(text: str, *, file: str, known: Known | None = None) -> Reading:
    """Never raises. `known`: what the centre has, for warnings."""
    too_much = _too_much(text)
    if too_much is not None:
        return Reading(scheme=None, faults=(Fault(file, 1, *too_much),))
    try:
        toml = read_toml(text, file=file)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets in brackets in …
        fault = Fault(file, 1, f"cannot be read: {type(error).__name__}", "a scheme needs no such depth or numbers")
        return Reading(scheme=None, faults=(fault,))
    notes = Notes(known=known or Known())
    root = Table(toml, file=file, faults=list(toml.faults))
    scheme = _scheme(root, notes) if toml.values or not toml.faults else None
    if scheme is None or root.faults:
        return Reading(scheme=None, faults=_shown(root.faults), warnings=_shown(notes.warnings))
    return Reading(scheme=scheme, faults=(), warnings=_shown(notes.warnings))


def _too_much(text: str) -> tuple[str, str] | None:
    if len(text) > MOST_CHARACTERS:
        return f"has {len(text)} characters", f"a scheme has at most {MOST_CHARACTERS}: make two of it"
    for sign in (",", "=", "["):
        if text.count(sign) > MOST_SIGNS:
            return f"has {text.count(sign)} times {sign!r}", f"a scheme has at most {MOST_SIGNS}: make two of it"
    return None


def _shown(faults: list[Fault]) -> tuple[Fault, ...]:
    ordered = sorted(faults)
    if len(ordered) <= MOST_FAULTS:
        return tuple(ordered)
    last = ordered[MOST_FAULTS - 1]
    more = Fault(last.path, last.line, "and there are more faults than can be shown", "mend these first")
    return (*ordered[:MOST_FAULTS], more)


def _scheme(root: Table, notes: Notes) -> Scheme | None:
    head = root.table("scheme")
    if head is not None:
        notes.synonyms = _synonyms(head)
    dimensions = read_dimensions(root.tables("dimension"), root)
    rules = read_rules(root.tables("rule"), root, notes)
    items = read_items(root.tables("item"), root, rules, dimensions)
    if head is None:
        if not any(fault.message.startswith("scheme") for fault in root.faults):
            root.fault(None, "[scheme] is missing", 'begin with [scheme] and its name = "…"')
        root.close()
        return None
    scheme = _head(head, items, tuple(dimensions.values()), notes)
    for key in notes.synonyms.keys() - notes.synonyms_used:
        if not root.faults:
            told = head.told("stands in no rule as it is written here", "write it as rules do", "synonyms", key)
            notes.warnings.append(told)
    head.close()
    root.close()
    return scheme


def _head(head: Table, items: tuple[Item, ...], dimensions: tuple[Dimension, ...], notes: Notes) -> Scheme:
    applies, facts = read_applies(head, "applies", notes)
    return Scheme(
        name=read_name(head, "name"),
        version=head.integer("version", low=1, high=HIGHEST_VERSION),
        zh=read_name(head, "zh"),
        en=read_name(head, "en"),
        pass_percent=head.integer("pass_percent", low=0, high=100, default=80),
        least_confidence=head.number("least_confidence", low=0.0, high=1.0, default=0.6),
        items=items,
        dimensions=dimensions,
        synonyms=notes.synonyms,
        applies=applies,
        facts=facts,
        hide=_hide(head),
    )


def _synonyms(head: Table) -> Mapping[str, tuple[str, ...]]:
    """[scheme.synonyms]: a phrase, and what else stands for it."""
    table = head.table("synonyms")
    if table is None:
        return {}
    if len(table.names()) > MOST_SYNONYMS:
        head.fault("synonyms", f"has {len(table.names())} entries", f"write at most {MOST_SYNONYMS}")
    found: dict[str, tuple[str, ...]] = {}
    for phrase in list(table.names())[:MOST_SYNONYMS]:
        others = table.texts(phrase)
        if (
            not phrase.strip()
            or not all(one.strip() for one in others)
            or ALTERNATIVE in phrase
            or any(ALTERNATIVE in one for one in others)
        ):
            table.fault(phrase, "is no phrase", f"write phrases without {ALTERNATIVE}, each as a text of its own")
        if len(others) > MOST_FOR_ONE:
            table.fault(phrase, f"has {len(others)} entries", f"write at most {MOST_FOR_ONE}")
        found[phrase] = tuple(one for one in others[:MOST_FOR_ONE] if one.strip() and one != phrase)
    return found


def _hide(head: Table) -> frozenset[str]:
    asked = head.texts("hide", default=tuple(sorted(KINDS)))
    for kind in asked:
        if kind not in KINDS:
            head.fault("hide", f"hide knows no {kind[:80]!r}", f"one or more of {', '.join(sorted(KINDS))}")
    return frozenset(asked) & KINDS
