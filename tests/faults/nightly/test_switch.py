"""A real Asterisk's wire in real time: the switch restarts, the collector is killed. The map is an oracle's again."""
# rows F1 and F22 of docs/faults.md

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from streams.collect.capture import Player, open_capture, play, read_file
from streams.floor.fold import Floor
from streams.floor.outputs import Output
from streams.translate.asterisk import WANTED, AsteriskTranslator
from streams.vocabulary.facts import ContactLeg
from streams.vocabulary.ids import SiteId, SourceId
from streams.wire.ami import AmiParser
from tests.asterisk_gaps import gap_until, uncut, wire
from tests.asterisk_gaps import play as cut_play
from tests.faults.judge import live_counts, live_states
from tests.faults.room import FIRST_SEED, opened, until
from tests.faults.schedule import Fault, FaultKind
from tests.faults.story import SITE
from tests.faults.switch import Switch
from tests.faults.world import World
from tests.golden.truth import GOLDEN

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]

KILL_LIVE = Fault(FaultKind.KILL_LIVE, 0, 0)
LEGS = "SELECT contact, leg, queue, outcome FROM contact_legs FINAL WHERE retracted = 0 LIMIT 9999"
AST = """[[source]]
kind = "asterisk"
id = "ast"
host = "127.0.0.1"
port = {port}
username = "floorwatch"
secret = "of-this-test-only"
queues_conf = "{queues}"
"""


@dataclass(frozen=True, slots=True)
class Look:
    """States by agent, (waiting, talking) by queue."""

    states: dict[str, tuple[str, str]]
    open: dict[str, tuple[int, int]]


@contextmanager
def played(folder: Path, tmp_path: Path, *, from_ms: int = 0) -> Iterator[tuple[Switch, World]]:
    switch = Switch(folder, from_ms=from_ms)
    source = AST.format(port=switch.port, queues=folder / "etc" / "queues.conf")
    world = World(tmp_path, valkey=False, clickhouse=False, sources=source)
    try:
        with opened(world):
            yield switch.open(), world
    finally:
        switch.close()


def of_map(world: World) -> Look:
    return Look(live_states(world), {name: row[-2:] for name, row in live_counts(world).items()})  # type: ignore[misc]


def of_floor(floor: Floor) -> Look:
    return Look(
        {agent.id: (str(agent.state), agent.reason) for agent in floor.agents.values()},
        {one.queue: (one.waiting, one.talking) for one in floor.numbers(floor.state.at)},
    )


def looks(folder: Path, *, from_ms: int, until_ms: int) -> dict[int, Look]:
    """What one who never missed anything sees after each message between these moments, by the message's offset."""
    capture = open_capture(folder)
    connection = capture.connections[0]
    player = Player(AsteriskTranslator(site=SiteId(SITE), source=SourceId("ast"), settings=capture.settings))
    floor = Floor(SiteId(SITE), targets_ms=capture.settings.targets_ms())
    for event in player.connected(connection.connected_at):
        floor.apply(event)
    found, at = {}, connection.connected_at
    for message in AmiParser(WANTED).feed(read_file(connection.file)):
        at = connection.times.get(message.offset, at)
        if at - connection.connected_at > until_ms:
            break
        for event in player.message(message, at):
            floor.apply(event)
        if at - connection.connected_at >= from_ms:
            found[message.offset] = of_floor(floor)
    return found


def test_after_a_restart_of_the_switch_no_call_lives_on(tmp_path: Path) -> None:
    """F22, mini_restart: `core restart now`, 12 s without a word, then a stop. Each leg ends as in the replay."""
    folder = GOLDEN / "mini_restart"
    outputs: list[Output] = []
    replayed = play(open_capture(folder), site=SiteId(SITE), outputs=outputs)
    legs = sorted(
        {(one.contact, one.leg): (one.contact, one.leg, one.queue, str(one.outcome)) for one in _legs(outputs)}.values()
    )
    with played(folder, tmp_path) as (switch, world):
        until(lambda: switch.at_ms > switch.seconds * 1000 - 1_000, "the capture is played", seconds=90)
        right = of_floor(replayed.floor)
        until(lambda: of_map(world).open == right.open, f"{of_map(world).open}, not {right.open}")
        until(lambda: sorted(tuple(row) for row in world.rows(LEGS)) == legs, "each leg ends as in the replay")
        gaps = world.get("/api/v1/floor")["gaps"]
        assert len([gap for gap in gaps if gap["ended"] is not None]) >= 2, gaps


def _legs(outputs: list[Output]) -> list[ContactLeg]:
    return sorted((one for one in outputs if isinstance(one, ContactLeg)), key=lambda one: one.ver)


@dataclass(frozen=True, slots=True)
class Kill:
    """`before_ms`: how long before the picture that follows it."""

    picture_ms: int
    before_ms: int


def drawn(seed: int) -> Kill:
    """A gap after which a picture shows everything: a hold, or the longer of two wrap-ups, shows in none."""
    rng = Random(seed)
    pictures = sorted(wire().pictures)[2:]
    while True:
        picture, before_ms = rng.choice(pictures), rng.randrange(15_000, 45_000)
        if _shows_everything(picture, before_ms):
            return Kill(wire().messages[picture][1] - wire().messages[0][1], before_ms)


def _shows_everything(picture: int, before_ms: int) -> bool:
    """Whenever within a second and a half of that moment the last word was heard."""
    end = wire().pictures[picture]
    gaps = (gap_until(picture, before_ms + one) for one in (-1_500, 0, 1_500))
    return all(cut_play([gap]).looks[end] == uncut().looks[end] for gap in gaps)


IN_BUSY_MINUTES = (Kill(180_092, 30_000), Kill(240_140, 30_000))


@pytest.mark.parametrize("seed", [None, FIRST_SEED, FIRST_SEED + 1], ids=["busy minutes", "seed", "next seed"])
def test_after_a_kill_of_the_collector_the_map_is_right_within_ten_seconds(seed: int | None, tmp_path: Path) -> None:
    """F1, dev: kill -9, twice in two minutes or at a drawn moment; with its picture the map is what nobody missed."""
    folder = GOLDEN / "dev"
    kills = IN_BUSY_MINUTES if seed is None else (drawn(seed),)
    print(f"seed {seed}: {kills}")
    with played(folder, tmp_path, from_ms=kills[0].picture_ms - 61_000) as (switch, world):
        for number, kill in enumerate(kills, start=1):
            picture_ms = kill.picture_ms
            right = looks(folder, from_ms=picture_ms - 500, until_ms=picture_ms + 11_000)
            until(lambda due=picture_ms - kill.before_ms: switch.at_ms > due, "the moment to kill", seconds=90)  # type: ignore[misc]
            world.turn(KILL_LIVE, begins=True)
            world.turn(KILL_LIVE, begins=False)
            until(lambda due=picture_ms: switch.at_ms > due, "the picture", seconds=60)  # type: ignore[misc]
            assert switch.listeners > number, (
                "the collector was not back before the picture: a slower machine than it needs"
            )
            late_ms = _agrees(switch, world, right) - picture_ms
            print(f"kill {number}: the map is right {late_ms} ms after the picture begins")
            gaps = world.get("/api/v1/floor")["gaps"]
            assert len([gap for gap in gaps if gap["ended"] is not None]) >= number, gaps


def _agrees(switch: Switch, world: World, right: dict[int, Look]) -> int:
    """When the map was what the wire had said by then: people and queues each, for they are asked one after the other.

    The bytes on the way may be some messages behind.
    """
    deadline = time.monotonic() + 10
    near: list[Look] = []
    while time.monotonic() < deadline or not near:
        _, before = switch.heard_until
        seen, at_ms = of_map(world), switch.at_ms
        _, after = switch.heard_until
        near = [look for offset, look in right.items() if before - 200_000 <= offset <= after]
        if any(look.states == seen.states for look in near) and any(look.open == seen.open for look in near):
            return at_ms
        time.sleep(0.05)
    wrong = {agent: (seen.states.get(agent), state) for agent, state in near[-1].states.items()}
    wrong = {agent: pair for agent, pair in wrong.items() if pair[0] != pair[1]}
    raise AssertionError(f"10 s after the picture (seen, right): {wrong}, {seen.open} and {near[-1].open}")
