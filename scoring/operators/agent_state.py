"""Was the agent in a state, for how long? In: a scope, states. Out: an Answer. States are what the floor knows."""

from dataclasses import dataclass

from scoring.case import Kind
from scoring.formula import Outcome
from scoring.hearing import Scope
from scoring.messages import Params, Reason, seconds
from scoring.operators._amount import at_least
from scoring.operators._events import evidence, happened, length
from scoring.operators.answer import Answer, doubtful, sure
from scoring.operators.spec import Field, FieldKind, Needs, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStateAsked:
    states: tuple[str, ...]
    above_ms: int = 0


def judge(scope: Scope, asked: AgentStateAsked) -> Answer:
    states = [one for one in happened(scope, Kind.AGENT_STATE) if _named(one.reason, asked.states)]
    told = [(one, at_least(length(one, scope), asked.above_ms + 1)) for one in states]
    found = [one for one, (outcome, _) in told if outcome is Outcome.HIT]
    if found:
        first = found[0]
        lasted = seconds(round(length(first, scope).best))
        params: Params = {"state": first.reason, "at_s": seconds(first.start_ms), "seconds": lasted}
        kept = tuple(evidence(one, scope, role="agent") for one in found)
        return sure(Outcome.HIT, Reason("agent_was", params), kept)
    if scope.open or any(outcome is Outcome.CANNOT_TELL for _, (outcome, _) in told):
        return doubtful(Outcome.MISS, Reason("not_over"))
    params = {"state": ", ".join(asked.states), "seconds": seconds(asked.above_ms)}
    return sure(Outcome.MISS, Reason("agent_was_not", params))


def _named(state: str, wanted: tuple[str, ...]) -> bool:
    """`not_ready` names each reason of it too, `not_ready/lunch` only that one."""
    return state in wanted or state.partition("/")[0] in wanted


SPEC = Spec(
    name="agent_state",
    asked=AgentStateAsked,
    fields=(
        Field(
            key="states",
            kind=FieldKind.TEXTS,
            zh="状态，如 wrap_up、not_ready、not_ready/lunch",
            en="states: wrap_up, not_ready, not_ready/lunch …",
        ),
        Field(
            key="above",
            name="above_ms",
            kind=FieldKind.SECONDS,
            default=0,
            low=0,
            high=86_400,
            zh="超过多少秒才算",
            en="how many seconds it must exceed",
        ),
    ),
    judge=judge,
    zh="座席在接触中或紧接其后处于这样的状态",
    en="the agent is in such a state during the contact, or right after it",
    needs=frozenset({Needs.EVENTS}),
    kinds=frozenset({Kind.AGENT_STATE}),
)
