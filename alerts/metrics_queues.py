"""Metrics of queues, customer tiers and the whole site's queues. In: a View. Out: Samples by scope.

Formulas as in docs/metrics.md. A queue that rests on a lost source is given, but not certain. May not know: rules.
"""

from collections.abc import Callable, Mapping

from alerts.rules import Asked
from alerts.view import UNKNOWN, Heads, Sample, View
from streams.floor.numbers import DEFAULT_FORMULA, FORMULAS, Counters, QueueNumbers, Ratio
from streams.vocabulary.ids import QueueName
from streams.vocabulary.states import AgentState

Read = Callable[[View, Asked], Mapping[str, Sample]]


def of_queue(measured: Callable[[QueueNumbers, Asked], Sample]) -> Read:
    """Each queue's own."""

    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        return {name: measured(numbers, asked) if numbers.certain else UNKNOWN for name, numbers in view.queues.items()}

    return read


def of_window(measured: Callable[[Counters, Asked], Sample]) -> Read:
    """Over each queue's trailing window; one that is not kept is not known."""

    def read(numbers: QueueNumbers, asked: Asked) -> Sample:
        counters = numbers.windows.get(asked.window_minutes)
        return measured(counters, asked) if counters is not None else UNKNOWN

    return of_queue(read)


def of_site_window(measured: Callable[[Counters, Asked], Sample]) -> Read:
    """Over the site's queues together."""

    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        if not view.certain or any(asked.window_minutes not in one.windows for one in view.queues.values()):
            return {view.moment.site: UNKNOWN}
        return {view.moment.site: measured(view.site_window(asked.window_minutes), asked)}

    return read


def of_site(measured: Callable[[Mapping[QueueName, QueueNumbers]], float]) -> Read:
    def read(view: View, asked: Asked) -> Mapping[str, Sample]:
        return {view.moment.site: Sample(measured(view.queues)) if view.certain else UNKNOWN}

    return read


def share(ratio: Ratio) -> Sample:
    return Sample(ratio.percent if ratio.whole > 0 else None, ratio.part, ratio.whole)


def service_level(counters: Counters, asked: Asked) -> Sample:
    return share(FORMULAS[asked.formula or DEFAULT_FORMULA].of(counters))


def abandoned(counters: Counters, asked: Asked) -> Sample:
    return share(counters.abandon_rate)


def reached(counters: Counters, asked: Asked) -> Sample:
    return share(counters.reach_rate)


def asa(counters: Counters, asked: Asked) -> Sample:
    return Sample(counters.asa, whole=counters.answered - counters.answered_unseen)


def aht(counters: Counters, asked: Asked) -> Sample:
    return Sample(counters.aht, whole=counters.ended + counters.outbound_ended)


def service_level_day(numbers: QueueNumbers, asked: Asked) -> Sample:
    return service_level(numbers.today, asked)


def longest_wait(numbers: QueueNumbers, asked: Asked) -> Sample:
    return Sample(float(numbers.longest_wait_ms), whole=numbers.waiting)


def waiting(numbers: QueueNumbers, asked: Asked) -> Sample:
    return Sample(float(numbers.waiting))


def waiting_per_agent(numbers: QueueNumbers, asked: Asked) -> Sample:
    """Nobody there counts as one: five who wait for nobody are five for each."""
    heads = Heads(numbers.agents)
    if not heads.known:
        return UNKNOWN
    return Sample(numbers.waiting / max(1, heads.staffed), numbers.waiting, heads.staffed)


def heads_of(count: Callable[[Heads], int]) -> Callable[[QueueNumbers, Asked], Sample]:
    def measured(numbers: QueueNumbers, asked: Asked) -> Sample:
        heads = Heads(numbers.agents)
        return Sample(float(count(heads)), whole=heads.signed_in) if heads.known else UNKNOWN

    return measured


def occupancy(numbers: QueueNumbers, asked: Asked) -> Sample:
    """An agent who is offered a contact is in neither part."""
    heads = Heads(numbers.agents)
    return share(Ratio(heads.handling, heads.handling + ready(heads))) if heads.known else UNKNOWN


def not_ready_share(numbers: QueueNumbers, asked: Asked) -> Sample:
    heads = Heads(numbers.agents)
    return share(Ratio(not_ready(heads), heads.signed_in)) if heads.known else UNKNOWN


def staffed(heads: Heads) -> int:
    return heads.staffed


def ready(heads: Heads) -> int:
    return heads.of(AgentState.READY)


def on_contact(heads: Heads) -> int:
    return heads.of(AgentState.ON_CONTACT, AgentState.ON_HOLD)


def not_ready(heads: Heads) -> int:
    return heads.of(AgentState.NOT_READY)


def against_plan(view: View, asked: Asked) -> Mapping[str, Sample]:
    """Only queues with a plan; agents on a pause are not there."""
    if view.beside is None:
        return {}
    samples = {}
    for queue, planned in view.beside.planned.items():
        numbers = view.queues.get(queue)
        if numbers is None or planned <= 0:
            continue
        heads = Heads(numbers.agents)
        known = numbers.certain and heads.known
        samples[str(queue)] = Sample(100 * heads.staffed / planned, heads.staffed, planned) if known else UNKNOWN
    return samples


def tier_service_level(view: View, asked: Asked) -> Mapping[str, Sample]:
    """Since the day began: a tier has no windows."""
    return {
        f"{name}/{tier}": service_level(counters, asked) if numbers.certain else UNKNOWN
        for name, numbers in view.queues.items()
        for tier, counters in numbers.tiers.items()
    }


def all_waiting(queues: Mapping[QueueName, QueueNumbers]) -> float:
    return float(sum(one.waiting for one in queues.values()))


def longest_of_all(queues: Mapping[QueueName, QueueNumbers]) -> float:
    return float(max((one.longest_wait_ms for one in queues.values()), default=0))
