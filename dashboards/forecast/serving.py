"""Who serves a queue, where people serve several. In: agents' queues and states, queues' loads. Out: `Staff` of each.

A person counts for each queue by the share of the handling that it asked for lately; who is on a contact or after one
keeps the queue of that contact until then. May not know: records, rates.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import AgentState

HANDLING = (AgentState.ON_CONTACT, AgentState.ON_HOLD, AgentState.WRAP_UP)
WORKING = (*HANDLING, AgentState.READY, AgentState.OFFERED)


@dataclass(frozen=True, slots=True)
class Person:
    """`queues`: those served now (not those paused one by one), in order; `at`: of the contact in hand, or ""."""

    queues: tuple[QueueName, ...]
    state: AgentState
    reason: str
    at: QueueName


@dataclass(slots=True)
class Staff:
    """Mutable while it is being counted. `agents`: shares added up; `people`: heads; `away`: by reason."""

    agents: float = 0.0
    people: int = 0
    busy: int = 0
    unknown: int = 0
    away: Counter[str] = field(default_factory=Counter)


def staff(persons: Iterable[Person], loads: Mapping[QueueName, float]) -> dict[QueueName, Staff]:
    """`loads`: what each queue asked for lately, in agents (arrivals x handling)."""
    found: dict[QueueName, Staff] = {}
    for person, heads in Counter(persons).items():
        weights = {queue: max(loads.get(queue, 0.0), 1e-6) for queue in person.queues}
        total = sum(weights.values())
        for queue in person.queues:
            one = found.setdefault(queue, Staff())
            if person.state in WORKING:
                one.people += heads
                one.agents += heads * weights[queue] / total
            elif person.state is AgentState.NOT_READY:
                one.away[person.reason] += heads
            elif person.state is AgentState.UNKNOWN:
                one.unknown += heads
        if person.state in HANDLING and person.at:
            found.setdefault(person.at, Staff()).busy += heads
    return found
