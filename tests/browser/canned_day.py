"""The stretches of an agent's day until ten minutes ago, made by a seeded generator. In: an agent, the time. Out: rows.

What runs now is the floor's to tell; between the two lies a hole, as between the store and the floor.
"""

import random

from streams.vocabulary.ids import AgentId, Millis, QueueName
from streams.warehouse.queries import AgentInterval
from tests.browser.synthetic import QUEUES

HOUR_MS = 3_600_000
PLAN = (("ready", "", 40), ("offered", "", 6), ("on_contact", "", 210), ("on_hold", "", 25), ("wrap_up", "", 35))
PAUSES = (("小休", 540), ("用餐", 1_900), ("培训", 1_200), ("小休", 400))


def day_so_far(agent: AgentId, now: Millis, *, hours: int = 5) -> list[object]:
    dice = random.Random(str(agent))
    rows: list[object] = []
    at, end, contact, pause = now - hours * HOUR_MS, now - 600_000, 0, 0

    def lasted(state: str, reason: str, mean_s: int, called: str) -> None:
        nonlocal at
        duration = min(round(dice.uniform(0.5, 1.6) * mean_s * 1000), end - at)
        if duration <= 0:
            return
        rows.append(
            AgentInterval(
                Millis(at), agent, state, reason, QueueName(QUEUES[2]) if called else QueueName(""), called, duration
            )
        )
        at += duration

    while at < end:
        contact += 1
        for state, reason, mean_s in PLAN:
            lasted(state, reason, mean_s, "" if state == "ready" else f"{at // 1000}.{contact}")
        if contact % 9 == 4 and pause < len(PAUSES):
            lasted("not_ready", *PAUSES[pause], "")
            pause += 1
        if contact == 17:
            lasted("unknown", "", 420, "")
    return rows
