"""The collector of an Asterisk is killed while callers go from queue to queue: what it had numbered stays numbered."""
# row F1 of docs/faults.md; nightly/test_switch.py does it with a real day's wire

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ami_story import CONF, frame
from tests.faults.judge import live_counts
from tests.faults.room import opened, until
from tests.faults.schedule import Fault, FaultKind
from tests.faults.switch import BANNER, LOGIN, Switch
from tests.faults.world import World

KILL = Fault(FaultKind.KILL_LIVE, 0, 0)
T0 = 1_795_291_200_000
MOVED, TALKER, AGENT_LEG = "1795291200.1", "1795291200.2", "1795291201.3"
BACK_MS, EVERY_MS, UNTIL_MS = 9_000, 2_000, 90_000
"""The callers move within the gap; every picture from here on says where they are."""
SOURCE = """[[source]]
kind = "asterisk"
id = "ast"
host = "127.0.0.1"
port = {port}
username = "floorwatch"
secret = "of-this-test-only"
queues_conf = "{queues}"
"""
LEGS = "SELECT contact, leg, queue, outcome FROM contact_legs FINAL WHERE retracted = 0 LIMIT 9999"


@dataclass
class Tape:
    """A capture written by hand."""

    raw: bytes = BANNER + LOGIN
    times: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def say(self, at_ms: int, name: str, **fields: str | int) -> None:
        self.times.append((len(self.raw), at_ms))
        self.raw += frame(name, **fields)

    def picture(self, at_ms: int, *, waiting: dict[str, str], since_ms: int | None = None) -> None:
        """Two queues, one agent of sales; `waiting`: caller -> queue; `since_ms`: of the talk that goes on."""
        for queue in ("sales", "support"):
            self.say(at_ms, "QueueParams", Queue=queue, Completed=0, Abandoned=0, ServiceLevel=20)
        busy = int(since_ms is not None)
        member: dict[str, str | int] = {"Name": "Anna", "Location": "PJSIP/1001", "Penalty": 0, "Paused": 0}
        self.say(at_ms, "QueueMember", Queue="sales", **member, Status=1 + busy, InCall=busy, LastCall=0, LastPause=0)
        for caller, queue in waiting.items():
            self.say(at_ms, "QueueEntry", Queue=queue, Uniqueid=caller, Wait=1, Position=1)
        self.say(at_ms, "QueueStatusComplete")
        for caller, queue in waiting.items():
            self._channel(at_ms, caller, "PJSIP/trunk-00000001", "Queue", queue, "", caller)
        if since_ms is not None:
            age = f"00:{(at_ms - since_ms) // 60_000:02d}:{(at_ms - since_ms) // 1000 % 60:02d}"
            self._channel(at_ms, TALKER, "PJSIP/trunk-00000002", "Queue", "sales", "b", TALKER)
            self._channel(at_ms, AGENT_LEG, "PJSIP/1001-00000003", "AppQueue", "", "b", TALKER, Duration=age)
        self.say(at_ms, "CoreShowChannelsComplete")

    def _channel(
        self, at_ms: int, uniqueid: str, name: str, application: str, data: str, bridge: str, linked: str, **more: str
    ) -> None:
        call = {"Application": application, "ApplicationData": data, "BridgeId": bridge, "Linkedid": linked}
        self.say(at_ms, "CoreShowChannel", Uniqueid=uniqueid, Channel=name, **call, **more)

    def save(self, folder: Path) -> Path:
        (folder / "etc").mkdir(parents=True)
        (folder / "etc" / "queues.conf").write_text(CONF)
        (folder / "ami.raw").write_bytes(self.raw)
        times = "".join(f"0\t{offset}\t{T0 + at}\tEvent\t-\n" for offset, at in self.times)
        (folder / "ami.times.tsv").write_text("conn\toffset\tepoch_ms\tkind\tname\n" + times)
        row = f"0\tami.raw\t{T0}\t{T0 + UNTIL_MS}\t{len(self.raw)}\tcapture ended\n"
        (folder / "ami.conns.tsv").write_text("conn\tfile\tt_connect_ms\tt_disconnect_ms\tbytes\treason\n" + row)
        return folder


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
