"""A scheme's text to values. In: TOML. Out: Scheme; or SchemeFaults with every fault, its line and its mend.

The language is described in docs/scoring.md. Nothing but SchemeFaults is raised, whatever the text.
"""

import re
import tomllib
from pathlib import Path

from scoring.formula import And, Formula, FormulaFault, Name, names, parse_formula
from scoring.match import ELLIPSIS
from scoring.rules import Condition, HoldNotice, Item, ItemKind, Keyword, Operator, Ordered, Range, Role, Rule, Scheme
from scoring.table import Fault, Faults, Table
from scoring.toml_lines import lines_of

PACKS_DIR = Path(__file__).parent / "packs"

_ID = re.compile(r"[a-z][a-z0-9_]*")
_LINE = re.compile(r"\(at line (\d+)")
_MOST_SYNTAX_FAULTS = 20
_MOST_BYTES = 2_000_000
_RANGES = ("first_seconds", "last_seconds", "first_utterances", "last_utterances")


class SchemeFaults(Exception):
    """Everything that is wrong with a scheme, in order of lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def packs() -> tuple[str, ...]:
    """Names of the packaged schemes."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in PACKS_DIR.glob("*.toml")))


def load_scheme(name_or_path: str | Path) -> Scheme:
    """A packaged scheme by name, or any file by path. Raises SchemeFaults."""
    packed = str(name_or_path) in packs()
    path = PACKS_DIR / f"{name_or_path}.toml" if packed else Path(name_or_path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        mend = f"Give a file, or one of: {', '.join(packs())}."
        raise _one_fault(str(name_or_path), 1, f"cannot be read: {error.strerror}.", mend) from error
    if len(raw) > _MOST_BYTES:
        raise _one_fault(path.name, 1, f"has more than {_MOST_BYTES} bytes.", "A scheme is far smaller.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _one_fault(path.name, line, "is not UTF-8 here.", "Save the file as UTF-8.") from error
    return parse_scheme(text, file=path.name)


def parse_scheme(text: str, *, file: str) -> Scheme:
    """`file` is what faults are told of. Raises SchemeFaults."""
    broken, values, readable = _toml(text, file)
    faults = Faults(file, lines_of(readable))
    scheme = _scheme(Table(values, (), faults))
    if broken:
        # What a broken line should have said looks missing afterwards: that is not a second fault.
        faults.all = [fault for fault in faults.all if " is missing." not in fault.problem] + broken
    if scheme is None or faults.all:
        raise SchemeFaults(tuple(sorted(faults.all)))
    return scheme


def _one_fault(file: str, line: int, problem: str, mend: str) -> SchemeFaults:
    return SchemeFaults((Fault(file=file, line=line, problem=problem, mend=mend),))


def _toml(text: str, file: str) -> tuple[list[Fault], dict[str, object], str]:
    """Syntax faults, the values, and the text they came from: broken lines are emptied so that the rest can be read."""
    lines = text.replace("\r\n", "\n").split("\n")
    broken: list[Fault] = []
    while True:
        readable = "\n".join(lines)
        try:
            return broken, tomllib.loads(readable), readable
        except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
            place = _LINE.search(str(error))
            line = min(int(place.group(1)), len(lines)) if place else len(lines)
            what = str(error).split(" (at ")[0]
            broken.append(Fault(file=file, line=line, problem=f"TOML: {what}.", mend="Correct this line."))
            if place is None or len(broken) >= _MOST_SYNTAX_FAULTS or not lines[line - 1].strip():
                raise SchemeFaults(tuple(broken)) from error
            lines[line - 1] = ""


def _scheme(root: Table) -> Scheme | None:
    head = root.table("scheme")
    rules = _rules(root)
    items = tuple(item for table in root.tables("item") if (item := _item(table, rules)) is not None)
    _unique([(item.id, ("item", index, "id")) for index, item in enumerate(items)], root.faults)
    used = {item.rule.id for item in items}
    for index, name in enumerate(rules):
        if name not in used and not root.faults.all:
            root.faults.add(("rule", index), f"rule {name} is used by no item.", "Remove it, or give it an item.")
    scheme = Scheme(
        name=head.text("name"),
        version=head.whole("version", least=1, most=1_000_000),
        zh=head.text("zh"),
        en=head.text("en"),
        pass_percent=head.whole("pass_percent", 80, least=0, most=100),
        least_confidence=head.number("least_confidence", 0.6, least=0, most=1),
        items=items,
    )
    head.finish()
    root.finish()
    return scheme


def _rules(root: Table) -> dict[str, Rule | None]:
    """By id; None for a rule that could not be read, so that items naming it are not told it is missing."""
    rules: dict[str, Rule | None] = {}
    places: list[tuple[str, tuple[str | int, ...]]] = []
    for table in root.tables("rule"):
        name = _id(table)
        places.append((name, (*table.path, "id")))
        rules[name] = _rule(name, table)
    _unique(places, root.faults)
    return rules


def _rule(name: str, table: Table) -> Rule | None:
    version = table.whole("version", least=1, most=1_000_000)
    text = table.text("formula", "*")
    conditions = [condition for one in table.tables("condition") if (condition := _condition(one)) is not None]
    _unique([(one.id, (*table.path, "condition", n, "id")) for n, one in enumerate(conditions)], table.faults)
    formula = _formula(text, conditions, table)
    table.finish()
    if formula is None or not conditions:
        return None
    return Rule(id=name, version=version, formula=formula, conditions=tuple(conditions))


def _formula(text: str, conditions: list[Condition], table: Table) -> Formula | None:
    """Without one, every condition must hold."""
    known = {condition.id for condition in conditions}
    if text == "*":
        return And(tuple(Name(condition.id) for condition in conditions)) if conditions else None
    try:
        formula = parse_formula(text)
    except FormulaFault as fault:
        table.wrong("formula", f"cannot be read: {fault}", "Join condition ids with and, or, not and parentheses.")
        return None
    for missing in sorted(names(formula) - known):
        table.wrong("formula", f"names {missing}", f"Conditions here: {', '.join(sorted(known)) or 'none'}.")
    for idle in sorted(known - names(formula)):
        table.wrong("formula", f"leaves out {idle}", "Name every condition, or remove it.")
    return formula if names(formula) == known else None


def _condition(table: Table) -> Condition | None:
    name = _id(table)
    before = len(table.faults.all)
    operator = _operator(table)
    role = Role(table.choice("role", [role.value for role in Role], Role.ANY.value))
    where = _range(table)
    if isinstance(operator, HoldNotice) and where != Range():
        table.wrong("operator", "looks at the whole contact", "Remove the range.")
    table.finish()
    if operator is None or len(table.faults.all) > before:
        # Kept with an empty operator, so that the formula's names still match.
        return Condition(id=name, operator=Keyword(), role=role)
    return Condition(id=name, operator=operator, role=role, range=where)


def _operator(table: Table) -> Operator | None:
    match table.choice("operator", ("keyword", "ordered", "hold_notice"), "keyword" if "any" in table else None):
        case "ordered":
            ordered = Ordered(first=_phrases(table, "first"), then=_phrases(table, "then"))
            return _complete(table, ordered, {"first": ordered.first, "then": ordered.then})
        case "hold_notice":
            gap_ms = round(table.number("seconds", least=1, most=3_600) * 1000)
            notice = _phrases(table, "notice")
            return _complete(table, HoldNotice(gap_ms=gap_ms, notice=notice), {"notice": notice})
        case _:
            spoken = Keyword(any=_phrases(table, "any"), all=_phrases(table, "all"), none=_phrases(table, "none"))
            if not (spoken.any or spoken.all or spoken.none):
                table.faults.add(table.path, "a keyword condition without phrases.", "Give any, all or none.")
            return spoken


def _complete(table: Table, operator: Operator, needed: dict[str, tuple[str, ...]]) -> Operator:
    for key, phrases in needed.items():
        if not phrases and key not in table:
            table.faults.add(table.path, f"{key} is missing.", f'Add {key} = ["…"].')
    return operator


def _phrases(table: Table, key: str) -> tuple[str, ...]:
    phrases = table.texts(key)
    for phrase in phrases:
        if not phrase.strip(ELLIPSIS + " "):
            table.wrong(key, f"has a phrase without characters: {phrase!r}", "Write what is said.")
    return phrases


def _range(table: Table) -> Range:
    given = [name for name in _RANGES if name in table]
    amounts = {name: table.whole(name, 0, least=1, most=36_000) if name in table else None for name in _RANGES}
    for name in _RANGES:
        if name not in table:
            table.whole(name, 0, least=1, most=36_000)
    if len(given) > 1:
        table.wrong(given[1], f"stands beside {given[0]}", "One range is enough: remove the others.")
    first_s, last_s = amounts["first_seconds"], amounts["last_seconds"]
    return Range(
        first_ms=first_s * 1000 if first_s else None,
        last_ms=last_s * 1000 if last_s else None,
        first_utterances=amounts["first_utterances"],
        last_utterances=amounts["last_utterances"],
    )


def _item(table: Table, rules: dict[str, Rule | None]) -> Item | None:
    name = _id(table)
    kind = ItemKind(table.choice("kind", [kind.value for kind in ItemKind]))
    takes_points = kind in (ItemKind.EARN, ItemKind.DEDUCT)
    points = table.number("points", None if takes_points else 0.0, least=0, most=1_000)
    if takes_points and points == 0 and "points" in table:
        table.wrong("points", "is 0", "Give points, or make it a tag.")
    if not takes_points and points:
        table.wrong("points", f"is of no use to a {kind.value} item", "Remove it.")
    rule_name = table.text("rule")
    if rule_name and rule_name not in rules:
        table.wrong("rule", f"names {rule_name}, which is not here", f"Rules here: {', '.join(rules) or 'none'}.")
    zh, en = table.text("zh"), table.text("en")
    table.finish()
    rule = rules.get(rule_name)
    if rule is None:
        return None
    return Item(id=name, zh=zh, en=en, kind=kind, points=points, rule=rule)


def _id(table: Table) -> str:
    name = table.text("id")
    if name and not _ID.fullmatch(name):
        table.wrong("id", f"is {name!r}", "Use small letters, digits and _, beginning with a letter.")
    return name


def _unique(named: list[tuple[str, tuple[str | int, ...]]], faults: Faults) -> None:
    seen: set[str] = set()
    for name, path in named:
        if name and name in seen:
            faults.add(path, f"{name} is there twice.", "Give each its own id.")
        seen.add(name)
