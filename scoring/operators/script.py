"""Are the steps of a script said in their order? In: a scope, steps. Out: an Answer that names what is amiss.

A step is in its place where it is said behind one in its place, within its limits; that is asked of each step by
itself, so that more words never put one out of place. May not know: how steps hang together (_script_plan.py).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile
from typing import Final

from scoring.formula import Outcome
from scoring.hearing import FOR_EVER, Scope
from scoring.lexical import named
from scoring.match import Evidence
from scoring.messages import Params, Reason, seconds
from scoring.operators._script_plan import Plan, Step, faults, plan
from scoring.operators.answer import Answer, doubtful, found, sure
from scoring.operators.spec import Field, FieldKind, Spec
from scoring.operators.words import looked, most_sure, settled_ms, sure_ones
from scoring.rules import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    steps: tuple[Step, ...]


Said = Mapping[str, Sequence[Evidence]]
"""By step, in order of time."""
_planned: Final = lru_cache(maxsize=1_024)(plan)


@dataclass(frozen=True, slots=True)
class _Run:
    """One reading of the script: of all that was heard, or of what was heard surely."""

    scope: Scope
    plan: Plan
    said: Said
    placed: Mapping[str, Sequence[Evidence]]
    """What was said in its place."""
    lacking: tuple[str, ...]
    """Groups' first steps that should have been said and were not, in order."""
    pending: bool
    """A branch that was not taken may still be."""


def judge(scope: Scope, asked: Script) -> Answer:
    planned = _planned(asked.steps)
    said = {step.id: _heard(scope, step) for step in planned.steps}
    all_of_it = _run(scope, planned, said)
    surely = _run(scope, planned, {step.id: _sure(scope, step, said[step.id]) for step in planned.steps})
    evidence = _evidence(all_of_it)
    if surely.lacking and not all_of_it.lacking:
        each = [one for placed in all_of_it.placed.values() for one in placed]
        weak = [one for one in each if one.confidence < scope.least_confidence]
        return doubtful(Outcome.HIT, found(most_sure(weak), in_doubt=True) if weak else Reason("not_over"), evidence)
    if all_of_it.lacking:
        return _amiss(scope, all_of_it, surely, evidence)
    if scope.open and surely.pending:
        return doubtful(Outcome.HIT, Reason("not_over"), evidence)
    return sure(Outcome.HIT, Reason("script_followed", {"count": sum(map(bool, all_of_it.placed.values()))}), evidence)


def _amiss(scope: Scope, heard: _Run, surely: _Run, evidence: tuple[Evidence, ...]) -> Answer:
    step = next(one for one in heard.plan.steps if one.id == heard.lacking[0])
    reason = _reason(heard, step)
    if not surely.lacking:  # only a step heard weakly makes the missing one due
        weak = [one for each in heard.said.values() for one in each if one.confidence < scope.least_confidence]
        return doubtful(Outcome.MISS, reason, tuple(weak) or evidence)
    if (unsure := scope.absence()) is not None:
        return doubtful(Outcome.MISS, unsure[0], (*evidence, *unsure[1]))
    return sure(Outcome.MISS, reason, evidence)


def _heard(scope: Scope, step: Step) -> list[Evidence]:
    return _of(scope, step).hits(step.any)


def _sure(scope: Scope, step: Step, said: Sequence[Evidence]) -> list[Evidence]:
    """A limit in utterances is counted where all that were begun are known."""
    counted = settled_ms(scope) if step.within_utterances is not None else FOR_EVER
    return [one for one in sure_ones(scope, said) if one.start_ms < counted]


def _of(scope: Scope, step: Step) -> Scope:
    """What the step's role says of it."""
    if step.role == Role.ANY.value or scope.role is not Role.ANY:
        return scope
    return Scope(  # not `replace`: what a scope has worked out is its own
        hearing=scope.hearing,
        role=Role(step.role),
        utterances=tuple(one for one in scope.utterances if one.role == step.role),
        start_ms=scope.start_ms,
        end_ms=scope.end_ms,
        open=scope.open,
        where=scope.where,
    )


def _run(scope: Scope, planned: Plan, said: Said) -> _Run:
    placed: dict[str, Sequence[Evidence]] = {}
    before: dict[str, list[Evidence]] = {}
    for step in planned.steps:
        behind = [one for name in planned.after[step.id] for one in before[name]]
        placed[step.id] = _in_place(scope, step, said[step.id], behind, first=not planned.after[step.id])
        # Behind an optional step stands also what stands behind the ones before it.
        before[step.id] = [*placed[step.id], *behind] if step.optional else list(placed[step.id])
    due = _due(planned, placed)
    undone = [group for group in planned.groups if not any(placed[name] for name in group)]
    required = [group for group in undone if not _step(planned, group[0]).optional]
    return _Run(
        scope,
        planned,
        said,
        placed,
        tuple(group[0] for group in required if any(due[name] for name in group)),
        any(not any(due[name] for name in group) for group in required),
    )


def _step(planned: Plan, name: str) -> Step:
    return next(one for one in planned.steps if one.id == name)


def _due(planned: Plan, placed: Mapping[str, Sequence[Evidence]]) -> dict[str, bool]:
    """Whether the way through the script comes to a step: it follows nothing, or one that was taken or is lacking."""
    due: dict[str, bool] = {}
    groups = {name: group for group in planned.groups for name in group}
    for step in planned.steps:
        due[step.id] = not planned.after[step.id] or any(
            bool(placed[one])
            or (due[one] and not any(placed[other] for other in groups[one]) and groups[one][0] == one)
            for one in planned.after[step.id]
        )
    return due


def _in_place(
    scope: Scope, step: Step, said: Sequence[Evidence], behind: Sequence[Evidence], *, first: bool
) -> list[Evidence]:
    begun = [] if step.within_utterances is None else [one.start_ms for one in _of(scope, step).utterances]
    if first:
        return [one for one in said if _within(step, scope.start_ms, one, begun)]
    ends = sorted((one.start_ms, one.end_ms, one.text) for one in behind)
    since = ((one, _last_before(ends, one)) for one in said)
    return [one for one, last in since if last is not None and _within(step, last, one, begun)]


def _last_before(ends: Sequence[tuple[int, int, str]], one: Evidence) -> int | None:
    """The end of the latest that begins before; in one message of a chat all begin together, and their order is not
    known: so it counts as before."""
    at = bisect_left(ends, (one.start_ms, one.end_ms, ""))
    together = takewhile(lambda other: other[:2] == (one.start_ms, one.end_ms), islice(ends, at, None))
    if any(text != one.text for _, _, text in together):
        return one.start_ms
    at = bisect_left(ends, (one.start_ms, -1, ""))
    return ends[at - 1][1] if at else None


def _within(step: Step, since_ms: int, one: Evidence, begun: Sequence[int]) -> bool:
    """`begun`: when each utterance of the step's role began."""
    if step.within_ms is not None and one.start_ms - since_ms > step.within_ms:
        return False
    if step.within_utterances is None:
        return True
    return bisect_right(begun, one.start_ms) - bisect_left(begun, since_ms) <= step.within_utterances


def _evidence(run: _Run) -> tuple[Evidence, ...]:
    """The first of each step: in its place, or where else it was said."""
    firsts = [next(iter(run.placed[name]), None) or next(iter(each), None) for name, each in run.said.items()]
    return tuple(sorted((one for one in firsts if one is not None), key=lambda one: (one.start_ms, one.end_ms)))


def _reason(run: _Run, step: Step) -> Reason:
    """What is amiss with a step that is not in its place."""
    behind = [one for name in run.plan.after[step.id] for one in run.placed[name]]
    after_ms = min((one.end_ms for one in behind), default=run.scope.start_ms)
    told: Params = {"step": step.id, "text": named(step.any[0]), "after_s": seconds(after_ms)}
    elsewhere = run.said[step.id]
    if not elsewhere:
        part = _of(run.scope, step).narrowed(after_ms, run.scope.end_ms) if behind else _of(run.scope, step)
        return Reason("script_missing", {**looked(part), **told})
    late = next((one for one in elsewhere if one.start_ms >= after_ms), None)
    if late is not None and (behind or not run.plan.after[step.id]):
        return Reason("script_late", {**told, "at_s": seconds(late.start_ms)})
    return Reason("script_order", {**told, "at_s": seconds(elsewhere[0].start_ms)})


SPEC = Spec(
    name="script",
    asked=Script,
    fields=(
        Field(
            key="step",
            name="steps",
            kind=FieldKind.TABLES,
            most=50,
            made=Step,
            of=(
                Field(key="id", kind=FieldKind.TEXT, most=40, zh="步骤的名称", en="the step's name"),
                Field(key="any", kind=FieldKind.PHRASES, zh="说到其中一个即可", en="one of these is said"),
                Field(
                    key="role",
                    kind=FieldKind.CHOICE,
                    default="any",
                    choices=("agent", "customer", "any"),
                    zh="由谁说（条件的角色为双方时）",
                    en="who says it (where the condition listens to both)",
                ),
                Field(
                    key="after",
                    kind=FieldKind.TEXTS,
                    default=(),
                    zh="在其中一个步骤之后；不写：在上一步之后",
                    en="comes after one of these steps; left out: after the step written before",
                ),
                Field(
                    key="anytime", kind=FieldKind.FLAG, default=False, zh="任何时候都可以", en="may come at any time"
                ),
                Field(key="optional", kind=FieldKind.FLAG, default=False, zh="可以不说", en="need not be said"),
                Field(
                    key="instead_of",
                    kind=FieldKind.TEXT,
                    default="",
                    zh="可以代替哪个步骤",
                    en="the step that it may be said instead of",
                ),
                Field(
                    key="within_seconds",
                    name="within_ms",
                    kind=FieldKind.SECONDS,
                    default=None,
                    low=0.1,
                    high=7_200,
                    zh="距前一步结束不超过多少秒",
                    en="at most so long after the end of the step before",
                ),
                Field(
                    key="within_utterances",
                    kind=FieldKind.INTEGER,
                    default=None,
                    low=1,
                    high=1_000,
                    zh="前一步之后的几句话之内",
                    en="within so many utterances after the step before",
                ),
            ),
            zh="步骤，按先后写",
            en="the steps, in their order",
        ),
    ),
    judge=judge,
    zh="话术流程：各步骤按先后说到；可有可选步骤、可替代步骤和分支",
    en="the steps are said in their order; there may be optional steps, alternatives and branches",
    phrases=lambda asked: tuple(phrase for step in asked.steps for phrase in step.any),
    faults=lambda asked: faults(asked.steps),
)
