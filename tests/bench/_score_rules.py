"""Two hundred rules of a hotline, made by code. In: nothing. Out: a Scheme with every operator, ranges and anchors.

About 1,100 phrases. Most rules look for words, as real schemes do (greeting, forbidden words, promises, risks …): `mix`
counts them. Phrases are drawn from the trade's words, so many nearly match; no setting is one the language refuses.
"""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from scoring.formula import Name, Or
from scoring.operators._script_plan import Step
from scoring.operators.registry import OPERATORS
from scoring.rules import Anchor, Check, Condition, Item, ItemKind, Role, Rule, Scheme, Side, Where
from tests.bench._score_calls import AGENT, CLOSE, CUSTOMER, OPEN, RARE, VERIFY

RULES: Final = 200
PATTERNS: Final = 20
SENTENCES: Final = [one.split() for one in (*OPEN, *VERIFY, *AGENT, *CUSTOMER, *CLOSE, *(rare[2] for rare in RARE))]
OTHER: Final = [
    "绝对",
    "肯定",
    "骗人",
    "垃圾",
    "滚",
    "笨",
    "闭嘴",
    "随便",
    "爱咋咋地",
    "没办法",
    "不可能",
    "赔偿",
    "起诉",
    "消协",
    "记者",
    "微博",
    "升级",
    "领导",
    "主管",
    "押金",
]
MEASURES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("silence", {"gap_ms": 10_000}),
    ("silence", {"gap_ms": 5_000, "unless": ("请稍等", "查询一下")}),
    ("hold_notice", {"gap_ms": 15_000, "notice": ("请稍等", "久等")}),
    ("speech_rate", {"above": 330.0}),
    ("speech_rate", {"above": 360.0, "each": True}),
    ("interruption", {"overlap_ms": 800}),
    ("interruption", {"overlap_ms": 500, "characters": 2}),
    ("hang_up", {"gap_ms": 0, "by": "agent"}),
    ("late_start", {"gap_ms": 2_000}),
    ("loudness", {"above": -12.0}),
    ("loudness", {"jump": 9.0}),
    ("duration", {"above": 600_000}),
    ("turns", {"above": 30.0}),
    ("talk_share", {"above": 70.0}),
    ("hold", {"above_ms": 60_000}),
    ("hold", {"above_ms": 10_000, "notice": ("请稍等",), "within_ms": 10_000}),
    ("transfer", {"times": 1}),
    ("agent_state", {"states": ("not_ready",), "above_ms": 60_000}),
    ("survey", {"below": 3.0}),
    ("repetition", {}),
    ("entity", {"kinds": ("amount",)}),
    ("hold", {"sum": True, "above_ms": 120_000}),
    ("hold", {"times": 3}),
    ("hold", {"above_ms": 30_000, "times": 2}),
    ("hold", {"above_ms": 5_000, "notice": ("请稍等", "查询一下")}),
    ("transfer", {"times": 2}),
    ("transfer", {"kind": "blind"}),
    ("transfer", {"target": ("support", "vip")}),
    ("agent_state", {"states": ("wrap_up",), "above_ms": 120_000}),
    ("agent_state", {"states": ("not_ready/lunch",)}),
    ("survey", {"above": 4.0}),
    ("survey", {"below": 2.0, "question": "q1"}),
    ("hang_up", {"gap_ms": 3_000, "by": "agent"}),
    ("hang_up", {"gap_ms": 0, "by": "customer"}),
)


def _phrase(rng: random.Random, *, rare: bool) -> str:
    """Two to four words that follow one another somewhere, or, rare, that never do."""
    if rare:
        return rng.choice(OTHER) + "".join(rng.choice(rng.choice(SENTENCES)) for _ in range(rng.randrange(0, 3)))
    words = [word for word in rng.choice(SENTENCES) if "{" not in word]
    at = rng.randrange(max(1, len(words) - 2))
    text = "".join(words[at : at + rng.randrange(2, 4)])
    return text if len(text) > 1 or rng.random() < 0.5 else text + "…" + rng.choice(OTHER)


def _phrases(rng: random.Random, count: int, *, rare: float) -> tuple[str, ...]:
    return tuple(_phrase(rng, rare=rng.random() < rare) for _ in range(count))


def _check(operator: str, settings: dict[str, Any], name: str = "c") -> Check:
    spec = OPERATORS[operator]
    asked = spec.asked(**settings)
    assert not list(spec.faults(asked)), (operator, settings)
    return Check(id=name, operator=operator, asked=asked)


def _condition(name: str, check: Check, where: Where) -> Condition:
    return Condition(id=name, checks=(check,), formula=Name(check.id), where=where)


def _single(number: int, check: Check, where: Where) -> Rule:
    name = f"c{number}"
    return Rule(id=f"r{number}", version=1, formula=Name(name), conditions=(_condition(name, check, where),))


def _where(rng: random.Random) -> Where:
    role = rng.choice((Role.AGENT, Role.AGENT, Role.AGENT, Role.CUSTOMER, Role.ANY))
    return rng.choice(
        (
            Where(role=role),
            Where(role=role),
            Where(role=role),
            Where(role=role, first_ms=30_000),
            Where(role=role, last_ms=30_000),
            Where(role=role, first_utterances=3),
            Where(role=role, last_utterances=3),
        )
    )


def _anchored(rng: random.Random, number: int) -> Rule:
    """Something near something: said within some seconds, or a hold near a word."""
    first = _condition("first", _check("keyword", {"any": _phrases(rng, 8, rare=0.9)}), Where(role=Role.CUSTOMER))
    side = rng.choice((Side.AFTER, Side.BEFORE, Side.AROUND))
    anchor = Anchor(condition="first", side=side, within_ms=30_000, hit=rng.choice((1, 1, -1, 0)))
    if rng.random() < 0.2:
        second = _condition("second", _check("hold", {"above_ms": 20_000}), Where(anchor=anchor))
    else:
        asked = {"any": _phrases(rng, 8, rare=0.3)}
        second = _condition("second", _check("keyword", asked), Where(role=Role.AGENT, anchor=anchor))
    return Rule(id=f"r{number}", version=1, formula=Name("second"), conditions=(first, second))


def _either(rng: random.Random, number: int) -> Rule:
    conditions = tuple(
        _condition(name, _check("keyword", {"any": _phrases(rng, 6, rare=0.9)}), _where(rng)) for name in ("a", "b")
    )
    return Rule(id=f"r{number}", version=1, formula=Or((Name("a"), Name("b"))), conditions=conditions)


def _pattern(rng: random.Random) -> str:
    first, second = _phrase(rng, rare=rng.random() < 0.7), _phrase(rng, rare=False)
    return rng.choice(
        (f"{first}.{{0,6}}{second}", f"(?:{first}|{second})吗", f"{first}[一二三四五六七八九十0-9]+", first)
    )


def _long(rng: random.Random, count: int) -> tuple[str, ...]:
    """Four characters and more: what is shorter is like too much."""
    found: list[str] = []
    while len(found) < count:
        phrase = _phrase(rng, rare=True)
        if len(phrase) >= 4:
            found.append(phrase)
    return tuple(found)


def mix(rules: Iterable[Rule]) -> dict[str, int]:
    """How many rules ask which operators."""
    return dict(Counter("+".join(check.operator for one in rule.conditions for check in one.checks) for rule in rules))


def scheme() -> Scheme:
    rng = random.Random(200)
    rules: list[Rule] = []
    measures = [(name, settings) for name, settings in MEASURES if name in OPERATORS]
    for name, settings in measures:
        role = Role.ANY if name in ("silence", "interruption", "turns") else Role.AGENT
        rules.append(_single(len(rules), _check(name, settings), Where(role=role)))
    for _ in range(11):
        asked = {"first": _phrases(rng, 5, rare=0.2), "then": _phrases(rng, 4, rare=0.6)}
        rules.append(_single(len(rules), _check("ordered", asked), Where(role=Role.AGENT)))
    for _ in range(4):
        first, second, third = (_phrases(rng, 4, rare=0.2) for _ in range(3))
        steps = (Step(id="a", any=first), Step(id="b", any=second), Step(id="c", any=third, within_utterances=8))
        rules.append(_single(len(rules), _check("script", {"steps": steps}), Where(role=Role.AGENT)))
    for operator in ("similar", "sounds_like"):
        for _ in range(5):
            asked = {"phrases": _long(rng, 4)}
            rules.append(_single(len(rules), _check(operator, asked), Where(role=Role.AGENT)))
    for _ in range(PATTERNS if "pattern" in OPERATORS else 0):
        rules.append(_single(len(rules), _check("pattern", {"pattern": _pattern(rng)}), _where(rng)))
    for _ in range(20):
        rules.append(_anchored(rng, len(rules)))
    for _ in range(10):
        rules.append(_either(rng, len(rules)))
    while len(rules) < RULES:
        kind = rng.choice(("any", "any", "any", "all", "none"))
        count = 3 if kind == "all" else 16
        asked = {kind: _phrases(rng, count, rare=0.97 if kind != "all" else 0.5)}
        rules.append(_single(len(rules), _check("keyword", asked), _where(rng)))
    kinds = (ItemKind.EARN, ItemKind.DEDUCT, ItemKind.DEDUCT, ItemKind.TAG)
    items = tuple(
        Item(id=rule.id, zh=rule.id, en=rule.id, kind=kinds[number % 4], points=1.0, rule=rule)
        for number, rule in enumerate(rules)
    )
    return Scheme(
        name="hotline", version=1, zh="热线", en="hotline", pass_percent=80, least_confidence=0.6, items=items
    )
