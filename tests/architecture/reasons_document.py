"""docs/reasons.md, made from code and catalogues. In: our modules. Out: Markdown; as a program it writes the file.

A reason is a member of an enum named so (…Reason, …Refused, …Lost, …), or a constant text of a collector or translator.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.web.words import CHINESE, ENGLISH, load_catalogues
from tests.architecture.tree import Module, our_modules

FILE = Path(__file__).parents[2] / "docs" / "reasons.md"
HEAD = """# Reasons 原因

Made by `python -m tests.architecture.reasons_document` from the code and the catalogues; a test fails when it is not
current. Whatever Floorwatch does not use, cannot say or gives up has one of these words: in `/metrics`
(`floorwatch_refused_total{source,reason}` and its neighbours), on `/ops`, in dead letters and in answers.
[operations.md](operations.md) says what to do about the usual ones, [push.md](push.md) about those of pushed events.
"""
NAMED = re.compile(r"(Reason|Refused|Refusal|Lost|Unbelievable|AnomalyKind|NotAcknowledged|^Doubt)$")
ELSEWHERE = frozenset(
    {
        ("streams/warehouse/sql_guard.py", "Refusal"),  # said with its own mend on the command line
        ("streams/bus/trim.py", "TrimReason"),  # why so much was trimmed; nothing is refused
        ("monitor/safe_path.py", "PathReason"),  # behind `recording_`, see below
        ("streams/translate/bounds.py", "Doubt"),  # carries an Unbelievable
    }
)
"""Enums whose words are not shown by themselves."""
NO_REASON = frozenset({"cursor"})
KINDS = {
    "AudioReason": "audio",
    "FetchRefused": "audio",
    "IntakeReason": "audio",
    "RecognitionReason": "audio",
    "GapReason": "gap",
    "Doubt": "doubt",
}
"""The catalogue's kind of word; `reason` for all others."""
CONSTANTS = ("streams/translate/", "streams/collect/")
_WORD = re.compile(r"[a-z]+(_[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Reason:
    name: str
    word: str
    """its key in the catalogues"""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reasons:
    module: str
    title: str
    members: tuple[Reason, ...]


def all_reasons() -> list[Reasons]:
    """Every list of reasons, by file."""
    return [one for module in our_modules() if not module.path.startswith("monitor/demo/") for one in _of(module)]


def _of(module: Module) -> Iterator[Reasons]:
    for node in module.tree.body:
        if not (isinstance(node, ast.ClassDef) and _is_enum(node) and NAMED.search(node.name)):
            continue
        if (module.path, node.name) not in ELSEWHERE:
            kind = KINDS.get(node.name, "reason")
            members = tuple(Reason(name, f"{kind}:{name}", note) for name, note in _members(node.body))
            yield Reasons(module.path, node.name, members)
    if module.path.startswith(CONSTANTS):
        found = tuple(Reason(name, f"reason:{name}") for name in _constants(module.tree) if name not in NO_REASON)
        if found:
            yield Reasons(module.path, "", found)


def _is_enum(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases)


def _members(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Values, each with the text that stands below it."""
    for place, statement in enumerate(body):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant) and statement.value.value:
            following = body[place + 1] if place + 1 < len(body) else None
            yield str(statement.value.value), _text(following)


def _text(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return " ".join(str(statement.value.value).split())
    return ""


def _constants(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.value, ast.Constant)):
            continue
        name, value = statement.target, statement.value.value
        public = isinstance(name, ast.Name) and name.id.isupper() and not name.id.startswith("_")
        if public and isinstance(value, str) and _WORD.fullmatch(value):
            yield value


def document() -> str:
    catalogues = load_catalogues()
    chinese, english = catalogues[CHINESE].table, catalogues[ENGLISH].table
    parts = [HEAD]
    for reasons in all_reasons():
        title = f"`{reasons.title}` in `{reasons.module}`" if reasons.title else f"`{reasons.module}`"
        parts.append(f"\n## {title}\n\n| reason | 中文 | English |\n|---|---|---|\n")
        for one in reasons.members:
            note = f": {one.note}" if one.note else ""
            parts.append(f"| `{one.name}` | {chinese.get(one.word, '')} | {english.get(one.word, '')}{note} |\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
