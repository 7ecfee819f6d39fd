"""Was the customer put on hold, for how long, told before? In: a scope, limits. Out: an Answer.

Holds are the switch's own events: a hold that touches the range counts with its whole length. What the recording lets
suppose of waiting is asked by hold_notice and silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.case import Happening, Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Reason, seconds
from scoring.operators._amount import ENDLESS, Amount, at_least
from scoring.operators._doubts import settled
from scoring.operators._events import evidence, happened, length
from scoring.operators._gaps import announced
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Needs, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    above_ms: int = 0
    sum: bool = False
    times: int = 1
    notice: tuple[str, ...] = ()
    within_ms: int | None = None


def judge(scope: Scope, asked: Hold) -> Answer:
    held = happened(scope, Kind.HOLD)
    if not held and not scope.open:
        return scope.once("hold", lambda: sure(Outcome.MISS, Reason("not_held", {"where": scope.where})))
    told = [(one, _counts(scope, asked, one)) for one in held]
    kept = tuple(evidence(one, scope, role="agent") for one, part in told if part.leaning is Outcome.HIT)
    if asked.sum:
        amount, least = _summed(scope, told), asked.above_ms + 1
    else:
        each = [_of_one(scope, asked, one, part) for one, part in told]
        surely, guess = each.count((Outcome.HIT, Outcome.HIT)), sum(1 for one in each if one[1] is Outcome.HIT)
        most = ENDLESS if scope.open else sum(1 for one in each if one[0] is not Outcome.MISS)
        amount, least = Amount(low=surely, best=guess, high=most), asked.times
        kept = tuple(
            evidence(one, scope, role="agent")
            for (one, _), (_, leaning) in zip(told, each, strict=True)
            if leaning is Outcome.HIT
        )
    outcome, leaning = at_least(amount, least)
    if outcome is Outcome.CANNOT_TELL:
        unsure = next((part.reason for _, part in told if part.outcome is Outcome.CANNOT_TELL), Reason("not_over"))
        return doubtful(leaning, unsure, kept)
    return sure(outcome, _reason(scope, held, told, outcome), kept if outcome is Outcome.HIT else ())


def _counts(scope: Scope, asked: Hold, one: Happening) -> Answer:
    """A hold that was announced does not count."""
    if not asked.notice:
        return sure(Outcome.HIT, Reason("held"))
    told = announced(scope, asked.notice, one.start_ms, within_ms=asked.within_ms)
    if not settled(scope, one.start_ms) and told.outcome is not Outcome.CANNOT_TELL:
        return doubtful(Outcome.MISS if told.outcome is Outcome.HIT else Outcome.HIT, Reason("not_over"))
    match told.outcome:
        case Outcome.HIT:
            return sure(Outcome.MISS, told.reason)
        case Outcome.MISS:
            return sure(Outcome.HIT, told.reason)
        case _:
            return doubtful(Outcome.MISS if told.leaning is Outcome.HIT else Outcome.HIT, told.reason)


def _of_one(scope: Scope, asked: Hold, one: Happening, counts: Answer) -> tuple[Outcome, Outcome]:
    outcome, leaning = at_least(length(one, scope), asked.above_ms + 1)
    if Outcome.MISS in (outcome, counts.outcome):
        return Outcome.MISS, Outcome.MISS
    guess = Outcome.HIT if leaning is counts.leaning is Outcome.HIT else Outcome.MISS
    return (Outcome.HIT if outcome is counts.outcome is Outcome.HIT else Outcome.CANNOT_TELL), guess


def _summed(scope: Scope, told: list[tuple[Happening, Answer]]) -> Amount:
    lengths = [(length(one, scope), part) for one, part in told if part.outcome is not Outcome.MISS]
    return Amount(
        low=sum(one.low for one, part in lengths if part.outcome is Outcome.HIT),
        best=sum(one.best for one, part in lengths if part.leaning is Outcome.HIT),
        high=ENDLESS if scope.open else sum(one.high for one, _ in lengths),
    )


def _reason(scope: Scope, held: list[Happening], told: list[tuple[Happening, Answer]], outcome: Outcome) -> Reason:
    if not held:
        return Reason("not_held", {"where": scope.where})
    counted = [one for one, part in told if part.outcome is Outcome.HIT]
    if not counted:
        return Reason("held_announced", {"count": len(held)})
    longest = max(counted, key=lambda one: length(one, scope).low)
    params = {
        "count": len(counted),
        "at_s": seconds(longest.start_ms),
        "longest_s": seconds(round(length(longest, scope).best)),
        "sum_s": seconds(round(sum(length(one, scope).best for one in counted))),
    }
    return Reason("held_times" if outcome is Outcome.HIT else "held_less", params)


def _faults(asked: Hold) -> Iterable[tuple[str, str, str]]:
    if asked.sum and asked.times != 1:
        yield "times", "means nothing beside sum", "remove one of the two"
    if asked.within_ms is not None and not asked.notice:
        yield "notice_seconds", "stands without notice", 'give notice = ["请稍等"], or remove it'


SPEC = Spec(
    name="hold",
    asked=Hold,
    fields=(
        Field(
            key="above",
            name="above_ms",
            kind=FieldKind.SECONDS,
            default=0,
            low=0,
            high=36_000,
            zh="保持超过多少秒才算",
            en="how many seconds a hold must exceed",
        ),
        Field(
            key="sum",
            kind=FieldKind.FLAG,
            default=False,
            zh="看各次保持的总和，而不是每一次",
            en="the sum of all holds, not each",
        ),
        Field(
            key="times",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=100,
            zh="至少有几次这样的保持",
            en="how many such holds, at least",
        ),
        Field(
            key="notice",
            kind=FieldKind.PHRASES,
            default=(),
            zh="保持之前该方说到这些则不算",
            en="a hold before which the role says one of these does not count",
        ),
        Field(
            key="notice_seconds",
            name="within_ms",
            kind=FieldKind.SECONDS,
            default=None,
            low=0.5,
            high=3_600,
            zh="在保持前多少秒之内说；不写则看最后一轮话",
            en="said so many seconds before it; without, in the last turn",
        ),
    ),
    judge=judge,
    zh="客户被保持这么久、这么多次",
    en="the customer is put on hold so long or so often",
    needs=frozenset({Needs.EVENTS}),
    kinds=frozenset({Kind.HOLD}),
    phrases=lambda asked: asked.notice,
    faults=_faults,
)
