"""A month of a middling centre as events: three queues, twelve hours a day, an hour of too few agents every fifth day.

In: how many days, a site. Out: days' events in order of time, numbered on. Made of the days the alert rules were
measured on (tests/sim_centre.py).
"""

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from streams.vocabulary.events import Event
from streams.vocabulary.ids import AgentId, ContactId, Millis, QueueName
from tests.sim_centre import Centre, Incident, simulated
from tests.sim_numbers import OPENS, events

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
FIRST: Final = Millis(OPENS - OPENS % DAY_MS)
"""08:00 in Shanghai"""
PER_HOUR: Final[Mapping[QueueName, int]] = {QueueName("sales"): 110, QueueName("service"): 60, QueueName("vip"): 30}
INCIDENT_EVERY: Final = 5
INCIDENT: Final = Incident(at=2 * HOUR_MS)


def month(days: int, *, per_hour: Mapping[QueueName, int] = PER_HOUR) -> Iterator[list[Event]]:
    """Day by day."""
    seq = 0
    for day in range(days):
        told: list[Event] = []
        for event in heapq.merge(*(_queue(day, number, *one) for number, one in enumerate(per_hour.items())), key=_at):
            seq += 1
            told.append(replace(event, seq=seq))
        yield told


def _at(event: Event) -> int:
    return event.at


def _queue(day: int, number: int, queue: QueueName, per_hour: int) -> Iterator[Event]:
    incident = INCIDENT if day % INCIDENT_EVERY == INCIDENT_EVERY - 1 else None
    later = FIRST - OPENS + day * DAY_MS
    for event in events(simulated(Centre(per_hour=per_hour), 100 * day + number, incident)):
        changed: dict[str, Any] = {"at": Millis(event.at + later)}
        if hasattr(event, "queue"):
            changed["queue"] = queue
        if agent := getattr(event, "agent", ""):
            changed["agent"] = AgentId(f"{number + 1}{agent}")
        if contact := getattr(event, "contact", ""):
            changed["contact"] = ContactId(f"{day}-{queue}-{contact}")
        yield replace(event, **changed)
