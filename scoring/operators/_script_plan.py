"""A script's steps as a graph. In: steps as written. Out: what each comes after, what stands for what; faults.

A step comes after the one written before it (or one of its alternatives; what may come at any time is passed over),
unless it names others; a step after an alternative is a branch. May not know: what was said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    id: str
    any: tuple[str, ...]
    role: str = "any"
    """Who of those the condition listens to; `any`: whoever it listens to."""
    after: tuple[str, ...] = ()
    """One of these comes before; none named: the step written before."""
    anytime: bool = False
    """It comes after nothing."""
    optional: bool = False
    instead_of: str = ""
    within_ms: int | None = None
    """From the end of the step before; of a step after nothing, from where the range begins."""
    within_utterances: int | None = None
    """Begun by the step's role since."""


@dataclass(frozen=True, slots=True)
class Plan:
    """In an order in which each step stands behind all it may come after."""

    steps: tuple[Step, ...]
    after: Mapping[str, tuple[str, ...]]
    groups: tuple[tuple[str, ...], ...]
    """A step and its alternatives, of which one is enough, as written."""


def plan(steps: Sequence[Step]) -> Plan:
    """Of steps without faults."""
    groups = {step.id: [step.id] for step in steps if not step.instead_of}
    for step in steps:
        if step.instead_of:
            groups[step.instead_of].append(step.id)
    after = _after(steps, groups)
    by_id = {step.id: step for step in steps}
    return Plan(
        steps=tuple(by_id[name] for name in _in_order(after)),
        after=after,
        groups=tuple(tuple(group) for group in groups.values()),
    )


def _after(steps: Sequence[Step], groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    after: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    for step in steps:
        if step.instead_of and not (step.after or step.anytime):
            after[step.id] = after[step.instead_of]
        else:
            after[step.id] = () if step.anytime else step.after or before
        if not (step.instead_of or step.anytime):
            before = tuple(groups[step.id])
    return after


def _in_order(after: Mapping[str, Sequence[str]]) -> list[str]:
    """Fewer than all where some come after themselves."""
    done: dict[str, None] = {}
    while ready := [name for name in after if name not in done and all(one in done for one in after[name])]:
        done |= dict.fromkeys(ready)
    return list(done)


def faults(steps: Sequence[Step]) -> Iterator[tuple[str, str, str]]:
    names = [step.id for step in steps]
    known = ", ".join(dict.fromkeys(names))
    if not steps:
        yield "step", "a script without steps", 'write [[rule.condition.step]] with id and any = ["…"]'
        return
    for name in dict.fromkeys(one for one in names if names.count(one) > 1):
        yield "step", f"the step {name!r} is written twice", "give each its own id"
    plain = {step.id: step for step in steps if not step.instead_of}
    seen: set[str] = set()
    wrong = False
    for step in steps:
        for one in step.after:
            if one not in names or one == step.id:
                wrong = True
                yield (
                    "step",
                    f"the step {step.id!r} comes after {one!r}, which is no other step",
                    f"name one of: {known}",
                )
        if step.instead_of and step.instead_of not in seen & plain.keys():
            wrong = True
            mend = "name a step written before it that is no alternative itself"
            yield "step", f"the step {step.id!r} stands for {step.instead_of!r}, which is none to stand for", mend
        if step.anytime and step.after:
            yield "step", f"the step {step.id!r} comes at any time and after others", "remove anytime or after"
        if step.optional and step.instead_of:
            yield "step", f"the alternative {step.id!r} is optional", f"make {step.instead_of!r} optional"
        seen.add(step.id)
    if not wrong and len(set(names)) == len(names):
        groups = {name: [name, *(one.id for one in steps if one.instead_of == name)] for name in plain}
        behind = _after(steps, groups)
        stuck = [name for name in names if name not in _in_order(behind)]
        if stuck:
            yield (
                "step",
                f"the steps {', '.join(stuck)} come after one another in a circle",
                "break it: remove one `after`",
            )
