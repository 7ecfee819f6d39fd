"""The collector of an Asterisk is killed while callers go from queue to queue: what it had numbered stays numbered."""
# row F1 of docs/faults.md; nightly/test_switch.py does it with a real day's wire

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.judge import live_counts
from tests.faults.room import opened, until
from tests.faults.schedule import Fault, FaultKind
from tests.faults.switch import Switch
from tests.faults.tape import AGENT_LEG, SOURCE, TALKER, UNTIL_MS, Tape
from tests.faults.world import World

KILL = Fault(FaultKind.KILL_LIVE, 0, 0)
MOVED = "1795291200.1"
BACK_MS, EVERY_MS = 9_000, 2_000
"""The callers move within the gap; every picture from here on says where they are."""
LEGS = "SELECT contact, leg, queue, outcome FROM contact_legs FINAL WHERE retracted = 0 LIMIT 9999"


def story(folder: Path) -> Path:
    """One waits in sales and is in support afterwards; one talks in sales all the while."""
    tape = Tape()
    tape.picture(100, waiting={})
    tape.say(300, "QueueCallerJoin", Queue="sales", Uniqueid=MOVED, Position=1)
    tape.say(300, "QueueCallerJoin", Queue="sales", Uniqueid=TALKER, Position=2)
    call = {"Queue": "sales", "Uniqueid": TALKER, "DestUniqueid": AGENT_LEG, "Interface": "PJSIP/1001"}
    tape.say(400, "AgentCalled", **call)
    tape.say(900, "DialEnd", Uniqueid=TALKER, DestUniqueid=AGENT_LEG, DialStatus="ANSWER")
    tape.say(1_000, "AgentConnect", **call, HoldTime=1)
    for at_ms in range(BACK_MS, UNTIL_MS - 1_000, EVERY_MS):
        tape.picture(at_ms, waiting={MOVED: "support"}, since_ms=400)
    return tape.save(folder)


def open_by_queue(world: World) -> dict[str, tuple[int, int]]:
    """(waiting, talking) where there is anybody."""
    return {queue: (row[-2], row[-1]) for queue, row in live_counts(world).items() if any(row[-2:])}


@pytest.fixture
def played(tmp_path: Path) -> Iterator[tuple[Switch, World]]:
    folder = story(tmp_path / "wire")
    switch = Switch(folder)
    source = SOURCE.format(port=switch.port, queues=folder / "etc" / "queues.conf")
    world = World(tmp_path, valkey=False, clickhouse=False, sources=source)
    switch.open()
    try:
        with opened(world):
            yield switch, world
    finally:
        switch.close()


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(150)
def test_a_caller_who_changed_queue_while_the_collector_was_dead_waits_in_the_new_one(
    played: tuple[Switch, World],
) -> None:
    """kill -9: he waits in support as his second leg, sales lost him; the talk that went on is the same talk."""
    switch, world = played
    until(lambda: open_by_queue(world) == {"sales": (1, 1)}, "one waits and one talks in sales")
    assert switch.at_ms < BACK_MS, "too slow a machine: the first picture of after the gap was heard before the kill"
    world.turn(KILL, begins=True)
    world.turn(KILL, begins=False)
    until(lambda: switch.listeners > 1, "the new collector has logged in")
    right = {"sales": (0, 1), "support": (1, 0)}
    until(lambda: open_by_queue(world) == right, f"he is in his new queue: {right}", seconds=20)
    until(lambda: [tuple(row) for row in world.rows(LEGS)] == [(MOVED, 1, "sales", "lost")], "only sales lost anybody")
    counts = live_counts(world)
    assert (counts["sales"][:2], counts["support"][:2]) == ((2, 1), (1, 0)), "offered, answered"
