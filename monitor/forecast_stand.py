"""Where one queue stands, for its forecast. In: the floor's numbers, agents, minutes. Out: a `Stand`, frozen.

May not know: how anything is reckoned from it, sockets.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards.columns import Goal
from dashboards.forecast.basis import Basis, CannotTell
from dashboards.forecast.minutes import MINUTE_MS, Count, Minutes
from dashboards.forecast.outlook import Present
from dashboards.forecast.serving import Person, Staff
from streams.floor.certainty import Doubt
from streams.floor.numbers import FORMULAS, QueueNumbers
from streams.floor.records import AgentRecord
from streams.vocabulary.ids import Millis, QueueName
from streams.vocabulary.states import AgentState

MOST_UNKNOWN = 0.1
"""of a queue's people: more in unknown states and there is no forecast"""
FEWEST_AGENTS = 0.5
OUTDATED = (Doubt.SILENT, Doubt.SOURCE_LOST, Doubt.MISSING_NUMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One queue as it was read. `present` is a reason where nothing can be told."""

    queue: QueueName
    at: Millis
    began: Millis
    until: Millis
    goal: Goal
    staff: Staff
    present: Present | CannotTell


def stand(one: QueueNumbers, memory: Minutes, basis: Basis | CannotTell, people: Staff, goal: Goal) -> Stand:
    began, until = interval(one.at, goal)
    return Stand(
        queue=one.queue,
        at=one.at,
        began=began,
        until=until,
        goal=goal,
        staff=people,
        present=_present(one, memory, basis, people, goal),
    )


def interval(now: Millis, goal: Goal) -> tuple[Millis, Millis]:
    """The clock's quarter, half or whole hour (UTC's, which is everybody's but Nepal's); others: the half hour."""
    length = (goal.window_minutes if goal.window_minutes in (15, 30, 60) else 30) * MINUTE_MS
    began = now - now % length
    return Millis(began), Millis(began + length)


def _present(
    one: QueueNumbers, memory: Minutes, basis: Basis | CannotTell, people: Staff, goal: Goal
) -> Present | CannotTell:
    now, (began, until) = one.at, interval(one.at, goal)
    reason = _reason(one, people, memory.known_since(), began)
    if reason is not None:
        return reason
    if isinstance(basis, CannotTell):
        return basis
    counted = memory.table(began, Millis(now + 1)).sum(axis=0)
    recent = memory.table(Millis(now - 60 * MINUTE_MS), Millis(now + 1)).sum(axis=0)
    answered = int(recent[Count.ANSWERED])
    return Present(
        basis=basis,
        formula=FORMULAS[goal.formula],
        goal=goal.percent / 100,
        target_s=one.target_ms / 1000,
        rest_s=(until - now) / 1000,
        part=int(counted[Count.PART]),
        whole=int(counted[Count.WHOLE]),
        in_target_share=int(recent[Count.IN_TARGET]) / answered if answered else None,
        waiting=one.waiting,
        longest_wait_s=one.longest_wait_ms / 1000,
        busy=float(people.busy),
        agents=people.agents,
    )


def _reason(one: QueueNumbers, people: Staff, known_since: Millis | None, began: Millis) -> CannotTell | None:
    if not one.certain:
        return CannotTell.SOURCE_LOST
    if people.unknown > MOST_UNKNOWN * (people.people + people.unknown):
        return CannotTell.AGENTS_UNKNOWN
    if known_since is None or known_since > began:
        return CannotTell.INTERVAL_UNSEEN
    return None if people.agents >= FEWEST_AGENTS else CannotTell.NO_AGENTS


def person(agent: AgentRecord, doubt: Doubt) -> Person:
    served = tuple(sorted(name for name, one in agent.memberships.items() if not one.not_ready))
    # who is away as a whole could come back to all of them
    queues = served or tuple(sorted(agent.memberships))
    at = agent.wrap_up.queue if agent.wrap_up is not None else agent.queue
    # a label that is as old as its source's last word says nothing about who can take a contact now
    state = AgentState.UNKNOWN if doubt in OUTDATED else agent.state
    return Person(queues, state, agent.reason, at)


def loads(bases: Mapping[QueueName, Basis | CannotTell]) -> dict[QueueName, float]:
    """What each queue asked for lately, in agents."""
    known = {queue: basis for queue, basis in bases.items() if isinstance(basis, Basis)}
    return {queue: basis.arriving.mean / basis.serving.mean for queue, basis in known.items()}
