"""How many agents a queue's plan asks for. In: [[queues.NAME.staff]] tables; a moment, the site's zone. Out: a number.

The first table whose hours hold now says it; none: there is no plan for now, which is not a plan of nobody. May not
know: who is there, rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from alerts.parse_schedule import read_schedule
from alerts.schedule import Schedule
from streams.toml_table import Table
from streams.vocabulary.ids import Millis, QueueName

MOST_AGENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    agents: int
    schedule: Schedule


def read_staff(queue: Table) -> tuple[Staffing, ...]:
    """Faults go to the table's list."""
    found = []
    for number, entry in enumerate(queue.tables("staff")):
        agents = entry.integer("agents", low=0, high=MOST_AGENTS)
        found.append(Staffing(agents=agents, schedule=read_schedule(f"staff {number + 1}", entry)))
        entry.close()
    return tuple(found)


def planned(plans: Mapping[QueueName, Sequence[Staffing]], at: Millis, zone: ZoneInfo) -> dict[QueueName, int]:
    """By queue, those whose plan says something of `at`."""
    asked: dict[QueueName, int] = {}
    for queue, staffings in plans.items():
        for one in staffings:
            if one.schedule.watching(at, zone) is None:
                asked[queue] = one.agents
                break
    return asked
