"""Contacts and rules at random, small enough that everything meets: for the properties of the rules' engine.

Settings of every operator are drawn from what its Spec declares, so a new operator is held to the same laws.
"""

from typing import Any

from hypothesis import strategies as st

from asr.text import join
from asr.transcript import Span, Transcript, Utterance, Word
from scoring.case import Case, Happening, Kind
from scoring.formula import And, Formula, Name, Not, Or
from scoring.operators.registry import OPERATORS, SPECS
from scoring.operators.spec import NEEDED, Field, FieldKind, Spec
from scoring.rules import Anchor, Check, Condition, Item, ItemKind, Role, Rule, Scheme, Side, Where
from streams.vocabulary.ids import ContactId, Millis, SiteId

WORDS = ("您好", "投诉", "退订", "确认", "好的", "请", "稍等", "好", "vip", "三十元", "嗯", "no", "know")
PHRASES = (
    "您好",
    "投诉",
    "退订",
    "确认",
    "请稍等",
    "好",
    "好好",
    "您好…投诉",
    "vip",
    "30元",
    "no",
    "稍等退订",
    "再见",
    "确认好的",
)
PATTERNS = ("投诉|退订", "您好.*确认", "好$", "^您好", "好{2,3}", "确认.{0,4}退订|好", "[投退].", r"\bno\b", "再见")
PAUSES_MS = (0, 200, 1_499, 1_500, 3_000, 12_000)
NAMES = ("first", "second", "third")
SCRIPT_IDS = ("s0", "s1", "s2")


@st.composite
def spoken(draw: st.DrawFn, channel: int, role: str, *, most: int = 6) -> list[Utterance]:
    """One channel's utterances, numbered later."""
    at = draw(st.sampled_from((0, 300, 2_000)))
    found = []
    loud = draw(st.sampled_from((None, -20.0, -35.0)))
    for _ in range(draw(st.integers(0, most))):
        words = []
        start = at
        for text in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)):
            confidence = draw(st.sampled_from((1.0, 1.0, 0.9, 0.3)))
            words.append(Word(text=text, start_ms=at, end_ms=at + 200 * len(text), confidence=confidence))
            at = words[-1].end_ms
        alternatives = draw(st.sampled_from(((), (), ("投诉",), ("再见",))))
        found.append(
            Utterance(
                channel=channel,
                role=role,
                number=0,
                start_ms=start,
                end_ms=at,
                text=join(word.text for word in words),
                words=tuple(words),
                confidence=sum(word.confidence for word in words) / len(words),
                loudness_db=loud,
                alternatives=alternatives,
            )
        )
        at += draw(st.sampled_from(PAUSES_MS))
    return found


@st.composite
def cases(draw: st.DrawFn, *, most: int = 6) -> Case:
    """A two-channel contact that is over."""
    roles = draw(st.sampled_from((("agent", "customer"), ("customer", "agent"), ("unknown", "unknown"))))
    sides = [draw(spoken(channel, role, most=most)) for channel, role in enumerate(roles)]
    each = sorted((one for side in sides for one in side), key=lambda one: (one.start_ms, one.channel))
    numbered = tuple(_numbered(one, number) for number, one in enumerate(each))
    duration = max((one.end_ms for one in numbered), default=0) + draw(st.sampled_from((1, 500, 5_000)))
    unread = draw(st.sampled_from(((), (), (Span(channel=0, start_ms=900, end_ms=1_900, kind="no_words"),))))
    transcript = Transcript(
        site=SiteId("test"),
        contact=ContactId("1795291649.0"),
        contact_at=Millis(1_795_291_649_000),
        model="none",
        duration_ms=duration,
        channels=2,
        utterances=numbered,
        unread=unread,
    )
    return Case(transcript=transcript, happenings=draw(happenings(duration)), facts={"queue": "sales"})


def _numbered(said: Utterance, number: int) -> Utterance:
    return Utterance(
        **{name: getattr(said, name) for name in said.__struct_fields__ if name != "number"}, number=number
    )


@st.composite
def happenings(draw: st.DrawFn, duration: int) -> tuple[Happening, ...] | None:
    if draw(st.booleans()):
        return None
    found = [Happening(kind=Kind.ANSWERED, start_ms=0)]
    if draw(st.booleans()):
        at = draw(st.integers(0, duration))
        found.append(Happening(kind=Kind.HOLD, start_ms=at, end_ms=min(duration, at + draw(st.integers(1, 20_000)))))
    if draw(st.booleans()):
        found.append(Happening(kind=Kind.TRANSFER, start_ms=draw(st.integers(0, duration)), reason="blind"))
    found.append(Happening(kind=Kind.ENDED, start_ms=duration, reason=draw(st.sampled_from(("agent", "customer")))))
    return tuple(sorted(found, key=lambda one: one.start_ms))


# --- rules -----------------------------------------------------------------------------------------------------------


@st.composite
def value(draw: st.DrawFn, field: Field) -> Any:
    if field.default is not NEEDED and draw(st.booleans()):
        return field.default
    match field.kind:
        case FieldKind.PHRASES:
            return tuple(draw(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3, unique=True)))
        case FieldKind.TEXTS:
            wanted = field.choices or (*SCRIPT_IDS, "amount", "not_ready")
            return tuple(draw(st.lists(st.sampled_from(wanted), min_size=1, max_size=2, unique=True)))
        case FieldKind.TEXT:
            return draw(st.sampled_from(SCRIPT_IDS))
        case FieldKind.PATTERN:
            return draw(st.sampled_from(PATTERNS))
        case FieldKind.CHOICE:
            return draw(st.sampled_from(field.choices))
        case FieldKind.INTEGER:
            return draw(st.integers(int(field.low), int(min(field.high, field.low + 3))))
        case FieldKind.NUMBER:
            return draw(st.sampled_from([one for one in (field.low, 3.0, 50.0, 100.0, 300.0) if _fits(one, field)]))
        case FieldKind.SECONDS:
            return draw(st.sampled_from([one for one in (500, 1_000, 3_000, 10_000) if _fits(one / 1000, field)]))
        case FieldKind.FLAG:
            return draw(st.booleans())
        case FieldKind.TABLES:
            return draw(_tables(field))


def _fits(number: float, field: Field) -> bool:
    return field.low <= number <= field.high


@st.composite
def _tables(draw: st.DrawFn, field: Field) -> tuple[Any, ...]:
    made = field.made
    assert made is not None
    found = []
    for name in SCRIPT_IDS[: draw(st.integers(1, 3))]:
        values = {inner.held_as: draw(value(inner)) for inner in field.of}
        found.append(made(**{**values, **({"id": name} if "id" in values else {})}))
    return tuple(found)


@st.composite
def checks(draw: st.DrawFn, name: str = "c", specs: tuple[Spec[Any], ...] = tuple(SPECS)) -> Check:
    spec = draw(st.sampled_from(specs))
    return Check(id=name, operator=spec.name, asked=draw(asked(spec)))


def asked(spec: Spec[Any]) -> st.SearchStrategy[Any]:
    """Settings without faults."""
    fields = st.fixed_dictionaries({field.held_as: value(field) for field in spec.fields})
    return fields.map(lambda values: spec.asked(**values)).filter(lambda made: not list(spec.faults(made)))


PLAIN = st.one_of(
    st.just({}),
    st.sampled_from([{"first_ms": ms} for ms in (500, 1_000, 5_000)]),
    st.sampled_from([{"last_ms": ms} for ms in (500, 1_000, 5_000)]),
    st.sampled_from([{"first_utterances": count} for count in (1, 2)]),
    st.sampled_from([{"last_utterances": count} for count in (1, 2)]),
)


@st.composite
def wheres(draw: st.DrawFn, anchors: tuple[str, ...] = ()) -> Where:
    role = draw(st.sampled_from(list(Role)))
    every = draw(st.sampled_from((False, False, True)))
    if anchors and draw(st.booleans()):
        anchor = Anchor(
            condition=draw(st.sampled_from(anchors)),
            side=draw(st.sampled_from(list(Side))),
            hit=draw(st.sampled_from((1, 1, 2, -1, 0))),
            within_utterances=draw(st.sampled_from((None, None, 1, 2))),
            within_ms=draw(st.sampled_from((None, 1_000, 5_000))),
        )
        return Where(role=role, anchor=anchor, every=every)
    limits: dict[str, Any] = draw(PLAIN)
    return Where(role=role, every=every, **limits)


@st.composite
def rules(draw: st.DrawFn, specs: tuple[Spec[Any], ...] = tuple(SPECS), *, most: int = 3) -> Rule:
    conditions: list[Condition] = []
    for name in NAMES[: draw(st.integers(1, most))]:
        where = draw(wheres(tuple(one.id for one in conditions)))
        own = [draw(checks(one, specs)) for one in ("a", "b")[: draw(st.sampled_from((1, 1, 2)))]]
        if not all(OPERATORS[check.operator].ranged for check in own):
            where = Where(role=where.role)  # the language gives such an operator no range: scoring/parse_rule.py
        formula = draw(formulas(tuple(one.id for one in own)))
        conditions.append(Condition(id=name, checks=tuple(own), formula=formula, where=where))
    formula = draw(formulas(tuple(one.id for one in conditions)))
    return Rule(id="r", version=1, formula=formula, conditions=tuple(conditions))


def formulas(names: tuple[str, ...]) -> st.SearchStrategy[Formula]:
    """Each name once."""
    each: list[Formula] = [Name(name) for name in names]
    if len(each) == 1:
        return st.sampled_from([each[0], Not(each[0]), And((each[0],))])
    return st.sampled_from([And(tuple(each)), Or(tuple(each)), And((each[0], Not(Or(tuple(each[1:]))))), each[-1]])


def scheme_of(rules: list[Rule]) -> Scheme:
    items = tuple(
        Item(id=f"i{number}", zh="", en="", kind=ItemKind.TAG, points=0.0, rule=rule)
        for number, rule in enumerate(rules)
    )
    return Scheme(name="s", version=1, zh="", en="", pass_percent=80, least_confidence=0.6, items=items)
