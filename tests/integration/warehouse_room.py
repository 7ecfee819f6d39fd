"""A warehouse with its writer's and roller's steps by hand, and mornings to fill it with."""

import itertools
import random
from collections.abc import Sequence
from typing import Any

from streams.vocabulary import events as ev
from streams.vocabulary.events import Event
from streams.vocabulary.facts import ContactLeg, Fact, StateInterval
from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import EndedBy, OverflowReason, TurnedAwayReason
from streams.warehouse.dirty import Slot, slots_of
from streams.warehouse.engine import Warehouse
from streams.warehouse.roller import roll_slots
from streams.warehouse.rows import event_columns
from tests.integration.facts import MINUTE, NOON, store

QUEUES = ("vip", "sales", "网络")
AGENTS = ("8001", "8002", "8003")
SOURCE = SourceId("asterisk-1")
END = Millis(NOON + 55 * MINUTE)

_sites = itertools.count(1)


def a_site() -> SiteId:
    """Every example counts for a site of its own: tables need not be emptied in between."""
    return SiteId(f"s{next(_sites)}")


def a_morning(site: SiteId, chance: random.Random) -> list[ev.Event]:
    """Contacts of every kind within 55 minutes, as one switch would tell them."""
    told: list[tuple[int, Any, dict[str, Any]]] = []
    for agent in AGENTS:
        for queue in QUEUES:
            told.append((0, ev.AgentJoinedQueue, {"agent": agent, "queue": queue, "device": "idle"}))
    free = dict.fromkeys(AGENTS, 1_000)
    for number in range(chance.randrange(10, 40)):
        at = chance.randrange(1_000, 40 * MINUTE)
        queue = chance.choice(QUEUES)
        who = {"contact": f"c{number}", "queue": queue}
        if chance.random() < 0.1:
            told.append((at, ev.ContactTurnedAway, {**who, "reason": chance.choice(list(TurnedAwayReason))}))
            continue
        if chance.random() < 0.15:
            agent = max(AGENTS, key=lambda one: (free[one], one))
            at = max(at, free[agent])
            free[agent] = at + _dialled(told, at, {**who, "leg": 1, "agent": agent}, chance)
            continue
        told.append((at, ev.ContactQueued, {**who, "leg": 1}))
        wait = chance.choice([100, 4_999, 5_000, 20_000, 20_001, chance.randrange(1, 6 * MINUTE)])
        left, way = at + wait, chance.random()
        if way < 0.25:
            told.append((left, ev.ContactAbandoned, {**who, "leg": 1}))
        elif way < 0.4:
            told.append((left, ev.ContactOverflowed, {**who, "leg": 1, "reason": chance.choice(list(OverflowReason))}))
        else:
            agent = min(AGENTS, key=lambda one: (free[one], one))
            left = max(left, free[agent])
            free[agent] = left + _talk(told, left, {**who, "leg": 1, "agent": agent}, chance)
    for minute in range(0, 50, 7):
        told.append((minute * MINUTE, ev.SwitchTallied, {"queue": "vip", "completed": 2, "abandoned_in_target": 1}))
        told.append((minute * MINUTE, ev.AgentNotReady, {"agent": "8003", "queue": "vip", "reason": "lunch"}))
    told.sort(key=lambda one: one[0])
    return [
        kind(at=Millis(NOON + at), site=site, source=SOURCE, seq=seq, **fields)
        for seq, (at, kind, fields) in enumerate(told, start=1)
        if at < END - NOON
    ]


def _dialled(told: list[tuple[int, Any, dict[str, Any]]], at: int, who: dict[str, Any], chance: random.Random) -> int:
    """Tell an outbound attempt; returns how long the agent is taken."""
    told.append((at, ev.ContactDialled, who))
    ring = chance.randrange(500, 30_000)
    if chance.random() < 0.5:
        told.append((at + ring, ev.ContactAbandoned, {key: who[key] for key in ("contact", "leg", "queue")}))
        return ring + 1
    return ring + _talk(told, at + ring, who, chance)


def _talk(told: list[tuple[int, Any, dict[str, Any]]], at: int, who: dict[str, Any], chance: random.Random) -> int:
    """Tell a talk; returns how long the agent is taken."""
    told.append((at, ev.ContactAnswered, {**who, "ring_ms": 900}))
    talk = chance.randrange(1_000, 5 * MINUTE)
    if chance.random() < 0.4:
        told.append((at + talk // 3, ev.ContactHeld, who))
        told.append((at + talk // 2, ev.ContactResumed, who))
    ended_by = chance.choice(list(EndedBy))
    told.append((at + talk, ev.ContactEnded, {**who, "ended_by": ended_by}))
    wrap_up = chance.randrange(500, 90_000)
    told.append((at + talk, ev.WrapUpStarted, {**who, "until": Millis(NOON + at + talk + wrap_up)}))
    return talk + wrap_up + 2


class Rolled:
    """Mutable: the dirty set and the last `ver`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.dirty: set[Slot] = set()
        self._ver = 0

    def write(self, facts: Sequence[Fact] = (), events: Sequence[Event] = ()) -> None:
        if facts:
            store(self.warehouse, *facts)
        if events:
            self.warehouse.insert("events", event_columns(events))
        self.dirty |= slots_of([*facts, *events])

    def roll(self) -> None:
        self._ver += 1
        roll_slots(self.warehouse, self.dirty, ver=self._ver, short_abandon_ms=5_000)
        self.dirty.clear()


def remembered(outputs: Sequence[Any]) -> list[Fact]:
    return [one for one in outputs if isinstance(one, ContactLeg | StateInterval)]
