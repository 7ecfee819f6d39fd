"""One look of all alert rules: milliseconds of processor time, at 50 queues and 5,000 agents, at 1,000 queues.

In: a calm floor, then 1,000 and 5,000 agents beyond a limit at once. Out: one JSON object (see `measure`). The history
process looks once a second; what a look takes, the event loop waits.
"""

from collections.abc import Sequence
from functools import partial

from alerts.board import WatchKey, consider
from alerts.defaults import default_rules
from alerts.evaluate import Watch
from alerts.moment import Moment
from alerts.rules import Rule
from streams.vocabulary.ids import Millis
from tests.alerts_moment import NOW, agent, beside, moment, queue
from tests.bench import _report
from tests.bench._report import Json

ROUNDS = 15
AGENTS = 5_000
MOST_MS = 30.0
"""Wanted at 5,000 agents, all of them in breach at once."""


def floor(queues: int, agents: int, *, long: int) -> Moment:
    """`long`: how many agents are not ready for two hours; the others do what agents do, each for a minute."""
    states = ("on_contact", "ready", "wrap_up", "not_ready")
    people = [
        agent(str(place), "not_ready" if place < long else states[place % 4], minutes=120 if place < long else 1)
        for place in range(agents)
    ]
    gauges = {"disk_free_percent": 50.0, "stream_lag_s": 0.1, "dead_letters": 0.0, "store_away": 0.0}
    told = beside(agents=people, gauges=gauges)
    return moment(*(queue(f"q{place}", waiting=1) for place in range(queues)), told=told)


def look_ms(rules: Sequence[Rule], seen: Moment) -> float:
    """The median look of a running engine: the first ones began what there is to begin."""
    watches: dict[WatchKey, Watch] = {}
    spent: list[float] = []
    for second in range(ROUNDS):
        now = Millis(NOW + 1000 * second)
        changes = consider(rules, seen, watches, now=now)
        watches |= {(change.watch.rule, change.watch.scope): change.watch for change in changes}
        spent.append(_report.cpu_seconds(partial(consider, rules, seen, watches, now=now)))
    return round(1000 * _report.median(spent), 1)


def measure() -> dict[str, Json]:
    rules = default_rules(("duty",))
    storms = {long: look_ms(rules, floor(50, AGENTS, long=long)) for long in (0, 1_000, AGENTS)}
    return {
        "look_ms": {f"{long}_agents_in_breach": spent for long, spent in storms.items()},
        "look_ms_1000_queues": look_ms(rules, floor(1_000, 0, long=0)),
        "most_ms_wanted": MOST_MS,
        "reached": max(storms.values()) < MOST_MS,
        "rounds": ROUNDS,
        "input": {"rules": len(rules), "queues": 50, "agents": AGENTS},
        "machine": _report.machine(),
    }


if __name__ == "__main__":
    _report.tell("alert_look", measure)
