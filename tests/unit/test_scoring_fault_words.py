"""Faults of a scheme in Chinese: every sentence that a parser can say has its words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring.fault_words import in_chinese
from scoring.golden_read import read_golden
from scoring.parse import read_scheme

ROOM = Path(__file__).parents[2]
TELLERS = ("fault", "told", "Fault", "_told", "FormulaFault", "PatternFault", "append")
FILES = (
    *ROOM.glob("scoring/parse*.py"),
    *ROOM.glob("scoring/operators/*.py"),
    ROOM / "scoring/golden_read.py",
    ROOM / "scoring/golden_talk.py",
    *(ROOM / name for name in ("scoring/formula.py", "scoring/patterns.py", "streams/toml_table.py")),
)
PASSED_ON = ("{}", "{}: {}", "{} {}", "{} (character {})", "{} = {}", "{} lacks {}", "{} (and business.NAME)")
"""A place before a sentence, or a part that is told by itself."""


def sentences() -> Iterator[tuple[str, str]]:
    """(where, template) of what is given to who tells faults, or yielded by who finds them."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call) and _name(node.func) in TELLERS:
                parts = node.args[0].elts if node.args and isinstance(node.args[0], ast.Tuple) else node.args
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                parts = node.value.elts[1:]
            for part in parts:
                template = _template(part)
                if " " in template and template not in PASSED_ON:
                    yield f"{file.name}:{part.lineno}", template


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _template(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_template(value) for value in values)
        case ast.FormattedValue():
            return "{}"
    return ""


def test_every_sentence_of_the_parsers_has_chinese_words() -> None:
    """A fault that is added without its words fails here, by file and line."""
    found = {template: where for where, template in sentences()}
    lacking = {
        where: template
        for template, where in found.items()
        if not any(in_chinese(template.replace("{}", part)) for part in ("'x'", "rule", "condition", "a text"))
    }
    assert len(found) > 80
    assert lacking == {}


SCHEME = """
[scheme]
name = "a"
pas_percent = 80
[[item]]
id = "Greeting"
kind = "earn"
rule = "nothing"
[[rule]]
id = "hello"
when = 'queu == "sales"'
formula = "x and"
[[rule.condition]]
id = "x"
operator = "pattern"
pattern = "(?=a)"
first_seconds = "30"
"""


def test_a_scheme_with_many_faults_is_told_in_chinese() -> None:
    """Names, places and numbers stay as they were written."""
    faults = read_scheme(SCHEME, file="a").faults
    told = [(in_chinese(one.message), in_chinese(one.mend)) for one in faults]
    assert all(message and mend for message, mend in told)
    assert ("scheme.pas_percent：没有这个键", "是不是想写 'pass_percent'？") in told
    assert any("没有叫 'queu' 的属性（第 1 个字符）" in message for message, _ in told)


def test_dialogues_with_faults_are_told_in_chinese() -> None:
    """Their places, too."""
    text = "[[dialogue]]\nid = 'x'\nlines = 'B: 谁'\nexpect = { greeting = 'hits' }\nfacts = { mood = 'bad' }\n"
    faults = read_golden(text + "[[dialogue]]\nid = 'x'\nlines = '* dance'\n", file="a").faults
    assert len(faults) > 5
    assert [one.message for one in faults if not in_chinese(one.message) or not in_chinese(one.mend)] == []


@pytest.mark.parametrize(
    ("told", "chinese"),
    [
        ("rule[0].id: is no id", "rule[0].id：不能作 id"),
        ("this is a text", "这里是文本"),
        (
            "rule[0].formula: cannot be read: it ends where a condition is expected",
            "rule[0].formula：读不懂：末尾还缺一个条件",
        ),
        ("3 is a number", "3是数字"),
        ("has 3 times ','", "',' 出现了 3 次"),
        ("what nobody wrote words for", ""),
    ],
)
def test_a_sentence(told: str, chinese: str) -> None:
    """As written; nothing where there are no words, and the English stays."""
    assert in_chinese(told) == chinese


def test_hostile_text_in_a_fault_ends_at_once() -> None:
    """Parts are kept as they are: no braces are read, nothing is searched for long."""
    assert in_chinese("rule[0].id: '{0.__class__}{}' is there twice") == "rule[0].id：'{0.__class__}{}' 出现了两次"
    assert in_chinese("names " + "is " * 400) == ""
