"""Was it transferred, how often, how, to whom? In: a scope. Out: an Answer. Transfers are the switch's own events."""

from dataclasses import dataclass
from typing import Final

from scoring.case import Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Params, Reason
from scoring.operators._events import evidence, happened
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Needs, Spec

_ANY: Final = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    times: int = 1
    kind: str = _ANY
    target: tuple[str, ...] = ()


def judge(scope: Scope, asked: Transfer) -> Answer:
    found = [
        one
        for one in happened(scope, Kind.TRANSFER)
        if asked.kind in (_ANY, one.reason) and (not asked.target or one.target in asked.target)
    ]
    params: Params = {"count": len(found), "wanted": asked.times, "where": scope.where}
    if len(found) >= asked.times:
        kept = tuple(evidence(one, scope, role="agent") for one in found)
        return sure(Outcome.HIT, Reason("transferred", {**params, "target": found[0].target or "-"}), kept)
    if scope.open:
        return doubtful(Outcome.MISS, Reason("not_over"))
    return sure(Outcome.MISS, Reason("transferred_less", params))


SPEC = Spec(
    name="transfer",
    asked=Transfer,
    fields=(
        Field(
            key="times",
            kind=FieldKind.INTEGER,
            default=1,
            low=1,
            high=100,
            zh="至少几次",
            en="how often, at least",
        ),
        Field(
            key="kind",
            kind=FieldKind.CHOICE,
            choices=(_ANY, "blind", "attended"),
            default=_ANY,
            zh="直接转接或咨询后转接",
            en="blind, or after asking the other",
        ),
        Field(
            key="target",
            kind=FieldKind.TEXTS,
            default=(),
            zh="转给这些号码、座席或队列",
            en="to one of these numbers, agents or queues",
        ),
    ),
    judge=judge,
    zh="接触被转接",
    en="the contact is transferred",
    needs=frozenset({Needs.EVENTS}),
    kinds=frozenset({Kind.TRANSFER}),
)
