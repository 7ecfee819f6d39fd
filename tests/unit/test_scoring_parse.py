"""A scheme's text: everything wrong is told at once, with its line."""

from pathlib import Path

import pytest

from asr.redact_kinds import KINDS
from scoring.library import load_scheme, packs
from scoring.operators.hold_notice import HoldNotice
from scoring.parse import SchemeFaults, parse_scheme
from scoring.rules import ItemKind, Role, Where
from tests.unit.test_scoring_score import SCHEME_TEXT

TWENTY_FAULTS = """[scheme]
name = "x"
version = "one"
en = ""
pass_percnt = 3
applies = 'quue == "sales" and hour == 25'
[[dimension]]
id = "manner"
zh = "a"
en = "b"
floor = 5

[[item]]
id = "Bad Id"
zh = "a"
en = "b"
kind = "earned"
points = -3
most = 5
rule = "greting"
dimension = "maner"

[[rule]]
id = "greeting"
version = 1
formula = "hello and (bye or"
[[rule.condition]]
id = "hello"
operator = "keywrd"
any = ["…"]
[[rule.condition]]
id = "hello"
operator = "ordered"
first = ["a"]
first_seconds = 0
after = "helo"
nonsense = 1
[[rule.condition]]
id = "digits"
operator = "pattern"
pattern = '(?<!1)\\d{4}'
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(SchemeFaults) as raised:
        parse_scheme(text, file="x.toml")
    assert all(fault.mend for fault in raised.value.faults)
    return [(fault.line, fault.message) for fault in raised.value.faults]


def test_every_fault_is_told_at_once_with_its_line() -> None:
    """Nobody wants to mend a file twenty times; each line's fault is worked out by hand."""
    told = faults(TWENTY_FAULTS)
    by_line = {
        1: "scheme: zh is missing",
        3: "scheme.version: this is a text",
        4: "scheme.en: is empty",
        5: "scheme.pass_percnt: unknown key",
        6: "no fact is called 'quue' (character 1)",
        8: "dimension[0].id: no item uses the dimension 'manner'",
        11: "dimension[0].floor: 5 is out of range",
        14: "item[0].id: is no id",
        17: "item[0].kind: unknown kind 'earned'",
        18: "item[0].points: -3 is out of range",
        19: "item[0].most: is the limit of an item counted per hit",
        20: "item[0].rule: names 'greting', which is no rule here",
        21: "item[0].dimension: names 'maner', which is no dimension here",
        24: "rule[0].id: no item uses the rule 'greeting'",
        26: "rule[0].formula: cannot be read",
        29: "rule[0].condition[0].operator: unknown operator 'keywrd'",
        30: "rule[0].condition[0].any[0]: is a phrase without characters",
        31: "rule[0].condition[1]: then is missing",
        32: "rule[0].condition[1].id: 'hello' is there twice",
        35: "rule[0].condition[1].first_seconds: 0 is out of range",
        36: "rule[0].condition[1].after: stands beside first_seconds",
        37: "rule[0].condition[1].nonsense: unknown key",
        41: "rule[0].condition[2].pattern: looks ahead or behind",
    }
    assert {line for line, _ in told} == by_line.keys()
    for line, message in by_line.items():
        assert any(at == line and message in what for at, what in told), (line, message, told)
    assert len(told) == len(by_line) + 1  # line 6 holds two


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (('id = "hold"\nzh', 'id = "greeting"\nzh'), 17, "item[1].id: 'greeting' is there twice"),
        (('rule = "hold"', 'rule = "hols"'), 22, "item[1].rule: names 'hols', which is no rule here"),
        (('kind = "tag"', 'kind = "tag"\npoints = 1'), 41, "item[4].points: a tag item has no points of its own"),
        (('any = ["您好"]', "any = []"), 50, "rule[0].condition[0].any: is an empty list"),
        (("seconds = 8", "seconds = 8\nfirst_seconds = 5"), 54, "hold_notice looks at the whole contact"),
        (("pass_percent = 60", "pass_percent = "), 7, "not TOML"),
    ],
)
def test_slips_are_told_where_they_are(change: tuple[str, str], line: int, message: str) -> None:
    """One slip, one fault, nothing that follows from it; the line is worked out by hand."""
    assert change[0] in SCHEME_TEXT
    told = faults(SCHEME_TEXT.replace(*change, 1))
    assert next(at for at, what in told if message in what) == line


def test_a_rule_nobody_uses_is_told() -> None:
    """It looks as if it counted."""
    unused = '[[rule]]\nid = "idle"\nversion = 1\n[[rule.condition]]\nid = "a"\noperator = "keyword"\nany = ["a"]\n'
    assert [message for _, message in faults(SCHEME_TEXT + unused)] == ["rule[5].id: no item uses the rule 'idle'"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[scheme]\n",
        "scheme = 3\n",
        "x = " + "9" * 5_000,
        "x = " + "[" * 3_000,
        "[[scheme]]\n",
        "item = 1\nrule = []\n",
    ],
)
def test_hostile_text_is_a_fault_too(text: str) -> None:
    """Never anything else than SchemeFaults."""
    assert faults(text)


def test_a_file_that_cannot_be_read_is_told_like_any_fault(tmp_path: Path) -> None:
    """Missing, and not UTF-8 in line 2."""
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"# ok\n\xff\xfe")
    with pytest.raises(SchemeFaults, match=r"bad\.toml:2: is not UTF-8 here"):
        load_scheme(bad)
    with pytest.raises(SchemeFaults, match=r"give a file, or one of: .*telecom-service\.zh"):
        load_scheme(tmp_path / "none.toml")


def test_the_packaged_schemes_read() -> None:
    """Each in both languages; names, ranges and operators arrive as values."""
    names = {name.removesuffix(".zh") for name in packs() if name.endswith(".zh")}
    assert set(packs()) == {f"{name}.{language}" for name in names for language in ("zh", "en")}
    assert len(names) == 5
    scheme = load_scheme("telecom-service.zh")
    items = {item.id: item for item in scheme.items}
    assert sum(item.points for item in scheme.items if item.kind is ItemKind.EARN) == 100
    assert items["greeting"].rule.conditions[0].where == Where(role=Role.AGENT, first_ms=30_000)
    assert isinstance(items["hold_notice"].rule.conditions[0].checks[0].asked, HoldNotice)
    assert [item.id for item in scheme.items if item.kind is ItemKind.FATAL] == ["insult"]


def test_a_scheme_says_what_no_transcript_may_hold() -> None:
    """All kinds unless it names some; an unknown kind is a fault of its own."""
    assert parse_scheme(SCHEME_TEXT, file="x.toml").hide == KINDS
    some = SCHEME_TEXT.replace("[scheme]", '[scheme]\nhide = ["id_card", "code"]', 1)
    assert parse_scheme(some, file="x.toml").hide == {"id_card", "code"}
    wrong = SCHEME_TEXT.replace("[scheme]", '[scheme]\nhide = ["passport"]', 1)
    assert [message for _, message in faults(wrong)] == ["scheme.hide: hide knows no 'passport'"]
