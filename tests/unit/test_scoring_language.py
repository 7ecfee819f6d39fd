"""The language of schemes: what each part means as values, and what is said of each slip in it."""

import pytest

from asr.vocabulary import vocabulary_of
from scoring.formula import And, Name, Not
from scoring.operators.registry import SPECS
from scoring.parse import Known, SchemeFaults, parse_scheme, read_scheme
from scoring.parse_where import LIMITS, RANGES, SIDES
from scoring.rules import Anchor, Dimension, Per, Role, Rule, Scheme, Side, Where

HEAD = """
[scheme]
name = "t"
version = 1
zh = "测"
en = "t"
"""
ITEM = """
[[item]]
id = "a"
zh = "甲"
en = "a"
kind = "tag"
rule = "r"
"""
RULE = """
[[rule]]
id = "r"
version = 1
"""


def condition(id: str, rest: str = "", phrase: str = "退订") -> str:
    return f'[[rule.condition]]\nid = "{id}"\noperator = "keyword"\nany = ["{phrase}"]\n{rest}\n'


def scheme(*conditions: str, head: str = "", item: str = ITEM, rule: str = "") -> Scheme:
    return parse_scheme(HEAD + head + item + RULE + rule + "\n" + "".join(conditions), file="t.toml")


def rule_of(*conditions: str, rule: str = "") -> Rule:
    return scheme(*conditions, rule=rule).items[0].rule


def faults(*conditions: str, head: str = "", item: str = ITEM, rule: str = "") -> list[str]:
    """Without the scheme's own place; mends behind a bar."""
    with pytest.raises(SchemeFaults) as raised:
        scheme(*conditions, head=head, item=item, rule=rule)
    return [f"{fault.message} | {fault.mend}" for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ("", Where()),
        ('role = "agent"', Where(role=Role.AGENT)),
        ("first_seconds = 7.5", Where(first_ms=7_500)),
        ("last_seconds = 30", Where(last_ms=30_000)),
        ("first_utterances = 3", Where(first_utterances=3)),
        ("last_utterances = 2\nevery = true", Where(last_utterances=2, every=True)),
        ('before = "x"', Where(anchor=Anchor(condition="x", side=Side.BEFORE))),
        ('at = "x"\nhit = -1', Where(anchor=Anchor(condition="x", side=Side.CURRENT, hit=-1))),
        (
            'after = "x"\nwithin_seconds = 30\nhit = 0',
            Where(anchor=Anchor(condition="x", side=Side.AFTER, hit=0, within_ms=30_000)),
        ),
        (
            'around = "x"\nwithin_utterances = 2\nhit = "every"\nrole = "customer"',
            Where(role=Role.CUSTOMER, anchor=Anchor(condition="x", side=Side.AROUND, hit=0, within_utterances=2)),
        ),
    ],
)
def test_ranges_and_anchors_arrive_as_values(keys: str, where: Where) -> None:
    """Seconds as ms; "every" hit is 0."""
    conditions = {
        one.id: one for one in rule_of(condition("x"), condition("y", keys), rule='formula = "x or y"').conditions
    }
    assert conditions["y"].where == where


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ("first_seconds = 3\nlast_seconds = 3", "last_seconds: stands beside first_seconds | one range is enough"),
        ('first_seconds = 3\nafter = "x"', "after: stands beside first_seconds | one range is enough"),
        ('after = "x"\nbefore = "x"', "after: stands beside before | one range is enough"),
        ("within_seconds = 3", "within_seconds: says how far from another condition, and none is named | add after"),
        (
            'at = "x"\nwithin_seconds = 3',
            "within_seconds: means nothing with at | at looks at the utterance of the hit",
        ),
        ('after = "x"\nhit = -2', "hit: is no number of a hit | write hit = 1 to 100, -1 for the last"),
        ('after = "x"\nhit = "all"', "hit: is no number of a hit"),
        ('after = "z"', "after: names 'z', which is no condition of this rule | known here: x"),
        ('after = "y"', "after: names the condition itself | name another condition"),
        ("first_utterances = 0", "first_utterances: 0 is out of range | write a whole number from 1 to 10000"),
        ('formula = "a"', "formula: joins checks, and there are none"),
    ],
)
def test_slips_of_ranges_are_told(keys: str, fault: str) -> None:
    """One fault each, with its mend."""
    (told,) = faults(condition("x"), condition("y", keys), rule='formula = "x or y"')
    assert fault in told


def test_conditions_are_decided_behind_what_they_stand_on() -> None:
    """However they are written: d stands on c, c on b; a by itself."""
    ordered = rule_of(condition("d", 'after = "c"'), condition("c", 'before = "b"'), condition("b"), condition("a"))
    assert [one.id for one in ordered.conditions] == ["b", "c", "d", "a"]


def test_a_ring_of_anchors_is_told_once() -> None:
    """It could never begin; what merely leads into it is not blamed."""
    told = faults(
        condition("into", 'after = "a"'),
        condition("a", 'after = "b"'),
        condition("b", 'around = "c"'),
        condition("c", 'after = "a"'),
    )
    assert told == ["rule[0].condition[1].after: goes round in a ring: a → b → c → a | let one of them stand by itself"]


def test_without_a_formula_all_must_hold_that_no_other_stands_on() -> None:
    """What is only asked so that another has a place is no demand of its own: without it the rule does not apply."""
    assert rule_of(condition("a"), condition("b", 'after = "a"'), condition("c")).formula == And((Name("b"), Name("c")))


def test_a_condition_nobody_asks_is_told() -> None:
    """Neither in the formula nor anybody's place; b is a's."""
    told = faults(condition("a", 'after = "b"'), condition("b"), condition("c"), rule='formula = "a"')
    assert told == ["rule[0].formula: leaves out condition 'c' | name every condition, or remove it"]


CHECKS = """[[rule.condition]]
id = "c"
role = "agent"
formula = "asks and not curses"
[[rule.condition.check]]
id = "asks"
operator = "keyword"
any = ["请问"]
[[rule.condition.check]]
id = "curses"
operator = "pattern"
pattern = "滚|闭嘴"
"""


def test_one_range_may_be_looked_at_by_several_operators() -> None:
    """Each check has an id; the condition's formula joins them."""
    (one,) = rule_of(CHECKS).conditions
    assert [(check.id, check.operator) for check in one.checks] == [("asks", "keyword"), ("curses", "pattern")]
    assert (one.formula, one.where.role) == (And((Name("asks"), Not(Name("curses")))), Role.AGENT)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('"asks and not curses"', '"asks"'), "formula: leaves out check 'curses' | name every check, or remove it"),
        (('id = "curses"', 'id = "asks"'), "condition[0].check[1].id: 'asks' is there twice"),
        (('role = "agent"', 'operator = "keyword"'), "operator: stands beside [[rule.condition.check]]"),
        (('"keyword"', '"keywords"'), "unknown operator 'keywords' | did you mean 'keyword'?"),
        (("滚|闭嘴", "(?=滚)"), "pattern: looks ahead or behind | RE2 looks neither ahead nor behind"),
        (('any = ["请问"]', 'any = ["请问"]\nfirst_seconds = 3'), "check[0].first_seconds: unknown key"),
    ],
)
def test_slips_of_checks_are_told(change: tuple[str, str], fault: str) -> None:
    """A range stands in the condition, not in its checks."""
    assert any(fault in told for told in faults(CHECKS.replace(*change, 1)))


DEDUCT = ITEM.replace('kind = "tag"', 'kind = "deduct"\npoints = 2')


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (DEDUCT + "most = 10\n", 'most: is the limit of an item counted per hit | add per = "hit"'),
        (DEDUCT + 'per = "hit"\nmost = 1\n', "most: 1 is out of range | write a number from 2 to 1000"),
        (
            DEDUCT.replace("deduct", "earn") + 'per = "hit"\n',
            "per: for each hit, and nothing says how much can be earned",
        ),
        (ITEM + "points = 3\n", "points: a tag item has no points of its own"),
        (ITEM + 'per = "hit"\n', "per: a tag item has no points of its own"),
        (ITEM + 'dimension = "d"\n', "dimension: names 'd', which is no dimension here | add a [[dimension]]"),
        (ITEM.replace('id = "a"', 'id = "A"'), "id: is no id | use small letters"),
        (ITEM.replace('id = "a"', 'id = "or"'), "id: 'or' is a word of formulas | call it or_1"),
        (ITEM + ITEM, "item[1].id: 'a' is there twice"),
        ("", "no item: nothing would be scored"),
    ],
)
def test_slips_of_items_are_told(item: str, fault: str) -> None:
    """Each with its mend."""
    assert any(fault in told for told in faults(condition("x"), item=item))


def test_dimensions_and_points_per_hit_arrive_as_values() -> None:
    """2 off for each hit, 10 at most; the dimension takes 20 at most."""
    dimension = '[[dimension]]\nid = "manner"\nzh = "态度"\nen = "Manner"\nfloor = -20\n'
    found = scheme(condition("x"), item=dimension + DEDUCT + 'per = "hit"\nmost = 10\ndimension = "manner"\n')
    assert found.dimensions == (Dimension(id="manner", zh="态度", en="Manner", floor=-20.0),)
    item = found.items[0]
    assert (item.points, item.per, item.most, item.dimension) == (2.0, Per.HIT, 10.0, "manner")


SYNONYMS = '[scheme.synonyms]\n"稍等" = ["稍候", "等一下"]\n'


def test_synonyms_stand_for_a_phrase_as_one() -> None:
    """So that `all` wants one of them and `at_least` counts them once."""
    text = '[[rule.condition]]\nid = "x"\noperator = "keyword"\nall = ["稍等", "谢谢"]\n'
    check = scheme(text, head=SYNONYMS).items[0].rule.conditions[0].checks[0]
    assert check.asked.all == ("稍等|稍候|等一下", "谢谢")


def test_synonyms_nobody_uses_are_warned_of() -> None:
    """The scheme reads all the same."""
    reading = read_scheme(HEAD + SYNONYMS + ITEM + RULE + condition("x"), file="t.toml")
    assert reading.scheme is not None
    assert [(one.line, one.message) for one in reading.warnings] == [
        (8, "scheme.synonyms.稍等: stands in no rule as it is written here")
    ]


@pytest.mark.parametrize("synonyms", ['"稍等" = ["稍候|等"]', '"" = ["x"]', '"稍等" = [" "]', '"稍等" = 3'])
def test_what_is_no_synonym_is_told(synonyms: str) -> None:
    assert len(faults(condition("x"), head=f"[scheme.synonyms]\n{synonyms}\n")) == 1


def test_what_the_centre_does_not_have_is_warned_of() -> None:
    """A queue that nobody named may come tomorrow: a warning, no fault."""
    known = Known(facts={"queue": frozenset({"sales", "support"})})
    text = HEAD + ITEM + RULE + 'when = \'queue in ["salse", "support"]\'\n' + condition("x")
    reading = read_scheme(text, file="t.toml", known=known)
    assert reading.scheme is not None
    assert [(one.line, one.message, one.mend) for one in reading.warnings] == [
        (18, "rule[0].when: no queue is called 'salse' here", "did you mean 'sales'?")
    ]
    assert read_scheme(text, file="t.toml").warnings == ()


def test_words_the_recogniser_lacks_are_warned_of_with_what_it_writes() -> None:
    """工信部 cannot be written, 供信 sounds like it; of alternatives each is judged, and an ellipsis parts words."""
    known = Known(vocabulary=vocabulary_of(["退订", "取消", "供", "信", "不", "供信不"]))
    text = HEAD + ITEM + RULE + condition("x", phrase="退订|取消…工信部")
    (warning,) = read_scheme(text, file="t.toml", known=known).warnings
    assert "the recogniser has no word for '工信部', so it is never heard" in warning.message
    assert "it writes 供信不" in warning.mend


def test_no_setting_of_an_operator_is_called_like_a_range() -> None:
    """They stand in one table: one name, one meaning."""
    taken = {"id", "operator", "role", "hit", "every", "formula", "check", *RANGES, *LIMITS, *SIDES}
    assert {(spec.name, field.key) for spec in SPECS for field in spec.fields if field.key in taken} == set()
